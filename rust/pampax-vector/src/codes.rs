//! How a row is kept: the sign of each value, and three bits that say how large it is.
//!
//! A size is said against the root mean square of the row: whether it is larger (one bit), and which of four ranges it is in (two
//! bits). With its sign that makes sixteen levels, spaced about as is best for normally distributed values (Max, "Quantizing for
//! minimum distortion", 1960), of which a row is made again ([`decode`]). Signs are kept apart, since a first pass over many rows
//! reads nothing else (`signs.rs`).
//!
//! A code depends on its own row alone, and is copied from set to set as it is: a row that was made again and coded once more might
//! differ.

/// Bytes that are read at once: what one vector register takes.
pub(crate) const LANES: usize = 32;

/// Bytes of the signs of a row: whole registers. Dimension `d` is bit `d / sign_bytes` of byte `d % sign_bytes`.
pub(crate) fn sign_bytes(dimensions: usize) -> usize {
    dimensions.div_ceil(8).next_multiple_of(LANES)
}

/// Bytes of the sizes of a row: first the bits that say whether a value is far from 0, laid out as signs are; then the ranges, two
/// bits each, of which dimension `d` is in byte `d % (2 * sign_bytes)`.
pub(crate) fn size_bytes(dimensions: usize) -> usize {
    3 * sign_bytes(dimensions)
}

/// What the sixteen codes stand for, with a root mean square of 48: by the sign (plus is 1), the bit for far, and the range.
const LEVELS: [i8; 16] = [-6, -18, -30, -42, -55, -70, -89, -118, 6, 18, 30, 42, 55, 70, 89, 118];
/// Where the ranges beyond the root mean square end, as squares in hundredths: at 1.3, 1.66 and 2.16 times of it.
const FAR_ENDS: [i64; 3] = [169, 276, 467];

/// Writes the code of `row` into `signs` and `sizes`, which are zero; gives the length of the row divided by the dot product of the row
/// and its signs (−1 and 1), 0 for a row of zeros.
pub(crate) fn encode(row: &[i8], signs: &mut [u8], sizes: &mut [u8]) -> f32 {
    let square: i64 = row.iter().map(|&value| i64::from(value) * i64::from(value)).sum();
    let (bytes, mut product) = (signs.len(), 0_i64);
    let (fars, ranges) = sizes.split_at_mut(bytes);
    for (dimension, &value) in row.iter().enumerate() {
        let wide = i64::from(value);
        let scaled = wide * wide * row.len() as i64;
        let is_far = scaled > square;
        let passed = match is_far {
            true => FAR_ENDS.iter().filter(|&&end| 100 * scaled > end * square).count(),
            false => (1..4).filter(|&quarter| 16 * scaled > quarter * quarter * square).count(),
        };
        let (byte, bit) = (dimension % bytes, dimension / bytes);
        signs[byte] |= u8::from(value >= 0) << bit;
        fars[byte] |= u8::from(is_far) << bit;
        ranges[dimension % (2 * bytes)] |= (passed as u8) << (2 * (dimension / (2 * bytes)));
        product += wide.abs();
    }
    if product == 0 { 0.0 } else { ((square as f64).sqrt() / product as f64) as f32 }
}

/// Makes rows of `dimensions` values again from their codes, one row after the other.
pub(crate) fn decode(signs: &[u8], sizes: &[u8], dimensions: usize, rows: &mut [i8]) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has just been asked whether it has AVX2")]
        return unsafe { decode_avx2(signs, sizes, dimensions, rows) };
    }
    decode_portable(signs, sizes, dimensions, rows);
}

