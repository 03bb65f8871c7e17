//! Configurations in pco's words.

use paginum_wrapped::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

/// Nothing for choices that are not pco's; its highest level is 12.
pub fn config(ours: &ChunkConfig) -> Option<pco::ChunkConfig> {
    let mode_spec = match ours.mode_spec {
        ModeSpec::Auto => pco::ModeSpec::Auto,
        ModeSpec::Classic => pco::ModeSpec::Classic,
        ModeSpec::TryIntMult(base) => pco::ModeSpec::TryIntMult(base),
        ModeSpec::TryFloatMult(base) => pco::ModeSpec::TryFloatMult(base),
        ModeSpec::TryFloatQuant(k) => pco::ModeSpec::TryFloatQuant(k),
        ModeSpec::TryDict => pco::ModeSpec::TryDict,
        _ => return None,
    };
    let delta_spec = match ours.delta_spec {
        DeltaSpec::Auto => pco::DeltaSpec::Auto,
        DeltaSpec::NoOp => pco::DeltaSpec::NoOp,
        DeltaSpec::TryConsecutive(order) => pco::DeltaSpec::TryConsecutive(order),
        DeltaSpec::TryLookback => pco::DeltaSpec::TryLookback,
        DeltaSpec::TryConv1(order) => pco::DeltaSpec::TryConv1(order),
        _ => return None,
    };
    let paging_spec = match &ours.paging_spec {
        PagingSpec::EqualPagesUpTo(n) => pco::PagingSpec::EqualPagesUpTo(*n),
        PagingSpec::Exact(sizes) => pco::PagingSpec::Exact(sizes.clone()),
        _ => return None,
    };
    let config = pco::ChunkConfig::default()
        .with_compression_level((ours.level as usize).min(12))
        .with_mode_spec(mode_spec)
        .with_delta_spec(delta_spec)
        .with_paging_spec(paging_spec)
        .with_enable_8_bit(true);
    Some(config)
}
