//! What the fuzz targets do with the fuzzer's bytes: one function a target, each panics when something does not hold.
//!
//! `fuzz/src/lib.rs` compiles the same file for the fuzzer; `fuzz_replay.rs` replays the committed findings without one.

mod input;
pub mod oracle;
mod pco_config;

use arbitrary::Unstructured;
use paginum_wrapped::{
    ChunkConfig, Error, FileCompressor, FileDecompressor, Isa, Number, Page, RowIndex, standalone,
    with_number_type,
};

use input::HostileChunk;

/// What a standalone file may decode to.
const MAX_ARRAY_BYTES: u64 = 1 << 22;

/// Decodes hostile metadata and a hostile page at every tier: all agree, whole, in part and in pieces.
pub fn decode_wrapped(data: &[u8]) {
    let Ok(chunk) = HostileChunk::new(&mut Unstructured::new(data)) else {
        return;
    };
    with_number_type!(chunk.number_type, |T| {
        let whole = decode_page::<T>(Isa::SCALAR, &chunk);
        for isa in Isa::available() {
            same(&decode_page::<T>(isa, &chunk), &whole, isa);
            decode_twice(isa, &chunk, &whole);
            if let Ok(nums) = &whole {
                decode_in_pieces(isa, &chunk, nums);
            }
        }
    });
}

/// Decodes a hostile standalone file within limits.
pub fn decode_standalone(data: &[u8]) {
    let u = &mut Unstructured::new(data);
    let Ok(number_type) = input::number_type(u) else {
        return;
    };
    let src = input::rest(u);
    with_number_type!(number_type, |T| {
        let whole = standalone::decompress_within::<T>(src, MAX_ARRAY_BYTES);
        if let Ok(nums) = whole {
            assert!(size_of_val(&nums[..]) as u64 <= MAX_ARRAY_BYTES);
            let mut dst = vec![T::default(); nums.len() / 2];
            let progress =
                standalone::decompress_into(src, &mut dst).expect("a part of what could be read");
            assert_eq!(progress.n_processed, dst.len());
            same_bits(&dst, &nums[..dst.len()], "into a shorter destination");
        }
    });
}

/// Compresses any numbers in any way, the same at every tier, and reads them back.
pub fn round_trip(data: &[u8]) {
    let u = &mut Unstructured::new(data);
    let Ok((number_type, config, bytes)) = input::numbers_and_config(u) else {
        return;
    };
    with_number_type!(number_type, |T| {
        let nums = input::as_numbers::<T>(bytes);
        round_trip_of(&nums, &config(nums.len()));
    });
}

fn round_trip_of<T: Number>(nums: &[T], config: &ChunkConfig) {
    let mut first = None;
    for isa in Isa::available() {
        let file = FileCompressor::new().expect("a tier").with_isa(isa);
        let chunk = match file.chunk_compressor(nums, config) {
            Ok(chunk) => chunk,
            Err(Error::InvalidArgument(_)) => return,
            Err(e) => panic!("{e}"),
        };
        let (mut header, mut meta) = (Vec::new(), Vec::new());
        file.write_header(&mut header);
        chunk.write_meta(&mut meta);
        let (file, _) = FileDecompressor::new(&header).expect("own header");
        let (decompressor, _) = file
            .with_isa(isa)
            .chunk_decompressor::<T>(&meta)
            .expect("own metadata");
        let mut start = 0;
        let mut bytes = meta.clone();
        for (page_no, &n) in chunk.n_per_page().iter().enumerate() {
            let mut page = Vec::new();
            chunk.write_page(page_no, &mut page).expect("in memory");
            let mut dst = vec![T::default(); n];
            let progress = decompressor
                .read_page_into(Page::new(&page, n), &mut dst)
                .expect("own page");
            assert_eq!(progress.n_bytes, Some(page.len()));
            same_bits(&dst, &nums[start..start + n], "round trip");
            start += n;
            bytes.extend(page);
        }
        assert_eq!(start, nums.len());
        let expected = first.get_or_insert_with(|| bytes.clone());
        assert!(*expected == bytes, "{isa:?} writes other bytes than scalar");
    }
}

