//! The steps of frames as filters of arrays.

use paginum::Array;
use paginum::container::pzp::PzpOptions;
use paginum::filter::{ByteDelta, EncodeContext, Filter, Gradient, Palette};

use crate::files::{payloads, scene, write};

/// What the payload of a filter decodes to.
fn filtered(filter: &dyn Filter, array: &Array) -> Vec<u8> {
    let mut payload = Vec::new();
    let context = EncodeContext::default();
    let mut encoder = filter.encoder(array.spec(), &context).unwrap();
    encoder.push_rows(array.bytes(), &mut payload).unwrap();
    encoder.finish(&mut payload).unwrap();
    zstd::decode_all(&payload[..]).unwrap()
}

/// The steps of frames are the filters of arrays: the same bytes, whichever of the two took them.
#[test]
fn filters_of_arrays_are_the_steps_of_frames() {
    let default = PzpOptions::default();
    for channels in 1..=4 {
        let bytes = scene(&[20, 30, channels], "|u1");
        // Big-endian, as frames have samples.
        let samples = scene(&[20, 30, channels], ">u2");
        let frame = |array: &Array, options| {
            payloads(&write(&[("a", array)], options, "steps").unwrap()).remove(0)
        };
        for array in [&bytes, &samples] {
            let left = frame(array, default);
            assert!(
                left[40..] == filtered(&ByteDelta::default(), array),
                "{channels}"
            );
            let palette = frame(array, default.with_left_delta(false).with_palette(true));
            let n_list = u32::from_le_bytes(palette[36..40].try_into().unwrap()) as usize;
            let (list, places) = palette[40..].split_at(n_list);
            let filtered = filtered(&Palette::default(), array);
            let (table, block) = filtered.split_at(filtered.len() - places.len());
            assert!(block == places && table.starts_with(list), "{channels}");
            assert!(table[n_list..].iter().all(|&byte| byte == 0));
        }
        let gradient = frame(&samples, default.with_groups(true));
        let pixels = 41 + 4 * channels as usize;
        assert!(
            gradient[pixels..] == filtered(&Gradient::default(), &samples),
            "{channels}"
        );
    }
}
