//! What the targets of stores do: files that gzip may have compressed, and answers of web servers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use paginum::storage::{Drivers, GzipStore, MemoryStore, Store, StoreOptions};

/// What a file may inflate to, and what may be downloaded.
const MAX_BYTES: u64 = 1 << 20;

fn options() -> StoreOptions {
    let mut options = StoreOptions::default();
    options.max_stream_bytes = MAX_BYTES;
    options.max_download_bytes = MAX_BYTES;
    options.max_retries = 0;
    options.timeout = Duration::from_secs(2);
    options
}

/// Inflates a hostile file: an error, or bytes within the limit that another reader of gzip finds, too.
pub fn gunzip(data: &[u8]) {
    let store = GzipStore::new(
        std::sync::Arc::new(MemoryStore::from_bytes(data)),
        &options(),
    );
    let Ok(reader) = store.open() else {
        return;
    };
    assert!(reader.len() <= MAX_BYTES.max(data.len() as u64));
    let mut bytes = vec![0; reader.len() as usize];
    reader.read_exact_at(&mut bytes, 0).expect("all bytes");
    let is_plain = bytes == data;
    let mut oracle = Vec::new();
    let inflated = flate2::read::MultiGzDecoder::new(data).read_to_end(&mut oracle);
    // The oracle takes padding for a member that is damaged.
    assert!(is_plain || oracle == bytes, "{inflated:?}");
}

/// The answer that the server gives to whatever it is asked.
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            // All of a request comes at once.
            let _ = stream.read(&mut [0; 4096]);
            let answer = ANSWER.lock().expect("no panic").clone();
            let _ = stream.write_all(&answer);
        }
    });
    address
});

/// Opens and reads a file of a server with a hostile answer: an error, or bytes.
pub fn http_response(data: &[u8]) {
    let url = format!("http://{}/a", *SERVER);
    data.clone_into(&mut ANSWER.lock().expect("no panic"));
    let Ok(reader) = Drivers::default().with_options(options()).open(&url) else {
        return;
    };
    let len = reader.len();
    for (offset, n) in [(0, 100), (len.saturating_sub(50), 50), (len / 2, 1000)] {
        let n = n.min(len - offset.min(len));
        let _ = reader.read_exact_at(&mut vec![0; n as usize], offset);
    }
    let _ = reader.has_changed();
}
