//! CPU tiers, and the trampoline that compiles a whole loop once for each.
//!
//! A tier is a zero-sized proof that the CPU has certain instructions; only [`Isa`] makes one. [`Isa::run`] takes a
//! [`Kernel`], whose `run` is `#[inline(always)]` and generic over the tier, and instantiates it inside a function that
//! carries the tier's `#[target_feature]`: everything that is inlined there gets the tier's instructions, there and
//! nowhere else. Detection happens once; loops never detect.
//!
//! The environment variable `PAGINUM_ISA` (`scalar`, `avx2`, `avx512`) forces a tier; one that the CPU lacks is an error.
#![expect(
    unsafe_code,
    reason = "calls a function compiled for instructions that the tier proves"
)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_storeu_si128};
use std::fmt;
use std::sync::OnceLock;

use bytemuck::NoUninit;

use crate::error::{Error, Result};

/// No proof: portable code, compiled for the target's baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scalar(());

/// Proof that the CPU has AVX2, BMI1, BMI2 and LZCNT: only [`Isa`] makes one.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Avx2(());

/// Proof that the CPU has AVX-512 F, BW, DQ, VL and VBMI, and all that [`Avx2`] proves: only [`Isa`] makes one.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Avx512(Avx2);

/// The CPU tier that kernels are run at. All tiers give the same bytes. Which tiers there are differs between processors
/// and releases, so that callers know them by [`name`](Self::name) alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Isa(Known);

/// The tiers, for the kernels that have a form of their own for some.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Known {
    /// Portable code.
    Scalar(Scalar),
    /// AVX2, BMI1, BMI2, LZCNT.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// AVX-512 F, BW, DQ, VL, VBMI and all of the above.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

/// What differs between tiers below whole loops: instructions that the compiler does not choose well by itself.
///
/// # Safety
/// Loops take addresses from what these return: `low_bits` is at most `2^n_bits - 1` for the low byte of `n_bits`, and
/// `in_register` and `copy_whole` return and write what they are given.
pub(crate) unsafe trait Tier: Copy + Send + Sync + 'static {
    /// The tier as a value. It is a constant where a loop is compiled for the tier, so that a `match` on it costs
    /// nothing there.
    fn isa(self) -> Isa;

    /// As many low bits of `word` as the low byte of `n_bits` says: at most 63. Its other bytes are ignored.
    fn low_bits(self, word: u64, n_bits: u64) -> u64;

    /// The same word, in a general register. LLVM's SLP vectoriser would gather the four words of a tANS group into a
    /// vector register, which doubles to triples the latency of the loop; it does not see through this.
    #[inline(always)]
    fn in_register(self, word: u64) -> u64 {
        word
    }

    /// Copies a value, one of 16 bytes through a vector register: as two words, it would take two of the general ones,
    /// of which loops are short.
    #[inline(always)]
    fn copy_whole<T: NoUninit>(self, from: &T, to: &mut T) {
        *to = *from;
    }
}

// SAFETY: a mask of so many low bits; the rest is as the trait has it.
unsafe impl Tier for Scalar {
    #[inline(always)]
    fn isa(self) -> Isa {
        Isa(Known::Scalar(self))
    }

    #[inline(always)]
    fn low_bits(self, word: u64, n_bits: u64) -> u64 {
        word & ((1 << (n_bits % 64)) - 1)
    }
}

// SAFETY: `bzhi` clears the bits from the count on; the other two change no value.
#[cfg(target_arch = "x86_64")]
unsafe impl Tier for Avx2 {
    #[inline(always)]
    fn isa(self) -> Isa {
        Isa(Known::Avx2(self))
    }

    #[inline(always)]
    fn low_bits(self, word: u64, n_bits: u64) -> u64 {
        // The intrinsic's count is of 32 bits, for which LLVM clears bits that the instruction ignores.
        let bits;
        // SAFETY: an `Avx2` exists only where the CPU has BMI2; the instruction has no other effect.
        unsafe {
            std::arch::asm!(
                "bzhi {bits}, {word}, {n_bits}",
                bits = lateout(reg) bits,
                word = in(reg) word,
                n_bits = in(reg) n_bits,
                options(pure, nomem, nostack)
            );
        }
        bits
    }

    #[inline(always)]
    fn in_register(self, mut word: u64) -> u64 {
        // SAFETY: no instruction at all.
        unsafe {
            std::arch::asm!("/* {} */", inlateout(reg) word, options(pure, nomem, nostack, preserves_flags));
        }
        word
    }

