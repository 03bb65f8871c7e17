//! What [`Filter`](crate::filter::Filter) asks, of a filter of numbers in pages.

/// Makes a filter of pages: its type, which holds the numbers of a page and, if it has one, a level of the engine, and its
/// [`Filter`](crate::filter::Filter). It differs from others of pages by its names, by what it writes (`encoder`, a function of the
/// type of numbers, which makes an [`Encoder`](super::Encoder)), by its [`PageReader`](super::PageReader), and by the goals that
/// it serves, if these are not all.
macro_rules! filter_of_pages {
    (
        $(#[$doc:meta])*
        $filter:ident: $id:expr, $name:literal, $price:expr,
        encoder: $encoder:ident, reader: $reader:ty $(, serves: $goal:expr)? $(, level: $level:ident)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $filter {
            $($level: u32,)?
            page_numbers: usize,
        }

        impl Default for $filter {
            fn default() -> Self {
                Self {
                    $($level: paginum_wrapped::config::DEFAULT_LEVEL,)?
                    page_numbers: $crate::filter::paged::DEFAULT_PAGE_NUMBERS,
                }
            }
        }

        impl $filter {
            $(
                /// Sets the level of the engine: 8 by default, 0 (fastest) to 12 (smallest), or 13.
                #[must_use]
                pub const fn with_level(mut self, level: u32) -> Self {
                    self.$level = level;
                    self
                }
            )?

            /// Sets the numbers of a page, rounded down to whole rows: 8,192 by default. Reading one row reads its page.
            #[must_use]
            pub const fn with_page_numbers(mut self, n: usize) -> Self {
                self.page_numbers = n;
                self
            }
        }

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
                    i32::try_from(self.$level).ok()
                }

                fn at_level(
                    &self,
                    level: i32,
                ) -> $crate::Result<std::sync::Arc<dyn $crate::filter::Filter>> {
                    match u32::try_from(level) {
                        Ok(level) => Ok(std::sync::Arc::new(self.with_level(level))),
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
