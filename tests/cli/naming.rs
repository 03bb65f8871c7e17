//! The name of an output decides what it becomes, and an output without a name stands beside its input.

use std::fs;
use std::io::Write;
use std::path::Path;

use paginum::container::npz::NpzWriter;

use crate::arrays::{array, save_new};
use crate::run::{command, fails, names, paginum, run, stderr};

/// An `.npz` of arrays of bytes.
fn save_npz(folder: &Path, file: &str, names: &[&str]) {
    let mut bytes = Vec::new();
    let mut writer = NpzWriter::new(&mut bytes);
    for name in names {
        let array = array("<u2", &[300]);
        let mut member = writer.begin_array(name, array.spec()).unwrap();
        member.write_all(array.bytes()).unwrap();
    }
    writer.finish().unwrap();
    fs::write(folder.join(file), bytes).unwrap();
}

#[test]
fn compressed_files_stand_beside_their_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("x")).unwrap();
    for name in ["a.npy", "b.1.npy", "b.2.npy", "x/a.npy"] {
        save_new(folder, name, "<i4", &[90, 2]);
    }
    paginum(folder, "compress a.npy b.1.npy b.2.npy x/a.npy");
    for name in ["a.pco", "b.1.pco", "b.2.pco", "x/a.pco"] {
        assert!(paginum(folder, &format!("ls {name}")).contains("90x2"));
    }
    fails(folder, "compress a.npy", 2, "a.pco exists");
    fails(folder, "compress a.pco", 2, "-o names another");
    fails(folder, "compress a.pco --force", 2, "-o names another");
    paginum(folder, "compress a.pco -o again.pco --level 12");
}

#[test]
fn an_output_of_compress_is_a_pco_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[90]);
    save_new(folder, "b.npy", "<i4", &[90]);
    for name in ["a.npz", "a.pv", "a.csv", "a.bin", "a.xyz"] {
        let words = format!("{name}: the extension is not .pco");
        fails(folder, &format!("compress a.npy -o {name}"), 2, &words);
    }
    fails(folder, "compress a.npy -o out", 2, "a folder ends in /");
    fails(folder, "compress a.npy b.npy -o a.pco", 2, "2 arrays");
    fails(folder, "compress a.npy b.npy -o -", 2, "one output");
    assert_eq!(names(folder), ["a.npy", "b.npy"]);
    paginum(folder, "compress a.npy -o out/");
    paginum(folder, "compress a.npy b.npy -o both");
    paginum(folder, "compress a.npy -o upper.PCO");
    assert_eq!(names(&folder.join("out")), ["a.pco"]);
    assert_eq!(names(&folder.join("both")), ["a.pco", "b.pco"]);
}

#[test]
fn the_arrays_of_an_npz_become_a_file_each() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_npz(folder, "x.npz", &["a", "deep/b", "../c"]);
    save_npz(folder, "y.npz", &["only"]);
    paginum(folder, "compress x.npz y.npz");
    assert_eq!(names(folder), ["x", "x.npz", "y.npz", "y.pco"]);
    assert_eq!(names(&folder.join("x")), ["%2E%2E", "a.pco", "deep"]);
    paginum(folder, "compress x.npz -o out");
    assert_eq!(names(&folder.join("out")), ["%2E%2E", "a.pco", "deep"]);
    paginum(folder, "compress x.npz y.npz -o all");
    assert_eq!(names(&folder.join("all")), ["x", "y.pco"]);
    assert_eq!(
        paginum(folder, "cat all/x/deep/b.pco --rows ..5"),
        paginum(folder, "cat x.npz deep/b --rows ..5")
    );
    fails(folder, "compress x.npz -o x.pco", 2, "3 arrays");
}

#[test]
fn folders_are_walked_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir_all(folder.join("in/x/empty")).unwrap();
    for name in ["in/a.npy", "in/x/b.npy"] {
        save_new(folder, name, "<i4", &[90]);
    }
    fs::write(folder.join("in/x/notes.txt"), "not an array").unwrap();
    fails(folder, "compress in", 2, "-r takes the files in it");
    fails(folder, "compress -r in/x/empty", 2, "holds no file");
    paginum(folder, "compress -r in -o out");
    assert_eq!(names(&folder.join("out")), ["a.pco", "x"]);
    assert_eq!(names(&folder.join("out/x")), ["b.pco"]);
    paginum(folder, "compress -r in");
    assert_eq!(names(&folder.join("in/x")).len(), 4);
    // Compressed files are no inputs, and what is there is not replaced.
    fails(folder, "compress -r in", 2, "exists");
    paginum(folder, "compress -r in --force");
}

