//! The checksum of `.pzp`: four lanes of bytes, multiplied and exclusive-ored.

/// The checksum of some bytes.
pub(super) fn hash(bytes: &[u8]) -> u32 {
    const FACTORS: [u32; 4] = [31, 37, 41, 43];
    let mut lanes: [u32; 4] = [0x1234_5678, 0x9abc_def0, 0xfedc_ba98, 0x8765_4321];
    let (groups, tail) = bytes.as_chunks::<4>();
    for group in groups {
        for lane in 0..4 {
            lanes[lane] = (lanes[lane] ^ u32::from(group[lane])).wrapping_mul(FACTORS[lane]);
        }
    }
    for (lane, &byte) in tail.iter().enumerate() {
        lanes[lane] = (lanes[lane] ^ u32::from(byte)).wrapping_mul(FACTORS[lane]);
    }
    let [a, b, c, d] = lanes;
    (a ^ (b >> 3)).wrapping_add(c ^ (d << 5))
}
