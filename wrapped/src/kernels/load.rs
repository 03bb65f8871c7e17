//! Unaligned little-endian loads at a bit position.
#![expect(
    unsafe_code,
    reason = "a checked load in front of each number costs half of the speed"
)]

/// Bytes that a slice must have from the byte of the last bit position on: the widest load of any tier, 64 bytes that
/// start 7 bytes on.
pub(crate) const LOAD_BYTES: usize = 72;

/// Asserts that loads at every position from `bit` to `bit + n_bits` stay inside `src`.
#[inline(always)]
pub(super) fn assert_loadable(src: &[u8], bit: u64, n_bits: u64) {
    let end = bit
        .checked_add(n_bits)
        .expect("bit positions are far below 2^64")
        / 8;
    assert!(
        end + LOAD_BYTES as u64 <= src.len() as u64,
        "source is not padded"
    );
}

/// The last bit position of `src` at which loads stay inside it, if there is one.
#[inline(always)]
fn last_loadable(src: &[u8]) -> Option<u64> {
    let last_byte = src.len().checked_sub(LOAD_BYTES)?;
    Some(last_byte as u64 * 8 + 7)
}

/// A source that is asked before each load.
#[derive(Clone, Copy)]
pub(super) struct CheckedSource<'a> {
    src: &'a [u8],
    last: u64,
}

impl<'a> CheckedSource<'a> {
    /// `src` has to hold at least [`LOAD_BYTES`].
    #[inline(always)]
    pub(super) fn new(src: &'a [u8]) -> Self {
        let last = last_loadable(src).expect("source is padded");
        Self { src, last }
    }

    /// The bytes, in which loads at bit position `bit` stay.
    #[inline(always)]
    pub(super) fn loadable_at(self, bit: u64) -> &'a [u8] {
        assert!(bit <= self.last, "offsets end inside the source");
        self.src
    }

    /// Loads at least 57 valid bits at bit position `bit`.
    #[inline(always)]
    pub(super) fn load_57(self, bit: u64) -> u64 {
        // SAFETY: the position is checked.
        unsafe { load_57(self.loadable_at(bit), bit) }
    }

    /// Loads 64 valid bits at bit position `bit`.
    #[inline(always)]
    pub(super) fn load_64(self, bit: u64) -> u64 {
        // SAFETY: the position is checked.
        unsafe { load_64(self.loadable_at(bit), bit) }
    }
}

/// Loads 64 bits at a byte of `src`.
///
/// # Safety
/// `byte + 8 <= src.len()`.
#[inline(always)]
unsafe fn load_u64(src: &[u8], byte: usize) -> u64 {
    debug_assert!(byte + 8 <= src.len());
    // SAFETY: the caller keeps 8 bytes from `byte` on inside `src`.
    let bytes = unsafe {
        src.as_ptr()
            .wrapping_add(byte)
            .cast::<[u8; 8]>()
            .read_unaligned()
    };
    u64::from_le_bytes(bytes)
}

/// Loads at least 57 valid bits at bit position `bit`.
///
/// # Safety
/// `bit` is in a range for which [`assert_loadable`] holds, or at most [`last_loadable`].
#[inline(always)]
pub(super) unsafe fn load_57(src: &[u8], bit: u64) -> u64 {
    // SAFETY: either check leaves 72 bytes from the byte of `bit` on.
    unsafe { load_u64(src, (bit / 8) as usize) >> (bit % 8) }
}

/// Loads 64 valid bits at bit position `bit`.
///
/// # Safety
/// `bit` is in a range for which [`assert_loadable`] holds, or at most [`last_loadable`].
#[inline(always)]
pub(super) unsafe fn load_64(src: &[u8], bit: u64) -> u64 {
    let byte = (bit / 8) as usize;
    // SAFETY: either check leaves 72 bytes from the byte of `bit` on.
    let low = unsafe { load_u64(src, byte) };
    // SAFETY: as above: these are bytes 7 to 14 of them.
    let high = unsafe { load_u64(src, byte + 7) };
    // The second word starts 56 bits after the first, so that its shift lies in 49 to 56.
    let shift = bit % 8;
    (low >> shift) | ((high >> shift) << 56 & !(u64::MAX >> 8))
}

/// Pointer to the byte of bit position `bit`, from which [`LOAD_BYTES`] bytes can be read.
///
/// # Safety
/// `bit` is in a range for which [`assert_loadable`] holds, or at most [`last_loadable`].
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) unsafe fn byte_of(src: &[u8], bit: u64) -> *const u8 {
    // SAFETY: either check leaves 72 bytes from the byte of `bit` on.
    unsafe { src.as_ptr().add((bit / 8) as usize) }
}
