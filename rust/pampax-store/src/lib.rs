//! What pampax keeps on disk for one repository.
//!
//! ```text
//! STORE/
//!   format                 "pampax store 3": refuses newer stores with a clear message
//!   generation             the one commit point: a small JSON text with a checksum, replaced by rename
//!   lock                   held by the writer (an advisory lock of the system), holds its process number
//!   catalogue.sqlite       (path, blob) → entry, generations made; rebuilt from the segments if it is damaged
//!   segments/N/facts       entries, chunks, symbols, references: columns, memory-mapped
//!   segments/N/words       the word index (written by pampax-lexical)
//!   segments/N/trigrams    which entries hold which three bytes in a row (written by pampax-trigram)
//!   segments/N/vectors     vectors, where there is a model
//!   segments/N/segment     its files with sizes and checksums, written last: what has it is complete
//!   views/V-G.view         the entries that worktree V sees in generation G, with what `stat` said of them
//!   views/V-G.graph        how the code of that view hangs together: edges between its files and symbols
//! ```
//!
//! A **segment** is immutable and holds entries: (path, blob) with everything computed from them. A **view** picks entries of
//! segments. A **generation** names the segments and the views of one moment. Readers take a generation and never lock; the
//! writer adds segments and a view beside what is there and replaces the file `generation` as its last act. Whatever a
//! killed writer left is either complete (adopted by the next) or swept away.
//!
//! ```
//! use pampax_store::Store;
//! let folder = tempfile::tempdir().unwrap();
//! let store = Store::new(folder.path().join("store"));
//! assert!(store.generation().unwrap().is_none());
//! let writer = store.writer().unwrap();
//! assert!(store.writer().is_err(), "one writer at a time");
//! drop(writer);
//! assert!(store.writer().is_ok());
//! ```
#![deny(missing_docs)]

mod bundles;
mod catalogue;
mod coded;
mod collect;
mod columns;
mod edges;
mod facts;
mod generation;
mod lock;
mod place;
mod records;
mod store;
mod varint;
mod verify;
mod view;

pub use bundles::is_bundle_id;
pub use edges::{Edge, EdgeKind, Edges, EdgesBuilder, Extractor, GraphFile, Rows};
pub use facts::{Facts, FactsBuilder};
pub use generation::{FORMAT as STORE_FORMAT, FileRecord, Generation, SegmentRecord, ViewRecord};
pub use place::store_folder;
pub use records::{
    BindingRecord, ChunkRecord, EntryRecord, ImportRecord, MarkRecord, NewBinding, NewEntry, NewImport, NewMark,
    NewReference, NewSymbol, ReferenceRecord, SymbolRecord,
};
pub use store::{Blob, Change, EntryAddress, Store, Writer};
pub use verify::Damage;
pub use view::{Seen, Skipped, View, ViewBuilder};
