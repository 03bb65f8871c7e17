//! Row indexes that the encoder makes while it writes a page.

use paginum_wrapped::{
    ChunkConfig, FileCompressor, FileDecompressor, Isa, NumberType, Page, with_number_type,
};

use crate::rows::rows_are_right;
use crate::support::Tested;
use crate::support::numbers::{Kind, numbers};
use crate::support::specs::{delta_specs, mode_specs};

fn encoder_and_scan_agree<T: Tested>(n: usize) {
    for delta_spec in delta_specs(T::NUMBER_TYPE) {
        for mode_spec in mode_specs(T::NUMBER_TYPE) {
            let what = (T::NUMBER_TYPE, mode_spec, delta_spec);
            let nums = numbers::<T>(Kind::Walk, n, 9);
            let config = ChunkConfig::default()
                .with_delta_spec(delta_spec)
                .with_mode_spec(mode_spec);
            let mut indices = Vec::new();
            for isa in Isa::available() {
                let file = FileCompressor::new().expect("a tier").with_isa(isa);
                let chunk = file
                    .chunk_compressor(&nums, &config)
                    .unwrap_or_else(|e| panic!("{what:?}: {e}"));
                let (mut header, mut meta, mut page) = (Vec::new(), Vec::new(), Vec::new());
                file.write_header(&mut header);
                chunk.write_meta(&mut meta);
                let index = chunk
                    .write_page_indexed(0, &mut page)
                    .unwrap_or_else(|e| panic!("{what:?}: {e}"));
                let mut plain = Vec::new();
                chunk.write_page(0, &mut plain).expect("in memory");
                assert_eq!(
                    plain, page,
                    "{what:?} {isa:?}: an indexed page has other bytes"
                );
                assert!(
                    index.size_bytes() * 1000 <= page.len() * 15 + 1000 * EMPTY_INDEX_BYTES,
                    "{what:?}: an index of {} bytes for a page of {}",
                    index.size_bytes(),
                    page.len()
                );
                let (file, _) = FileDecompressor::new(&header).expect("our header");
                let (decompressor, _) = file
                    .with_isa(isa)
                    .chunk_decompressor::<T>(&meta)
                    .expect("our metadata");
                rows_are_right(&decompressor, &page, &nums, &index, &(what, isa));
                let scanned = decompressor
                    .index_page(Page::new(&page, n))
                    .expect("our page");
                indices.extend([index, scanned].map(|index| {
                    let mut bytes = Vec::new();
                    index.write(&mut bytes);
                    bytes
                }));
            }
            assert!(
                indices.windows(2).all(|pair| pair[0] == pair[1]),
                "{what:?}: indices differ"
            );
        }
    }
}

/// What an index without checkpoints may take.
const EMPTY_INDEX_BYTES: usize = 16;

#[test]
fn an_index_is_the_same_from_the_encoder_and_from_a_scan() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| encoder_and_scan_agree::<T>(10_000));
    }
}
