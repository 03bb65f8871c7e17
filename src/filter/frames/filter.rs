//! What [`Filter`](crate::filter::Filter) asks, of a filter that ends in zstd.

/// Makes a filter that ends in zstd: its type, which holds the level of zstd and nothing else, and its
/// [`Filter`](crate::filter::Filter). It differs from others by its names and by three functions: which arrays it `accepts`, what
/// writes one at a level (`encoder`), and what reads one (`open`).
macro_rules! filter_of_zstd {
    (
        $(#[$doc:meta])*
        $filter:ident: $id:expr, $name:literal, $price:expr,
        accepts: $accepts:expr, encoder: $encoder:expr, open: $open:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $filter {
            level: $crate::filter::frames::ZstdLevel,
        }

        impl $filter {
            /// Sets the level of zstd: 3 by default.
            #[must_use]
            pub const fn with_level(mut self, level: i32) -> Self {
                self.level = $crate::filter::frames::ZstdLevel(level);
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
                $accepts(spec)
            }

            fn decode_picoseconds(&self, spec: &$crate::ArraySpec) -> u64 {
                $price.of(spec)
            }

            fn level(&self) -> Option<i32> {
                Some(self.level.0)
            }

            fn at_level(
                &self,
                level: i32,
            ) -> $crate::Result<std::sync::Arc<dyn $crate::filter::Filter>> {
                Ok(std::sync::Arc::new(self.with_level(level)))
            }

            fn encoder(
                &self,
                spec: &$crate::ArraySpec,
                context: &$crate::filter::EncodeContext,
            ) -> $crate::Result<Box<dyn $crate::filter::ArrayEncoder>> {
                if !self.accepts(spec) {
                    return Err($crate::filter::frames::refused($name, spec));
                }
                $encoder(self.level, spec, context)
            }

            fn open(
                &self,
                spec: &$crate::ArraySpec,
                payload: $crate::filter::Payload,
                limits: &$crate::Limits,
            ) -> $crate::Result<Box<dyn $crate::filter::ArrayReader>> {
                $open(spec, payload, limits)
            }
        }
    };
}
pub(in crate::filter) use filter_of_zstd;
