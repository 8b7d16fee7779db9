//! The table of vectors: a row for each token, or for each cluster of tokens.

use std::path::Path;

use pampax_base::{Error, Result};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

/// The rows, in the precision of the file: int8 stays int8, because a row then costs 4 cache lines instead of 16 at 256
/// dimensions. Every float becomes `f32`.
enum Rows {
    Float(Vec<f32>),
    /// The bytes of the int8 numbers.
    Int8(Vec<u8>),
}

/// The vectors of all tokens.
pub(crate) struct Table {
    rows: Rows,
    pub dimensions: usize,
    /// The row of each token; empty if it is the token's own number.
    mapping: Vec<u32>,
    /// The weight of each token; empty if all weigh the same.
    weights: Vec<f32>,
    /// How many tokens have a vector.
    pub tokens: usize,
}

impl Table {
    /// Reads the file `path`, whose content is `bytes`.
    pub fn read(path: &Path, mut bytes: Vec<u8>) -> Result<Self> {
        let unreadable = |error| bad(path, format!("not safetensors: {error}"));
        let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(unreadable)?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(unreadable)?;
        let Ok(embeddings) = tensors.tensor("embeddings") else {
            let names = tensors.names().join(", ");
            return Err(bad(path, format!("there is no tensor named embeddings, only: {names}")));
        };
        let &[count, dimensions] = embeddings.shape() else {
            return Err(bad(path, format!("embeddings has the shape {:?}, a matrix is needed", embeddings.shape())));
        };
        if count == 0 || dimensions == 0 {
            return Err(bad(path, format!("embeddings is empty: {count} by {dimensions}")));
        }
        let floats_of_rows = match embeddings.dtype() {
            Dtype::I8 => None,
            _ => Some(floats(path, "embeddings", &embeddings)?),
        };
        let mapping = match tensors.tensor("mapping") {
            Ok(mapping) => row_numbers(path, &mapping, count)?,
            Err(_) => Vec::new(),
        };
        let tokens = if mapping.is_empty() { count } else { mapping.len() };
        let weights = match tensors.tensor("weights") {
            Ok(weights) => floats(path, "weights", &weights)?,
            Err(_) => Vec::new(),
        };
        if !weights.is_empty() && weights.len() != tokens {
            return Err(bad(path, format!("there are {} weights for {tokens} tokens", weights.len())));
        }
        let rows = match (floats_of_rows, metadata.info("embeddings")) {
            (Some(floats), _) => Rows::Float(floats),
            (None, Some(info)) => {
                // The file's own bytes are kept: most of them are this table. Offsets count from behind the header and the
                // eight bytes of its length.
                let start = header + 8;
                bytes.truncate(start + info.data_offsets.1);
                bytes.drain(..start + info.data_offsets.0);
                Rows::Int8(bytes)
            }
            (None, None) => return Err(bad(path, "embeddings has no entry in the header")),
        };
        Ok(Self { rows, dimensions, mapping, weights, tokens })
    }

    /// Writes into `out` the vector of a token times its weight; zeros for a number that is no token's.
    pub fn weighted_row(&self, id: u32, out: &mut [f32]) {
        if (id as usize) < self.tokens {
            self.sum(&mut [id], out);
        } else {
            out.fill(0.0);
        }
    }

    /// Writes into `out` the sum of the vectors of `ids`, each times its weight. Sorts `ids`: a token that comes often is read
    /// once, and the result does not depend on the order of the words.
    pub fn sum(&self, ids: &mut [u32], out: &mut [f32]) {
        out.fill(0.0);
        ids.sort_unstable();
        for same in ids.chunk_by(|left, right| left == right) {
            let token = same[0] as usize;
            let weight = self.weights.get(token).copied().unwrap_or(1.0) * same.len() as f32;
            let row = self.mapping.get(token).map_or(token, |&row| row as usize);
            let range = row * self.dimensions..(row + 1) * self.dimensions;
            match &self.rows {
                Rows::Float(values) => {
                    for (sum, value) in out.iter_mut().zip(&values[range]) {
                        *sum += value * weight;
                    }
                }
                Rows::Int8(values) => {
                    for (sum, &value) in out.iter_mut().zip(&values[range]) {
                        *sum += f32::from(value as i8) * weight;
                    }
                }
            }
        }
    }
}

/// The error for a model file that cannot be used.
pub(crate) fn bad(path: &Path, detail: impl Into<String>) -> Error {
    Error::BadPath { path: path.to_path_buf(), detail: detail.into() }
}

/// The tensor's numbers as `f32`; all must be finite.
fn floats(path: &Path, name: &str, tensor: &TensorView<'_>) -> Result<Vec<f32>> {
    let data = tensor.data();
    let numbers: Vec<f32> = match tensor.dtype() {
        Dtype::F64 => values(data, |bytes| f64::from_le_bytes(bytes) as f32),
        Dtype::F32 => values(data, f32::from_le_bytes),
        Dtype::F16 => values(data, |bytes| from_half(u16::from_le_bytes(bytes))),
        Dtype::BF16 => values(data, |bytes| f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16)),
        other => return Err(bad(path, format!("{name} has the type {other:?}; read are F64, F32, F16, BF16 and I8"))),
    };
    if numbers.iter().all(|number| number.is_finite()) {
        Ok(numbers)
    } else {
        Err(bad(path, format!("{name} has numbers that are not finite")))
    }
}

/// The tensor's numbers as rows of a table of `count` rows.
fn row_numbers(path: &Path, tensor: &TensorView<'_>, count: usize) -> Result<Vec<u32>> {
    let data = tensor.data();
    let numbers: Vec<i64> = match tensor.dtype() {
        Dtype::I64 => values(data, i64::from_le_bytes),
        Dtype::I32 => values(data, |bytes| i64::from(i32::from_le_bytes(bytes))),
        Dtype::U32 => values(data, |bytes| i64::from(u32::from_le_bytes(bytes))),
        other => return Err(bad(path, format!("mapping has the type {other:?}; read are I64, I32 and U32"))),
    };
    if numbers.is_empty() {
        return Err(bad(path, "mapping is empty"));
    }
    numbers
        .into_iter()
        .map(|number| u32::try_from(number).ok().filter(|&row| (row as usize) < count))
        .collect::<Option<Vec<u32>>>()
        .ok_or_else(|| bad(path, format!("mapping names rows outside of the {count} of embeddings")))
}

fn values<const SIZE: usize, T>(data: &[u8], read: impl Fn([u8; SIZE]) -> T) -> Vec<T> {
    data.as_chunks::<SIZE>().0.iter().map(|&bytes| read(bytes)).collect()
}

/// The value of an IEEE 754 half-precision number.
fn from_half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let fraction = u32::from(bits & 0x3ff);
    match exponent {
        // Zero and subnormal numbers: the fraction counts in steps of 2^-24.
        0 => f32::from_bits((fraction as f32 / 16_777_216.0).to_bits() | sign),
        // Infinite and not a number.
        31 => f32::from_bits(sign | 0x7f80_0000 | (fraction << 13)),
        // The exponents' biases differ by 127 − 15.
        _ => f32::from_bits(sign | ((exponent + 112) << 23) | (fraction << 13)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_numbers_have_their_values() {
        for (bits, expected) in [
            (0x0000_u16, 0.0_f32),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x83ff, -6.097_555e-5),
        ] {
            assert_eq!(from_half(bits).to_bits(), expected.to_bits(), "{bits:#x}");
        }
        assert!(from_half(0x8000).is_sign_negative());
        assert!(from_half(0x7c00).is_infinite() && from_half(0x7e00).is_nan());
    }
}
