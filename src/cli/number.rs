//! The value of an element as a number, and when two of them are close.

use crate::dtype::{DType, Kind};
use crate::text::{integer, unsigned};
use crate::wrapped::f16;

/// What an element is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// Of any width and sign.
    Int(i128),
    /// Of at most 64 bits.
    Float(f64),
    /// Real and imaginary part.
    Complex(f64, f64),
}

impl Number {
    /// The value of an element, whose bytes are `item` in this machine's order; none where it is no number, and for long
    /// doubles, which this machine may not have.
    pub(super) fn of(dtype: DType, item: &[u8]) -> Option<Self> {
        match dtype.kind() {
            Kind::Int => Some(Self::Int(integer(item).into())),
            Kind::UInt => Some(Self::Int(unsigned(item).into())),
            Kind::Float => Some(Self::Float(float(item)?)),
            Kind::Complex => {
                let (re, im) = item.split_at(item.len() / 2);
                Some(Self::Complex(float(re)?, float(im)?))
            }
            _ => None,
        }
    }

    /// Whether elements of this type are numbers.
    pub(super) fn is_of(dtype: DType) -> bool {
        match dtype.kind() {
            Kind::Int | Kind::UInt => true,
            Kind::Float => dtype.item_bytes() <= 8,
            Kind::Complex => dtype.item_bytes() <= 16,
            _ => false,
        }
    }

    fn parts(self) -> (f64, f64) {
        match self {
            Self::Int(value) => (value as f64, 0.0),
            Self::Float(value) => (value, 0.0),
            Self::Complex(re, im) => (re, im),
        }
    }
}

/// How far apart numbers may be: the rule of numpy's `allclose`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tolerance {
    /// Times the size of the second number.
    pub(super) relative: f64,
    /// Whatever the size.
    pub(super) absolute: f64,
}

impl Tolerance {
    /// Whether `a` is as close to `b` as is asked for. NaN is close to NaN, an infinity to itself.
    pub(super) fn allows(self, a: Number, b: Number) -> bool {
        let allowed = |size: f64| self.absolute + self.relative * size;
        if let (Number::Int(a), Number::Int(b)) = (a, b) {
            // Exact, where floats would round both.
            return a == b || a.abs_diff(b) as f64 <= allowed(b.unsigned_abs() as f64);
        }
        let ((a_re, a_im), (b_re, b_im)) = (a.parts(), b.parts());
        let is_nan = |re: f64, im: f64| re.is_nan() || im.is_nan();
        match (is_nan(a_re, a_im), is_nan(b_re, b_im)) {
            (true, true) => return true,
            (false, false) => (),
            _ => return false,
        }
        if [a_re, a_im, b_re, b_im].iter().all(|part| part.is_finite()) {
            (a_re - b_re).hypot(a_im - b_im) <= allowed(b_re.hypot(b_im))
        } else {
            (a_re, a_im) == (b_re, b_im)
        }
    }
}

fn float(item: &[u8]) -> Option<f64> {
    match *item {
        [a, b] => Some(f16::from_ne_bytes([a, b]).into()),
        [a, b, c, d] => Some(f32::from_ne_bytes([a, b, c, d]).into()),
        [a, b, c, d, e, f, g, h] => Some(f64::from_ne_bytes([a, b, c, d, e, f, g, h])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Complex, Float, Int};
    use super::*;

    fn close(a: Number, b: Number, relative: f64, absolute: f64) -> bool {
        let tolerance = Tolerance { relative, absolute };
        tolerance.allows(a, b)
    }

    #[test]
    fn closeness_is_that_of_numpy() {
        assert!(close(Float(1.1), Float(1.0), 0.11, 0.0));
        assert!(!close(Float(1.1), Float(1.0), 0.0, 0.05));
        // The second number counts: 10 is within a tenth of 11, 11 not of 10.
        assert!(close(Float(10.0), Float(11.0), 0.095, 0.0));
        assert!(!close(Float(11.0), Float(10.0), 0.095, 0.0));
        assert!(close(Float(0.0), Float(-0.0), 0.0, 0.0));
        assert!(close(Float(f64::NAN), Float(-f64::NAN), 0.0, 0.0));
        assert!(!close(Float(f64::NAN), Float(0.0), 1.0, f64::INFINITY));
        assert!(close(Float(f64::INFINITY), Float(f64::INFINITY), 0.0, 0.0));
        assert!(!close(Float(1e308), Float(f64::INFINITY), 1.0, 1.0));
        assert!(!close(
            Float(f64::NEG_INFINITY),
            Float(f64::INFINITY),
            1.0,
            1.0
        ));
        assert!(close(Complex(3.0, 4.0), Complex(3.0, 3.5), 0.0, 0.5));
        assert!(!close(Complex(3.0, 4.0), Float(3.0), 0.0, 3.9));
        assert!(close(Int(3), Float(3.0), 0.0, 0.0));
    }

    #[test]
    fn integers_are_compared_exactly() {
        let large = 1 << 60;
        assert!(!close(Int(large), Int(large + 1), 0.0, 0.5));
        assert!(close(Int(large), Int(large + 1), 0.0, 1.0));
        assert!(close(Int(u64::MAX.into()), Int(i64::MIN.into()), 3.1, 0.0));
    }
}
