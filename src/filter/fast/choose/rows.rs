//! Whether words are most like those a row before.

use super::{Candidate, Chooser, charge};
use crate::filter::fast::packed;
use crate::filter::fast::sample::Sample;
use crate::filter::fast::scheme::Scheme;
use crate::filter::fast::word::{Order, Word};

impl Chooser<'_> {
    /// Offers rows of each length that the shape tells for one of `k` components, where a page and a stretch hold several.
    pub(super) fn offer_rows<L: Word>(
        &self,
        best: &mut Candidate<L>,
        sample: &Sample<L>,
        k: usize,
    ) {
        let longest = sample.stretches.iter().map(Vec::len).max().unwrap_or(0);
        let page_n = self.page_n / k;
        let row_ns = self.shape.rows_of_component(k);
        let row_ns: Vec<usize> = row_ns
            .filter(|row_n| 2 * row_n <= longest.min(page_n))
            .collect();
        if row_ns.is_empty() {
            return;
        }
        let ordered = self.ordered(sample);
        let neighbours = Scheme::Delta(Box::new(Scheme::Packed));
        let neighbours = self.bytes(&ordered, &neighbours) as f64 / sample.n as f64;
        for row_n in row_ns {
            // Each page begins with a row of its own, a stretch does so once.
            let of_first = row_n as f64 / page_n as f64;
            let below = self.bytes_below(&ordered, row_n);
            let bytes = of_first * neighbours + (1.0 - of_first) * below;
            best.offer(|| self.rows(row_n), bytes * sample.n as f64 * charge::ROWS);
        }
    }

    /// Bytes of a word that is not in the first row.
    fn bytes_below<L: Word>(&self, ordered: &Sample<L>, row_n: usize) -> f64 {
        let (mut bytes, mut n) = (0, 0);
        for stretch in &ordered.stretches {
            let below = stretch.get(row_n..).unwrap_or_default().iter();
            let steps = below
                .zip(stretch)
                .map(|(word, above)| word.wrapping_sub(above));
            let steps: Vec<L> = steps.collect();
            bytes += packed::size(self.isa, &steps, Order::Signed.flip());
            n += steps.len();
        }
        bytes as f64 / n.max(1) as f64
    }

    fn rows<L: Word>(&self, row_n: usize) -> Scheme<L> {
        let rows = Scheme::Rows {
            row_n: row_n as u32,
            inner: Box::new(Scheme::Packed),
        };
        match self.order {
            Order::Float => Scheme::Ordered(Box::new(rows)),
            _ => rows,
        }
    }
}
