//! The other spellings of dtypes that numpy reads: letters (`d`, `?`) and names (`float64`).
//!
//! numpy itself writes a kind and a size. Headers that other programs wrote, and people, use the rest. Sizes of C's
//! `long` and its kin are those of 64-bit Unix, where such files come from.

/// numpy's letter for a type and what it stands for. Only alone: with a size, `b1` is a bool and no int8.
const LETTERS: [(char, &str); 30] = [
    ('?', "b1"),
    ('b', "i1"),
    ('B', "u1"),
    ('h', "i2"),
    ('H', "u2"),
    ('i', "i4"),
    ('I', "u4"),
    ('l', "i8"),
    ('L', "u8"),
    ('q', "i8"),
    ('Q', "u8"),
    ('p', "i8"),
    ('P', "u8"),
    ('n', "i8"),
    ('N', "u8"),
    ('e', "f2"),
    ('f', "f4"),
    ('d', "f8"),
    ('g', "f16"),
    ('F', "c8"),
    ('D', "c16"),
    ('G', "c32"),
    ('c', "S1"),
    ('S', "S0"),
    ('a', "S0"),
    ('U', "U0"),
    ('V', "V0"),
    ('M', "M8"),
    ('m', "m8"),
    ('O', "O"),
];

/// numpy's names of types, which take no byte order.
const NAMES: [(&str, &str); 49] = [
    ("bool", "b1"),
    ("bool_", "b1"),
    ("int8", "i1"),
    ("int16", "i2"),
    ("int32", "i4"),
    ("int64", "i8"),
    ("uint8", "u1"),
    ("uint16", "u2"),
    ("uint32", "u4"),
    ("uint64", "u8"),
    ("float16", "f2"),
    ("float32", "f4"),
    ("float64", "f8"),
    ("float128", "f16"),
    ("complex64", "c8"),
    ("complex128", "c16"),
    ("complex256", "c32"),
    ("byte", "i1"),
    ("short", "i2"),
    ("intc", "i4"),
    ("int", "i8"),
    ("int_", "i8"),
    ("intp", "i8"),
    ("long", "i8"),
    ("longlong", "i8"),
    ("ubyte", "u1"),
    ("ushort", "u2"),
    ("uintc", "u4"),
    ("uint", "u8"),
    ("uintp", "u8"),
    ("ulong", "u8"),
    ("ulonglong", "u8"),
    ("half", "f2"),
    ("single", "f4"),
    ("double", "f8"),
    ("float", "f8"),
    ("longdouble", "f16"),
    ("csingle", "c8"),
    ("cdouble", "c16"),
    ("complex", "c16"),
    ("clongdouble", "c32"),
    ("bytes", "S0"),
    ("bytes_", "S0"),
    ("str", "U0"),
    ("str_", "U0"),
    ("unicode", "U0"),
    ("void", "V0"),
    ("object", "O"),
    ("object_", "O"),
];

/// Names of times, behind which a unit may stand.
const TIMES: [(&str, &str); 2] = [("datetime64", "M8"), ("timedelta64", "m8")];

/// The spelling of kind and size that `text`, without its byte order, stands for, if it is another one.
pub(super) fn canonical(text: &str, has_order: bool) -> Option<String> {
    let mut characters = text.chars();
    if let (Some(letter), None) = (characters.next(), characters.next()) {
        let found = LETTERS.iter().find(|(known, _)| *known == letter);
        return found.map(|(_, canonical)| (*canonical).to_owned());
    }
    if !has_order && let Some((_, canonical)) = NAMES.iter().find(|(known, _)| *known == text) {
        return Some((*canonical).to_owned());
    }
    if let Some(size) = text.strip_prefix('a') {
        return Some(format!("S{size}"));
    }
    TIMES.iter().find_map(|(name, canonical)| {
        let unit = text.strip_prefix(name)?;
        Some(format!("{canonical}{unit}"))
    })
}
