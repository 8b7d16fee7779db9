//! How a row is kept: two bits a dimension for a first pass, and two more that make it fine.
//!
//! A value is coded by its sign and by whether it is larger than the root mean square of its row. Alone these two bits stand for the
//! levels −3, −1, 1 and 3, spaced about as is best for normally distributed values (Max, "Quantizing for minimum distortion", 1960),
//! and give estimates of cosines. The other two bits cut each of the four ranges into four: sixteen levels, of which a row is made
//! again (`decode`). A query keeps its int8 values. The estimate of a cosine is the dot product of query and code, divided by that of row and code, which is
//! kept for each row (the correction of `RaBitQ`, Gao and Long, SIGMOD 2024): a row that its code says badly is not put last.
//!
//! A code depends on its own row alone. So estimates are the same however rows are spread over sets. Codes are copied from set to
//! set as they are: a row that was made again and coded once more might differ.

use crate::format::ALIGNMENT;

/// Bytes that are read at once: what one vector register takes.
const LANES: usize = 32;

/// Bytes of the code of a row: so many that each begins where a section may begin, and whole registers.
pub(crate) fn code_bytes(dimensions: usize) -> usize {
    dimensions.div_ceil(4).next_multiple_of(ALIGNMENT)
}

/// What the sixteen codes stand for, with a root mean square of 48: by the first two bits, then by the other two.
const LEVELS: [i8; 16] = [-55, -70, -89, -118, -6, -18, -30, -42, 6, 18, 30, 42, 55, 70, 89, 118];
/// Where the ranges beyond the root mean square end, as squares in hundredths: at 1.3, 1.66 and 2.16 times of it.
const FAR_ENDS: [i64; 3] = [169, 276, 467];

/// Writes the codes of `row` into `code` (the first two bits) and `rest` (the other two), which are zero; gives the length of the
/// row divided by the dot product of row and first code, 0 for a row of zeros. Dimension `d` is in byte `d % code.len()`.
pub(crate) fn encode(row: &[i8], code: &mut [u8], rest: &mut [u8]) -> f32 {
    let square: i64 = row.iter().map(|&value| i64::from(value) * i64::from(value)).sum();
    let mut product = 0_i64;
    for (values, field) in row.chunks(code.len()).zip(0..) {
        for ((&value, byte), fine) in values.iter().zip(code.iter_mut()).zip(rest.iter_mut()) {
            let wide = i64::from(value);
            let scaled = wide * wide * row.len() as i64;
            let is_far = scaled > square;
            let passed = match is_far {
                true => FAR_ENDS.iter().filter(|&&end| 100 * scaled > end * square).count(),
                false => (1..4).filter(|&quarter| 16 * scaled > quarter * quarter * square).count(),
            };
            *fine |= (passed as u8) << (2 * field);
            let number = match (value >= 0, is_far) {
                (true, true) => 3,
                (true, false) => 2,
                (false, false) => 1,
                (false, true) => 0,
            };
            *byte |= number << (2 * field);
            product += wide * (2 * i64::from(number) - 3);
        }
    }
    if product == 0 { 0.0 } else { ((square as f64).sqrt() / product as f64) as f32 }
}

/// Makes rows of `dimensions` values again from their codes, one row after the other.
pub(crate) fn decode(codes: &[u8], rests: &[u8], dimensions: usize, rows: &mut [i8]) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has just been asked whether it has AVX2")]
        return unsafe { decode_avx2(codes, rests, dimensions, rows) };
    }
    decode_portable(codes, rests, dimensions, rows);
}

