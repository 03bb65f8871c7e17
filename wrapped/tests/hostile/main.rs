//! Damaged and hostile bytes: an error or numbers, never a panic, a hang or memory that the input cannot pay for; and the
//! same verdict as pco 1.1.0, but for the refusals that `docs/FORMAT.md` lists.

#[path = "../support/mod.rs"]
mod support;

mod allocation;
mod bombs;
mod damage;
mod memory;
mod metadata;
mod verdict;

#[global_allocator]
static ALLOCATOR: allocation::Counting = allocation::Counting;
