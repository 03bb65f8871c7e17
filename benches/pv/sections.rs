//! What is measured: arrays of each kind, many arrays, a large file.

use std::fs;
use std::path::Path;

use crate::Options;
use crate::arrays::{self, Generated};
use crate::child::Cost;
use crate::duel::{Duel, Files, Outcome};

/// The name of our choice of a filter, and that of theirs beside it.
const FILTERS: [(&str, &str); 4] = [
    ("none", "none"),
    ("shuffle", "shuffle"),
    ("auto", "auto"),
    ("auto-native", "auto"),
];
const N_MANY: usize = 5_000;
/// Rounds of tasks that take seconds.
const FEW_ROUNDS: usize = 5;
/// Of each array of the large file.
const LARGE_ARRAY_MIB: usize = 128;

/// Measures what the options ask for, and prints it.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    fs::create_dir_all(&options.folder).map_err(|e| e.to_string())?;
    let is_asked =
        |name: &str| options.sections.is_empty() || options.sections.iter().any(|s| s == name);
    for n_threads in &options.threads {
        let duel = &mut Duel::new(&options.python, *n_threads)?;
        println!("\n# {n_threads} threads; ratios theirs : ours, above 1 we are ahead");
        if is_asked("kinds") {
            kinds(duel, options)?;
        }
        if is_asked("many") {
            many(duel, options)?;
        }
        if is_asked("large") && options.large_mib > 0 {
            large(duel, options)?;
        }
    }
    fs::remove_dir_all(&options.folder).map_err(|e| e.to_string())
}

/// A task of words, the same in every round.
fn task(words: &[&str]) -> impl Fn(usize) -> Vec<String> + use<> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    move |_| words.clone()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn size(path: &Path) -> Result<f64, String> {
    let metadata = fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(metadata.len() as f64)
}

