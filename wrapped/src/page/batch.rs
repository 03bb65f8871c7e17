//! One batch of a page: its latent variables on their way through the pipeline, and its end.

use super::scratch::{Batch, VarBatch};
use super::source::Source;
use super::stage::{Current, Offsets, Symbols, Var, decode_both, decode_latents, decode_symbols};
use super::{PageDecoder, PageState};
use crate::delta::CodedN;
use crate::dtype::Latent;
use crate::entropy::N_STATES;
use crate::error::Result;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::tans::DecodeTable;
use crate::mode::Join;

/// A batch and the symbols of the one after it.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) isa: Isa,
    pub(super) source: &'a Source<'a>,
    /// Whether it is an odd one: batches take turns with the places of their symbols.
    pub(super) odd: bool,
    /// Latents that it codes.
    pub(super) n: CodedN,
    /// Latents that the batch after it codes, if that one is wanted, too.
    pub(super) next: Option<CodedN>,
}

/// The latent variables of a page that are decoded in a batch, in the order in which they are stored, each with the place
/// of its latents.
pub(super) struct Vars<'a, J: Join> {
    distances: Option<Placed<'a, u32>>,
    primary: Placed<'a, J::Primary>,
    /// None also where no bits are stored of it.
    secondary: Option<Placed<'a, J::Latent>>,
}

struct Placed<'a, L: Latent> {
    var: Var<'a, L>,
    latents: &'a mut [L],
}

/// What is left of a batch once all its symbols are decoded: to read the offsets of a variable.
pub(super) struct Left {
    primary: Offsets,
    /// If it is this variable; the primary latents are known then.
    secondary: Option<Offsets>,
    /// Where the batch ends in the source, in bits.
    pub(super) end: u64,
}

impl<'a, J: Join> Vars<'a, J> {
    /// Those of a batch of `numbers`.
    #[inline(always)]
    pub(super) fn new(
        decoder: &'a PageDecoder<J>,
        state: &'a mut PageState<J>,
        batch: &'a mut Batch<J>,
        has_coded_seconds: bool,
        numbers: &'a mut [J::Latent],
    ) -> Self {
        let distances = decoder.distances.as_ref();
        let secondary = decoder.secondary.as_ref().filter(|_| has_coded_seconds);
        Self {
            distances: distances
                .map(|table| Placed::new(table, &mut state.distances.ans, &mut batch.distances)),
            primary: Placed {
                var: Var::new(&decoder.primary, &mut state.primary.ans, &mut batch.primary),
                latents: J::place(&mut batch.waiting, numbers),
            },
            secondary: secondary
                .map(|table| Placed::new(table, &mut state.secondary.ans, &mut batch.secondary)),
        }
    }

    /// Symbols of the first variable, which start at `start`: those of later batches come along with the batch before.
    #[inline(always)]
    pub(super) fn first_symbols(&mut self, turn: Turn<'_>, start: u64) -> Offsets {
        let Turn {
            isa,
            source: Source { bytes, .. },
            odd,
            n,
            ..
        } = turn;
        match &mut self.distances {
            Some(distances) => {
                decode_symbols(isa, bytes, distances.var.symbols(odd, start, n.delta))
            }
            None => decode_symbols(isa, bytes, self.primary.var.symbols(odd, start, n.primary)),
        }
    }

    /// Distances, while the symbols of the primary variable are decoded. Without distances, these are the `first` ones.
    #[inline(always)]
    pub(super) fn distances_under_primary(
        &mut self,
        turn: Turn<'_>,
        first: Offsets,
    ) -> Result<Offsets> {
        turn.source.check(first.end)?;
        let Some(distances) = &mut self.distances else {
            return Ok(first);
        };
        let symbols = self
            .primary
            .var
            .symbols(turn.odd, first.end, turn.n.primary);
        let distances = distances.current(turn.odd, first);
        let offsets = decode_both(turn.isa, turn.source.bytes, distances, symbols);
        turn.source.check(offsets.end)?;
        Ok(offsets)
    }

    /// Primary latents, while the symbols of the secondary variable are decoded, if there is one and it has some: else they
    /// are left.
    #[inline(always)]
    pub(super) fn primary_under_secondary(
        &mut self,
        turn: Turn<'_>,
        primary: Offsets,
    ) -> Result<Left> {
        let Turn {
            isa, source, odd, ..
        } = turn;
        let Some(secondary) = &mut self.secondary else {
            return Ok(Left {
                primary,
                secondary: None,
                end: primary.end,
            });
        };
        let symbols = secondary.var.symbols(odd, primary.end, turn.n.secondary);
        let is_single = symbols.is_single();
        let offsets = if is_single {
            decode_symbols(isa, source.bytes, symbols)
        } else {
            let primary = self.primary.current(odd, primary);
            decode_both(isa, source.bytes, primary, symbols)
        };
        source.check(offsets.end)?;
        if is_single {
            decode_latents(isa, source.bytes, secondary.current(odd, offsets));
        }
        Ok(Left {
            primary,
            secondary: (!is_single).then_some(offsets),
            end: offsets.end,
        })
    }

