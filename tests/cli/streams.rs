//! Outputs and inputs that are no plain files: pipes by name, devices, terminals. All of them are made in folders of
//! the tests.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use crate::arrays::save_new;
use crate::run::{command, fails, names, paginum, run, stderr};

fn stage(folder: &Path) {
    save_new(folder, "a.npy", "<f8", &[30_000]);
    paginum(folder, "compress a.npy -o a.pco");
    paginum(folder, "pack a.npy -o a.pv");
}

/// Lines that write what [`stage`] made, without the name of the output, and the extension that it would have.
const WRITERS: [(&str, &str); 7] = [
    ("compress a.npy -o", "pco"),
    ("decompress a.pco --raw -o", "bin"),
    ("cat a.npy --rows ..20000 --raw -o", "bin"),
    ("cat a.npy --text -o", "txt"),
    ("pack a.npy -o", "pv"),
    ("inspect a.pco --plot", "svg"),
    ("compress a.pco --plain -o", "pco"),
];

fn make_pipe(folder: &Path, name: &str) {
    mknodat(CWD, folder.join(name), FileType::Fifo, Mode::RWXU, 0).unwrap();
}

#[test]
fn a_device_is_written_through_and_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    let device = folder.join("null");
    let mode = Mode::RUSR | Mode::WUSR;
    if mknodat(CWD, &device, FileType::CharacterDevice, mode, makedev(1, 3)).is_err()
        || File::create(&device).is_err()
    {
        println!("skipped: no device can be made here");
        return;
    }
    for (writer, _) in WRITERS {
        for force in ["", "-f"] {
            paginum(folder, &format!("{writer} null {force}"));
            let kind = fs::symlink_metadata(&device).unwrap().file_type();
            assert!(kind.is_char_device(), "{writer} {force}");
        }
    }
    assert_eq!(names(folder), ["a.npy", "a.pco", "a.pv", "null"]);
}

#[test]
fn the_standard_streams_have_two_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    let array = fs::read(folder.join("a.npy")).unwrap();
    for (from, to) in [
        ("a.npy", "stream://"),
        ("stream://", "-"),
        ("-", "stream://"),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_paginum"))
            .args(["cp", from, to])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        // Whoever does not read has gone, perhaps; what stands in the input must not matter to an output.
        let _ = input.write_all(if from == "a.npy" { b"" } else { &array });
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.stdout == array, "{from} {to}");
    }
}

#[test]
fn a_pipe_gets_what_a_file_gets() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    make_pipe(folder, "pipe");
    for (writer, extension) in WRITERS {
        let file = format!("file.{extension}");
        paginum(folder, &format!("{writer} {file} -f"));
        let path = folder.join("pipe");
        let reader = std::thread::spawn(move || fs::read(path).unwrap());
        paginum(folder, &format!("{writer} pipe"));
        let piped = reader.join().unwrap();
        assert!(piped == fs::read(folder.join(file)).unwrap(), "{writer}");
        assert!(!piped.is_empty());
        let kind = fs::symlink_metadata(folder.join("pipe"))
            .unwrap()
            .file_type();
        assert!(kind.is_fifo(), "{writer}");
    }
}

#[test]
fn standard_output_by_name_is_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    for (writer, _) in WRITERS {
        let expected = run(folder, &format!("{writer} -")).stdout;
        assert!(!expected.is_empty());
        let piped = run(folder, &format!("{writer} /dev/stdout"));
        assert!(piped.status.success(), "{writer}: {}", stderr(&piped));
        assert!(piped.stdout == expected, "{writer}");
        // A file that the shell opened is written on, and keeps its name.
        let mut file = File::create(folder.join("redirected")).unwrap();
        file.write_all(b"before").unwrap();
        let status = Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
            .args(format!("{writer} /dev/stdout -q").split(' '))
            .current_dir(folder)
            .stdout(file)
            .status();
        assert!(status.unwrap().success(), "{writer}");
        let written = fs::read(folder.join("redirected")).unwrap();
        assert!(written == [b"before", &expected[..]].concat(), "{writer}");
    }
}