/// The engine and pco 1.1.0: the same verdict on hostile bytes, and each reads what the other writes.
pub fn against_pco(data: &[u8]) {
    let u = &mut Unstructured::new(data);
    match u.arbitrary::<bool>() {
        Ok(true) => verdicts_agree(u),
        Ok(false) => each_reads_the_other(u),
        Err(_) => {}
    }
}

/// Refusals in which the engine is stricter, each explained in `docs/FORMAT.md`.
const STRICTER: [&str; 1] = ["a lookback of 0 in"];

fn verdicts_agree(u: &mut Unstructured<'_>) {
    let Ok(chunk) = HostileChunk::new(u) else {
        return;
    };
    with_number_type!(chunk.number_type, |T| {
        let ours = decode_page::<T>(Isa::best().expect("a tier"), &chunk);
        match (ours, oracle::decode_page::<T>(&chunk)) {
            (Ok(ours), Ok(theirs)) => same_bits(&ours, &theirs, "hostile page"),
            (Err(_), Err(_)) => {}
            // Built with overflow checks, pco panics where it would wrap: no verdict.
            (Ok(_), Err(e)) => assert_eq!(e, oracle::PANICKED, "read here, refused by pco"),
            (Err(Error::Corrupt { what, .. }), Ok(_))
                if STRICTER.iter().any(|word| what.contains(word)) => {}
            (Err(e), Ok(_)) => panic!("refused here, read by pco: {e}"),
        }
    });
}

fn each_reads_the_other(u: &mut Unstructured<'_>) {
    let Ok((number_type, config, bytes)) = input::numbers_and_config(u) else {
        return;
    };
    with_number_type!(number_type, |T| {
        let nums = input::as_numbers::<T>(bytes);
        let config = config(nums.len());
        let ours = match standalone::compress(&nums, &config) {
            Ok(file) => file,
            Err(Error::InvalidArgument(_)) => return,
            Err(e) => panic!("{e}"),
        };
        let read =
            oracle::decompress::<T>(&ours).unwrap_or_else(|e| panic!("pco on our file: {e}"));
        same_bits(&read, &nums, "our file, read by pco");
        if let Some(theirs) = oracle::compress(&nums, &config) {
            let read = standalone::decompress::<T>(&theirs)
                .unwrap_or_else(|e| panic!("a file of pco's: {e}"));
            same_bits(&read, &nums, "pco's file");
        }
    });
}

/// Rows of a hostile page through its own index, and through a hostile one.
pub fn rows(data: &[u8]) {
    let u = &mut Unstructured::new(data);
    let (Ok(start), Ok(len), Ok(index_bytes)) = (
        u.arbitrary::<u16>(),
        u.arbitrary::<u16>(),
        u.arbitrary::<u8>(),
    ) else {
        return;
    };
    let Ok(index) = u.bytes(usize::from(index_bytes).min(u.len() / 2)) else {
        return;
    };
    let Ok(chunk) = HostileChunk::new(u) else {
        return;
    };
    let start = usize::from(start).min(chunk.n);
    let range = start..(start + usize::from(len)).min(chunk.n);
    with_number_type!(chunk.number_type, |T| {
        let mut first: Option<Vec<u8>> = None;
        for isa in Isa::available() {
            let (file, _) = FileDecompressor::new(&chunk.header).expect("a known version");
            let Ok((decompressor, meta_bytes)) =
                file.with_isa(isa).chunk_decompressor::<T>(chunk.body)
            else {
                return;
            };
            let page = Page::new(&chunk.body[meta_bytes..], chunk.n);
            let mut dst = vec![T::default(); range.len()];
            if let Ok((hostile, _)) = RowIndex::read(index) {
                // Nonsense or an error; never a panic.
                let _ = decompressor.read_rows_into(page, &hostile, range.clone(), &mut dst);
            }
            let index = decompressor.index_page(page);
            let whole = decode_page::<T>(isa, &chunk);
            assert_eq!(index.is_ok(), whole.is_ok(), "{index:?}");
            let (Ok(index), Ok(whole)) = (index, whole) else {
                continue;
            };
            decompressor
                .read_rows_into(page, &index, range.clone(), &mut dst)
                .unwrap_or_else(|e| panic!("rows of a page that could be read: {e}"));
            same_bits(&dst, &whole[range.clone()], "rows");
            let mut bytes = Vec::new();
            index.write(&mut bytes);
            assert_eq!(
                RowIndex::read(&bytes).expect("own index"),
                (index, bytes.len())
            );
            assert_eq!(
                *first.get_or_insert_with(|| bytes.clone()),
                bytes,
                "{isa:?}: another index than scalar's"
            );
        }
    });
}