fn decode_portable(signs: &[u8], sizes: &[u8], dimensions: usize, rows: &mut [i8]) {
    let bytes = sign_bytes(dimensions);
    let coded = signs.chunks_exact(bytes).zip(sizes.chunks_exact(3 * bytes));
    for ((signs, sizes), row) in coded.zip(rows.chunks_exact_mut(dimensions)) {
        let (fars, ranges) = sizes.split_at(bytes);
        for (dimension, value) in row.iter_mut().enumerate() {
            let (byte, bit) = (dimension % bytes, dimension / bytes);
            let range = ranges[dimension % (2 * bytes)] >> (2 * (dimension / (2 * bytes))) & 3;
            let number = (signs[byte] >> bit & 1) << 3 | (fars[byte] >> bit & 1) << 2 | range;
            *value = LEVELS[usize::from(number)];
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn decode_avx2(signs: &[u8], sizes: &[u8], dimensions: usize, rows: &mut [i8]) {
    use std::arch::x86_64::{
        __m256i, _mm_cvtsi32_si128, _mm256_and_si256, _mm256_or_si256, _mm256_set1_epi8, _mm256_shuffle_epi8,
        _mm256_slli_epi16, _mm256_srl_epi16,
    };
    let load = |bytes: &[u8]| bytemuck::pod_read_unaligned::<__m256i>(bytes);
    let mut table = [0_u8; LANES];
    for (byte, level) in table.iter_mut().zip(LEVELS.iter().cycle()) {
        *byte = *level as u8;
    }
    let (table, one, three) = (load(&table), _mm256_set1_epi8(1), _mm256_set1_epi8(3));
    let bytes = sign_bytes(dimensions);
    let coded = signs.chunks_exact(bytes).zip(sizes.chunks_exact(3 * bytes));
    for ((signs, sizes), row) in coded.zip(rows.chunks_exact_mut(dimensions)) {
        let (fars, ranges) = sizes.split_at(bytes);
        for (first, values) in (0..dimensions).step_by(LANES).zip(row.chunks_mut(LANES)) {
            let field = |all: &[u8], width: usize| {
                let at = first % all.len();
                let shift = _mm_cvtsi32_si128((width * (first / all.len())) as i32);
                _mm256_srl_epi16(load(&all[at..at + LANES]), shift)
            };
            let sign = _mm256_slli_epi16::<3>(_mm256_and_si256(field(signs, 1), one));
            let far = _mm256_slli_epi16::<2>(_mm256_and_si256(field(fars, 1), one));
            let range = _mm256_and_si256(field(ranges, 2), three);
            let number = _mm256_or_si256(_mm256_or_si256(sign, far), range);
            let made: [i8; LANES] = bytemuck::cast(_mm256_shuffle_epi8(table, number));
            values.copy_from_slice(&made[..values.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The level of a value as the text above says it.
    fn level(value: i8, rms: f64) -> i8 {
        let size = f64::from(value).abs() / rms;
        let ends = [0.25, 0.5, 0.75, 1.0, 1.3, 2.76_f64.sqrt(), 4.67_f64.sqrt()];
        let level = [6, 18, 30, 42, 55, 70, 89, 118][ends.iter().filter(|&&end| size > end * (1.0 + 1e-12)).count()];
        if value < 0 { -level } else { level }
    }

    proptest! {
        #[test]
        fn rows_are_made_again_of_the_nearest_levels(
            dimensions in prop_oneof![1_usize..300, Just(256), Just(1031)],
            seed in proptest::collection::vec(any::<i8>(), 64..512),
        ) {
            let rows: Vec<i8> = seed.iter().copied().cycle().take(dimensions * 3).collect();
            let (signs_of_row, sizes_of_row) = (sign_bytes(dimensions), size_bytes(dimensions));
            let (mut signs, mut sizes) = (vec![0; signs_of_row * 3], vec![0; sizes_of_row * 3]);
            let coded = signs.chunks_exact_mut(signs_of_row).zip(sizes.chunks_exact_mut(sizes_of_row));
            for (row, (signs, sizes)) in rows.chunks(dimensions).zip(coded) {
                encode(row, signs, sizes);
            }
            let (mut made, mut portable) = (vec![0; rows.len()], vec![0; rows.len()]);
            decode(&signs, &sizes, dimensions, &mut made);
            decode_portable(&signs, &sizes, dimensions, &mut portable);
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
}
