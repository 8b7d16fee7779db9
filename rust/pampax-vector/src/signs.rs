//! The first pass: estimates of cosines from signs alone, of 32 rows at a time.
//!
//! A query keeps its values, a row only its signs. The estimate of a cosine is the dot product of query and signs, divided by that of
//! the row and its own signs, which is kept for each row (the correction of `RaBitQ`, Gao and Long, SIGMOD 2024): a row that its signs
//! say badly is not put last.
//!
//! What four signs add to a dot product is one of sixteen numbers, looked up in a table for those four dimensions. The signs of
//! [`GROUP_ROWS`] rows are laid out so that one shuffle looks up sixteen rows in each half of a register ("`FastScan`": André, Kermarrec
//! and Le Scouarnec, VLDB 2015). The numbers of the tables are rounded to six bits; what that does to an estimate is a twentieth of
//! what leaving the sizes out does.
//!
//! Estimates are made of integers, row by row: they are the same however rows are spread over sets, and with or without AVX2.

use crate::codes::{LANES, sign_bytes};
use crate::prefetch::prefetch;
use crate::scan::inverse_length;

/// Rows whose signs are laid out together.
pub(crate) const GROUP_ROWS: usize = 32;
/// Bytes of four dimensions (a quad) of a group: the low half of byte `r` is row `r`'s, the high half row `r + 16`'s.
const QUAD_BYTES: usize = GROUP_ROWS / 2;
/// Entries of a table: what four signs may say.
const ENTRIES: usize = 16;
/// Signs are called for so many bytes ahead.
const BYTES_AHEAD: usize = 4096;
/// Eight numbers of six bits fit a byte's sum only four at a time.
const LARGEST: usize = 63;

/// Lays the signs of rows (one row after the other) out in groups; the last group is filled with zeros.
pub(crate) fn group(signs: &[u8], bytes: usize) -> Vec<u8> {
    let rows = signs.len() / bytes;
    let mut groups = vec![0; rows.div_ceil(GROUP_ROWS) * GROUP_ROWS * bytes];
    for (row, signs) in signs.chunks_exact(bytes).enumerate() {
        let (group, row) = (row / GROUP_ROWS * GROUP_ROWS * bytes, row % GROUP_ROWS);
        let shift = 4 * (row / QUAD_BYTES);
        for (byte, sign) in signs.iter().enumerate() {
            let at = group + 2 * QUAD_BYTES * byte + row % QUAD_BYTES;
            groups[at] |= (sign & 15) << shift;
            groups[at + QUAD_BYTES] |= (sign >> 4) << shift;
        }
    }
    groups
}

/// Reads the signs of the row `row` of a group into `signs`.
pub(crate) fn ungroup_row(group: &[u8], row: usize, signs: &mut [u8]) {
    let shift = 4 * (row / QUAD_BYTES);
    for (quads, sign) in group.chunks_exact(2 * QUAD_BYTES).zip(signs) {
        let (low, high) = (quads[row % QUAD_BYTES], quads[QUAD_BYTES + row % QUAD_BYTES]);
        *sign = low >> shift & 15 | (high >> shift & 15) << 4;
    }
}

/// Reads the signs of all rows of a group, one row after the other.
pub(crate) fn ungroup(group: &[u8], bytes: usize, signs: &mut [u8]) {
    let (first, second) = signs.split_at_mut(QUAD_BYTES * bytes);
    for (byte, quads) in group.chunks_exact(2 * QUAD_BYTES).enumerate() {
        let (low, high) = quads.split_at(QUAD_BYTES);
        for (row, (&low, &high)) in low.iter().zip(high).enumerate() {
            first[row * bytes + byte] = low & 15 | high << 4;
            second[row * bytes + byte] = low >> 4 | high & 0xF0;
        }
    }
}

/// A query for [`crate::VectorSet::estimate`]: tables, in the order in which groups of rows are read. To make one takes as long as
/// to estimate some hundred rows.
#[derive(Debug)]
pub struct SignQuery {
    pub(crate) dimensions: usize,
    /// For each two quads their tables.
    tables: Vec<[u8; 2 * ENTRIES]>,
    /// What a unit of the tables is worth, and what all sums are too large by: parts of a cosine but for the row's factor.
    unit: f32,
    offset: f32,
}

