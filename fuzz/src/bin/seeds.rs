//! Writes a seed corpus: chunks and files of every type, mode, delta encoding and version, so that the fuzzer starts
//! from valid metadata; and `.pv` files, ours and those of other programs below `../shared/corpus/pv`, if that is there.
//! Run by `run.sh`; the corpus is not committed.

#[allow(dead_code, reason = "the target itself is not called here")]
#[path = "../../../tests/fuzzed/pages.rs"]
mod pages;
#[allow(dead_code, reason = "the targets themselves are not called here")]
#[path = "../../../tests/fuzzed/pv.rs"]
mod pv;
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

/// `.gnz` files of a few arrays, in either order.
fn gnz_seeds() {
    for (i, array) in [
        r#""x": {"dtype": "<f4", "offset": 512, "order": "C", "shape": [5, 3]}"#,
        r#""x": {"dtype": ">u2", "offset": 512, "order": "F", "shape": [5, 3, 2]}"#,
        r#""a": {"dtype": "|S3", "offset": 512, "shape": []}, "b": {"dtype": "<M8[ns]", "offset": 520, "shape": [0]}"#,
        "",
    ]
    .iter()
    .enumerate()
    {
        let json = format!(
            r#"{{"arrays": {{{array}}}, "metadata": {{"a": [1.5, NaN, null], "\u00e9": "x"}}, "version": 1}}"#
        );
        let mut file = [&b"GNZ1"[..], &(json.len() as u32).to_le_bytes(), json.as_bytes()].concat();
        file.resize(600, 7);
        write("open_gnz", &i.to_string(), &file);
    }
}

/// Pages of the filters `fast` and `dense` of a few kinds of numbers, and of each way in which they store them.
fn page_seeds(target: &str, filter: &dyn paginum::filter::Filter) -> paginum::Result<()> {
    use paginum::filter::EncodeContext;

    for (no, dtype, size) in [
        (0, "|u1", 1),
        (2, "<u2", 2),
        (6, "<i4", 4),
        (7, "<f4", 4),
        (10, "<f8", 8),
    ] {
        let spec = paginum::ArraySpec::new(dtype.parse()?, [1200])?;
        let makes: [fn(u64) -> u64; 8] = [
            |i| i * 7 % 90,
            |i| i * i % 1009 * 3,
            |i| i / 40 % 5,
            |i| u64::from(i.is_multiple_of(50)) * i,
            |i| ((i % 3) << 13) | (i % 30),
            |i| i % 331 * (i % 331) % 1009 * 9,
            |i| i % 70 * (i % 70) * 11 + i / 70 * 90,
            |i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        ];
        for (kind, make) in makes.into_iter().enumerate() {
            let number = |i| match dtype {
                "<f4" => (make(i) as f32 / 10.0).to_le_bytes().to_vec(),
                "<f8" => (make(i) as f64 / 10.0).to_le_bytes().to_vec(),
                _ => make(i).to_le_bytes()[..size].to_vec(),
            };
            let rows: Vec<u8> = (0..1200).flat_map(number).collect();
            let mut payload = Vec::new();
            let mut encoder = filter.encoder(&spec, &EncodeContext::default())?;
            encoder.push_rows(&rows, &mut payload)?;
            encoder.finish(&mut payload)?;
            if let Some(input) = pages::input_of(no, 1200, &payload) {
                write(target, &format!("{no}-{kind}"), &input);
            }
        }
    }
    Ok(())
}

/// The `.fits` files that the tests have: images in tiles, and the table that each is.
fn fits_seeds() -> std::io::Result<()> {
    for file in std::fs::read_dir("../tests/fits/fixtures")? {
        let path = file?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "fits")
        {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            write("open_fits", &name, &std::fs::read(&path)?);
        }
    }
    Ok(())
}

/// The longest that the fuzzer is given.
const MAX_PV_BYTES: usize = 8 << 10;

/// A file as it is, and with its frames decoded.
fn pv_seed(name: &str, bytes: &[u8]) {
    let decoded = decoded_pieces(bytes);
    for fuzzed in ["open_pv", "read_pv", "append_pv"] {
        if bytes.len() <= MAX_PV_BYTES {
            write(fuzzed, name, bytes);
        }
        if let Some(decoded) = decoded
            .as_ref()
            .filter(|decoded| decoded.len() <= MAX_PV_BYTES)
        {
            write(fuzzed, &format!("decoded-{name}"), decoded);
        }
    }
}