    #[inline(always)]
    fn copy_whole<T: NoUninit>(self, from: &T, to: &mut T) {
        if size_of::<T>() != size_of::<__m128i>() {
            *to = *from;
            return;
        }
        // SAFETY: every x86-64 CPU has SSE2; the value is as long as the vector, and all its bytes are initialized.
        let bytes = unsafe { _mm_loadu_si128(std::ptr::from_ref(from).cast()) };
        // SAFETY: as above; and the bytes are those of a `T`.
        unsafe { _mm_storeu_si128(std::ptr::from_mut(to).cast(), bytes) };
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx512 {
    /// What it proves beside AVX-512: for kernels that gain nothing from the wider registers.
    pub(crate) fn avx2(self) -> Avx2 {
        self.0
    }
}

// SAFETY: those of AVX2.
#[cfg(target_arch = "x86_64")]
unsafe impl Tier for Avx512 {
    #[inline(always)]
    fn isa(self) -> Isa {
        Isa(Known::Avx512(self))
    }

    #[inline(always)]
    fn low_bits(self, word: u64, n_bits: u64) -> u64 {
        self.0.low_bits(word, n_bits)
    }

    #[inline(always)]
    fn in_register(self, word: u64) -> u64 {
        self.0.in_register(word)
    }

    #[inline(always)]
    fn copy_whole<T: NoUninit>(self, from: &T, to: &mut T) {
        self.0.copy_whole(from, to);
    }
}

/// A loop that is compiled once for each tier.
pub(crate) trait Kernel {
    /// What the loop returns.
    type Output;
    /// Runs the loop; to be marked `#[inline(always)]`, as must be all that it calls.
    fn run<S: Tier>(self, tier: S) -> Self::Output;
}

impl Isa {
    /// Portable code: available everywhere.
    pub const SCALAR: Self = Self(Known::Scalar(Scalar(())));

    /// The tiers that this CPU has, slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        #[cfg_attr(
            not(target_arch = "x86_64"),
            expect(unused_mut, reason = "other processors have no tier beside it")
        )]
        let mut tiers = vec![Self::SCALAR];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
        {
            tiers.push(Self(Known::Avx2(Avx2(()))));
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512cd")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vbmi")
            {
                tiers.push(Self(Known::Avx512(Avx512(Avx2(())))));
            }
        }
        tiers
    }

    /// The tier that `PAGINUM_ISA` names, or else the fastest that this CPU has. Detected once for the process.
    ///
    /// # Errors
    /// `InvalidArgument` if `PAGINUM_ISA` names no tier of this CPU.
    pub fn best() -> Result<Self> {
        static BEST: OnceLock<Option<Isa>> = OnceLock::new();
        let best = *BEST.get_or_init(|| {
            let available = Self::available();
            match std::env::var("PAGINUM_ISA") {
                Err(_) => available.last().copied(),
                Ok(name) => available.into_iter().find(|isa| isa.name() == name),
            }
        });
        best.ok_or_else(|| Error::invalid("PAGINUM_ISA names no tier that this CPU has"))
    }

    /// The name that `PAGINUM_ISA` knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Known::Scalar(_) => "scalar",
            #[cfg(target_arch = "x86_64")]
            Known::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Known::Avx512(_) => "avx512",
        }
    }

    /// The tier, to be matched on. A constant where a loop is compiled for one.
    #[inline(always)]
    pub(crate) fn known(self) -> Known {
        self.0
    }

    /// Runs a kernel with this tier's instructions, as a function of its own: for what a loop calls a batch at a time,
    /// so that it is compiled once and not into each loop.
    #[inline]
    pub(crate) fn call<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        fn run<K: Kernel>(isa: Isa, kernel: K) -> K::Output {
            isa.run(kernel)
        }
        run(self, kernel)
    }

    /// Runs a kernel with this tier's instructions.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Known::Scalar(tier) => kernel.run(tier),
            #[cfg(target_arch = "x86_64")]
            Known::Avx2(tier) => {
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
                fn run<K: Kernel>(tier: Avx2, kernel: K) -> K::Output {
                    kernel.run(tier)
                }
                // SAFETY: an `Avx2` exists only where the CPU has these features.
                unsafe { run(tier, kernel) }
            }
            #[cfg(target_arch = "x86_64")]
            Known::Avx512(tier) => {
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
                #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi")]
                fn run<K: Kernel>(tier: Avx512, kernel: K) -> K::Output {
                    kernel.run(tier)
                }
                // SAFETY: an `Avx512` exists only where the CPU has these features.
                unsafe { run(tier, kernel) }
            }
        }
    }
}

impl fmt::Debug for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