impl SignQuery {
    /// The query for a vector of any number of dimensions.
    pub fn new(query: &[i8]) -> Self {
        let inverse_length = inverse_length(query);
        let bytes = sign_bytes(query.len());
        let value =
            |byte: usize, bit: usize| query.get(bit * bytes + byte).map_or(0, |&value| u32::from(value.unsigned_abs()));
        let is_plus = |byte: usize, bit: usize| query.get(bit * bytes + byte).is_some_and(|&value| value >= 0);
        let sizes: Vec<[u32; 4]> =
            (0..2 * bytes).map(|quad| std::array::from_fn(|bit| value(quad / 2, 4 * (quad % 2) + bit))).collect();
        let whole: u32 = sizes.iter().flatten().sum();
        let most = sizes.iter().map(|sizes| 2 * sizes.iter().sum::<u32>()).max().unwrap_or(0).max(1);
        // The sums of all tables fit 16 bits.
        let largest = LARGEST.min(usize::from(u16::MAX) / (2 * bytes)) as u32;
        let entry = |quad: usize, signs: usize| {
            let agrees = |bit: &usize| is_plus(quad / 2, 4 * (quad % 2) + bit) == (signs >> bit & 1 == 1);
            let sum: u32 = (0..4).filter(agrees).map(|bit| 2 * sizes[quad][bit]).sum();
            ((2 * sum * largest + most) / (2 * most)) as u8
        };
        let tables =
            (0..bytes).map(|byte| std::array::from_fn(|at| entry(2 * byte + at / ENTRIES, at % ENTRIES))).collect();
        let dimensions = query.len();
        Self {
            dimensions,
            tables,
            unit: most as f32 / largest as f32 * inverse_length,
            offset: whole as f32 * inverse_length,
        }
    }

    /// The estimates for rows in groups, as many as there are factors.
    pub(crate) fn estimate(&self, groups: &[u8], factors: &[f32], estimates: &mut [f32]) {
        let rows = factors.chunks(GROUP_ROWS).zip(estimates.chunks_mut(GROUP_ROWS));
        for (group, (factors, estimates)) in groups.chunks_exact(GROUP_ROWS * self.tables.len()).zip(rows) {
            // What the processor reads ahead by itself ends with a page.
            prefetch(group.as_ptr().wrapping_add(BYTES_AHEAD), group.len());
            let sums = self.sums(group);
            for ((&sum, &factor), estimate) in sums.iter().zip(factors).zip(estimates) {
                *estimate = (f32::from(sum) * self.unit - self.offset) * factor;
            }
        }
    }

