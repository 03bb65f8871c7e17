//! FTP servers that close connections, change files and answer as they like: one of ours, which does what a test tells it to.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use paginum::storage::{Drivers, FtpStore, Observer, Part, ReadAt, Store, StoreOptions, Url};
use paginum::{Error, ErrorKind, Result};

/// A file, and how it is served.
#[derive(Clone)]
struct Served {
    bytes: Arc<Vec<u8>>,
    modified: &'static str,
    /// So many transfers are begun by a connection; the next command of this kind closes it, with these words if any.
    n_transfers: usize,
    closes_at: &'static str,
    farewell: &'static str,
    /// So many transfers, whichever connection they are of, end after five bytes.
    n_cut: usize,
    /// What is said once a transfer is over.
    after: &'static str,
    /// A command that is not known.
    unknown: &'static str,
}

#[derive(Clone)]
struct Ftp {
    port: u16,
    served: Arc<Mutex<Served>>,
    /// The commands that came.
    log: Arc<Mutex<Vec<String>>>,
}

impl Ftp {
    /// Serves until the tests end.
    fn new(n_bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            served: Arc::new(Mutex::new(Served {
                bytes: Arc::new((0..n_bytes).map(|i| (i * 7 + (i >> 8)) as u8).collect()),
                modified: "20240102030405",
                n_transfers: usize::MAX,
                closes_at: "RETR",
                farewell: "",
                n_cut: 0,
                after: "226 Done.",
                unknown: "",
            })),
            log: Arc::default(),
        };
        let serving = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                // A client that went away is no failure of the server.
                std::thread::spawn(move || serving.serve(&stream));
            }
        });
        server
    }

    fn serve(&self, control: &TcpStream) -> io::Result<()> {
        let say = |words: &str| (&mut &*control).write_all(format!("{words}\r\n").as_bytes());
        let (mut start, mut n_transfers): (usize, usize) = (0, 0);
        let mut passive = TcpListener::bind("127.0.0.1:0")?;
        say("220 Ready.")?;
        for line in BufReader::new(control).lines() {
            let line = line?;
            self.log.lock().unwrap().push(line.clone());
            let served = self.served.lock().unwrap().clone();
            let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
            match command {
                unknown if unknown == served.unknown => say("502 Unknown.")?,
                last if last == served.closes_at && n_transfers == served.n_transfers => {
                    if !served.farewell.is_empty() {
                        say(served.farewell)?;
                    }
                    return Ok(());
                }
                "USER" => say("331 Password?")?,
                "PASS" => say("230 Welcome.")?,
                "TYPE" => say("200 Binary.")?,
                "SIZE" => say(&format!("213 {}", served.bytes.len()))?,
                "MDTM" => say(&format!("213 {}", served.modified))?,
                "REST" => {
                    start = argument.parse().unwrap();
                    say("350 From there.")?;
                }
                "PASV" => {
                    passive = TcpListener::bind("127.0.0.1:0")?;
                    let [high, low] = passive.local_addr()?.port().to_be_bytes();
                    say(&format!("227 Passive (127,0,0,1,{high},{low})."))?;
                }
                "RETR" => {
                    n_transfers += 1;
                    say("150 Here it comes.")?;
                    let mut body = &served.bytes[std::mem::take(&mut start)..];
                    if served.n_cut > 0 {
                        self.change(|served| served.n_cut -= 1);
                        body = &body[..5];
                    }
                    // Those who have enough hang up.
                    let _ = passive.accept()?.0.write_all(body);
                    say(served.after)?;
                }
                _ => say("221 Goodbye.")?,
            }
        }
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut Served)) {
        change(&mut self.served.lock().unwrap());
    }

    fn store_with(&self, change: impl FnOnce(&mut StoreOptions)) -> FtpStore {
        let mut options = StoreOptions::default();
        options.max_retries = 2;
        options.cache_bytes = 0;
        change(&mut options);
        let url = Url::parse(&format!("ftp://127.0.0.1:{}/a", self.port)).unwrap();
        FtpStore::new(url, &options).unwrap()
    }

    fn open(&self) -> Result<Arc<dyn ReadAt>> {
        Ok(self.store_with(|_| ()).open()?)
    }

    fn count(&self, command: &str) -> usize {
        let log = self.log.lock().unwrap();
        log.iter().filter(|line| line.starts_with(command)).count()
    }

    /// Reads some bytes, and holds them against those that are served.
    fn check(&self, reader: &dyn ReadAt, offset: u64, n: usize) -> Result<()> {
        let mut buf = vec![0; n];
        reader.read_exact_at(&mut buf, offset)?;
        let bytes = self.served.lock().unwrap().bytes.clone();
        assert!(buf == bytes[offset as usize..][..n], "{n} from {offset}");
        Ok(())
    }
}

