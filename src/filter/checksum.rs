//! The checksum of our own frames: of what they hold, and of where they belong.

/// crc32c over the name under which the file stores the array, a number (little endian), and the bytes: so that a page
/// that was moved within its array, or into another one, is an error.
pub(super) fn crc_of(identity: &[u8], number: u64, bytes: &[u8]) -> u32 {
    let crc = crc32c::crc32c(identity);
    let crc = crc32c::crc32c_append(crc, &number.to_le_bytes());
    crc32c::crc32c_append(crc, bytes)
}