fn decode_portable(codes: &[u8], rests: &[u8], dimensions: usize, rows: &mut [i8]) {
    let bytes = code_bytes(dimensions);
    let coded = codes.chunks_exact(bytes).zip(rests.chunks_exact(bytes));
    for ((code, rest), row) in coded.zip(rows.chunks_exact_mut(dimensions)) {
        for (values, field) in row.chunks_mut(bytes).zip(0..) {
            for ((&first, &fine), value) in code.iter().zip(rest).zip(values) {
                *value = LEVELS[usize::from((first >> (2 * field) & 3) << 2 | fine >> (2 * field) & 3)];
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn decode_avx2(codes: &[u8], rests: &[u8], dimensions: usize, rows: &mut [i8]) {
    use std::arch::x86_64::{
        __m256i, _mm_cvtsi32_si128, _mm256_and_si256, _mm256_or_si256, _mm256_set1_epi8, _mm256_shuffle_epi8,
        _mm256_slli_epi16, _mm256_srl_epi16,
    };
    let load = |bytes: &[u8]| bytemuck::pod_read_unaligned::<__m256i>(bytes);
    let mut table = [0_u8; LANES];
    for (byte, level) in table.iter_mut().zip(LEVELS.iter().cycle()) {
        *byte = *level as u8;
    }
    let (table, low) = (load(&table), _mm256_set1_epi8(3));
    let bytes = code_bytes(dimensions);
    let coded = codes.chunks_exact(bytes).zip(rests.chunks_exact(bytes));
    for ((code, rest), row) in coded.zip(rows.chunks_exact_mut(dimensions)) {
        for (values, field) in row.chunks_mut(bytes).zip(0..) {
            let shift = _mm_cvtsi32_si128(2 * field);
            for ((first, fine), values) in
                code.chunks_exact(LANES).zip(rest.chunks_exact(LANES)).zip(values.chunks_mut(LANES))
            {
                let first = _mm256_and_si256(_mm256_srl_epi16(load(first), shift), low);
                let fine = _mm256_and_si256(_mm256_srl_epi16(load(fine), shift), low);
                let number = _mm256_or_si256(_mm256_slli_epi16::<2>(first), fine);
                let made: [i8; LANES] = bytemuck::cast(_mm256_shuffle_epi8(table, number));
                values.copy_from_slice(&made[..values.len()]);
            }
        }
    }
}

/// A query in the order in which codes are read.
pub(crate) struct CodedQuery {
    /// For each `LANES` bytes of a code the values of the four fields of those bytes; 0 where the code has no dimension.
    values: Vec<[[i8; LANES]; 4]>,
    /// Three times the sum of the values: what the code's numbers 0 to 3 are too large by, as levels are −3 to 3.
    offset: i32,
    inverse_length: f32,
}

impl CodedQuery {
    pub fn new(query: &[i8], inverse_length: f32) -> Self {
        let bytes = code_bytes(query.len());
        let mut values = vec![[[0; LANES]; 4]; bytes / LANES];
        for (dimension, &value) in query.iter().enumerate() {
            let byte = dimension % bytes;
            values[byte / LANES][dimension / bytes][byte % LANES] = value;
        }
        let offset = 3 * query.iter().map(|&value| i32::from(value)).sum::<i32>();
        Self { values, offset, inverse_length }
    }

    /// The estimates for rows with these codes (one after the other) and factors, as many as there are factors.
    ///
    /// As for the exact scan there are two copies, one for AVX2: the sums are integers, so they cannot differ.
    pub fn estimate(&self, codes: &[u8], factors: &[f32], estimates: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the processor has just been asked whether it has AVX2")]
            return unsafe { self.estimate_avx2(codes, factors, estimates) };
        }
        self.estimate_portable(codes, factors, estimates);
    }

    fn estimate_portable(&self, codes: &[u8], factors: &[f32], estimates: &mut [f32]) {
        let rows = codes.chunks_exact(LANES * self.values.len());
        for ((code, &factor), estimate) in rows.zip(factors).zip(estimates) {
            let mut dot = 0;
            for (bytes, values) in code.chunks_exact(LANES).zip(&self.values) {
                for (values, field) in values.iter().zip(0..) {
                    let products = bytes.iter().zip(values);
                    dot += products
                        .map(|(&byte, &value)| i32::from(byte >> (2 * field) & 3) * i32::from(value))
                        .sum::<i32>();
                }
            }
            *estimate = self.scaled(dot, factor);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn estimate_avx2(&self, codes: &[u8], factors: &[f32], estimates: &mut [f32]) {
        use std::arch::x86_64::{
            __m256i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_shuffle_epi32, _mm256_add_epi16, _mm256_add_epi32,
            _mm256_and_si256, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_madd_epi16,
            _mm256_maddubs_epi16, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_setzero_si256, _mm256_srli_epi16,
        };
        let load = |bytes: &[u8]| bytemuck::pod_read_unaligned::<__m256i>(bytes);
        let (low, ones) = (_mm256_set1_epi8(3), _mm256_set1_epi16(1));
        let rows = codes.chunks_exact(LANES * self.values.len());
        for ((code, &factor), estimate) in rows.zip(factors).zip(estimates) {
            let mut sum = _mm256_setzero_si256();
            for (bytes, values) in code.chunks_exact(LANES).zip(&self.values) {
                let bytes = load(bytes);
                let value = |field: usize| load(bytemuck::cast_slice(&values[field]));
                // Sums of two products of at most 3 × 128, and of four of those: far from the ends of 16 bits.
                let first = _mm256_maddubs_epi16(_mm256_and_si256(bytes, low), value(0));
                let second = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16::<2>(bytes), low), value(1));
                let third = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16::<4>(bytes), low), value(2));
                let fourth = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16::<6>(bytes), low), value(3));
                let all = _mm256_add_epi16(_mm256_add_epi16(first, second), _mm256_add_epi16(third, fourth));
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(all, ones));
            }
            let four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
            let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b_0100_1110>(four));
            let one = _mm_add_epi32(two, _mm_shuffle_epi32::<0b_1011_0001>(two));
            *estimate = self.scaled(_mm_cvtsi128_si32(one), factor);
        }
    }

    #[inline]
    fn scaled(&self, dot: i32, factor: f32) -> f32 {
        (2 * dot - self.offset) as f32 * factor * self.inverse_length
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scan::inverse_length;

    fn coded(rows: &[&[i8]]) -> (Vec<u8>, Vec<f32>) {
        let bytes = code_bytes(rows[0].len());
        let mut codes = vec![0; bytes * rows.len()];
        let mut rest = vec![0; bytes];
        let factors =
            rows.iter().zip(codes.chunks_exact_mut(bytes)).map(|(row, code)| encode(row, code, &mut rest)).collect();
        (codes, factors)
    }

    /// The level of a value as the text above says it.
    fn level(value: i8, rms: f64) -> i8 {
        let size = f64::from(value).abs() / rms;
        let ends = [0.25, 0.5, 0.75, 1.0, 1.3, 2.76_f64.sqrt(), 4.67_f64.sqrt()];
        let level = [6, 18, 30, 42, 55, 70, 89, 118][ends.iter().filter(|&&end| size > end * (1.0 + 1e-12)).count()];
        if value < 0 { -level } else { level }
    }

    proptest! {
        #[test]
        fn both_copies_agree_with_the_formula_written_out(
            dimensions in prop_oneof![1_usize..300, Just(256), Just(1031), Just(crate::MAX_DIMENSIONS)],
            seed in proptest::collection::vec(any::<i8>(), 64..512),
        ) {
            let values: Vec<i8> = seed.iter().copied().cycle().take(dimensions * 4).collect();
            let (query, rows) = values.split_at(dimensions);
            let rows: Vec<&[i8]> = rows.chunks(dimensions).collect();
            let (codes, factors) = coded(&rows);
            let coded_query = CodedQuery::new(query, inverse_length(query));
            let (mut found, mut portable) = ([0.0; 3], [0.0; 3]);
            coded_query.estimate(&codes, &factors, &mut found);
            coded_query.estimate_portable(&codes, &factors, &mut portable);
            prop_assert_eq!(found.map(f32::to_bits), portable.map(f32::to_bits));
            let wide = |row: &[i8]| row.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
            let dot = |left: &[f64], right: &[f64]| left.iter().zip(right).map(|(a, b)| a * b).sum::<f64>();
            for (row, estimate) in rows.into_iter().zip(found) {
                let (row, query) = (wide(row), wide(query));
                let limit = (dot(&row, &row) / dimensions as f64).sqrt();
                let level = |&value: &f64| {
                    let size = if value.abs() > limit * (1.0 + 1e-12) { 3.0 } else { 1.0 };
                    if value < 0.0 { -size } else { size }
                };
                let code: Vec<f64> = row.iter().map(level).collect();
                let lengths = (dot(&query, &query) / dot(&row, &row)).sqrt();
                let expected = dot(&query, &code) / dot(&row, &code) / lengths;
                if expected.is_finite() {
                    prop_assert!((f64::from(estimate) - expected).abs() < 1e-4, "{estimate} {expected}");
                } else {
                    prop_assert!(estimate == 0.0);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn rows_are_made_again_of_the_nearest_levels(
            dimensions in prop_oneof![1_usize..300, Just(256), Just(1031)],
            seed in proptest::collection::vec(any::<i8>(), 64..512),
        ) {
            let rows: Vec<i8> = seed.iter().copied().cycle().take(dimensions * 3).collect();
            let bytes = code_bytes(dimensions);
            let (mut codes, mut rests) = (vec![0; bytes * 3], vec![0; bytes * 3]);
            for (number, row) in rows.chunks(dimensions).enumerate() {
                let range = number * bytes..(number + 1) * bytes;
                encode(row, &mut codes[range.clone()], &mut rests[range]);
            }
            let (mut made, mut portable) = (vec![0; rows.len()], vec![0; rows.len()]);
            decode(&codes, &rests, dimensions, &mut made);
            decode_portable(&codes, &rests, dimensions, &mut portable);
            prop_assert_eq!(&made, &portable);
            for (row, made) in rows.chunks(dimensions).zip(made.chunks(dimensions)) {
                let square = row.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>();
                let rms = (square / dimensions as f64).sqrt();
                if rms > 0.0 {
                    let expected: Vec<i8> = row.iter().map(|&value| level(value, rms)).collect();
                    prop_assert_eq!(made.to_vec(), expected);
                }
            }
        }
    }

    #[test]
    fn a_row_is_most_like_itself() {
        let row: Vec<i8> = (0..256).map(|number| ((number * 37) % 201 - 100) as i8).collect();
        let (codes, factors) = coded(&[&row]);
        let mut estimate = [0.0];
        CodedQuery::new(&row, inverse_length(&row)).estimate(&codes, &factors, &mut estimate);
        assert!((estimate[0] - 1.0).abs() < 1e-6, "{estimate:?}");
    }
}
