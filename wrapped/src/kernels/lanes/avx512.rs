//! 32 segments side by side, in two registers that do not wait for one another.
#![expect(
    unsafe_code,
    reason = "calls a function compiled for instructions that the tier proves; loads and stores of whole vectors"
)]

use std::arch::x86_64::*;

use crate::kernels::isa::Avx512;

const REGISTERS: usize = 2;
/// Segments of a register: each has four lanes in it.
const SIDE: usize = 16;
const SEGMENTS: usize = SIDE * REGISTERS;

type Registers = [__m512i; REGISTERS];
/// The low bytes of four lanes, for each segment.
type LowBytes = [u32; SEGMENTS];

/// Takes as many bytes as it can, and returns how many.
pub(super) fn take(_tier: Avx512, factors: [u32; 4], bytes: &[u8], lanes: &mut [u32; 4]) -> usize {
    // Long segments, whose guesses are looked at less often, and short ones for what is left.
    // SAFETY: an `Avx512` exists only where the CPU has these features.
    let rest = unsafe { take_pieces::<128>(factors, bytes, lanes) };
    // SAFETY: as above.
    let rest = unsafe { take_pieces::<16>(factors, rest, lanes) };
    bytes.len() - rest.len()
}

/// Takes as many pieces of segments of so many groups as there are, and returns what is left.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn take_pieces<'a, const STEPS: usize>(
    factors: [u32; 4],
    bytes: &'a [u8],
    lanes: &mut [u32; 4],
) -> &'a [u8] {
    if bytes.len() < SEGMENTS * 4 * STEPS {
        return bytes;
    }
    let pieces = bytes.chunks_exact(SEGMENTS * 4 * STEPS);
    let rest = pieces.remainder();
    let mut steps = [[_mm512_setzero_si512(); REGISTERS]; STEPS];
    for piece in pieces {
        side_by_side(piece, &mut steps);
        let mut starts: LowBytes = [0; SEGMENTS];
        starts[0] = u32::from_le_bytes(lanes.map(|lane| lane as u8));
        for bit in [0, 2] {
            low_half(factors, &steps, &mut starts, bit);
        }
        for bit in [4, 6] {
            low_byte(factors, &steps, &mut starts, bit);
        }
        whole_lanes(factors, &steps, &starts, lanes);
    }
    rest
}

/// The next four bytes of every segment, step by step.
#[target_feature(enable = "avx512f,avx512bw")]
fn side_by_side(piece: &[u8], steps: &mut [Registers]) {
    let segment_bytes = 4 * steps.len();
    for (register, segments) in piece.chunks_exact(SIDE * segment_bytes).enumerate() {
        for (part, steps) in steps.as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
            let rows: [__m512i; SIDE] = std::array::from_fn(|i| {
                load(&segments.as_chunks::<64>().0[i * segment_bytes / 64 + part])
            });
            let columns = transposed(rows);
            for (step, column) in steps.iter_mut().zip(columns) {
                step[register] = column;
            }
        }
    }
}

/// Rows of words as columns.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn transposed(rows: [__m512i; SIDE]) -> [__m512i; SIDE] {
    let (mut a, mut b) = (rows, rows);
    for i in 0..8 {
        b[2 * i] = _mm512_unpacklo_epi32(a[2 * i], a[2 * i + 1]);
        b[2 * i + 1] = _mm512_unpackhi_epi32(a[2 * i], a[2 * i + 1]);
    }
    for i in [0, 4, 8, 12] {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    for i in 0..4 {
        for half in [0, 8] {
            let (x, y) = (a[half + i], a[half + i + 4]);
            b[half + i] = _mm512_shuffle_i32x4::<0x88>(x, y);
            b[half + i + 4] = _mm512_shuffle_i32x4::<0xdd>(x, y);
        }
    }
    for i in 0..8 {
        let (x, y) = (b[i], b[i + 8]);
        a[i] = _mm512_shuffle_i32x4::<0x88>(x, y);
        a[i + 8] = _mm512_shuffle_i32x4::<0xdd>(x, y);
    }
    a
}

/// Finds the bits `bit` and `bit + 1` of what segments start with, among the lower four: products of four bits stand in a table.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn low_half(factors: [u32; 4], steps: &[Registers], starts: &mut LowBytes, bit: u32) {
    // A place of the table, and what stands there, has the number of the lane above the four bits.
    let product =
        |i: usize| (i & 0x30) as u8 | (i as u32 & 15).wrapping_mul(factors[i >> 4]) as u8 & 15;
    let table = load(&std::array::from_fn(product));
    let four = _mm512_set1_epi8(15);
    let lanes = _mm512_set1_epi32(0x3020_1000);
    let start = registers(starts).map(|low| _mm512_or_si512(_mm512_and_si512(low, four), lanes));
    let (mut guess, mut other) = (start, flipped(start, bit));
    for step in steps {
        for i in 0..REGISTERS {
            let bytes = _mm512_and_si512(step[i], four);
            let next = |low| _mm512_permutexvar_epi8(_mm512_xor_si512(low, bytes), table);
            (guess[i], other[i]) = (next(guess[i]), next(other[i]));
        }
    }
    resolve(starts, guess, other, bit);
}

