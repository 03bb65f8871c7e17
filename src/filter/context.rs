//! What a container says of a payload that is written.

/// How zstd frames are laid out in a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameLayout {
    /// Payloads larger than this are split into frames of so many decoded bytes; `None` makes one frame of any size.
    pub frame_bytes: Option<usize>,
    /// Whether each frame ends in a checksum of its decoded bytes, which every reader of zstd verifies.
    pub has_checksums: bool,
    /// Whether several frames are followed by the standard table of their sizes, so that rows are found without
    /// walking them.
    pub has_seek_table: bool,
    /// Whether frames may hold bytes of two planes of a shuffled array. Where not, planes can be compressed as rows
    /// come, and the array is never held whole.
    pub spans_planes: bool,
}

impl FrameLayout {
    /// One frame, which the oldest readers of `.pv` need.
    pub const SINGLE: Self = Self {
        frame_bytes: None,
        has_checksums: true,
        has_seek_table: false,
        spans_planes: true,
    };

    /// Frames of 1 MiB and a seek table: rows without the rest.
    pub const SEEKABLE: Self = Self {
        frame_bytes: Some(1 << 20),
        has_checksums: true,
        has_seek_table: true,
        spans_planes: false,
    };

    /// What pyvista-zstd 0.7.0 writes: frames of 4 MiB, no checksum, no table.
    pub const PYVISTA_0_7: Self = Self {
        frame_bytes: Some(4 << 20),
        has_checksums: false,
        has_seek_table: false,
        spans_planes: true,
    };

    /// Sets the decoded bytes of a frame.
    #[must_use]
    pub const fn with_frame_bytes(mut self, bytes: Option<usize>) -> Self {
        self.frame_bytes = bytes;
        self
    }
}

/// What a container says of an array whose payload is written. What a caller chooses is not here: that are options of filters, which
/// filters hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodeContext {
    /// The name under which the file stores the array: checksums of pages cover it, so that a page that ends up in
    /// another array is an error. Readers need the same one, in [`Payload::with_identity`](super::Payload::with_identity).
    pub identity: Vec<u8>,
    /// How zstd frames are laid out, by filters that write them.
    pub frames: FrameLayout,
}

impl Default for EncodeContext {
    /// An array without a name, in [`FrameLayout::SEEKABLE`].
    fn default() -> Self {
        Self {
            identity: Vec::new(),
            frames: FrameLayout::SEEKABLE,
        }
    }
}

impl EncodeContext {
    /// Sets the name under which the file stores the array.
    #[must_use]
    pub fn with_identity(mut self, identity: impl Into<Vec<u8>>) -> Self {
        self.identity = identity.into();
        self
    }

    /// Sets how zstd frames are laid out.
    #[must_use]
    pub fn with_frames(mut self, frames: FrameLayout) -> Self {
        self.frames = frames;
        self
    }
}