#[test]
fn a_pipe_by_name_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    make_pipe(folder, "pipe");
    for (verb, input) in [("cat", "a.npy"), ("ls", "a.pv"), ("verify", "a.pco")] {
        let bytes = fs::read(folder.join(input)).unwrap();
        let expected = paginum(folder, &format!("{verb} {input}"));
        for (name, words) in through_streams(folder, verb, &bytes) {
            assert!(with_name(&words, name, input) == expected, "{verb} {name}");
        }
    }
}

/// What a verb says of bytes that come through a pipe by name, and through standard input by both of its names.
fn through_streams(folder: &Path, verb: &str, bytes: &[u8]) -> [(&'static str, String); 3] {
    let (path, to_write) = (folder.join("pipe"), bytes.to_vec());
    let writer = std::thread::spawn(move || fs::write(path, to_write).unwrap());
    let piped = paginum(folder, &format!("{verb} pipe"));
    writer.join().unwrap();
    let [minus, by_name] = ["-", "/dev/stdin"].map(|name| {
        let output = command(folder)
            .args([verb, name])
            .write_stdin(bytes)
            .output()
            .unwrap();
        let said = stderr(&output);
        assert!(output.status.success(), "{verb} {name}: {said}");
        (name, String::from_utf8(output.stdout).unwrap())
    });
    [("pipe", piped), minus, by_name]
}

#[test]
fn streams_are_looked_through_for_gzip_as_files_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    make_pipe(folder, "pipe");
    for (verb, input) in [
        ("ls", "a.npy"),
        ("cat", "a.npy"),
        ("ls", "a.pv"),
        ("verify", "a.pco"),
    ] {
        paginum(folder, &format!("cp {input} {input}.gz -f"));
        let plain = fs::read(folder.join(input)).unwrap();
        let compressed = fs::read(folder.join(format!("{input}.gz"))).unwrap();
        assert!(compressed.starts_with(&[0x1f, 0x8b]));
        let expected = through_streams(folder, verb, &plain);
        let found = through_streams(folder, verb, &compressed);
        assert!(found == expected, "{verb} {input}: {found:?}");
    }
    // What `cp` says of itself: inflated, and compressed again under a name that ends so.
    let compressed = fs::read(folder.join("a.npy.gz")).unwrap();
    let copied = |bytes: &[u8], to: &str| {
        let mut command = command(folder);
        command.args(["cp", "-", to]).write_stdin(bytes);
        command.output().unwrap()
    };
    assert!(copied(&compressed, "b.npy.gz").status.success());
    assert!(fs::read(folder.join("b.npy.gz")).unwrap() == compressed);
    let cut = copied(&compressed[..compressed.len() - 1], "c.npy");
    assert_eq!(cut.status.code(), Some(3), "{}", stderr(&cut));
    assert!(stderr(&cut).contains("standard input"), "{}", stderr(&cut));
}

/// A verdict names its file first.
fn with_name(words: &str, name: &str, other: &str) -> String {
    match words.strip_prefix(&format!("{name}: ")) {
        Some(rest) => format!("{other}: {rest}"),
        None => words.to_owned(),
    }
}

/// A terminal, and what reads the other end of it.
fn terminal() -> (File, File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap();
    let path = Path::new(name.to_str().unwrap());
    let terminal = File::options().read(true).write(true).open(path).unwrap();
    (File::from(controller), terminal)
}

