//! The fuzzer's bytes as chunks, numbers and configurations.

use arbitrary::{Result, Unstructured};
use paginum_wrapped::{ChunkConfig, DeltaSpec, ModeSpec, Number, NumberType, PagingSpec};

/// Bytes that claim to be chunk metadata with a page behind it.
pub struct HostileChunk<'a> {
    pub number_type: NumberType,
    pub header: Vec<u8>,
    pub n: usize,
    pub body: &'a [u8],
}

impl<'a> HostileChunk<'a> {
    /// Number type, version, number of numbers (little endian), then the bytes.
    pub fn new(u: &mut Unstructured<'a>) -> Result<Self> {
        let number_type = number_type(u)?;
        let header = match u.arbitrary::<u8>()? % 6 {
            major @ 0..=3 => vec![major],
            minor => vec![4, minor - 4],
        };
        let n = usize::from(u.arbitrary::<u16>()?) % 5000;
        Ok(Self {
            number_type,
            header,
            n,
            body: rest(u),
        })
    }
}

/// All that is left.
pub fn rest<'a>(u: &mut Unstructured<'a>) -> &'a [u8] {
    u.bytes(u.len()).unwrap_or_default()
}

pub fn number_type(u: &mut Unstructured<'_>) -> Result<NumberType> {
    Ok(NumberType::ALL[usize::from(u.arbitrary::<u8>()?) % NumberType::ALL.len()])
}

/// A type, a configuration that waits for the number of numbers, and the numbers' bytes.
pub fn numbers_and_config<'a>(
    u: &mut Unstructured<'a>,
) -> Result<(NumberType, impl Fn(usize) -> ChunkConfig + use<>, &'a [u8])> {
    let number_type = number_type(u)?;
    let level = u32::from(u.arbitrary::<u8>()? % 14);
    let mode_spec = match u.arbitrary::<u8>()? % 8 {
        0 => ModeSpec::Classic,
        1 => ModeSpec::TryIntMult(u.arbitrary::<u64>()? >> (u.arbitrary::<u8>()? % 64)),
        2 => ModeSpec::TryFloatMult(u.arbitrary()?),
        3 => ModeSpec::TryFloatMult(f64::from(u.arbitrary::<u8>()?) / 100.0),
        4 => ModeSpec::TryFloatQuant(u32::from(u.arbitrary::<u8>()? % 56)),
        5 => ModeSpec::TryDict,
        _ => ModeSpec::Auto,
    };
    let delta_spec = match u.arbitrary::<u8>()? % 6 {
        0 => DeltaSpec::NoOp,
        1 => DeltaSpec::TryConsecutive(usize::from(u.arbitrary::<u8>()? % 9)),
        2 => DeltaSpec::TryLookback,
        3 => DeltaSpec::TryConv1(usize::from(u.arbitrary::<u8>()? % 34)),
        _ => DeltaSpec::Auto,
    };
    let (paging, max_page_n) = (
        u.arbitrary::<u8>()? % 3,
        1 + usize::from(u.arbitrary::<u16>()?),
    );
    let config = move |n: usize| {
        let paging_spec = match paging {
            0 => PagingSpec::EqualPagesUpTo(max_page_n),
            1 if n > 1 => {
                let first = 1 + max_page_n % (n - 1);
                PagingSpec::Exact(vec![first, n - first])
            }
            _ => PagingSpec::default(),
        };
        ChunkConfig::default()
            .with_level(level)
            .with_mode_spec(mode_spec)
            .with_delta_spec(delta_spec)
            .with_paging_spec(paging_spec)
    };
    Ok((number_type, config, rest(u)))
}

/// The bytes as numbers, the rest of them dropped.
pub fn as_numbers<T: Number>(bytes: &[u8]) -> Vec<T> {
    bytes
        .chunks_exact(size_of::<T>())
        .map(bytemuck::pod_read_unaligned)
        .collect()
}