#[test]
fn a_connection_that_was_closed_is_made_anew() {
    for farewell in ["", "421 Idle for too long."] {
        // One connection for each transfer, and one more behind the last where what is asked for after it was too much.
        for (closes_at, n_connections) in [("RETR", 3), ("PASV", 3), ("SIZE", 4), ("MDTM", 4)] {
            let ftp = Ftp::new(100_000);
            ftp.change(|served| {
                (served.n_transfers, served.closes_at) = (1, closes_at);
                served.farewell = farewell;
            });
            let reader = ftp.open().unwrap();
            for offset in [5, 50_000, 99_990] {
                ftp.check(&*reader, offset, 10).unwrap();
            }
            assert_eq!(ftp.count("USER"), n_connections, "{closes_at} {farewell}");
        }
    }
}

#[test]
fn a_transfer_that_was_cut_short_is_made_again_and_is_no_damage() {
    for farewell in ["226 Done.", "426 Aborted.", "425 No connection."] {
        let ftp = Ftp::new(1000);
        let reader = ftp.open().unwrap();
        ftp.change(|served| (served.after, served.n_cut) = (farewell, 2));
        ftp.check(&*reader, 20, 10).unwrap();
        assert_eq!(ftp.count("RETR"), 3, "once, and two times more");
        ftp.change(|served| served.n_cut = 3);
        let error = ftp.check(&*reader, 20, 10).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert_eq!(ftp.count("RETR"), 6);
        // All of the bytes came, and the server does not stand by them.
        let result = ftp.check(&*reader, 990, 10);
        let expected = match farewell {
            "226 Done." => Ok(()),
            _ => Err(ErrorKind::Io),
        };
        assert_eq!(result.map_err(|error| error.kind()), expected);
    }
}

#[test]
fn a_server_that_always_hangs_up_is_asked_as_often_as_allowed() {
    let ftp = Ftp::new(1000);
    ftp.change(|served| served.n_transfers = 0);
    let reader = ftp.open().unwrap();
    let error = ftp.check(&*reader, 0, 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert_eq!(ftp.count("RETR"), 3, "once, and two times more");
}

#[test]
fn what_was_replaced_between_two_connections_is_not_read() {
    let ftp = Ftp::new(1000);
    for change in [
        (|served: &mut Served| served.modified = "20240102030406") as fn(&mut Served),
        |served| served.bytes = Arc::new(vec![0; 1001]),
    ] {
        ftp.change(|served| served.n_transfers = 0);
        let reader = ftp.open().unwrap();
        assert!(!reader.has_changed());
        ftp.change(change);
        assert!(reader.has_changed());
        let error = ftp.check(&*reader, 0, 10).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    }
    let version = ftp.open().unwrap().version().unwrap();
    assert!(version.as_str().starts_with("2024-01-02"), "{version}");
    ftp.change(|served| served.unknown = "MDTM");
    assert_eq!(ftp.open().unwrap().version(), None, "it does not tell");
}

#[test]
fn what_was_replaced_under_an_open_connection_is_not_read() {
    let ftp = Ftp::new(1000);
    for change in [
        (|served: &mut Served| served.modified = "20240102030406") as fn(&mut Served),
        |served| served.bytes = Arc::new(vec![0; 1001]),
    ] {
        let reader = ftp.open().unwrap();
        ftp.check(&*reader, 20, 10).unwrap();
        let n_connections = ftp.count("USER");
        ftp.change(change);
        let error = ftp.check(&*reader, 20, 10).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert_eq!(ftp.count("USER"), n_connections, "the one there is");
        let error = ftp.check(&*reader, 20, 10).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "and so it stays: {error}");
    }
}

