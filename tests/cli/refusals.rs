//! What a verb cannot do is refused before anything is done, with words that say what there is.

use std::fs;

use crate::arrays::save_new;
use crate::run::{command, fails, paginum, run, stderr};

/// What helps stands in the line, or in one behind it.
#[test]
fn a_refused_append_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[5]);
    save_new(folder, "b.npy", "<f8", &[7]);
    paginum(folder, "pack a.npy -o w.pv");
    paginum(folder, "compress a.npy -o w.pco");
    let whole = fs::read(folder.join("w.pv")).unwrap();
    fs::write(folder.join("cut.pv"), &whole[..whole.len() - 9]).unwrap();
    for (verb, status, words) in [
        (
            "append w.pv a.npy",
            2,
            "replace it, or give the new one another name",
        ),
        (
            "append w.pv b.npy --into point_data",
            2,
            "field_data takes arrays of any number of rows",
        ),
        (
            "append w.pv b.npy --filter nope",
            2,
            "there are none, shuffle",
        ),
        (
            "append w.pv b.npy --filter numeric:99",
            2,
            "there are 0 to 13",
        ),
        ("append w.pv b.npy --filter none:99", 2, "there are -"),
        ("append w.pco b.npy", 2, "pack w.pco MORE -o NEW.pv"),
        ("append new.pv b.npy", 6, "pack IN -o new.pv begins a file"),
        (
            "append cut.pv b.npy",
            3,
            "repair --salvage cut.pv -o NEW.pv",
        ),
        ("compact cut.pv", 3, "repair --salvage cut.pv -o NEW.pv"),
    ] {
        fails(folder, verb, status, words);
    }
}

#[test]
fn a_place_that_no_dataset_has_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    save_new(folder, "b.npy", "<f8", &[30]);
    paginum(folder, "pack a.npy -o w.pv");
    let before = fs::read(folder.join("w.pv")).unwrap();
    for into in ["nowhere", "nowhere/field_data", "point_dat"] {
        let words = "arrays go into point_data, cell_data, field_data";
        fails(
            folder,
            &format!("append w.pv b.npy --into {into}"),
            2,
            words,
        );
    }
    fails(
        folder,
        "append w.pv b.npy --into blocks/0/field_data",
        2,
        "no block 0",
    );
    assert!(fs::read(folder.join("w.pv")).unwrap() == before);
    fails(folder, "rm w.pv zz", 2, "w.pv: there is no array \"zz\"");
    paginum(folder, "append w.pv b.npy --into field_data/");
    assert!(paginum(folder, "ls w.pv").contains("\nb "));
}

#[test]
fn a_filter_for_an_array_that_is_not_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a.npy", "b.npy"] {
        save_new(folder, name, "<f8", &[30]);
    }
    let words = "there is no array \"nope\" to write, but \"a\", \"b\"";
    fails(
        folder,
        "pack a.npy b.npy -o w.pv --filter nope=none",
        2,
        words,
    );
    paginum(folder, "pack a.npy -o w.pv --filter field_data/a=none");
    let words = "there is no array \"a\" to write, but \"b\"";
    fails(folder, "append w.pv b.npy --filter a=none", 2, words);
    paginum(folder, "append w.pv b.npy --filter field_data/b=shuffle");
    fails(
        folder,
        "convert w.pv x.pv --filter c=none",
        2,
        "no array \"c\"",
    );
    fails(
        folder,
        "convert a.npy x.pv --filter c=none",
        2,
        "no array \"c\"",
    );
    paginum(
        folder,
        "convert w.pv x.pv --filter b=none --filter field_data/a=none",
    );
    assert!(!folder.join("y.pv").exists());
}