/// Finds the bits `bit` and `bit + 1`, among all eight.
#[target_feature(enable = "avx512f,avx512bw")]
fn low_byte(factors: [u32; 4], steps: &[Registers], starts: &mut LowBytes, bit: u32) {
    let pair = |low: u32, high: u32| _mm512_set1_epi32((low & 255 | (high & 255) << 16) as i32);
    let (even, odd) = (pair(factors[0], factors[2]), pair(factors[1], factors[3]));
    let is_even = _mm512_set1_epi16(255);
    let start = registers(starts);
    let (mut guess, mut other) = (start, flipped(start, bit));
    for step in steps {
        for i in 0..REGISTERS {
            let next = |low| {
                let low = _mm512_xor_si512(low, step[i]);
                let evens = _mm512_mullo_epi16(low, even);
                let odds = _mm512_mullo_epi16(_mm512_andnot_si512(is_even, low), odd);
                // Odd bytes, or even ones where they are.
                _mm512_ternarylogic_epi32::<0xf8>(odds, evens, is_even)
            };
            (guess[i], other[i]) = (next(guess[i]), next(other[i]));
        }
    }
    resolve(starts, guess, other, bit);
}

/// Every start with one more bit in each lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn flipped(start: Registers, bit: u32) -> Registers {
    start.map(|low| _mm512_xor_si512(low, _mm512_set1_epi8(1 << bit)))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn registers(starts: &LowBytes) -> Registers {
    let halves: &[[u8; 64]; REGISTERS] = bytemuck::cast_ref(starts);
    [load(&halves[0]), load(&halves[1])]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn low_bytes(ends: Registers) -> LowBytes {
    let mut low = [0; SEGMENTS];
    for (low, end) in low.chunks_exact_mut(SIDE).zip(ends) {
        low.copy_from_slice(&words(end));
    }
    low
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: the array is as long as the vector.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn words(vector: __m512i) -> [u32; SIDE] {
    let mut words = [0; SIDE];
    // SAFETY: the array is as long as the vector.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) };
    words
}

/// Where segments end that start with zeroes from `bit` on, and those that start with a one there, to two bits of where the next
/// ones start. All bits of the first start are known, and were not guessed.
#[inline]
#[target_feature(enable = "avx512f")]
fn resolve(starts: &mut LowBytes, guess: Registers, other: Registers, bit: u32) {
    let (guess, other) = (low_bytes(guess), low_bytes(other));
    let mut wrong = 0;
    for i in 1..SEGMENTS {
        let is_other = (wrong & 0x0101_0101) * 255;
        let end = guess[i - 1] & !is_other | other[i - 1] & is_other;
        wrong = (end >> bit & 0x0303_0303) ^ (wrong & 0x0202_0202);
        starts[i] |= wrong << bit;
    }
}

/// Follows whole lanes, each from its low byte alone: what stands above it is only multiplied.
#[target_feature(enable = "avx512f,avx512bw,avx512dq")]
fn whole_lanes(factors: [u32; 4], steps: &[Registers], starts: &LowBytes, lanes: &mut [u32; 4]) {
    let times = factors.map(|factor| _mm512_set1_epi32(factor as i32));
    let mut ends = registers(starts).map(|low| four_lanes(low));
    for step in steps {
        for i in 0..REGISTERS {
            let bytes = four_lanes(step[i]);
            for lane in 0..4 {
                let sum = _mm512_xor_si512(ends[i][lane], bytes[lane]);
                ends[i][lane] = _mm512_mullo_epi32(sum, times[lane]);
            }
        }
    }
    for lane in 0..4 {
        let power = factors[lane].wrapping_pow(steps.len() as u32);
        for end in ends {
            for end in words(end[lane]) {
                lanes[lane] = (lanes[lane] & !255).wrapping_mul(power).wrapping_add(end);
            }
        }
    }
}

/// The bytes of each lane as words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn four_lanes(bytes: __m512i) -> [__m512i; 4] {
    let low = _mm512_set1_epi32(255);
    [
        _mm512_and_si512(bytes, low),
        _mm512_and_si512(_mm512_srli_epi32::<8>(bytes), low),
        _mm512_and_si512(_mm512_srli_epi32::<16>(bytes), low),
        _mm512_srli_epi32::<24>(bytes),
    ]
}
