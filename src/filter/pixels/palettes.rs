//! Bytes as places in a list of those that their channel has: a channel is every so many bytes.

use crate::error::{Error, Result};

/// Bytes of the list of a channel: how many there are but one, and as many as a byte tells apart.
pub(crate) const MAX_LIST_BYTES: usize = 257;

/// The bytes that channels have.
#[derive(Debug)]
pub(crate) struct Palettes {
    tables: Vec<([u8; 256], u8)>,
}

impl Palettes {
    /// Reads the lists of some channels, and returns what stands behind them.
    ///
    /// # Errors
    /// `Corrupt` for lists that end too early.
    pub(crate) fn read(lists: &[u8], n_channels: usize) -> Result<(Self, &[u8])> {
        let mut rest = lists;
        let mut tables = Vec::with_capacity(n_channels.min(lists.len()));
        for _ in 0..n_channels {
            let short = || Error::corrupt("a palette that ends too early");
            let (&last, behind) = rest.split_first().ok_or_else(short)?;
            let n = usize::from(last) + 1;
            let (values, behind) = behind.split_at_checked(n).ok_or_else(short)?;
            // Other readers take values in any order, and so does this one.
            let mut table = [0_u8; 256];
            table[..n].copy_from_slice(values);
            tables.push((table, last));
            rest = behind;
        }
        Ok((Self { tables }, rest))
    }

    /// Replaces places by what stands there.
    ///
    /// # Errors
    /// `Corrupt` for a place that a list does not have.
    pub(crate) fn look_up(&self, places: &mut [u8]) -> Result<()> {
        let is_good = match self.tables.len() {
            1 => self.look_up_of::<1>(places),
            2 => self.look_up_of::<2>(places),
            3 => self.look_up_of::<3>(places),
            4 => self.look_up_of::<4>(places),
            6 => self.look_up_of::<6>(places),
            8 => self.look_up_of::<8>(places),
            _ => self.look_up_in_turn(places),
        };
        match is_good {
            true => Ok(()),
            false => Err(Error::corrupt("a colour that the palette does not have")),
        }
    }

    /// Returns whether all places are there. The compiler knows how many lists there are: two to four times as fast.
    fn look_up_of<const N: usize>(&self, places: &mut [u8]) -> bool {
        let Some(tables) = self.tables.first_chunk::<N>() else {
            return false;
        };
        let mut most = [0_u8; N];
        let (pixels, rest) = places.as_chunks_mut::<N>();
        for pixel in pixels {
            for i in 0..N {
                most[i] = most[i].max(pixel[i]);
                pixel[i] = tables[i].0[usize::from(pixel[i])];
            }
        }
        let are_there = most
            .iter()
            .zip(tables)
            .all(|(place, (_, last))| place <= last);
        self.look_up_in_turn(rest) && are_there
    }

    fn look_up_in_turn(&self, places: &mut [u8]) -> bool {
        let mut is_good = true;
        for pixel in places.chunks_mut(self.tables.len().max(1)) {
            for (byte, (table, last)) in pixel.iter_mut().zip(&self.tables) {
                is_good &= *byte <= *last;
                *byte = table[usize::from(*byte)];
            }
        }
        is_good
    }
}

/// Replaces bytes by their places among those that their channel has, and returns these: of each channel how many there are
/// but one, then they, ascending.
pub(crate) fn take(bytes: &mut [u8], n_channels: usize) -> Vec<u8> {
    let mut seen = vec![[false; 256]; n_channels];
    for pixel in bytes.chunks(n_channels) {
        for (byte, seen) in pixel.iter().zip(&mut seen) {
            seen[usize::from(*byte)] = true;
        }
    }
    let mut lists = Vec::new();
    let mut places = vec![[0_u8; 256]; n_channels];
    for (seen, places) in seen.iter().zip(&mut places) {
        let values: Vec<u8> = (0..=255)
            .filter(|&value| seen[usize::from(value)])
            .collect();
        lists.push(values.len().saturating_sub(1) as u8);
        for (place, &value) in values.iter().enumerate() {
            places[usize::from(value)] = place as u8;
        }
        // A channel without bytes has a list all the same, of one.
        lists.extend(if values.is_empty() { vec![0] } else { values });
    }
    for pixel in bytes.chunks_mut(n_channels) {
        for (byte, places) in pixel.iter_mut().zip(&places) {
            *byte = places[usize::from(*byte)];
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_bytes() {
        for n_channels in 1..=8 {
            for n in [0, 1, 5, 4000] {
                let bytes: Vec<u8> = (0..n).map(|i| (i * i % 77 * 3) as u8).collect();
                let mut places = bytes.clone();
                let mut lists = take(&mut places, n_channels);
                assert!(lists.len() <= n_channels * MAX_LIST_BYTES);
                assert!(places.iter().all(|&place| place < 77));
                lists.push(9);
                let (palettes, rest) = Palettes::read(&lists, n_channels).unwrap();
                assert_eq!(rest, [9]);
                palettes.look_up(&mut places).unwrap();
                assert!(places == bytes);
                assert!(Palettes::read(&lists[..lists.len() - 2], n_channels).is_err());
            }
        }
        for n_channels in 1..=8 {
            let lists = [1, 7, 9].repeat(n_channels);
            let (palettes, _) = Palettes::read(&lists, n_channels).unwrap();
            for bad in 0..3 * n_channels {
                let mut places = vec![1; 3 * n_channels - 1];
                places.push(0);
                assert!(palettes.look_up(&mut places.clone()).is_ok());
                places[bad] = 2;
                assert!(
                    palettes.look_up(&mut places).is_err(),
                    "{n_channels}: {bad}"
                );
            }
        }
    }
}