/// One array of each kind, with each filter: written and read whole.
fn kinds(duel: &mut Duel, options: &Options) -> Result<(), String> {
    println!(
        "\n| array | filter | write | read | write, cpu | read, cpu | size, theirs : ours | our write MB/s | our read MB/s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut logarithms = vec![[0.0; 5]; FILTERS.len()];
    let kinds = arrays::kinds(options.mib << 20);
    for array in &kinds {
        duel.load(array, &options.folder)?;
        for (i, (our_filter, their_filter)) in FILTERS.iter().enumerate() {
            let files = Files::new(&options.folder, "kind");
            let (our_path, their_path) = (text(&files.ours), text(&files.theirs));
            let write = duel.measure(
                options.rounds,
                task(&["write", &our_path, our_filter, &array.name]),
                task(&["write", &their_path, their_filter, &array.name]),
            )?;
            let read = duel.measure(
                options.rounds,
                task(&["read", &our_path, &array.name]),
                task(&["read", &their_path, &array.name]),
            )?;
            let figures = [
                ratio(&write, |cost| cost.seconds),
                ratio(&read, |cost| cost.seconds),
                ratio(&write, |cost| cost.cpu_seconds),
                ratio(&read, |cost| cost.cpu_seconds),
                size(&files.theirs)? / size(&files.ours)?,
            ];
            let mb = array.bytes.len() as f64 / 1e6;
            println!(
                "| {} | {our_filter} | {} | {:.0} | {:.0} |",
                array.name,
                figures.map(|figure| format!("{figure:.2}")).join(" | "),
                mb / write.ours.seconds,
                mb / read.ours.seconds
            );
            for (sum, figure) in logarithms[i].iter_mut().zip(figures) {
                *sum += figure.ln();
            }
        }
        duel.forget()?;
    }
    for ((filter, _), sums) in FILTERS.iter().zip(logarithms) {
        let means = sums.map(|sum| format!("{:.2}", (sum / kinds.len() as f64).exp()));
        println!("| geometric mean | {filter} | {} | | |", means.join(" | "));
    }
    Ok(())
}

/// A file of very many small arrays.
fn many(duel: &mut Duel, options: &Options) -> Result<(), String> {
    heading();
    let mut names = Vec::with_capacity(N_MANY);
    for i in 0..N_MANY {
        names.push(format!("a{i}"));
    }
    for name in &names {
        let array = Generated::of_numbers(name, &arrays::normal(10, 3));
        duel.load(&array, &options.folder)?;
    }
    let files = Files::new(&options.folder, "many");
    let (our_path, their_path) = (text(&files.ours), text(&files.theirs));
    let all = names.join(",");
    for (what, verb, words) in [
        ("write 5,000 arrays", "write", vec!["none", &all]),
        ("open a file of 5,000 arrays", "open", vec![]),
        ("open it and read one of them", "read", vec!["a2500"]),
        ("read all of them", "read_all", vec![]),
    ] {
        let with = |path: &str| {
            let words: Vec<&str> = [verb, path].into_iter().chain(words.clone()).collect();
            task(&words)
        };
        let outcome = duel.measure(options.rounds, with(&our_path), with(&their_path))?;
        row(what, &outcome);
    }
    append(duel, &files, "append one to them", "a0", options.rounds)?;
    duel.forget()
}

/// A file of a gigabyte, and one of a megabyte beside it for what an append costs.
fn large(duel: &mut Duel, options: &Options) -> Result<(), String> {
    heading();
    let n_arrays = (options.large_mib / LARGE_ARRAY_MIB).max(1);
    let n = options.large_mib.min(LARGE_ARRAY_MIB) << 17;
    let mut names = Vec::new();
    for i in 0..n_arrays {
        let name = format!("large{i}");
        let array = Generated::of_numbers(&name, &arrays::normal(n, i as u64));
        duel.load(&array, &options.folder)?;
        names.push(name);
    }
    let small = Generated::of_numbers("small", &arrays::normal(1 << 10, 9));
    duel.load(&small, &options.folder)?;
    let files = Files::new(&options.folder, "large");
    let (our_path, their_path) = (text(&files.ours), text(&files.theirs));
    let all = names.join(",");
    let write = duel.measure(
        FEW_ROUNDS,
        task(&["write", &our_path, "auto", &all]),
        task(&["write", &their_path, "auto", &all]),
    )?;
    row("write", &write);
    let read = duel.measure(
        FEW_ROUNDS,
        task(&["read_all", &our_path]),
        task(&["read_all", &their_path]),
    )?;
    row("read all", &read);
    let one = duel.measure(
        options.rounds,
        task(&["read", &our_path, "large0"]),
        task(&["read", &their_path, "large0"]),
    )?;
    row("read one array", &one);
    let open = duel.measure(
        options.rounds,
        task(&["open", &our_path]),
        task(&["open", &their_path]),
    )?;
    row("open", &open);
    append(duel, &files, "append 8 KB", "small", FEW_ROUNDS)?;
    duel.forget()?;

    let array = Generated::of_numbers("medium", &arrays::normal(1 << 17, 4));
    duel.load(&array, &options.folder)?;
    duel.load(&small, &options.folder)?;
    let files = Files::new(&options.folder, "medium");
    for (side, path) in [
        (&mut duel.ours, &files.ours),
        (&mut duel.theirs, &files.theirs),
    ] {
        side.does(&["write", &text(path), "auto", "medium"])?;
    }
    append(duel, &files, "append 8 KB to 1 MB", "small", options.rounds)?;
    duel.forget()
}

/// Appends an array again and again, without and with fsync.
fn append(
    duel: &mut Duel,
    files: &Files,
    what: &str,
    source: &str,
    rounds: usize,
) -> Result<(), String> {
    for (durability, words) in [("none", "without fsync"), ("synced", "ours with fsync")] {
        let with = |path: &Path| {
            let path = text(path);
            let (source, durability) = (source.to_owned(), durability.to_owned());
            move |round: usize| {
                let name = format!("{durability}{round}");
                let words = ["append", &path, &name, &source, &durability];
                words.map(str::to_owned).to_vec()
            }
        };
        let outcome = duel.measure(rounds, with(&files.ours), with(&files.theirs))?;
        row(&format!("{what}, {words}"), &outcome);
    }
    Ok(())
}

fn heading() {
    println!(
        "\n| task | ratio | ratio, cpu | ours ms | theirs ms | our extra memory MB | theirs MB |"
    );
    println!("|---|---|---|---|---|---|---|");
}

fn row(what: &str, outcome: &Outcome) {
    println!(
        "| {what} | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} |",
        ratio(outcome, |cost| cost.seconds),
        ratio(outcome, |cost| cost.cpu_seconds),
        1e3 * outcome.ours.seconds,
        1e3 * outcome.theirs.seconds,
        outcome.ours.extra_kib * 1.024e-3,
        outcome.theirs.extra_kib * 1.024e-3,
    );
}

fn ratio(outcome: &Outcome, of: fn(&Cost) -> f64) -> f64 {
    of(&outcome.theirs) / of(&outcome.ours)
}
