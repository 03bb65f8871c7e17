//! Filter 0: the bytes as they are, in zstd frames.

use std::io::Write;
use std::ops::Range;

use super::frames::{FrameReader, FrameWriter, ZstdLevel, filter_of_zstd};
use super::payload::{RowCount, check_request};
use super::{ArrayEncoder, ArrayReader, EncodeContext, FilterId, Payload};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;
use crate::limits::Limits;

filter_of_zstd! {
    /// The filter without a filter.
    NoFilter: FilterId::NONE, "none", price::NONE,
    accepts: accepts, encoder: encoder, open: open
}

fn accepts(_spec: &ArraySpec) -> bool {
    true
}

fn encoder(
    level: ZstdLevel,
    spec: &ArraySpec,
    context: &EncodeContext,
) -> Result<Box<dyn ArrayEncoder>> {
    Ok(Box::new(Encoder {
        rows: RowCount::new(spec),
        frames: FrameWriter::new(level.0, context.frames, spec.bytes())?,
    }))
}

fn open(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Box<dyn ArrayReader>> {
    limits.check_array_bytes(spec.bytes())?;
    Ok(Box::new(Reader {
        frames: FrameReader::new(payload, spec.bytes(), limits),
        spec: spec.clone(),
    }))
}

struct Encoder {
    rows: RowCount,
    frames: FrameWriter,
}

impl ArrayEncoder for Encoder {
    fn push_rows(&mut self, rows: &[u8], sink: &mut dyn Write) -> Result<()> {
        self.rows.add(rows)?;
        self.frames.push(rows, sink)
    }

    fn finish(self: Box<Self>, sink: &mut dyn Write) -> Result<()> {
        self.rows.finish()?;
        self.frames.finish(sink)
    }
}

#[derive(Debug)]
struct Reader {
    spec: ArraySpec,
    frames: FrameReader,
}

impl ArrayReader for Reader {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let row_bytes = self.spec.row_bytes();
        match self.spec.check_rows(&rows) {
            Ok(()) => self
                .frames
                .ranges(rows.start * row_bytes..rows.end * row_bytes),
            Err(_) => Vec::new(),
        }
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        check_request(self, &rows, out)?;
        self.frames.prefetch(|| self.ranges(rows.clone()))?;
        self.frames.read(rows.start * self.spec.row_bytes(), out)
    }

    fn has_checksums(&self) -> Result<bool> {
        self.frames.have_checksums()
    }

    fn verify(&self) -> Result<()> {
        self.frames.verify()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::laws::{self, spec, walk_bytes};
    use crate::filter::{Filter, FrameLayout};

    fn small_frames() -> FrameLayout {
        FrameLayout {
            frame_bytes: Some(1000),
            ..FrameLayout::SEEKABLE
        }
    }

    #[test]
    fn every_layout_round_trips() {
        for layout in [
            FrameLayout::SINGLE,
            FrameLayout::SEEKABLE,
            FrameLayout::PYVISTA_0_7,
            small_frames(),
            FrameLayout {
                has_seek_table: false,
                ..small_frames()
            },
        ] {
            let context = EncodeContext::default().with_frames(layout);
            for (dtype, shape) in [
                ("<f8", &[5000][..]),
                ("<f4", &[333, 3]),
                ("|u1", &[0]),
                ("<f8", &[3, 0]),
                ("<U7", &[60]),
                (">i2", &[]),
                ("<f8", &[700_000]),
            ] {
                let spec = spec(dtype, shape);
                laws::check_round_trip(&NoFilter::default(), &spec, &context, &walk_bytes(&spec));
            }
        }
    }

    #[test]
    fn a_small_read_needs_few_bytes() {
        let spec = spec("<f8", &[100_000]);
        let context = EncodeContext::default().with_frames(small_frames());
        let payload = laws::encode(
            &NoFilter::default(),
            &spec,
            &context,
            &walk_bytes(&spec),
            100_000,
        );
        let reader = laws::open(&NoFilter::default(), &spec, b"", &payload).unwrap();
        let ranges = reader.ranges(70_000..70_001);
        assert_eq!(ranges.len(), 1);
        assert!(ranges[0].end - ranges[0].start < 1000, "{ranges:?}");
    }

    #[test]
    fn damage_is_noticed() {
        let spec = spec("<f4", &[900]);
        let context = EncodeContext::default().with_frames(small_frames());
        laws::check_hostile(&NoFilter::default(), &spec, &context, &walk_bytes(&spec));
        let context = EncodeContext::default().with_frames(FrameLayout::SINGLE);
        laws::check_hostile(&NoFilter::default(), &spec, &context, &walk_bytes(&spec));
    }

    #[test]
    fn company_of_frames_is_passed_over() {
        let spec = spec("<f4", &[900]);
        let bytes = walk_bytes(&spec);
        let parts = [&bytes[..1200], &bytes[1200..]].map(|part| {
            // A streamed frame does not know its size.
            zstd::encode_all(part, 3).unwrap()
        });
        let skippable = [
            &0x184D_2A53u32.to_le_bytes()[..],
            &3u32.to_le_bytes(),
            b"abc",
        ]
        .concat();
        let payload = [&skippable[..], &parts[0], &skippable, &parts[1], &skippable].concat();
        assert_eq!(
            laws::decode(&NoFilter::default(), &spec, b"", &payload).unwrap(),
            bytes
        );
        // What stands behind the array's frames is nobody's: readers pass it by, and `verify` does not.
        for tail in [&b"garbage!"[..], &payload] {
            let with_tail = [&payload[..], tail].concat();
            let reader = laws::open(&NoFilter::default(), &spec, b"", &with_tail).unwrap();
            let mut out = vec![0; bytes.len()];
            reader.read_rows_into(0..900, &mut out).unwrap();
            assert!(out == bytes && reader.verify().is_err());
        }
    }

    #[test]
    fn levels_that_zstd_lacks_are_invalid() {
        let filter = NoFilter::default().at_level(23).unwrap();
        let result = filter.encoder(&spec("<f4", &[9]), &EncodeContext::default());
        assert_eq!(
            result.err().unwrap().kind(),
            crate::ErrorKind::InvalidArgument
        );
    }
}
