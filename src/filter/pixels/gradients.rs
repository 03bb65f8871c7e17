//! 16-bit samples as what they are more than `left + above - above left`, modulo 2^16, by zigzag: first the high bytes of
//! all, then the low ones. What is outside of the picture counts as 0.

use paginum_wrapped::{Isa, vertical};

/// A picture of interleaved samples of 16 bits, rows from the top, of which the last may be short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raster {
    /// Pixels of a row, at least 1.
    pub(crate) width: usize,
    /// Bytes of a pixel.
    pub(crate) pixel_bytes: usize,
    /// Whether the high byte of a sample is first.
    pub(crate) is_big: bool,
}

impl Raster {
    /// Appends the differences of the channel whose samples are `channel` bytes behind the start of each pixel.
    pub(crate) fn take(self, pixels: &[u8], channel: usize, planes: &mut Vec<u8>) {
        match self.is_big {
            true => self.take_of::<true>(pixels, channel, planes),
            false => self.take_of::<false>(pixels, channel, planes),
        }
    }

    /// Row by row in passes that have no dependencies, so that the compiler makes vectors of them.
    fn take_of<const BIG: bool>(self, pixels: &[u8], channel: usize, planes: &mut Vec<u8>) {
        let n = pixels.len() / self.pixel_bytes;
        let start = planes.len();
        planes.resize(start + 2 * n, 0);
        let (high, low) = planes[start..].split_at_mut(n);
        let mut above = vec![0_u16; self.width];
        let mut samples = vec![0_u16; self.width];
        // One place before the first, whose left neighbour counts as 0.
        let mut vertical = vec![0_u16; self.width + 1];
        let rows = pixels.chunks(self.width * self.pixel_bytes);
        let places = high.chunks_mut(self.width).zip(low.chunks_mut(self.width));
        for (row, (high, low)) in rows.zip(places) {
            self.load::<BIG>(row, channel, &mut samples);
            let differences = samples.iter().zip(&above).zip(&mut vertical[1..]);
            differences.for_each(|((sample, above), vertical)| {
                *vertical = sample.wrapping_sub(*above);
            });
            let pairs = vertical.iter().zip(&vertical[1..]);
            for ((high, low), (left, vertical)) in high.iter_mut().zip(low).zip(pairs) {
                let difference = vertical.wrapping_sub(*left);
                let zigzag = (difference << 1) ^ (difference >> 15).wrapping_neg();
                [*high, *low] = zigzag.to_be_bytes();
            }
            std::mem::swap(&mut above, &mut samples);
        }
    }

    /// Takes the samples of a channel out of a row.
    fn load<const BIG: bool>(self, row: &[u8], channel: usize, samples: &mut [u16]) {
        if self.pixel_bytes == 2 {
            let pixels = row.as_chunks::<2>().0.iter();
            samples
                .iter_mut()
                .zip(pixels)
                .for_each(|(sample, pixel)| *sample = number::<BIG>(*pixel));
            return;
        }
        for (sample, pixel) in samples.iter_mut().zip(row.chunks_exact(self.pixel_bytes)) {
            *sample = number::<BIG>([pixel[channel], pixel[channel + 1]]);
        }
    }

    /// Puts the samples of a channel into `pixels`: the reverse of [`take`](Self::take). `planes` has two bytes a pixel.
    pub(crate) fn put(self, isa: Isa, planes: &[u8], channel: usize, pixels: &mut [u8]) {
        match self.is_big {
            true => self.put_of::<true>(isa, planes, channel, pixels),
            false => self.put_of::<false>(isa, planes, channel, pixels),
        }
    }

    /// Row by row in passes, of which only the sums along the row depend on one another: 6 times as fast as in one.
    fn put_of<const BIG: bool>(self, isa: Isa, planes: &[u8], channel: usize, pixels: &mut [u8]) {
        let (high, low) = planes.split_at(planes.len() / 2);
        let mut above = vec![0_u16; self.width];
        let mut sums = vec![0_u16; self.width];
        let rows = high.chunks(self.width).zip(low.chunks(self.width));
        for ((high, low), row) in rows.zip(pixels.chunks_mut(self.width * self.pixel_bytes)) {
            for ((&high, &low), sum) in high.iter().zip(low).zip(&mut sums) {
                let zigzag = u16::from_be_bytes([high, low]);
                *sum = (zigzag >> 1) ^ (zigzag & 1).wrapping_neg();
            }
            vertical::running_sum(isa, &mut sums, 0);
            for (above, sum) in above.iter_mut().zip(&sums) {
                *above = above.wrapping_add(*sum);
            }
            self.store::<BIG>(&above, channel, row);
        }
    }

    /// Puts the samples of a channel into a row.
    fn store<const BIG: bool>(self, samples: &[u16], channel: usize, row: &mut [u8]) {
        if self.pixel_bytes == 2 {
            let pixels = row.as_chunks_mut::<2>().0.iter_mut();
            pixels
                .zip(samples)
                .for_each(|(pixel, sample)| *pixel = bytes::<BIG>(*sample));
            return;
        }
        for (pixel, sample) in row.chunks_exact_mut(self.pixel_bytes).zip(samples) {
            pixel[channel..channel + 2].copy_from_slice(&bytes::<BIG>(*sample));
        }
    }
}

fn number<const BIG: bool>(bytes: [u8; 2]) -> u16 {
    match BIG {
        true => u16::from_be_bytes(bytes),
        false => u16::from_le_bytes(bytes),
    }
}

fn bytes<const BIG: bool>(number: u16) -> [u8; 2] {
    match BIG {
        true => number.to_be_bytes(),
        false => number.to_le_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_and_a_plane_is_almost_nothing() {
        for (width, channels, n) in [
            (1, 1, 9),
            (7, 1, 35),
            (7, 3, 35),
            (7, 2, 33),
            (5, 4, 3),
            (3, 1, 0),
        ] {
            for is_big in [false, true] {
                let pixel_bytes = 2 * channels;
                let raster = Raster {
                    width,
                    pixel_bytes,
                    is_big,
                };
                let sample = |i: usize| (i % width * 40 + i / width * 900 + 60_000) as u16;
                let sample = |i| {
                    if is_big {
                        sample(i).to_be_bytes()
                    } else {
                        sample(i).to_le_bytes()
                    }
                };
                let pixels: Vec<u8> = (0..n).flat_map(|i| sample(i).repeat(channels)).collect();
                let mut planes = Vec::new();
                (0..channels).for_each(|channel| raster.take(&pixels, 2 * channel, &mut planes));
                assert_eq!(planes.len(), pixels.len());
                let mut back = vec![0; pixels.len()];
                for (channel, planes) in planes.chunks((2 * n).max(1)).enumerate() {
                    raster.put(Isa::best().unwrap(), planes, 2 * channel, &mut back);
                }
                assert!(back == pixels, "{width} {channels} {n}");
            }
        }
    }
}