#[test]
fn only_a_transfer_that_was_broken_off_may_end_badly() {
    let ftp = Ftp::new(100_000);
    ftp.change(|served| served.after = "451 Something went wrong.");
    let reader = ftp.open().unwrap();
    ftp.check(&*reader, 20, 10).unwrap();
    let error = ftp.check(&*reader, 99_990, 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn parts_within_a_megabyte_are_one_transfer_and_long_ones_are_not_cut() {
    let ftp = Ftp::new(20 << 20);
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let observer = Observer::new(move |event| telling.lock().unwrap().push(event.range.clone()));
    let store = ftp.store_with(|options| options.observer = observer);
    let reader = store.open().unwrap();
    let (mut a, mut b, mut c) = ([0; 10], [0; 10], [0; 10]);
    reader
        .read_many(&mut [
            Part::new(100, &mut a),
            Part::new(1_000_000, &mut b),
            Part::new(4_000_000, &mut c),
        ])
        .unwrap();
    let bytes = ftp.served.lock().unwrap().bytes.clone();
    assert_eq!(
        (&a[..], &b[..]),
        (&bytes[100..110], &bytes[1_000_000..1_000_010])
    );
    assert_eq!(c, bytes[4_000_000..4_000_010]);
    assert_eq!((ftp.count("RETR"), ftp.count("MDTM")), (2, 2));
    ftp.check(&*reader, 5, 10 << 20).unwrap();
    assert_eq!((ftp.count("RETR"), ftp.count("MDTM")), (3, 3));
    assert_eq!(
        *told.lock().unwrap(),
        [
            0..0,
            100..1_000_010,
            4_000_000..4_000_010,
            0..0,
            5..(10 << 20) + 5,
            0..0
        ]
    );
}

/// What tells a format, and the headers of small files, come when a file is opened, in one transfer.
#[test]
fn opening_a_file_costs_one_transfer_which_brings_its_front() {
    for (n_bytes, n_transfers) in [(0, 0), (1000, 1), (100_000, 1)] {
        let ftp = Ftp::new(n_bytes);
        let reader = ftp
            .store_with(|options| options.cache_bytes = 1 << 20)
            .open()
            .unwrap();
        for (offset, n) in [(0, 4), (4, 8), (0, 16 << 10), (900, 100)] {
            if offset as usize + n <= n_bytes {
                ftp.check(&*reader, offset, n).unwrap();
            }
        }
        assert_eq!(ftp.count("RETR"), n_transfers, "{n_bytes} bytes");
        assert_eq!(ftp.count("SIZE"), 1 + n_transfers, "{n_bytes} bytes");
    }
    let ftp = Ftp::new(1000);
    ftp.change(|served| served.unknown = "RETR");
    let store = ftp.store_with(|options| options.cache_bytes = 1 << 20);
    let error = Error::from(store.open().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn a_server_that_does_not_know_sizes_is_of_no_use_and_none_is_written() {
    let ftp = Ftp::new(10);
    for changed in [
        ftp.store_with(|_| ()).stage().map(|_| ()),
        ftp.store_with(|_| ()).update().map(|_| ()),
    ] {
        let error = Error::from(changed.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    ftp.change(|served| served.unknown = "SIZE");
    let error = ftp.open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn an_address_of_numbers_with_colons_needs_no_port() {
    let drivers = Drivers::default();
    for good in [
        "ftp://[::1]/a",
        "ftp://[::1]:21/a",
        "ftp://h/a",
        "ftp://h:1/a",
    ] {
        drivers.store(good).unwrap();
    }
    for bad in [
        "ftp://h:/a",
        "ftp://h:x/a",
        "ftp://h/",
        "ftp:///a",
        "ftp://h/a/",
    ] {
        let error = drivers.store(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bad}: {error}");
    }
}
