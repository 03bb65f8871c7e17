//! 16-bit samples as what they are more than `left + above - above left`, modulo 2^16, by zigzag: first the high bytes of
//! all, then the low ones. What is outside of the picture counts as 0.

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

    fn take_of<const BIG: bool>(self, pixels: &[u8], channel: usize, planes: &mut Vec<u8>) {
        let n = pixels.len() / self.pixel_bytes;
        let start = planes.len();
        planes.resize(start + 2 * n, 0);
        let (mut high, mut low) = planes[start..].split_at_mut(n);
        let mut above = vec![0_u16; self.width];
        for row in pixels.chunks(self.width * self.pixel_bytes) {
            let mut left = 0_u16;
            let n = row.len() / self.pixel_bytes;
            let (row_high, rest_high) = high.split_at_mut(n);
            let (row_low, rest_low) = low.split_at_mut(n);
            (high, low) = (rest_high, rest_low);
            let places = row_high.iter_mut().zip(row_low).zip(&mut above);
            for (((high, low), above), pixel) in places.zip(row.chunks_exact(self.pixel_bytes)) {
                let sample = number::<BIG>([pixel[channel], pixel[channel + 1]]);
                let vertical = sample.wrapping_sub(*above);
                let difference = vertical.wrapping_sub(left);
                (*above, left) = (sample, vertical);
                let zigzag = (difference << 1) ^ (difference >> 15).wrapping_neg();
                [*high, *low] = zigzag.to_be_bytes();
            }
        }
    }

    /// Puts the samples of a channel into `pixels`: the reverse of [`take`](Self::take). `planes` has two bytes a pixel.
    pub(crate) fn put(self, planes: &[u8], channel: usize, pixels: &mut [u8]) {
        match self.is_big {
            true => self.put_of::<true>(planes, channel, pixels),
            false => self.put_of::<false>(planes, channel, pixels),
        }
    }

    fn put_of<const BIG: bool>(self, planes: &[u8], channel: usize, pixels: &mut [u8]) {
        let (high, low) = planes.split_at(planes.len() / 2);
        let mut above = vec![0_u16; self.width];
        let rows = high.chunks(self.width).zip(low.chunks(self.width));
        for ((high, low), row) in rows.zip(pixels.chunks_mut(self.width * self.pixel_bytes)) {
            let mut sum = 0_u16;
            let differences = high.iter().zip(low).zip(&mut above);
            let row = row.chunks_exact_mut(self.pixel_bytes);
            for (((&high, &low), above), pixel) in differences.zip(row) {
                let zigzag = u16::from_be_bytes([high, low]);
                sum = sum.wrapping_add((zigzag >> 1) ^ (zigzag & 1).wrapping_neg());
                *above = above.wrapping_add(sum);
                pixel[channel..channel + 2].copy_from_slice(&bytes::<BIG>(*above));
            }
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
                    raster.put(planes, 2 * channel, &mut back);
                }
                assert!(back == pixels, "{width} {channels} {n}");
            }
        }
    }
}
