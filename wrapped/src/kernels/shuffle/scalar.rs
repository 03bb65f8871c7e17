//! The portable twin, and the rest that other tiers leave.

/// Items that are moved plane by plane before the next ones: they stay in L1 meanwhile.
const TILE_ITEMS: usize = 256;

/// Shuffles the items from `first` on.
pub(super) fn shuffle(item_bytes: usize, first: usize, items: &[u8], planes: &mut [u8]) {
    match item_bytes {
        1 => planes[first..].copy_from_slice(&items[first..]),
        2 => shuffle_items::<2>(first, items, planes),
        4 => shuffle_items::<4>(first, items, planes),
        8 => shuffle_items::<8>(first, items, planes),
        16 => shuffle_items::<16>(first, items, planes),
        _ => shuffle_any(item_bytes, first, items, planes),
    }
}

/// Gathers the items from `first` on.
pub(super) fn unshuffle(item_bytes: usize, first: usize, planes: &[u8], items: &mut [u8]) {
    match item_bytes {
        1 => items[first..].copy_from_slice(&planes[first..]),
        2 => unshuffle_items::<2>(first, planes, items),
        4 => unshuffle_items::<4>(first, planes, items),
        8 => unshuffle_items::<8>(first, planes, items),
        16 => unshuffle_items::<16>(first, planes, items),
        _ => unshuffle_any(item_bytes, first, planes, items),
    }
}

fn shuffle_items<const W: usize>(first: usize, items: &[u8], planes: &mut [u8]) {
    let n = items.len() / W;
    let (items, _) = items.as_chunks::<W>();
    for start in (first..n).step_by(TILE_ITEMS) {
        let end = n.min(start + TILE_ITEMS);
        for p in 0..W {
            let plane = &mut planes[p * n + start..p * n + end];
            for (byte, item) in plane.iter_mut().zip(&items[start..end]) {
                *byte = item[p];
            }
        }
    }
}

fn unshuffle_items<const W: usize>(first: usize, planes: &[u8], items: &mut [u8]) {
    let n = items.len() / W;
    let (items, _) = items.as_chunks_mut::<W>();
    for start in (first..n).step_by(TILE_ITEMS) {
        let end = n.min(start + TILE_ITEMS);
        for p in 0..W {
            let plane = &planes[p * n + start..p * n + end];
            for (&byte, item) in plane.iter().zip(&mut items[start..end]) {
                item[p] = byte;
            }
        }
    }
}

fn shuffle_any(item_bytes: usize, first: usize, items: &[u8], planes: &mut [u8]) {
    let n = items.len() / item_bytes;
    for start in (first..n).step_by(TILE_ITEMS) {
        let end = n.min(start + TILE_ITEMS);
        let tile = &items[start * item_bytes..end * item_bytes];
        for p in 0..item_bytes {
            let plane = &mut planes[p * n + start..p * n + end];
            for (byte, item) in plane.iter_mut().zip(tile.chunks_exact(item_bytes)) {
                *byte = item[p];
            }
        }
    }
}

fn unshuffle_any(item_bytes: usize, first: usize, planes: &[u8], items: &mut [u8]) {
    let n = items.len() / item_bytes;
    for start in (first..n).step_by(TILE_ITEMS) {
        let end = n.min(start + TILE_ITEMS);
        let tile = &mut items[start * item_bytes..end * item_bytes];
        for p in 0..item_bytes {
            let plane = &planes[p * n + start..p * n + end];
            for (&byte, item) in plane.iter().zip(tile.chunks_exact_mut(item_bytes)) {
                item[p] = byte;
            }
        }
    }
}