#[test]
fn a_bad_input_of_several_costs_itself_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a.npy", "z.npy"] {
        save_new(folder, name, "<i4", &[90]);
    }
    let whole = fs::read(folder.join("a.npy")).unwrap();
    fs::write(folder.join("bad.npy"), &whole[..whole.len() - 9]).unwrap();
    fs::write(folder.join("bad.npz"), b"PK\x03\x04 and nothing else").unwrap();
    let output = run(
        folder,
        "compress a.npy nowhere.npy bad.npy bad.npz z.npy -o out",
    );
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    for name in ["nowhere.npy", "bad.npy", "bad.npz"] {
        assert!(stderr(&output).contains(&format!("paginum: {name}")));
    }
    assert_eq!(names(&folder.join("out")), ["a.pco", "z.pco"]);
    let output = run(folder, "compress a.npy bad.npy -o second");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(names(&folder.join("second")), ["a.pco"]);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let array = save_new(folder, "a.npy", "<i4", &[90]);
    let output = command(folder)
        .args(["compress", "-", "--dtype", "<i4"])
        .write_stdin(array.bytes())
        .output()
        .unwrap();
    assert!(output.stdout.starts_with(b"pco!"), "{}", stderr(&output));
    fails(folder, "compress a.npy -", 2, "-o is needed");
}

#[test]
fn decompressed_files_stand_beside_their_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("in")).unwrap();
    for name in ["in/a.npy", "in/b.npy"] {
        save_new(folder, name, "<i4", &[90, 2]);
    }
    paginum(folder, "compress -r in -o out");
    paginum(folder, "decompress out/a.pco out/b.pco");
    assert_eq!(
        names(&folder.join("out")),
        ["a.npy", "a.pco", "b.npy", "b.pco"]
    );
    for name in ["a.npy", "b.npy"] {
        let [one, other] = ["in", "out"].map(|sub| fs::read(folder.join(sub).join(name)).unwrap());
        assert!(one == other, "{name}");
    }
    fails(folder, "decompress out/a.pco", 2, "out/a.npy exists");
    fails(folder, "decompress out/a.npy", 2, "-o names another");
    paginum(folder, "decompress out/a.pco out/b.pco -o back");
    paginum(folder, "decompress -r out -o walked");
    for sub in ["back", "walked"] {
        assert_eq!(names(&folder.join(sub)), ["a.npy", "b.npy"]);
    }
    paginum(folder, "decompress -r out --raw");
    assert_eq!(fs::read(folder.join("out/b.bin")).unwrap().len(), 720);
    // Words are printed.
    let words = paginum(folder, "decompress out/a.pco out/b.pco --text --first 1");
    assert_eq!(words.lines().count(), 2);
    let piped = command(folder)
        .args(["decompress", "-"])
        .write_stdin(fs::read(folder.join("out/a.pco")).unwrap())
        .output()
        .unwrap();
    assert!(piped.stdout == fs::read(folder.join("in/a.npy")).unwrap());
}

#[test]
fn rows_are_written_as_the_name_of_the_output_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[9]);
    paginum(folder, "compress a.npy");
    for verb in ["decompress a.pco", "cat a.pco"] {
        for name in ["x.npz", "x.pv", "x.pco", "x.doubles", "x"] {
            fails(folder, &format!("{verb} -o {name}"), 2, "extension");
        }
        fails(folder, &format!("{verb} --raw -o x.npz"), 2, "is not .bin");
        fails(folder, &format!("{verb} --text -o x.npy"), 2, "is not .txt");
        assert_eq!(names(folder), ["a.npy", "a.pco"]);
        for name in ["x.bin", "x.raw", "--raw x.doubles", "--raw x"] {
            paginum(
                folder,
                &format!("{verb} -o {name}").replace("-o --raw", "--raw -o"),
            );
        }
        for name in ["x.bin", "x.raw", "x.doubles", "x"] {
            assert_eq!(fs::read(folder.join(name)).unwrap().len(), 72, "{name}");
            fs::remove_file(folder.join(name)).unwrap();
        }
        for (options, name) in [
            ("", "x.txt"),
            ("--format csv", "x.txt"),
            ("--text", "x.out"),
        ] {
            paginum(folder, &format!("{verb} {options} -o {name}"));
            fs::remove_file(folder.join(name)).unwrap();
        }
    }
    save_npz(folder, "two.npz", &["a", "b"]);
    fails(folder, "decompress two.npz", 2, "unpack");
    save_npz(folder, "one.npz", &["a"]);
    paginum(folder, "decompress one.npz");
    fails(
        folder,
        "decompress a.pco -o nofolder",
        2,
        "a folder ends in /",
    );
}

#[test]
fn other_verbs_keep_to_the_name_of_their_output() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[90]);
    for name in ["a.npz", "a.pco", "packed"] {
        let words = "the extension is none of .pv, .zvtk";
        fails(folder, &format!("pack a.npy -o {name}"), 2, words);
    }
    for name in ["a.bin.xyz", "-", "noextension"] {
        fails(folder, &format!("convert a.npy {name}"), 2, "extension");
    }
    assert_eq!(names(folder), ["a.npy"]);
}
