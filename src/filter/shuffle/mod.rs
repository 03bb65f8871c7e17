//! Filter 1: bytes of the same significance together, over the whole array, in zstd frames.
//!
//! Plane `p` holds byte `p` of every element, and the planes follow one another. Where a layout lets each plane have
//! frames of its own, rows are shuffled and compressed as they come: the first plane is written at once, the others
//! wait, compressed, for the end. A range of rows is a range of each plane.

mod encoder;
mod reader;

use super::frames::filter_of_zstd;
use super::{ArrayReader, FilterId, Payload};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;
use crate::limits::Limits;

filter_of_zstd! {
    /// The byte shuffle of pyvista-zstd.
    Shuffle: FilterId::SHUFFLE, "shuffle", price::SHUFFLE,
    accepts: accepts, encoder: encoder::new, open: open
}

fn accepts(spec: &ArraySpec) -> bool {
    spec.dtype().item_bytes() > 1
}

fn open(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Box<dyn ArrayReader>> {
    Ok(Box::new(reader::Reader::new(spec, payload, limits)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::EncodeContext;
    use crate::filter::laws::{self, spec, walk_bytes};
    use crate::filter::{Filter, FrameLayout};

    fn small_frames() -> FrameLayout {
        FrameLayout {
            frame_bytes: Some(500),
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
                spans_planes: true,
                ..small_frames()
            },
        ] {
            let context = EncodeContext::default().with_frames(layout);
            for (dtype, shape) in [
                ("<f8", &[5000][..]),
                ("<f4", &[333, 3]),
                ("<f8", &[0]),
                ("<f8", &[3, 0]),
                ("<U7", &[60]),
                (">i2", &[]),
                ("|V3", &[1001]),
                ("<c16", &[70_000, 2]),
            ] {
                let spec = spec(dtype, shape);
                laws::check_round_trip(&Shuffle::default(), &spec, &context, &walk_bytes(&spec));
            }
        }
    }

    #[test]
    fn a_row_needs_one_frame_of_each_plane() {
        let spec = spec("<f4", &[10_000]);
        let context = EncodeContext::default().with_frames(small_frames());
        let payload = laws::encode(
            &Shuffle::default(),
            &spec,
            &context,
            &walk_bytes(&spec),
            10_000,
        );
        let reader = laws::open(&Shuffle::default(), &spec, b"", &payload).unwrap();
        let ranges = reader.ranges(7000..7001);
        assert_eq!(ranges.len(), 4);
        let n: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        assert!(n < 4 * 520, "{ranges:?}");
    }

    #[test]
    fn damage_is_noticed() {
        let spec = spec("<f4", &[900]);
        for layout in [small_frames(), FrameLayout::SINGLE] {
            let context = EncodeContext::default().with_frames(layout);
            laws::check_hostile(&Shuffle::default(), &spec, &context, &walk_bytes(&spec));
        }
    }

    #[test]
    fn single_bytes_are_not_shuffled() {
        assert!(!Shuffle::default().accepts(&spec("|u1", &[10])));
        let result = Shuffle::default().encoder(&spec("|u1", &[10]), &EncodeContext::default());
        assert_eq!(
            result.err().unwrap().kind(),
            crate::ErrorKind::InvalidArgument
        );
    }
}