#[test]
fn verbs_that_change_a_pv_say_what_another_file_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    paginum(folder, "compress a.npy");
    for format in ["npz", "gnz", "csv"] {
        paginum(folder, &format!("convert a.npy a.{format}"));
    }
    save_new(folder, "p.npy", "|u1", &[6, 5]);
    for format in ["png", "pzp"] {
        paginum(folder, &format!("convert p.npy a.{format}"));
    }
    for format in ["npy", "pco", "npz", "gnz", "csv", "png", "pzp"] {
        let file = format!("a.{format}");
        let before = fs::read(folder.join(&file)).unwrap();
        let words = format!("{file} is a .{format} file, and this verb changes .pv files");
        for (verb, instead) in [
            ("append F a.npy", "pack F"),
            ("rm F a", "convert F NEW --select"),
            ("compact F", "nothing in F"),
            ("repair F", "verify F"),
            ("repair F --salvage -o b.pv", "verify F"),
        ] {
            let verb = verb.replace('F', &file);
            fails(folder, &verb, 2, &words);
            fails(folder, &verb, 2, &instead.replace('F', &file));
        }
        assert!(fs::read(folder.join(&file)).unwrap() == before);
    }
    for verb in ["append", "rm", "compact", "repair"] {
        let arguments = match verb {
            "append" | "rm" => format!("{verb} nowhere.pv a.npy"),
            _ => format!("{verb} nowhere.pv"),
        };
        fails(folder, &arguments, 6, "nowhere.pv");
    }
}

#[test]
fn no_threads_are_all_threads() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    paginum(folder, "compress a.npy --threads 0");
    fails(folder, "compress a.npy --threads x", 2, "--threads");
}

#[test]
fn a_refusal_says_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("raw.bin"), [7; 80]).unwrap();
    for verb in ["ls", "compress", "view"] {
        let words =
            "in convert, pack and compress --dtype gives one, or a name such as NAME.f64.bin";
        fails(folder, &format!("{verb} raw.bin"), 4, words);
    }
    for dtype in ["foo", "f128", "<f8x", ">"] {
        let words = format!(
            "invalid value '{dtype}' for '--dtype <DTYPE>': a type is f64, float64 or '<f8'"
        );
        let convert = format!("convert raw.bin r.npy --dtype {dtype}");
        fails(folder, &convert, 2, &words);
    }
    fails(
        folder,
        "convert raw.bin r.npy --dtype object",
        2,
        "pointers, not data",
    );
    save_new(folder, "flags.npy", "|b1", &[30]);
    paginum(folder, "pack flags.npy -o w.pv");
    fails(folder, "unpack w.pv flags -o -", 2, "cat FILE ARRAY");
    assert!(!folder.join("-").exists());
    let words = "the filter shuffle does not take |b1 [30]; none, ";
    let pack = "pack flags.npy -o x.pv --filter flags=shuffle";
    fails(folder, pack, 2, words);
    fails(folder, "cat flags.npy --rows 5-7", 2, "rows are a..b");
}

#[test]
fn an_append_of_a_name_that_is_there_says_how_to_replace_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    paginum(folder, "pack a.npy -o w.pv");
    for into in ["", " --into field_data", " --into="] {
        let append = format!("append w.pv a.npy{into}");
        let words = "w.pv: array \"a\": there is an array of this name already";
        fails(folder, &append, 2, words);
        fails(folder, &append, 2, "\npaginum: --replace replaces it\n");
        paginum(folder, &format!("{append} --replace"));
    }
}

#[test]
fn an_option_that_the_output_does_not_have_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "|u1", &[30, 2]);
    for option in [
        "--compat 0.7",
        "--reproduce-0.7",
        "--filter none",
        "--goal size",
        "--level 9",
        "--page-numbers 64",
        "--durability none",
    ] {
        let name = option.split(' ').next().unwrap();
        for output in ["o.csv", "o.npy", "o.pco", "o.pzp"] {
            let words = format!("{name} is for .pv files, and {output} is none");
            fails(
                folder,
                &format!("convert a.npy {output} {option}"),
                2,
                &words,
            );
            assert!(!folder.join(output).exists());
        }
        paginum(folder, &format!("convert a.npy o.pv -f {option}"));
    }
    let words = "--numeric-level is for .pv and .pco files, and o.npz is none";
    fails(folder, "convert a.npy o.npz --numeric-level 3", 2, words);
    for output in ["-o o.npy", "--format json", "-o o.bin"] {
        let cat = format!("cat a.npy --no-header {output}");
        fails(folder, &cat, 2, "--no-header is for text, .csv and .tsv");
    }
    let words = "--best is for .pzp files, and o.npz is none";
    fails(folder, "convert a.npy o.npz --best", 2, words);
    paginum(folder, "convert a.npy o.pco --numeric-level 3");
    paginum(folder, "convert a.npy o.pzp --best");
    let help = paginum(folder, "pack --help");
    for words in [
        "[default: auto]",
        "[default: balanced]",
        "[default: 3]",
        "[default: synced]",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
}

