//! The engine without files: a chunk of numbers in pages, any rows of a page, and one array in one piece.
//!
//! A container of one's own stores four kinds of bytes where it likes (the header of the file, the metadata of a chunk, its
//! pages, the row indexes of pages), and remembers what they do not say: the type of the numbers, how many each page holds,
//! and where each of these begins.

use paginum::wrapped::{
    ChunkConfig, FileCompressor, FileDecompressor, Page, PagingSpec, Result, RowIndex, standalone,
};

/// Numbers of a page.
const PAGE_N: usize = 20_000;

/// A chunk as a container may hold it.
struct Stored {
    header: Vec<u8>,
    meta: Vec<u8>,
    pages: Vec<StoredPage>,
}

struct StoredPage {
    bytes: Vec<u8>,
    /// How many numbers it holds: the bytes do not say it.
    n: usize,
    /// Where decoding may begin within the page.
    index: Vec<u8>,
}

fn store(numbers: &[f64]) -> Result<Stored> {
    let file = FileCompressor::new()?;
    let mut header = Vec::new();
    file.write_header(&mut header);

    // A chunk chooses mode, delta encoding and bins once, for all of its pages.
    let config = ChunkConfig::default().with_paging_spec(PagingSpec::EqualPagesUpTo(PAGE_N));
    let chunk = file.chunk_compressor(numbers, &config)?;
    let mut meta = Vec::new();
    chunk.write_meta(&mut meta);

    // Pages can be written in any order, by any thread; a writer keeps its memory from one to the next.
    let mut writer = chunk.writer();
    let page = |(page_no, n): (usize, &usize)| {
        let (mut bytes, mut index) = (Vec::new(), Vec::new());
        let row_index = writer.write_indexed(page_no, &mut bytes)?;
        row_index.write(&mut index);
        Ok(StoredPage {
            bytes,
            n: *n,
            index,
        })
    };
    let pages = chunk.n_per_page().iter().enumerate().map(page);
    Ok(Stored {
        header,
        meta,
        pages: pages.collect::<Result<_>>()?,
    })
}

fn read(stored: &Stored) -> Result<()> {
    let (file, _) = FileDecompressor::new(&stored.header)?;
    let (chunk, _) = file.chunk_decompressor::<f64>(&stored.meta)?;

    // A page needs the metadata, and no other page.
    let third = &stored.pages[2];
    let page = Page::new(&third.bytes, third.n);
    let mut numbers = vec![0.0; page.n];
    let mut reader = chunk.reader();
    let progress = reader.read_into(page, &mut numbers)?;
    assert_eq!(progress.n_bytes, Some(third.bytes.len()));
    assert_eq!(numbers[0], measured(2 * PAGE_N));

    // Some rows of it need the batches from the checkpoint before them on.
    let (index, _) = RowIndex::read(&third.index)?;
    let mut rows = [0.0; 3];
    reader.read_rows_into(page, &index, 15_000..15_003, &mut rows)?;
    assert_eq!(rows, [0, 1, 2].map(|i| measured(2 * PAGE_N + 15_000 + i)));
    println!(
        "page 2 starts with {:?}, its row 15,000 is {:?}",
        numbers[0], rows[0]
    );
    Ok(())
}

/// A measurement of two decimals.
fn measured(i: usize) -> f64 {
    ((i * i / 1000) % 5000) as f64 / 100.0
}

pub(crate) fn run() -> Result<()> {
    let numbers: Vec<f64> = (0..5 * PAGE_N).map(measured).collect();
    let stored = store(&numbers)?;
    let of_pages: usize = stored.pages.iter().map(|page| page.bytes.len()).sum();
    let of_indexes: usize = stored.pages.iter().map(|page| page.index.len()).sum();
    println!(
        "{} bytes of numbers: {} of header and metadata, {of_pages} of {} pages, {of_indexes} of their row indexes",
        size_of_val(numbers.as_slice()),
        stored.header.len() + stored.meta.len(),
        stored.pages.len(),
    );
    read(&stored)?;

    // Who has no container writes one piece, which every pco reads.
    let file = standalone::compress(&numbers, &ChunkConfig::default())?;
    assert_eq!(standalone::decompress::<f64>(&file)?, numbers);
    println!("in one piece: {} bytes", file.len());
    Ok(())
}

#[allow(dead_code, reason = "a test calls `run` itself")]
fn main() -> Result<()> {
    run()
}
