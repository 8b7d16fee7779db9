//! Static embedding models: a table look-up, a mean, a normalisation. No framework, no network.
//!
//! A static model has one vector for each token of its vocabulary; the vector of a text is the weighted mean of its tokens'
//! vectors, brought to length 1. That is thousands of times cheaper than a transformer and good enough to find code by what
//! it does. The files are those of [model2vec](https://github.com/MinishLab/model2vec), so any model it writes with a
//! `WordPiece` tokenizer can be opened:
//!
//! | file | what is read |
//! |---|---|
//! | `config.json` | `max_length` |
//! | `model.safetensors` | `embeddings` (f64, f32, f16, bf16 or i8); optional `weights`, one for each token; optional `mapping` from token to row |
//! | `tokenizer.json` | a Hugging Face `WordPiece` tokenizer, see below |
//!
//! Results equal model2vec's `encode(…, normalize=True)` within the rounding of `f32` (for a half-precision model within that
//! of `f16`, to which model2vec rounds its result). The vector always has length 1, whatever `normalize` in the configuration
//! says, because vectors are only ever compared by their cosine; a text without a known token gets the zero vector.
//!
//! # Tokenizers
//! Read are the model `WordPiece`; the normalizers `BertNormalizer`, `Lowercase`, a `Replace` that splits camel case
//! (`(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])` by a space) and a `Sequence` of them; the pre-tokenizers
//! `BertPreTokenizer` and a `Split` that keeps `a-z0-9` (`[^a-z0-9]+`, removed). Everything else is refused with an error that
//! names it: a tokenizer that is nearly right would give vectors that are quietly wrong.
//!
//! # Vectors of different models do not mix
//! [`StaticModel::identity`] names the model by its content. Whatever stores vectors stores it beside them.
//!
//! ```no_run
//! # fn main() -> pampax_base::Result<()> {
//! let model = pampax_embed::StaticModel::open("models/code".as_ref())?;
//! let mut question = vec![0; model.dimensions()];
//! model.embed_i8("where are sessions signed", &mut question)?;
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod comparison;
mod model;
mod normalize;
mod table;
mod tokenizer;
mod unicode;
mod wordpiece;

pub use comparison::{Comparison, Likeness};
pub use model::{StaticModel, quantise};