#[test]
fn a_terminal_gets_text_and_other_bytes_only_by_force() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i2", &[3]);
    paginum(folder, "compress a.npy -o a.pco");
    for (arguments, status) in [
        ("compress a.npy -o -", 2),
        ("compress a.npy -o /dev/stdout", 2),
        ("pack a.npy -o -", 2),
        ("decompress a.pco --raw -o -", 2),
        ("decompress a.pco -o -", 2),
        ("cat a.npy -o -", 2),
        ("cat a.npy", 0),
        ("decompress a.pco --text", 0),
        ("compress a.npy -o - --force", 0),
    ] {
        let (mut controller, terminal) = terminal();
        let output = Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
            .args(arguments.split(' '))
            .current_dir(folder)
            .stdout(terminal)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
        // Reading fails once nobody has the terminal open and all is read.
        let mut shown = Vec::new();
        let _ = controller.read_to_end(&mut shown);
        assert_eq!(shown.is_empty(), status == 2, "{arguments}");
        assert_eq!(
            said.contains("terminal"),
            status == 2,
            "{arguments}: {said}"
        );
    }
}

/// Peak of resident memory so far.
fn peak_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

#[test]
fn a_long_standard_input_becomes_a_pv_in_bounded_memory() {
    const N_BYTES: usize = 320 << 20;
    const MOST_BYTES: u64 = 230 << 20;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
        .args([
            "pack",
            "-",
            "--dtype",
            "<i8",
            "--threads",
            "2",
            "-o",
            "a.pv",
        ])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let piece: Vec<u8> = (0..1 << 17_u64).flat_map(u64::to_le_bytes).collect();
    for _ in 0..N_BYTES / piece.len() {
        stdin.write_all(&piece).unwrap();
    }
    let mut peak = peak_bytes(child.id()).unwrap();
    drop(stdin);
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(peak_bytes(child.id()).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    assert!(peak < MOST_BYTES, "{peak} bytes");
    assert!(peak > 1 << 20, "{peak} bytes: not measured");
    paginum(folder, "verify a.pv");
}

#[test]
fn an_input_without_end_meets_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make_pipe(folder, "pipe");
    let path = folder.join("pipe");
    let writer = std::thread::spawn(move || {
        let mut pipe = File::options().write(true).open(path).unwrap();
        while pipe.write_all(&[0; 1 << 16]).is_ok() {}
    });
    fails(
        folder,
        "compress pipe --dtype |u1 -o a.pco --max-bytes 40M",
        5,
        "pipe",
    );
    writer.join().unwrap();
}

#[test]
fn verbs_that_change_a_file_do_not_wait_for_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder);
    make_pipe(folder, "pipe");
    for arguments in [
        "append pipe a.npy",
        "append pipe a.npy --stage",
        "rm pipe a",
        "repair pipe",
        "repair --salvage pipe -o new.pv",
        "compact pipe",
        "compact -",
    ] {
        let output = command(folder)
            .args(arguments.split(' '))
            .timeout(std::time::Duration::from_secs(30))
            .output()
            .unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
        assert!(said.contains("no plain file"), "{arguments}: {said}");
    }
    assert_eq!(names(folder), ["a.npy", "a.pco", "a.pv", "pipe"]);
}

/// No byte of it tells that, and it has no name that does.
#[test]
fn text_on_standard_input_is_what_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (format, text) in [("csv", "a,b\n1,x\n"), ("tsv", "a\tb\n1\tx\n")] {
        let convert = |from: &[&str]| {
            let mut command = command(folder);
            command.args(["convert", "-", "o.npz", "-f"]).args(from);
            command.write_stdin(text).output().unwrap()
        };
        let words = "columns of text are told by a name in .csv or .tsv";
        assert!(stderr(&convert(&[])).contains(words));
        let output = convert(&["--from", format]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(paginum(folder, "cat o.npz a b"), "# a b\n1 \"x\"\n");
        fs::write(folder.join("o.txt"), text).unwrap();
        paginum(folder, &format!("convert o.txt t.npz -f --from {format}"));
        paginum(folder, "diff o.npz t.npz");
        // What says itself what it is stays that.
        paginum(folder, &format!("convert o.npz n.npz -f --from {format}"));
        paginum(folder, "diff o.npz n.npz");
    }
}
