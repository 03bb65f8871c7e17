//! Arrays as unsigned words, and their differences.

use paginum_wrapped::Latent;

use crate::array::ArraySpec;

/// How the bytes of an array are words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) bytes: usize,
    pub(super) is_swapped: bool,
}

impl Words {
    pub(super) fn of(spec: &ArraySpec) -> Self {
        Self {
            bytes: spec.dtype().word_bytes() as usize,
            is_swapped: spec.dtype().is_swapped(),
        }
    }

    /// Replaces words by their differences. Files hold little-endian words: this is the place to swap them.
    pub(super) fn take_differences(self, block: &mut [u8], stride: usize) {
        match self.bytes {
            1 => take_differences::<u8>(block, stride, self.is_swapped),
            2 => take_differences::<u16>(block, stride, self.is_swapped),
            4 => take_differences::<u32>(block, stride, self.is_swapped),
            _ => take_differences::<u64>(block, stride, self.is_swapped),
        }
    }

    /// Replaces differences by the words.
    pub(super) fn add_up(self, block: &mut [u8], stride: usize) {
        match self.bytes {
            1 => add_up::<u8>(block, stride, self.is_swapped),
            2 => add_up::<u16>(block, stride, self.is_swapped),
            4 => add_up::<u32>(block, stride, self.is_swapped),
            _ => add_up::<u64>(block, stride, self.is_swapped),
        }
    }
}

fn load<W: Latent>(block: &[u8], i: usize) -> W {
    bytemuck::pod_read_unaligned(&block[i * size_of::<W>()..(i + 1) * size_of::<W>()])
}

fn store<W: Latent>(block: &mut [u8], i: usize, word: W) {
    block[i * size_of::<W>()..(i + 1) * size_of::<W>()].copy_from_slice(bytemuck::bytes_of(&word));
}

fn swap<W: Latent>(block: &mut [u8], is_swapped: bool) {
    if is_swapped {
        for word in block.chunks_exact_mut(size_of::<W>()) {
            word.reverse();
        }
    }
}

fn take_differences<W: Latent>(block: &mut [u8], stride: usize, is_swapped: bool) {
    swap::<W>(block, is_swapped);
    for i in (stride..block.len() / size_of::<W>()).rev() {
        let difference = load::<W>(block, i).wrapping_sub(&load(block, i - stride));
        store(block, i, difference);
    }
    swap::<W>(block, cfg!(target_endian = "big"));
}

fn add_up<W: Latent>(block: &mut [u8], stride: usize, is_swapped: bool) {
    swap::<W>(block, cfg!(target_endian = "big"));
    for i in stride..block.len() / size_of::<W>() {
        let word = load::<W>(block, i).wrapping_add(&load(block, i - stride));
        store(block, i, word);
    }
    swap::<W>(block, is_swapped);
}
