//! Rows for people, comma-separated rows, and geometric means for machines.

use std::fmt::Write as _;
use std::io::Write as _;

use paginum_wrapped::{Isa, NumberType, with_number_type};

use crate::arrays::{self, Array, Origin};
use crate::clock::Clock;
use crate::measure::{Figures, measure};
use crate::options::Options;
use crate::rival::Rival;

/// One array's figures.
struct Row {
    name: String,
    number_type: NumberType,
    origin: Origin,
    n_bytes: usize,
    figures: Vec<Figures>,
}

impl Row {
    fn of(&self, codec: &str) -> Option<&Figures> {
        self.figures.iter().find(|figures| figures.codec == codec)
    }
}

/// Measures everything and prints it.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let arrays = arrays::load(options)?;
    let mut rival = options
        .rival
        .as_deref()
        .map(|program| Rival::start(program, options))
        .transpose()?;
    let isa = Isa::best().map_err(|e| e.to_string())?;
    println!(
        "tier {isa:?}, {} arrays, MB/s of raw numbers, medians of interleaved rounds, {} clock",
        arrays.len(),
        options.clock.name()
    );
    println!(
        "{:<26} {:>8} {:<16} {:>9} {:>9} {:>9} {:>11}",
        "array", "numbers", "codec", "ratio", "encode", "decode", "decode same"
    );
    let mut rows = Vec::new();
    for array in &arrays {
        if let Some(rival) = &mut rival {
            rival.open(&array.name)?;
        }
        let figures = with_number_type!(array.number_type, |T| {
            let nums: Vec<T> = array.numbers();
            measure(&nums, &array.name, options, rival.as_mut())?
        });
        let row = Row {
            name: array.name.clone(),
            number_type: array.number_type,
            origin: array.origin,
            n_bytes: array.bytes.len(),
            figures,
        };
        print_row(array, &row);
        rows.push(row);
    }
    if let Some(path) = &options.csv {
        std::fs::write(path, csv(&rows)).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    for line in means(&rows, options.clock) {
        println!("{line}");
    }
    Ok(())
}

/// Millions of bytes a second.
fn speed(n_bytes: usize, seconds: f64) -> f64 {
    n_bytes as f64 / seconds / 1e6
}

fn print_row(array: &Array, row: &Row) {
    let n = row.n_bytes / array.number_type.size_bytes();
    for figures in &row.figures {
        let same = figures
            .decode_same
            .map(|seconds| format!("{:.0}", speed(row.n_bytes, seconds)));
        println!(
            "{:<26} {n:>8} {:<16} {:>9.3} {:>9.0} {:>9.0} {:>11}",
            row.name,
            figures.codec,
            row.n_bytes as f64 / figures.size as f64,
            speed(row.n_bytes, figures.encode),
            speed(row.n_bytes, figures.decode),
            same.unwrap_or_default(),
        );
    }
    // Long runs are watched.
    let _ = std::io::stdout().flush();
}

fn csv(rows: &[Row]) -> String {
    let mut text =
        String::from("array,type,origin,bytes,codec,size,encode_s,decode_s,decode_same_s\n");
    for row in rows {
        for figures in &row.figures {
            let Figures {
                codec,
                size,
                encode,
                decode,
                decode_same,
            } = figures;
            let same = decode_same
                .map(|seconds| seconds.to_string())
                .unwrap_or_default();
            let (name, number_type, origin, n_bytes) =
                (&row.name, row.number_type, row.origin, row.n_bytes);
            writeln!(
                text,
                "{name},{number_type},{origin:?},{n_bytes},{codec},{size},{encode},{decode},{same}"
            )
            .expect("a string takes everything");
        }
    }
    text
}

/// A level of ours, the level of pco it is held against, and how the line names the pair.
const PAIRS: [(u32, usize, &str); 4] =
    [(4, 4, "4"), (8, 8, "8"), (12, 12, "12"), (13, 12, "13/12")];

/// All lines: stock against stock and, with a rival, stock against flagged; for each pair of levels; over the files'
/// arrays, over the seeded ones, and by number type.
fn means(rows: &[Row], clock: Clock) -> Vec<String> {
    let mut lines = Vec::new();
    let has_rival = rows.iter().any(|row| row.of("flagged-pco-8").is_some());
    let builds = [("stock/stock", "pco"), ("stock/flagged", "flagged-pco")];
    for (build, rival) in &builds[..1 + usize::from(has_rival)] {
        for (ours, theirs, level) in PAIRS {
            let head = format!("GEOMEAN build={build} level={level} clock={}", clock.name());
            let codecs = (
                format!("paginum-{ours}"),
                format!("pco-{theirs}"),
                format!("{rival}-{theirs}"),
            );
            let all: Vec<&Row> = rows
                .iter()
                .filter(|row| row.origin == Origin::Data)
                .collect();
            let seeded: Vec<&Row> = rows
                .iter()
                .filter(|row| row.origin == Origin::Seeded)
                .collect();
            lines.extend(mean(&head, &all, &codecs));
            for number_type in NumberType::ALL {
                let of_type: Vec<&Row> = all
                    .iter()
                    .copied()
                    .filter(|row| row.number_type == number_type)
                    .collect();
                lines.extend(mean(
                    &format!("{head} type={number_type}"),
                    &of_type,
                    &codecs,
                ));
            }
            lines.extend(mean(&format!("{head} set=seeded"), &seeded, &codecs));
        }
    }
    lines
}

/// Geometric means of our figures against a rival's; above 1 is faster, and for size larger.
fn mean(
    head: &str,
    rows: &[&Row],
    (ours, stock, rival): &(String, String, String),
) -> Option<String> {
    let pairs: Vec<(&Figures, &Figures, &Figures)> = rows
        .iter()
        .filter_map(|row| Some((row.of(ours)?, row.of(stock)?, row.of(rival)?)))
        .collect();
    if pairs.is_empty() {
        return None;
    }
    let mean = |ratio: &dyn Fn(&(&Figures, &Figures, &Figures)) -> f64| {
        (pairs.iter().map(|pair| ratio(pair).ln()).sum::<f64>() / pairs.len() as f64).exp()
    };
    let decode = mean(&|(ours, _, rival)| rival.decode / ours.decode);
    let encode = mean(&|(ours, _, rival)| rival.encode / ours.encode);
    let size = mean(&|(ours, stock, _)| ours.size as f64 / stock.size as f64);
    let mut line = format!("{head} arrays={} decode_vs_pco={decode:.3}", pairs.len());
    if pairs.iter().all(|(ours, _, _)| ours.decode_same.is_some()) {
        let same = mean(&|(ours, _, rival)| rival.decode / ours.decode_same.expect("all have it"));
        line += &format!(" decode_same_vs_pco={same:.3}");
    }
    line += &format!(" encode_vs_pco={encode:.3} size_vs_pco={size:.4}");
    // A mean hides what is bad on one array.
    let sizes = rows.iter().filter_map(|row| {
        let ratio = row.of(ours)?.size as f64 / row.of(stock)?.size as f64;
        Some((ratio, &row.name))
    });
    if let Some((ratio, name)) = sizes.max_by(|a, b| a.0.total_cmp(&b.0)) {
        line += &format!(" worst_size={ratio:.4} worst_array={name}");
    }
    Some(line)
}
