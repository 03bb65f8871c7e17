//! What a caller chooses when a `.pzp` file is written.

use super::frame::{Codec, flag};

/// How the frames of a `.pzp` file are written. Without any choice: the difference from the pixel before, compressed by zstd,
/// version 0.02.
///
/// ```
/// use std::sync::Arc;
/// use paginum::container::pzp::{PzpFormat, PzpOptions};
/// use paginum::container::Formats;
/// let options = PzpOptions::default().with_inter_delta(true).with_lz4(true);
/// let formats = Formats::default().with(Arc::new(PzpFormat::new(options)));
/// assert!(formats.by_name("pzp").is_ok());
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PzpOptions {
    pub(super) left_delta: bool,
    pub(super) palette: bool,
    pub(super) inter_delta: bool,
    pub(super) lz4: bool,
    pub(super) level: Option<i32>,
    pub(super) grouped: bool,
    pub(super) best: bool,
}

impl Default for PzpOptions {
    fn default() -> Self {
        Self {
            left_delta: true,
            palette: false,
            inter_delta: false,
            lz4: false,
            level: None,
            grouped: false,
            best: false,
        }
    }
}

impl PzpOptions {
    /// Sets whether each byte is the difference from the one a pixel before (`use_rle` of other writers).
    #[must_use]
    pub fn with_left_delta(mut self, on: bool) -> Self {
        self.left_delta = on;
        self
    }

    /// Sets whether bytes are places in a list of those that a channel has (`use_palette`). At most 8 channels of bytes.
    #[must_use]
    pub fn with_palette(mut self, on: bool) -> Self {
        self.palette = on;
        self
    }

    /// Sets whether frames are differences from the one before (`use_inter_delta`). A frame alone then costs all before it.
    #[must_use]
    pub fn with_inter_delta(mut self, on: bool) -> Self {
        self.inter_delta = on;
        self
    }

    /// Sets whether frames are compressed by LZ4 and not by zstd (`use_lz4`): larger, and faster to read.
    #[must_use]
    pub fn with_lz4(mut self, on: bool) -> Self {
        self.lz4 = on;
        self
    }

    /// Sets the level of zstd; without, 1, or 19 where there is a palette, as other writers have it.
    #[must_use]
    pub fn with_level(mut self, level: Option<i32>) -> Self {
        self.level = level;
        self
    }

    /// Sets whether frames are of version 0.03, which predicts 16-bit samples by their neighbours. Few programs read it yet.
    #[must_use]
    pub fn with_groups(mut self, on: bool) -> Self {
        self.grouped = on;
        self
    }

    /// Sets whether all settings that the version has are tried on each frame, by zstd at level 19 unless a level is set, and
    /// the smallest is kept.
    #[must_use]
    pub fn with_best(mut self, on: bool) -> Self {
        self.best = on;
        self
    }

    pub(super) fn codec(&self) -> Codec {
        if self.lz4 { Codec::Lz4 } else { Codec::Zstd }
    }

    pub(super) fn level(&self) -> i32 {
        let level = if self.palette || self.best { 19 } else { 1 };
        self.level.unwrap_or(level)
    }

    /// As bits of a frame's header.
    pub(super) fn flags(&self) -> u32 {
        let bits = [
            (self.left_delta, flag::LEFT_DELTA),
            (self.palette, flag::PALETTE),
            (self.inter_delta, flag::INTER_DELTA),
            (self.lz4, flag::LZ4),
        ];
        let bits = bits.into_iter().filter(|(on, _)| *on);
        bits.fold(flag::COMPRESSION, |flags, (_, bit)| flags | bit)
    }

    /// The settings that are tried on a frame.
    pub(super) fn candidates(self, may_have_palette: bool, has_frame_before: bool) -> Vec<Self> {
        let plain = Self {
            palette: self.palette,
            inter_delta: self.inter_delta && has_frame_before,
            ..self
        };
        if !self.best {
            return vec![plain];
        }
        let both = |may: bool| {
            if may {
                &[false, true][..]
            } else {
                &[false][..]
            }
        };
        let mut candidates = Vec::new();
        for &inter_delta in both(has_frame_before) {
            for &palette in both(may_have_palette) {
                for &left_delta in both(true) {
                    candidates.push(Self {
                        left_delta,
                        palette,
                        inter_delta,
                        lz4: false,
                        ..self
                    });
                }
            }
        }
        candidates
    }
}