#[test]
fn standard_input_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    paginum(folder, "pack a.npy -o w.pv");
    let input = fs::read(folder.join("a.npy")).unwrap();
    for line in [
        "diff - -",
        "verify - -",
        "ls - -",
        "inspect - -",
        "advise - -",
        "pack - - -o p.pv",
        "append w.pv - -",
        #[cfg(target_os = "linux")]
        "diff - /dev/stdin",
    ] {
        let output = command(folder)
            .args(line.split(' '))
            .write_stdin(input.clone())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {}", stderr(&output));
        let words = "standard input can be read once";
        assert!(
            stderr(&output).contains(words),
            "{line}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn an_output_that_another_verb_writes_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    for output in ["o.json", "o.txt", "o.bin", "-"] {
        let words = format!("; cat a.npy -o {output} writes rows there\n");
        fails(folder, &format!("convert a.npy {output}"), 2, &words);
        command(folder)
            .args(["cat", "a.npy", "-o", output])
            .assert()
            .success();
    }
    fails(folder, "convert a.npy o.xyz", 2, ".csv, .tsv\n");
    let words = "\npaginum: view a.npy -o o.png draws numbers\n";
    fails(folder, "convert a.npy o.png", 4, words);
    for output in ["o.png", "o.svg"] {
        let said = stderr(&run(folder, &format!("view a.npy -o {output}")));
        assert!(said.contains(&format!("\na.npy -> {output}: ")), "{said}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    let words = "\npaginum: there is no folder no/where\n";
    for line in [
        "convert a.npy no/where/b.npz",
        "cat no/where/a.npy",
        "cp a.npy no/where/b",
    ] {
        fails(folder, line, 6, words);
    }
    let said = stderr(&command(folder).args(["cat", "b.npy"]).output().unwrap());
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn filters_and_levels_that_there_are_not_are_refused_by_their_option() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    save_new(folder, "p.npy", "<u2", &[5, 4]);
    for (option, words) in [
        (
            "--filter nope",
            "--filter nope: no filter \"nope\"; there are none, ",
        ),
        ("--filter a=nope", "--filter a=nope: no filter \"nope\""),
        (
            "--filter a=shuffle:99",
            "--filter a=shuffle:99: zstd level 99; there are",
        ),
        (
            "--filter gradient:99",
            "--filter gradient:99: zstd level 99; there are",
        ),
        ("--filter numeric:99", "--filter numeric:99: level 99"),
        ("--filter shuffle:x", "--filter shuffle:x: no level \"x\""),
        ("--filter auto:3", "--filter auto:3: `auto` has no level"),
        (
            "--level 99",
            "'99' for '--level <N>': 99 is not in -131072..=22",
        ),
        (
            "--numeric-level 14",
            "'14' for '--numeric-level <N>': 14 is not in 0..=13",
        ),
    ] {
        fails(folder, &format!("pack a.npy -o w.pv {option}"), 2, words);
        fails(folder, &format!("convert a.npy w.pv {option}"), 2, words);
    }
    for option in ["a=shuffle:22", "numeric:13", "none:-7", "fast"] {
        paginum(folder, &format!("pack a.npy -o w.pv -f --filter {option}"));
    }
    paginum(
        folder,
        "pack p.npy -o w.pv -f --filter gradient:19 --level -5",
    );
}

#[test]
fn a_file_without_a_verb_says_what_lists_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30]);
    fails(
        folder,
        "a.npy",
        2,
        "\npaginum: ls a.npy lists the arrays of a file\n",
    );
    let said = stderr(&run(folder, "b.npy"));
    assert!(
        said.contains("unrecognized") && !said.contains("paginum: ls"),
        "{said}"
    );
    // An array without a name is seen, too.
    fs::write(folder.join("i.csv"), ",x\n0,1\n").unwrap();
    assert!(paginum(folder, "ls i.csv").contains("\n\"\"     <i8"));
}
