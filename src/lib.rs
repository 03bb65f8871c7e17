//! Typed numeric arrays, in pages.
