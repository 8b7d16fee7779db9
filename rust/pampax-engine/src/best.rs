//! The best of many, found without keeping all.

use std::cmp::Ordering;

/// The rows with the greatest values, found without keeping all.
pub(crate) struct Best {
    limit: usize,
    /// A row below this is not among the best.
    least: f32,
    rows: Vec<(f32, u32)>,
}

impl Best {
    /// Room for the best `limit` rows with positive values.
    pub(crate) fn new(limit: usize) -> Self {
        // Nothing is offered to a source that may propose nothing.
        let least = if limit == 0 { f32::INFINITY } else { f32::MIN_POSITIVE };
        Self { limit, least, rows: Vec::with_capacity(2 * limit) }
    }

    /// Takes rows with negative values and zero, too.
    #[must_use]
    pub(crate) fn of_all_signs(self) -> Self {
        Self { least: f32::NEG_INFINITY, ..self }
    }

    /// A row below this is not among the best.
    pub(crate) fn least(&self) -> f32 {
        self.least
    }

    /// As many rows at or above `least` were found elsewhere: those below it are not among the best of all.
    pub(crate) fn expect(&mut self, least: f32) {
        self.least = self.least.max(least);
    }

    /// Takes a row if its value is positive and may be among the best.
    pub(crate) fn offer(&mut self, value: f32, row: u32) {
        if value < self.least {
            return;
        }
        self.rows.push((value, row));
        if self.rows.len() == self.rows.capacity() {
            let (_, (least, _), _) =
                self.rows.select_nth_unstable_by(self.limit - 1, |left, right| right.0.total_cmp(&left.0));
            self.least = self.least.max(*least);
            // Equals of the last one stay: which of them are taken is decided at the end.
            self.rows.retain(|&(value, _)| value >= self.least);
            if self.rows.len() > self.rows.capacity() * 3 / 4 {
                self.rows.reserve(self.rows.len());
            }
        }
    }

    /// The best rows, the best first; equals as `order` has them.
    pub(crate) fn finish(mut self, order: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
        self.cut(&order);
        self.rows.sort_unstable_by(|left, right| best_of(*left, *right, &order));
        self.rows.into_iter().map(|(_, row)| row).collect()
    }

    /// The best rows, in no order; which of equals are among them is decided by `order`.
    pub(crate) fn kept(mut self, order: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
        self.cut(&order);
        self.rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Whether nothing was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether there is no room for more but in place of others.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= self.limit
    }

    /// Rows among which the best are.
    pub(crate) fn into_rows(self) -> Vec<(f32, u32)> {
        self.rows
    }

    fn cut(&mut self, order: &impl Fn(u32, u32) -> Ordering) {
        if self.rows.len() > self.limit {
            self.rows.select_nth_unstable_by(self.limit, |left, right| best_of(*left, *right, order));
            self.rows.truncate(self.limit);
        }
    }
}

/// Orders rows by value, the greatest first, and equals by `order`.
fn best_of(left: (f32, u32), right: (f32, u32), order: &impl Fn(u32, u32) -> Ordering) -> Ordering {
    right.0.total_cmp(&left.0).then_with(|| order(left.1, right.1))
}
