//! The catalogue: (path, blob) → entry, and the log of generations, in `SQLite` (WAL).
//!
//! Everything in it can be told again by the segments, so it is written without syncing, and any doubt about it (`SQLite`
//! reports damage, its checksum differs, a writer was killed) is answered by building it anew.

use std::path::{Path, PathBuf};

use pampax_base::{Error, Result};
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::{Blob, EntryAddress};

/// Raised when the tables change; an older catalogue is built anew.
const TABLES_VERSION: i64 = 1;

/// The open catalogue.
pub(crate) struct Catalogue {
    connection: Connection,
    path: PathBuf,
}

impl Catalogue {
    pub(crate) const FILE_NAME: &'static str = "catalogue.sqlite";

    /// Opens the catalogue of the store in `folder`, making it if there is none. The flag says whether it has its rows.
    pub(crate) fn open(folder: &Path) -> Result<(Self, bool)> {
        let path = folder.join(Self::FILE_NAME);
        let connection = Connection::open(&path).map_err(|error| failed(&path, &error))?;
        let catalogue = Self { connection, path };
        let version = catalogue.prepare()?;
        Ok((catalogue, version == TABLES_VERSION))
    }

    fn prepare(&self) -> Result<i64> {
        let run = || -> rusqlite::Result<i64> {
            self.connection.pragma_update(None, "synchronous", "OFF")?;
            self.connection.pragma_update(None, "journal_mode", "WAL")?;
            let version: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if version != TABLES_VERSION {
                self.connection.execute_batch(
                    "DROP TABLE IF EXISTS entry;
                     DROP TABLE IF EXISTS generation;
                     CREATE TABLE entry (key BLOB PRIMARY KEY, segment INTEGER NOT NULL, entry INTEGER NOT NULL) WITHOUT ROWID;
                     CREATE TABLE generation (number INTEGER PRIMARY KEY, created_s INTEGER NOT NULL, root TEXT NOT NULL,
                                              entries INTEGER NOT NULL);",
                )?;
                self.connection.pragma_update(None, "user_version", TABLES_VERSION)?;
            }
            Ok(version)
        };
        run().map_err(|error| failed(&self.path, &error))
    }

    /// Removes the catalogue's files.
    pub(crate) fn remove(folder: &Path) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(folder.join(format!("{}{suffix}", Self::FILE_NAME)));
        }
    }

    /// Adds or replaces the entries of a segment.
    pub(crate) fn add<'a>(&mut self, segment: u64, entries: impl Iterator<Item = (&'a str, Blob)>) -> Result<()> {
        let path = &self.path;
        let run = || -> rusqlite::Result<()> {
            let transaction = self.connection.transaction()?;
            {
                let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO entry VALUES (?1, ?2, ?3)")?;
                for (number, (path, blob)) in entries.enumerate() {
                    insert.execute(params![key(path, &blob), segment as i64, number as i64])?;
                }
            }
            transaction.commit()
        };
        run().map_err(|error| failed(path, &error))
    }

    /// Where the entry (path, blob) is said to be. The caller checks it against the segment.
    pub(crate) fn find(&self, path: &str, blob: &Blob) -> Result<Option<EntryAddress>> {
        let run = || -> rusqlite::Result<Option<EntryAddress>> {
            let mut select = self.connection.prepare_cached("SELECT segment, entry FROM entry WHERE key = ?1")?;
            select
                .query_row(params![key(path, blob)], |row| {
                    Ok(EntryAddress { segment: row.get::<_, i64>(0)? as u64, entry: row.get::<_, i64>(1)? as u32 })
                })
                .optional()
        };
        run().map_err(|error| failed(&self.path, &error))
    }

    /// Notes that a generation was made.
    pub(crate) fn log(&mut self, number: u64, created_s: u64, root: &str, entries: u32) -> Result<()> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO generation VALUES (?1, ?2, ?3, ?4)",
                params![number as i64, created_s as i64, root, entries],
            )
            .map_err(|error| failed(&self.path, &error))?;
        Ok(())
    }

    /// Forgets the entries of all segments but these, and gives back the room they took.
    pub(crate) fn keep_only(&mut self, segments: &[u64]) -> Result<()> {
        let list = segments.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        let run = || -> rusqlite::Result<()> {
            let removed = self.connection.execute(&format!("DELETE FROM entry WHERE segment NOT IN ({list})"), [])?;
            if removed > 0 { self.connection.execute_batch("VACUUM") } else { Ok(()) }
        };
        run().map_err(|error| failed(&self.path, &error))
    }

    /// Moves everything from the write-ahead log into the file, so that the file alone is the catalogue.
    pub(crate) fn settle(&self) -> Result<()> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|error| failed(&self.path, &error))
    }
}

fn key(path: &str, blob: &Blob) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(blob);
    hasher.update(path.as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    key
}

fn failed(path: &Path, error: &rusqlite::Error) -> Error {
    Error::corrupt(path, error.to_string())
}
