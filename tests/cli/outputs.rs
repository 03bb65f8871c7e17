//! Outputs appear whole or not at all, and never in place of something else unasked.

use std::fs;

use crate::arrays::save_new;
use crate::run::{fails, names, paginum, run, stderr};

#[test]
fn an_output_that_exists_is_kept_without_force() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[50]);
    fs::write(folder.join("a.pco"), "precious").unwrap();
    fails(folder, "compress a.npy -o a.pco", 2, "--force");
    assert_eq!(fs::read(folder.join("a.pco")).unwrap(), b"precious");
    paginum(folder, "compress a.npy -o a.pco --force");
    paginum(folder, "verify a.pco");
    fs::write(folder.join("a.svg"), "precious").unwrap();
    for verb in [
        "decompress a.pco -o a.npy",
        "cat a.pco -o a.npy",
        "inspect a.pco --plot a.svg",
    ] {
        fails(folder, verb, 2, "exists");
    }
}

#[test]
fn an_output_that_is_there_keeps_no_other_from_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a", "b", "c", "d"] {
        save_new(folder, &format!("{name}.npy"), "<f4", &[50]);
    }
    fs::create_dir(folder.join("out")).unwrap();
    for name in ["a", "c"] {
        fs::write(folder.join(format!("out/{name}.pco")), "precious").unwrap();
    }
    let said = |arguments: &str| {
        let output = run(folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        stderr(&output)
    };
    let words = said("compress a.npy b.npy c.npy d.npy -o out");
    for name in ["out/a.pco exists", "out/c.pco exists"] {
        assert!(words.contains(name), "{words}");
    }
    assert_eq!(
        names(&folder.join("out")),
        ["a.pco", "b.pco", "c.pco", "d.pco"]
    );
    assert_eq!(fs::read(folder.join("out/c.pco")).unwrap(), b"precious");
    // The worst status counts: what is damaged, behind what is there.
    fs::write(folder.join("bad.npy"), b"\x93NUMPY").unwrap();
    let output = run(folder, "compress a.npy bad.npy d.npy -o out");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));

    paginum(folder, "compress a.npy c.npy -o out -f");
    fs::create_dir(folder.join("back")).unwrap();
    fs::write(folder.join("back/a.npy"), "precious").unwrap();
    let words = said("decompress out/a.pco out/b.pco -o back");
    assert!(words.contains("back/a.npy exists"), "{words}");
    paginum(folder, "diff b.npy back/b.npy");
    paginum(folder, "pack a.npy b.npy d.npy -o all.pv");
    let words = said("unpack all.pv -o back");
    for name in ["back/a.npy exists", "back/b.npy exists"] {
        assert!(words.contains(name), "{words}");
    }
    paginum(folder, "diff d.npy back/d.npy");
    assert_eq!(fs::read(folder.join("back/a.npy")).unwrap(), b"precious");
}

#[test]
fn a_copy_into_a_folder_has_the_name_of_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("a.bin"), "0123").unwrap();
    fs::create_dir(folder.join("out")).unwrap();
    for destination in ["out", "out/", "mem://dir/"] {
        let said = stderr(&run(folder, &format!("cp a.bin {destination} -f")));
        let copy = format!("{}/a.bin: 4 bytes", destination.trim_end_matches('/'));
        assert!(said.contains(&copy), "{said}");
    }
    assert_eq!(fs::read(folder.join("out/a.bin")).unwrap(), b"0123");
    // A slash says that it is one, even where there is none.
    fails(folder, "cp a.bin new/", 6, "new/a.bin");
    fails(folder, "cp - out", 2, "name the copy");
    assert_eq!(names(folder), ["a.bin", "out"]);
    assert_eq!(names(&folder.join("out")), ["a.bin"]);
}

#[test]
fn inputs_of_one_name_are_both_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for sub in ["x", "y"] {
        fs::create_dir(folder.join(sub)).unwrap();
        save_new(folder, &format!("{sub}/a.npy"), "<f4", &[5]);
    }
    fails(
        folder,
        "compress x/a.npy y/a.npy -o out",
        2,
        "x/a.npy and y/a.npy",
    );
}

#[test]
fn a_failed_run_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[20_000]);
    paginum(folder, "compress a.npy -o a.pco --chunk-n 5000");
    let mut file = fs::read(folder.join("a.pco")).unwrap();
    let middle = file.len() / 2;
    file[middle] ^= 1;
    fs::write(folder.join("a.pco"), file).unwrap();
    fails(folder, "decompress a.pco -o b.npy", 3, "checksum");
    save_new(folder, "s.npy", "<U3", &[5]);
    fails(folder, "compress s.npy -o s.pco", 4, "pco cannot hold <U3");
    assert_eq!(names(folder), ["a.npy", "a.pco", "s.npy"]);
}

