//! Writes a seed corpus: chunks and files of every type, mode, delta encoding and version, so that the fuzzer starts
//! from valid metadata. Run by `run.sh`; the corpus is not committed.

#[path = "../../../wrapped/tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use paginum_wrapped::{NumberType, with_number_type};
use support::Tested;
use support::numbers::{Kind, numbers};
use support::wire::plans::{VERSIONS, plans};
use support::wire::standalone::{Front, file};

const N: usize = 300;

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder).expect("a folder for the corpus");
    fs::write(folder.join(format!("seed-{name}")), bytes).expect("a seed");
}

fn seeds_of<T: Tested>(type_no: u8) {
    for (i, mut plan) in plans::<T>(N).into_iter().enumerate().step_by(3) {
        plan.n_per_page = vec![N];
        plan.max_bins = plan.max_bins.min(20);
        let nums = numbers::<T>(Kind::ALL[i % Kind::ALL.len()], N, i as u64);
        let chunk = plan.write(&nums);
        let name = format!("{}-{i}", T::NUMBER_TYPE);
        let version = VERSIONS
            .iter()
            .position(|version| *version == plan.version)
            .expect("one of them") as u8;
        let mut hostile = vec![type_no, version];
        hostile.extend((N as u16).to_le_bytes());
        hostile.extend(&chunk.meta);
        hostile.extend(&chunk.pages[0]);
        write("decode_wrapped", &name, &hostile);
        write("against_pco", &name, &[&[1][..], &hostile].concat());
        write("rows", &name, &[&[20, 0, 100, 0, 0][..], &hostile].concat());
        let front = Front {
            version: 2,
            uniform_type: 0,
            n_hint: N as u64,
            n_hint_bits: 10,
        };
        let bytes = file(front, plan.version, T::NUMBER_TYPE as u8, &[chunk]);
        write(
            "decode_standalone",
            &name,
            &[&[type_no][..], &bytes].concat(),
        );
        // Level, mode, delta, paging: each mode and delta meets many arrays.
        let choices = [
            type_no,
            (i % 14) as u8,
            (6 + i % 2) as u8,
            (i % 6) as u8,
            1,
            2,
            0,
            0,
        ];
        let raw = [&choices[..], bytemuck::cast_slice(&nums)].concat();
        write("round_trip", &name, &raw);
        write(
            "against_pco",
            &format!("raw-{name}"),
            &[&[0][..], &raw].concat(),
        );
    }
}

/// Files for every target, some of them changed in place.
fn pv_seeds() -> paginum::Result<()> {
    use paginum::container::pv::{Edit, EditOptions, FilterChoice, Target, WriteOptions, Writer};
    use paginum::{Array, storage::MemoryStore};
    for target in Target::ALL {
        for filter in ["none", "shuffle", "delta", "numeric"] {
            let store = MemoryStore::new();
            let options = WriteOptions::default()
                .with_target(target)
                .with_filter(FilterChoice::named(filter));
            let mut writer = Writer::create(&store, options)?;
            let array = Array::from_numbers(&numbers::<f64>(Kind::ALL[1], 40, 1))?;
            // Filters of ours are for one target alone.
            if writer.write("a", &array).is_err() {
                continue;
            }
            writer.write("b", &Array::from_numbers(&[1_i32, 2, 3])?)?;
            writer.commit()?;
            for (round, name) in ["whole", "edited"].into_iter().enumerate() {
                if round > 0 {
                    let mut edit = Edit::new();
                    edit.remove("a");
                    edit.add("c", array.clone());
                    edit.apply(&store, &EditOptions::default())?;
                }
                let bytes = store.bytes().expect("a file was written");
                for fuzzed in ["open_pv", "read_pv", "append_pv"] {
                    write(fuzzed, &format!("{target}-{filter}-{name}"), &bytes);
                }
            }
        }
    }
    Ok(())
}

fn main() {
    pv_seeds().expect("seeds of .pv files");
    for (type_no, number_type) in NumberType::ALL.into_iter().enumerate() {
        with_number_type!(number_type, |T| seeds_of::<T>(type_no as u8));
    }
}
