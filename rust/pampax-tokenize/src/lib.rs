//! Text into terms for retrieval, and exact token counts for budgets.
//!
//! Two questions are asked of every piece of text, and both are answered here and nowhere else.
//!
//! **Which words can it be found by?** [`Tokenizer`] turns source code, prose and questions into *terms*. A question says
//! "parse the http server config", the code says `parseHTTPServerConfig`: both must give the same terms, so identifiers are
//! split at underscores, camelCase humps, acronym borders and digits, and English endings are stemmed away. The whole
//! identifier is kept as well, so that someone who knows the name finds exactly it. The index and the queries must use the
//! same rules, which is why a change of these rules needs a new index format.
//!
//! **How much of a model's context does it cost?** [`count_tokens`] gives the exact number of tokens of an
//! `OpenAI` [`Encoding`], [`count_at_most`] stops early once a limit is passed, and [`truncate`] cuts text to a number of tokens.
//! The tables are inside the binary; nothing is downloaded.
//!
//! ```
//! use pampax_tokenize::{Encoding, count_tokens, identifier_parts, terms, truncate};
//!
//! assert_eq!(terms("parseHTTPServerConfig"), ["pars", "http", "server", "config", "parsehttpserverconfig"]);
//! assert_eq!(terms("parsing the server's configs"), ["pars", "the", "server", "s", "config"]);
//! assert_eq!(identifier_parts("parseJSON2Map"), ["parse", "json", "2", "map"]);
//!
//! assert_eq!(count_tokens("hello world", Encoding::Cl100kBase), 2);
//! assert_eq!(truncate("hello world", Encoding::Cl100kBase, 1), "hello");
//! ```
//!
//! # The rules of terms
//! 1. Text is split at everything that is neither a letter nor a digit (of any script) nor an underscore. So `-`, `.`, `/`
//!    and `:` simply separate.
//! 2. A word of ASCII letters, digits and underscores is an identifier. Its parts end at underscores, between a lower-case
//!    and an upper-case letter, before the last capital of an acronym that a word follows (`HTTPServer`), and between letters
//!    and digits. The plural of an acronym stays whole (`URLs`, `userIDs`).
//! 3. Each part is lower-cased; a part of at least four letters is stemmed (Porter 2, English).
//! 4. An identifier of more than one part also gives itself: lower-cased, without underscores, not stemmed.
//! 5. Chinese, Japanese and Korean runs give overlapping pairs of characters (a lone character gives itself). Words with
//!    other letters are lower-cased whole, between underscores.
//! 6. Dropped: terms longer than [`MAX_TERM_BYTES`], and numbers of more than [`MAX_DIGITS`] digits. An underscore-free run
//!    of at least 16 bytes whose parts are shorter than three bytes on average is a hash or encoded data, not a name: it
//!    gives only itself.
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod count;
mod parts;
mod pieces;
mod split;
mod stem;
mod stop;
mod terms;

pub use count::{Encoding, count_at_most, count_tokens, prepare, truncate};
pub use parts::PartCounts;
pub use stop::is_stop_word;
pub use terms::{MAX_DIGITS, MAX_TERM_BYTES, Tokenizer, identifier_parts, terms};
