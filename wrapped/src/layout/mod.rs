//! How chunks lie in bytes.
//!
//! A layout reads and writes what `model` and `page` hold; nothing else of the engine knows of it. There is one, that of
//! pco. Another would be a folder beside it with the same functions, and a value of [`FileCompressor`] and
//! [`FileDecompressor`] would say which.
//!
//! [`FileCompressor`]: crate::FileCompressor
//! [`FileDecompressor`]: crate::FileDecompressor

pub(crate) mod pco;