    /// What the tables say of each row of a group, added up.
    #[inline]
    fn sums(&self, group: &[u8]) -> [u16; GROUP_ROWS] {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the processor has just been asked whether it has AVX2")]
            return unsafe { self.sums_avx2(group) };
        }
        self.sums_portable(group)
    }

    fn sums_portable(&self, group: &[u8]) -> [u16; GROUP_ROWS] {
        let mut sums = [0; GROUP_ROWS];
        for (quads, table) in group.chunks_exact(2 * QUAD_BYTES).zip(&self.tables) {
            for (signs, table) in quads.chunks_exact(QUAD_BYTES).zip(table.chunks_exact(ENTRIES)) {
                for (row, signs) in signs.iter().enumerate() {
                    sums[row] += u16::from(table[usize::from(signs & 15)]);
                    sums[row + QUAD_BYTES] += u16::from(table[usize::from(signs >> 4)]);
                }
            }
        }
        sums
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn sums_avx2(&self, group: &[u8]) -> [u16; GROUP_ROWS] {
        use std::arch::x86_64::{
            __m256i, _mm_add_epi16, _mm_unpackhi_epi16, _mm_unpacklo_epi16, _mm256_add_epi8, _mm256_add_epi16,
            _mm256_and_si256, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_set1_epi8, _mm256_setzero_si256,
            _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16, _mm256_sub_epi16,
        };
        let load = |bytes: &[u8]| bytemuck::pod_read_unaligned::<__m256i>(bytes);
        let low = _mm256_set1_epi8(15);
        // Of the first sixteen rows and of the other sixteen: all sums, and those of odd rows alone.
        let mut all = [_mm256_setzero_si256(); 2];
        let mut odd = [_mm256_setzero_si256(); 2];
        for (quads, tables) in group.chunks_exact(4 * LANES).zip(self.tables.chunks_exact(4)) {
            let mut bytes = [_mm256_setzero_si256(); 2];
            for (quads, table) in quads.chunks_exact(LANES).zip(tables) {
                let (signs, table) = (load(quads), load(table));
                let first = _mm256_shuffle_epi8(table, _mm256_and_si256(signs, low));
                let second = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16::<4>(signs), low));
                bytes = [_mm256_add_epi8(bytes[0], first), _mm256_add_epi8(bytes[1], second)];
            }
            for half in 0..2 {
                all[half] = _mm256_add_epi16(all[half], bytes[half]);
                odd[half] = _mm256_add_epi16(odd[half], _mm256_srli_epi16::<8>(bytes[half]));
            }
        }
        let mut sums = [0_u16; GROUP_ROWS];
        for (half, sums) in sums.chunks_exact_mut(QUAD_BYTES).enumerate() {
            let even = _mm256_sub_epi16(all[half], _mm256_slli_epi16::<8>(odd[half]));
            let both = |sums| _mm_add_epi16(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
            let (even, odd) = (both(even), both(odd[half]));
            let rows: [[u16; 8]; 2] =
                [bytemuck::cast(_mm_unpacklo_epi16(even, odd)), bytemuck::cast(_mm_unpackhi_epi16(even, odd))];
            sums.copy_from_slice(rows.as_flattened());
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codes::{encode, size_bytes};

    fn signs_of(rows: &[&[i8]]) -> (Vec<u8>, Vec<f32>) {
        let bytes = sign_bytes(rows[0].len());
        let mut signs = vec![0; bytes * rows.len()];
        let factors = rows
            .iter()
            .zip(signs.chunks_exact_mut(bytes))
            .map(|(row, signs)| encode(row, signs, &mut vec![0; size_bytes(row.len())]))
            .collect();
        (signs, factors)
    }

    proptest! {
        #[test]
        fn rows_come_back_from_groups(bytes in (1_usize..4).prop_map(|registers| registers * LANES), rows in 1_usize..100, seed: u8) {
            let signs: Vec<u8> = (0..bytes * rows).map(|at| (at as u8).wrapping_mul(151) ^ seed).collect();
            let groups = group(&signs, bytes);
            let mut all = vec![0; groups.len()];
            for (group, all) in groups.chunks_exact(GROUP_ROWS * bytes).zip(all.chunks_exact_mut(GROUP_ROWS * bytes)) {
                ungroup(group, bytes, all);
                for (row, expected) in all.chunks_exact(bytes).enumerate() {
                    let mut signs = vec![0; bytes];
                    ungroup_row(group, row, &mut signs);
                    prop_assert_eq!(&signs, expected);
                }
            }
            prop_assert_eq!(&all[..signs.len()], &signs);
        }

        #[test]
        fn both_copies_agree_and_are_near_the_formula_written_out(
            dimensions in prop_oneof![1_usize..300, Just(256), Just(1031), Just(crate::MAX_DIMENSIONS)],
            seed in proptest::collection::vec(any::<i8>(), 64..512),
        ) {
            let values: Vec<i8> = seed.iter().copied().cycle().take(dimensions * 4).collect();
            let (query, rows) = values.split_at(dimensions);
            let rows: Vec<&[i8]> = rows.chunks(dimensions).collect();
            let (signs, factors) = signs_of(&rows);
            let groups = group(&signs, sign_bytes(dimensions));
            let signs_query = SignQuery::new(query);
            prop_assert_eq!(signs_query.sums(&groups), signs_query.sums_portable(&groups));
            let mut found = [0.0; 3];
            signs_query.estimate(&groups, &factors, &mut found);
            let wide = |row: &[i8]| row.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
            let dot = |left: &[f64], right: &[f64]| left.iter().zip(right).map(|(a, b)| a * b).sum::<f64>();
            for (row, estimate) in rows.into_iter().zip(found) {
                let (row, query) = (wide(row), wide(query));
                let signs: Vec<f64> = row.iter().map(|&value| if value < 0.0 { -1.0 } else { 1.0 }).collect();
                let lengths = (dot(&query, &query) / dot(&row, &row)).sqrt();
                let expected = dot(&query, &signs) / dot(&row, &signs) / lengths;
                // Each of the numbers that are added is rounded by up to half a unit.
                let quads = 2.0 * sign_bytes(dimensions) as f64;
                let most = dot(&row, &row).sqrt() / dot(&row, &signs) * f64::from(signs_query.unit) * quads / 2.0;
                if expected.is_finite() {
                    prop_assert!((f64::from(estimate) - expected).abs() <= most + 1e-4, "{estimate} {expected} {most}");
                } else {
                    prop_assert!(estimate == 0.0);
                }
            }
        }
    }

    #[test]
    fn a_row_is_most_like_itself() {
        let row: Vec<i8> = (0..256).map(|number| ((number * 37) % 201 - 100) as i8).collect();
        let (signs, factors) = signs_of(&[&row]);
        let mut estimate = [0.0];
        let groups = group(&signs, sign_bytes(256));
        SignQuery::new(&row).estimate(&groups, &factors, &mut estimate);
        assert!((estimate[0] - 1.0).abs() < 0.02, "{}", estimate[0]);
    }
}