    /// What is left of this batch, while the symbols of the next batch's first variable are decoded, if that may start in
    /// this source. Returns where their offsets lie.
    #[inline(always)]
    pub(super) fn left_under_next(self, turn: Turn<'_>, left: Left) -> Option<Offsets> {
        let Turn {
            isa, source, odd, ..
        } = turn;
        let Self {
            mut distances,
            mut primary,
            secondary,
        } = self;
        let next_n = turn.next.filter(|_| source.may_start(left.end));
        let symbols = (left.end, next_n.map_or(0, |n| n.primary));
        let (primary_now, primary_next) =
            primary
                .var
                .split(odd, left.primary, primary.latents, symbols);
        let next = match (next_n, &mut distances) {
            (None, _) => Next::Nothing,
            (Some(n), Some(distances)) => {
                Next::Distances(distances.var.symbols(!odd, left.end, n.delta))
            }
            (Some(_), None) => Next::Primary(primary_next),
        };
        match (secondary, left.secondary) {
            (Some(mut secondary), Some(offsets)) => {
                next.decode_under(isa, source.bytes, secondary.current(odd, offsets))
            }
            _ => next.decode_under(isa, source.bytes, primary_now),
        }
    }
}

impl<'a, L: Latent> Placed<'a, L> {
    #[inline(always)]
    fn new(
        table: &'a DecodeTable<L>,
        states: &'a mut [u32; N_STATES],
        batch: &'a mut VarBatch<L>,
    ) -> Self {
        Self {
            var: Var::new(table, states, &mut batch.entries),
            latents: &mut batch.latents,
        }
    }

    #[inline(always)]
    fn current(&mut self, odd: bool, offsets: Offsets) -> Current<'_, L> {
        self.var.current(odd, offsets, self.latents)
    }
}

/// The first variable of the next batch, whose symbols come along with the last offsets of this one.
enum Next<'a, L: Latent> {
    Nothing,
    Distances(Symbols<'a, u32>),
    Primary(Symbols<'a, L>),
}

impl<L: Latent> Next<'_, L> {
    /// Decodes these symbols and the latents of `current`, and returns where the symbols' offsets lie.
    #[inline(always)]
    fn decode_under<A: Latent>(
        self,
        isa: Isa,
        bytes: &[u8],
        current: Current<'_, A>,
    ) -> Option<Offsets> {
        match self {
            Self::Nothing => {
                decode_latents(isa, bytes, current);
                None
            }
            Self::Distances(symbols) => Some(decode_both(isa, bytes, current, symbols)),
            Self::Primary(symbols) => Some(decode_both(isa, bytes, current, symbols)),
        }
    }
}

/// The latents of a batch, but for the primary ones, which stand [where the join wants them](Join::place).
pub(super) struct Latents<'a, J: Join> {
    pub(super) waiting: &'a mut J::Waiting,
    /// As many as the batch codes, if the delta encoding has distances.
    pub(super) distances: &'a [u32],
    /// As many as the batch has numbers, if these have a second latent.
    pub(super) secondary: &'a mut [J::Latent],
}

impl<J: Join> Batch<J> {
    /// Those of a decoded batch of `n` numbers.
    #[inline(always)]
    pub(super) fn latents(&mut self, coded: CodedN, n: usize, has_seconds: bool) -> Latents<'_, J> {
        Latents {
            waiting: &mut self.waiting,
            distances: &self.distances.latents[..coded.delta],
            secondary: &mut self.secondary.latents[..if has_seconds { n } else { 0 }],
        }
    }

    /// Those of a batch that has primary latents alone.
    #[inline(always)]
    pub(super) fn primary_latents(waiting: &mut J::Waiting) -> Latents<'_, J> {
        Latents {
            waiting,
            distances: &[],
            secondary: &mut [],
        }
    }
}

/// Ends a batch: turns residuals into the bits of its numbers, and moves the state of the page on to `end_bit`.
///
/// # Errors
/// `Corrupt` for latents that mean no number, and for distances that reach too far.
#[inline(always)]
pub(super) fn finish_batch<J: Join>(
    isa: Isa,
    join: &J,
    state: &mut PageState<J>,
    end_bit: u64,
    latents: Latents<'_, J>,
    numbers: &mut [J::Latent],
) -> Result<()> {
    let Latents {
        waiting,
        distances,
        secondary,
    } = latents;
    let place = J::place(waiting, numbers);
    state.primary.delta.decode(isa, distances, place)?;
    state.secondary.delta.decode(isa, distances, secondary)?;
    isa.call(JoinBatch {
        join,
        waiting,
        secondary,
        numbers,
    })?;
    state.bit = end_bit;
    state.n_left -= numbers.len();
    Ok(())
}

/// The join of a batch, in a function of its own for each tier.
struct JoinBatch<'a, J: Join> {
    join: &'a J,
    waiting: &'a J::Waiting,
    secondary: &'a [J::Latent],
    numbers: &'a mut [J::Latent],
}

impl<J: Join> Kernel for JoinBatch<'_, J> {
    type Output = Result<()>;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> Result<()> {
        self.join.join(self.waiting, self.secondary, self.numbers)
    }
}
