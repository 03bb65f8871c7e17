//! What a selection wants of one tile, and where it goes.

use super::layout::Layout;
use crate::array::Cut;

/// The part of a tile that a selection wants.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The number of the tile.
    pub(super) tile: u64,
    axes: Vec<Axis>,
}

/// One axis of it.
#[derive(Clone, Copy, Debug)]
struct Axis {
    /// Numbers of the tile along the axis.
    length: u64,
    /// The first one that is wanted, and the distance of two.
    first: u64,
    step: u64,
    /// How many, and where the first one goes.
    n: u64,
    to: u64,
    /// Numbers of the result along the axis.
    out: u64,
}

/// The place of the tile at some step of a walk over those that a selection touches, none where the selection steps over it;
/// and the next step.
pub(super) fn of_tile(
    layout: &Layout,
    shape: &[u64],
    cuts: &[Cut],
    at: Vec<u64>,
) -> (Option<Place>, Option<Vec<u64>>) {
    let mut number = 0;
    let mut axes = Some(Vec::with_capacity(cuts.len()));
    for (i, cut) in cuts.iter().enumerate() {
        let tile = layout.tile[i];
        let index = cut.start / tile + at[i];
        number = number * layout.grid[i] + index;
        let start = index * tile;
        let end = shape[i].min(start + tile);
        let from = start.saturating_sub(cut.start).div_ceil(cut.step);
        let behind = end.saturating_sub(cut.start).div_ceil(cut.step).min(cut.n);
        if from >= behind {
            axes = None;
        }
        if let Some(axes) = &mut axes {
            axes.push(Axis {
                length: end - start,
                first: cut.start + from * cut.step - start,
                step: cut.step,
                n: behind - from,
                to: from,
                out: cut.n,
            });
        }
    }
    let place = axes.map(|axes| Place { tile: number, axes });
    (place, next_step(layout, cuts, at))
}

fn next_step(layout: &Layout, cuts: &[Cut], mut at: Vec<u64>) -> Option<Vec<u64>> {
    for (i, cut) in cuts.iter().enumerate().rev() {
        let last = (cut.start + (cut.n - 1) * cut.step) / layout.tile[i];
        at[i] += 1;
        if cut.start / layout.tile[i] + at[i] <= last {
            return Some(at);
        }
        at[i] = 0;
    }
    None
}

impl Place {
    /// Numbers of the tile.
    pub(super) fn n_numbers(&self) -> usize {
        self.axes.iter().map(|axis| axis.length as usize).product()
    }

    /// Numbers of the tile along its last axis.
    pub(super) fn width(&self) -> usize {
        self.axes.last().map_or(1, |axis| axis.length as usize)
    }

    /// Copies what is wanted of a tile to where it goes.
    pub(super) fn copy(&self, tile: &[u8], item: usize, out: &mut [u8]) {
        let Some((last, outer)) = self.axes.split_last() else {
            return;
        };
        let mut at = vec![0; outer.len()];
        loop {
            let (mut from, mut to) = (0, 0);
            for (axis, at) in outer.iter().zip(&at) {
                from = from * axis.length + axis.first + at * axis.step;
                to = to * axis.out + axis.to + at;
            }
            let from = (from * last.length + last.first) as usize * item;
            let to = (to * last.out + last.to) as usize * item;
            let n = last.n as usize;
            let (tile, out) = (&tile[from..], &mut out[to..to + n * item]);
            match last.step {
                // A step beyond the axis is none.
                _ if n == 1 => out.copy_from_slice(&tile[..item]),
                1 => out.copy_from_slice(&tile[..n * item]),
                step => {
                    let numbers = tile.chunks(step as usize * item);
                    for (out, number) in out.chunks_exact_mut(item).zip(numbers) {
                        out.copy_from_slice(&number[..item]);
                    }
                }
            }
            let mut carries = true;
            for (axis, at) in outer.iter().zip(&mut at).rev() {
                *at += 1;
                carries = *at == axis.n;
                if !carries {
                    break;
                }
                *at = 0;
            }
            if carries {
                return;
            }
        }
    }
}
