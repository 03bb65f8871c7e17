//! Filter 0xE1: differences of neighbours, shuffled, in zstd frames: for counters, connectivity and other integers
//! whose steps repeat.
//!
//! Numbers are taken as unsigned words of their width, whatever they mean, in blocks. In a block each word but the
//! first `stride` is replaced by its difference to the one `stride` before, wrapping; then the block is shuffled and
//! becomes one zstd frame. So rows need only the blocks that hold them. Layout: FORMAT.md, filter delta.

mod parameters;
mod step;
mod words;

use parameters::Parameters;
use step::Differences;
use words::Words;

use super::blocks;
use super::frames::{ZstdLevel, filter_of_zstd};
use super::{ArrayEncoder, ArrayReader, EncodeContext, FilterId, Payload};
use crate::array::ArraySpec;
use crate::error::{Result, ResultExt};
use crate::filter::goal::price;
use crate::limits::Limits;

filter_of_zstd! {
    /// Differences, shuffled.
    Delta: FilterId::DELTA, "delta", price::DELTA,
    accepts: accepts, encoder: encoder, open: open
}

fn accepts(spec: &ArraySpec) -> bool {
    spec.dtype().number_type().is_some()
}

fn encoder(
    level: ZstdLevel,
    spec: &ArraySpec,
    context: &EncodeContext,
) -> Result<Box<dyn ArrayEncoder>> {
    let steps = Differences::candidates(spec)?;
    blocks::encoder(level, spec, context, steps)
}

fn open(spec: &ArraySpec, payload: Payload, limits: &Limits) -> Result<Box<dyn ArrayReader>> {
    let parameters = Parameters::read(&payload, Words::of(spec)).at(payload.offset_of(0))?;
    let step = Differences::new(spec, parameters)?;
    blocks::reader(spec, step, payload, limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::laws::{self, spec, walk_bytes};

    #[test]
    fn numbers_of_every_width_and_order_round_trip() {
        let context = EncodeContext::default().with_identity(*b"name");
        for (dtype, shape) in [
            ("<i8", &[300_000][..]),
            (">i4", &[500, 3]),
            ("|u1", &[1000]),
            ("<f2", &[0]),
            ("<M8[s]", &[]),
            ("<c8", &[1000, 5]),
            ("<f8", &[3, 0]),
        ] {
            let spec = spec(dtype, shape);
            laws::check_round_trip(&Delta::default(), &spec, &context, &walk_bytes(&spec));
        }
    }

    #[test]
    fn a_mesh_is_smaller_than_shuffled() {
        // Hexahedra of a grid: eight corners each, the same steps from cell to cell.
        let corners = [0u32, 1, 32, 33, 1024, 1025, 1056, 1057];
        let ids: Vec<u8> = (0..20_000u32)
            .flat_map(|cell| corners.map(|corner| cell + corner))
            .flat_map(u32::to_le_bytes)
            .collect();
        let spec = spec("<u4", &[160_000]);
        let context = EncodeContext::default();
        let delta = laws::encode(&Delta::default(), &spec, &context, &ids, 160_000).len();
        let shuffled = laws::encode(
            &crate::filter::Shuffle::default(),
            &spec,
            &context,
            &ids,
            160_000,
        )
        .len();
        assert!(2 * delta < shuffled, "{delta} against {shuffled} bytes");
    }

    #[test]
    fn damage_is_noticed() {
        let spec = spec("<i4", &[900]);
        let context = EncodeContext::default().with_identity(*b"name");
        laws::check_hostile(&Delta::default(), &spec, &context, &walk_bytes(&spec));
    }

    #[test]
    fn another_array_s_payload_is_refused() {
        let spec = spec("<i4", &[900]);
        let context = EncodeContext::default().with_identity(*b"name");
        let payload = laws::encode(&Delta::default(), &spec, &context, &walk_bytes(&spec), 900);
        assert!(laws::decode(&Delta::default(), &spec, b"game", &payload).is_err());
    }
}