fn decode_page<T: Number>(isa: Isa, chunk: &HostileChunk<'_>) -> Result<Vec<T>, Error> {
    let (file, _) = FileDecompressor::new(&chunk.header)?;
    let (decompressor, meta_bytes) = file.with_isa(isa).chunk_decompressor::<T>(chunk.body)?;
    let mut dst = vec![T::default(); chunk.n];
    let page = Page::new(&chunk.body[meta_bytes..], chunk.n);
    let progress = decompressor.read_page_into(page, &mut dst)?;
    assert!(progress.finished && progress.n_processed == chunk.n);
    let n_bytes = progress.n_bytes.expect("all of the page was read");
    assert!(meta_bytes + n_bytes <= chunk.body.len());
    Ok(dst)
}

/// Reads a page as two pages, which are decoded at once where they are of symbols only.
fn decode_twice<T: Number>(isa: Isa, chunk: &HostileChunk<'_>, whole: &Result<Vec<T>, Error>) {
    let Ok((file, _)) = FileDecompressor::new(&chunk.header) else {
        return;
    };
    let Ok((decompressor, meta_bytes)) = file.with_isa(isa).chunk_decompressor::<T>(chunk.body)
    else {
        return;
    };
    let page = Page::new(&chunk.body[meta_bytes..], chunk.n);
    let mut dst = vec![T::default(); 2 * chunk.n];
    let read = decompressor.read_pages_into(&[page, page], &mut dst);
    match (read, whole) {
        (Ok(()), Ok(nums)) => {
            same_bits(&dst[..chunk.n], nums, "the first of two");
            same_bits(&dst[chunk.n..], nums, "the second of two");
        }
        (Err(_), Err(_)) => {}
        (read, _) => panic!(
            "{isa:?}: two pages give {read:?}, one {:?}",
            whole.as_ref().err()
        ),
    }
}

/// Reads a page that could be read in pieces whose lengths its numbers decide.
fn decode_in_pieces<T: Number>(isa: Isa, chunk: &HostileChunk<'_>, nums: &[T]) {
    let (file, _) = FileDecompressor::new(&chunk.header).expect("read before");
    let (decompressor, meta_bytes) = file
        .with_isa(isa)
        .chunk_decompressor::<T>(chunk.body)
        .expect("read before");
    let page = Page::new(&chunk.body[meta_bytes..], chunk.n);
    let half = chunk.n / 2 + 1;
    let mut dst = vec![T::default(); half];
    let progress = decompressor
        .read_page_into(page, &mut dst)
        .expect("a part of what could be read");
    same_bits(
        &dst[..progress.n_processed],
        &nums[..half.min(chunk.n)],
        "a part",
    );
    let mut reader = decompressor.page_decompressor(page).expect("read before");
    let mut read = Vec::new();
    while read.len() < chunk.n {
        let piece = 1 + (read.len() * 7 + chunk.n) % 300;
        let mut dst = vec![T::default(); piece];
        let progress = reader.read(&mut dst).expect("read before");
        assert!(progress.n_processed > 0);
        read.extend(&dst[..progress.n_processed]);
    }
    same_bits(&read, nums, "in pieces");
}

fn same<T: Number>(found: &Result<Vec<T>, Error>, expected: &Result<Vec<T>, Error>, isa: Isa) {
    match (found, expected) {
        (Ok(found), Ok(expected)) => same_bits(found, expected, isa.name()),
        (Err(_), Err(_)) => {}
        _ => panic!(
            "{isa:?} disagrees with scalar: {:?}, {:?}",
            found.as_ref().err(),
            expected.as_ref().err()
        ),
    }
}

fn same_bits<T: Number>(found: &[T], expected: &[T], what: &str) {
    let (found, expected): (&[u8], &[u8]) =
        (bytemuck::cast_slice(found), bytemuck::cast_slice(expected));
    assert!(found == expected, "{what}: numbers differ");
}