#[test]
fn a_folder_that_is_not_there_is_another_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[20]);
    fails(
        folder,
        "compress a.npy -o no/where/a.pco",
        6,
        "no/where/a.pco",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_another_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[20_000]);
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = std::process::Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
        .args(["compress", "a.npy", "-o", "-"])
        .current_dir(folder)
        .stdout(full)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(6));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[200_000]);
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
        .args(["cat", "a.npy"])
        .current_dir(folder)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stderr, b"");
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_appears_meanwhile_is_kept() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    for (verb, output) in [
        ("compress", "a.pco"),
        ("pack", "a.pv"),
        ("convert", "a.npz"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let arguments = match verb {
            "convert" => vec!["convert", "-", output, "--dtype", "|u1"],
            _ => vec![verb, "-", "-o", output, "--dtype", "|u1"],
        };
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // More than a pipe holds: once it is written, the program has begun to read.
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&vec![7; 1 << 20]).unwrap();
        fs::write(folder.join(output), "precious").unwrap();
        drop(stdin);
        let finished = child.wait_with_output().unwrap();
        let said = stderr(&finished);
        assert_eq!(finished.status.code(), Some(2), "{verb}: {said}");
        assert!(said.contains(output) && said.contains("--force"), "{said}");
        assert_eq!(fs::read(folder.join(output)).unwrap(), b"precious");
        assert_eq!(names(folder), [output]);
    }
}

#[test]
fn of_two_that_write_one_name_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[20_000]);
    save_new(folder, "b.npy", "<f8", &[20_000]);
    for round in 0..5 {
        let children = ["a.npy", "b.npy"].map(|input| {
            std::process::Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
                .args(["pack", input, "-o", "w.pv", "-q"])
                .current_dir(folder)
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap()
        });
        let mut statuses = children.map(|mut child| child.wait().unwrap().code().unwrap());
        statuses.sort_unstable();
        assert_eq!(statuses, [0, 2], "round {round}");
        paginum(folder, "verify w.pv");
        assert_eq!(names(folder), ["a.npy", "b.npy", "w.pv"]);
        fs::remove_file(folder.join("w.pv")).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn hard_links_that_keep_the_old_version_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[50]);
    fs::write(folder.join("a.pco"), "old").unwrap();
    fs::hard_link(folder.join("a.pco"), folder.join("other")).unwrap();
    let said = stderr(&run(folder, "compress a.npy -o a.pco -f"));
    assert!(said.contains("1 hard link elsewhere"), "{said}");
    assert_eq!(fs::read(folder.join("other")).unwrap(), b"old");
    let said = stderr(&run(folder, "compress a.npy -o a.pco -f"));
    assert!(!said.contains("hard link"), "{said}");
}

/// Seen from outside, where strace is there: the unit tests of the file store look at the same from inside.
#[cfg(target_os = "linux")]
#[test]
fn bytes_and_folder_are_synced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[50]);
    for (arguments, n_syncs) in [
        ("compress a.npy -o a.pco", 2),
        ("compress a.npy -o a.pco -f", 2),
        ("pack a.npy -o a.pv", 2),
        ("convert a.pv b.npz", 2),
        ("compact a.pv", 2),
    ] {
        let traced = std::process::Command::new("strace")
            .args(["-f", "-qq", "-o", "trace", "-e"])
            .arg("trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2")
            .arg(assert_cmd::cargo::cargo_bin!("paginum"))
            .args(arguments.split(' '))
            .current_dir(folder)
            .status();
        let Ok(status) = traced else {
            println!("skipped: there is no strace");
            return;
        };
        assert!(status.success(), "{arguments}");
        let trace = fs::read_to_string(folder.join("trace")).unwrap();
        let calls: Vec<&str> = trace
            .lines()
            // The lock beside a file that is edited gets its name by a link, too, and is no output.
            .filter(|line| line.ends_with("= 0") && !line.contains(".append.lock"))
            .filter_map(|line| line.split_whitespace().nth(1)?.split('(').next())
            .collect();
        let syncs = calls.iter().filter(|call| call.ends_with("sync")).count();
        assert!(syncs >= n_syncs, "{arguments}: {trace}");
        assert!(calls[0].ends_with("sync"), "{arguments}: {trace}");
        assert!(
            calls.last().unwrap().ends_with("sync"),
            "{arguments}: {trace}"
        );
        let named = |call: &&&str| call.starts_with("link") || call.starts_with("rename");
        assert!(
            calls.iter().any(|call| named(&call)),
            "{arguments}: {trace}"
        );
    }
}