/// A file in the form that [`pv::file`] assembles; nothing where its index leads nowhere.
fn decoded_pieces(bytes: &[u8]) -> Option<Vec<u8>> {
    let word =
        |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?) as usize);
    let n_ranges = word(bytes.len().checked_sub(8)?)?;
    let index = bytes
        .len()
        .checked_sub(n_ranges.checked_mul(16)?.checked_add(8)?)?;
    let (mut pieces, mut start) = (pv::ASSEMBLE.to_vec(), 0);
    for i in 0..n_ranges {
        let (end, size) = (word(index + 16 * i)?, word(index + 16 * i + 8)?);
        let stored = bytes.get(start..end)?;
        // Skippable frames decode to nothing: payloads and pictures in them stay as they are.
        let is_zstd = stored.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]);
        let decoded = zstd::bulk::decompress(stored, MAX_PV_BYTES).ok();
        match decoded.filter(|decoded| is_zstd && decoded.len() == size) {
            Some(decoded) => {
                pieces.push(pv::DECODED);
                pieces.extend(u16::try_from(size).ok()?.to_le_bytes());
                pieces.extend(decoded);
            }
            None => {
                pieces.push(pv::STORED);
                pieces.extend(u16::try_from(stored.len()).ok()?.to_le_bytes());
                pieces.extend(u32::try_from(size).ok()?.to_le_bytes());
                pieces.extend(stored);
            }
        }
        start = end;
    }
    Some(pieces)
}

/// Files that other programs wrote, and damaged ones.
fn corpus_seeds() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/pv");
    if !corpus.is_dir() {
        println!("no files of other programs: {} is absent", corpus.display());
        return Ok(());
    }
    for folder in fs::read_dir(corpus)? {
        let folder = folder?.path();
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            let is_pv = file.extension().is_some_and(|extension| extension == "pv");
            if let (true, Some(folder), Some(name)) = (is_pv, folder.file_name(), file.file_stem())
            {
                let name = format!("{}-{}", folder.to_string_lossy(), name.to_string_lossy());
                pv_seed(&name, &fs::read(&file)?);
            }
        }
    }
    Ok(())
}

/// Files and payloads of `.pzp`, with each setting of the format.
fn pzp_seeds() -> paginum::Result<()> {
    use paginum::container::pzp::{PzpFormat, PzpOptions};
    use paginum::container::{Format as _, NewArray};
    use paginum::{
        Array,
        storage::{MemoryStore, Store as _},
    };
    for bits in 0..32_u32 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        let options = PzpOptions::default()
            .with_left_delta(on(0))
            .with_palette(on(1))
            .with_inter_delta(on(2))
            .with_lz4(on(3))
            .with_groups(on(4));
        let array = Array::from_vec((0..2 * 5 * 4 * 3).collect::<Vec<u8>>(), [2, 5, 4, 3])?;
        let store = MemoryStore::new();
        let mut writer = PzpFormat::new(options).create(&store)?;
        let mut sink = writer.begin(NewArray::new("a", array.spec()))?;
        sink.push_rows(array.bytes())?;
        sink.finish()?;
        writer.commit()?;
        let bytes = store.open()?;
        let mut file = vec![0; bytes.len() as usize];
        bytes.read_exact_at(&mut file, 0)?;
        write("open_pzp", &format!("setting-{bits}"), &file);
        let word = |at: usize| {
            u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize
        };
        let frame = &file[word(48) + 4..word(48) + word(52)];
        if let (false, Ok(payload)) = (on(3), zstd::bulk::decompress(frame, 1 << 20)) {
            let input = [&b"pzpf"[..], &payload].concat();
            write("open_pzp", &format!("payload-{bits}"), &input);
        }
    }
    Ok(())
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
                pv_seed(&format!("{target}-{filter}-{name}"), &bytes);
            }
        }
    }
    Ok(())
}

/// Files that gzip compressed, one member or several, and answers of a server.
fn seeds_of_stores() {
    use std::io::Write;
    let member = |bytes: &[u8], level: u32| {
        let mut encoder =
            flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    };
    let text: Vec<u8> = (0..2_000_u32).map(|i| (i * i % 61) as u8).collect();
    write("gunzip", "one", &member(&text, 6));
    write("gunzip", "stored", &member(&text[..100], 0));
    let several = [member(b"one", 9), member(b"", 1), member(&text, 1)].concat();
    write("gunzip", "several", &several);
    write("gunzip", "padded", &[several, vec![0; 100]].concat());
    for (name, head) in [
        (
            "part",
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99/100\r\nETag: \"a\"\r\nContent-Length: 100",
        ),
        ("whole", "HTTP/1.1 200 OK\r\nContent-Length: 100"),
        ("chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"),
        (
            "moved",
            "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0",
        ),
        (
            "empty",
            "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */0",
        ),
        ("busy", "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0"),
    ] {
        let answer = [
            head.as_bytes(),
            b"\r\nConnection: close\r\n\r\n",
            &text[..100],
        ]
        .concat();
        write("http_response", name, &answer);
    }
}

fn main() {
    gnz_seeds();
    page_seeds("read_fast", &paginum::filter::Fast::default()).expect("arrays are stored");
    page_seeds("read_dense", &paginum::filter::Dense::default()).expect("arrays are stored");
    fits_seeds().expect("files of the tests can be read");
    seeds_of_stores();
    pzp_seeds().expect("seeds of .pzp files");
    pv_seeds().expect("seeds of .pv files");
    corpus_seeds().expect("files of other programs can be read");
    for (type_no, number_type) in NumberType::ALL.into_iter().enumerate() {
        with_number_type!(number_type, |T| seeds_of::<T>(type_no as u8));
    }
}
