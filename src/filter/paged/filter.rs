//! What [`Filter`](crate::filter::Filter) asks, of a filter of numbers in pages.

/// Implements [`Filter`](crate::filter::Filter) for a filter that differs from others of pages by its names, by what it writes
/// (`encoder`, a function of the type of numbers, which makes an [`Encoder`](super::Encoder)), by its
/// [`PageReader`](super::PageReader), by the goals that it serves, if these are not all, and by how its field `level` is set, if it
/// has one.
macro_rules! filter_of_pages {
    (
        $filter:ident: $id:expr, $name:literal, $price:expr,
        encoder: $encoder:ident, reader: $reader:ty $(, serves: $goal:expr)? $(, level: $with_level:ident)?
    ) => {
        impl $crate::filter::Filter for $filter {
            fn id(&self) -> $crate::filter::FilterId {
                $id
            }

            fn name(&self) -> &'static str {
                $name
            }

            fn accepts(&self, spec: &$crate::ArraySpec) -> bool {
                spec.dtype().number_type().is_some()
            }

            fn decode_picoseconds(&self, spec: &$crate::ArraySpec) -> u64 {
                $price.of(spec)
            }

            $(
                fn serves(&self, goal: $crate::filter::Goal) -> bool {
                    goal == $goal
                }
            )?

            $(
                fn level(&self) -> Option<i32> {
                    i32::try_from(self.level).ok()
                }

                fn at_level(
                    &self,
                    level: i32,
                ) -> $crate::Result<std::sync::Arc<dyn $crate::filter::Filter>> {
                    match u32::try_from(level) {
                        Ok(level) => Ok(std::sync::Arc::new(self.$with_level(level))),
                        Err(_) => Err($crate::filter::paged::no_level(level)),
                    }
                }
            )?

            fn encoder(
                &self,
                spec: &$crate::ArraySpec,
                context: &$crate::filter::EncodeContext,
            ) -> $crate::Result<Box<dyn $crate::filter::ArrayEncoder>> {
                let words = $crate::filter::paged::Words::required(spec, $name)?;
                Ok(paginum_wrapped::with_number_type!(words.number_type, |T| {
                    Box::new($encoder::<T>(self, spec, words, context)?)
                }))
            }

            fn open(
                &self,
                spec: &$crate::ArraySpec,
                payload: $crate::filter::Payload,
                limits: &$crate::Limits,
            ) -> $crate::Result<Box<dyn $crate::filter::ArrayReader>> {
                use $crate::filter::paged::{Reader, Words};
                let words = Words::required(spec, $name)?;
                Ok(paginum_wrapped::with_number_type!(words.number_type, |T| {
                    Box::new(Reader::<T, $reader>::open(spec, words, &payload, limits)?)
                }))
            }
        }
    };
}
pub(in crate::filter) use filter_of_pages;
