//! Which symbols have a name: one table over all segments of a view, for those who ask for millions of names.
//!
//! A segment finds a name among its own by halving, with a place of memory that is far away at each step, and a view may have a hundred
//! segments. Here a hash leads to the few symbols that may have the name, whose numbers lie side by side.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::graph::world::World;

/// How many symbols share a bucket on average: they are looked through.
const SYMBOLS_PER_BUCKET: u32 = 4;
/// More buckets than this are not made.
const BUCKET_BITS_MAX: u32 = 24;
/// So many seeds are tried: that three fail is not worth a thought.
const SEEDS_MAX: u32 = 3;

/// What the table takes for each symbol, while it is made.
pub(crate) const SYMBOL_NAME_BYTES: u64 = 17;

/// The symbols of a world by their names.
pub(crate) struct Names {
    hasher: RandomState,
    bucket_bits: u32,
    /// For each bucket where it ends.
    ends: Vec<u32>,
    /// For each symbol what of its name's hash does not tell the bucket, ascending within a bucket.
    keys: Vec<u32>,
    /// The symbols, ascending where the keys are equal.
    symbols: Vec<u32>,
}

impl Names {
    /// The table of a world. Two names may have one hash (in one of a thousand tables of two million): another seed tells them apart.
    pub(crate) fn new(world: &World<'_>) -> Option<Self> {
        (0..SEEDS_MAX).find_map(|_| Self::with_new_seed(world))
    }

    /// The table of a world with a seed of its own; `None` if two names have one hash.
    fn with_new_seed(world: &World<'_>) -> Option<Self> {
        let bucket_bits = (world.symbol_count() / SYMBOLS_PER_BUCKET + 1).ilog2().clamp(1, BUCKET_BITS_MAX);
        let mut names = Self {
            hasher: RandomState::default(),
            bucket_bits,
            ends: vec![0; 1 << bucket_bits],
            keys: Vec::new(),
            symbols: Vec::new(),
        };
        for symbol in 0..world.symbol_count() {
            let bucket = names.place(world.name_bytes(symbol)).0;
            names.ends[bucket] += 1;
        }
        let mut start = 0;
        for end in &mut names.ends {
            let count = *end;
            // Where the bucket begins; it moves to the end while the bucket is filled.
            *end = start;
            start += count;
        }
        let mut rows = vec![(0_u32, 0_u32); world.symbol_count() as usize];
        for symbol in 0..world.symbol_count() {
            let (bucket, key) = names.place(world.name_bytes(symbol));
            let end = &mut names.ends[bucket];
            rows[*end as usize] = (key, symbol);
            *end += 1;
        }
        let mut start = 0;
        for &end in &names.ends {
            let bucket = &mut rows[start..end as usize];
            bucket.sort_unstable();
            let is_one = |pair: &[(u32, u32)]| {
                pair[0].0 != pair[1].0 || world.name_bytes(pair[0].1) == world.name_bytes(pair[1].1)
            };
            if !bucket.windows(2).all(is_one) {
                return None;
            }
            start = end as usize;
        }
        (names.keys, names.symbols) = rows.into_iter().unzip();
        Some(names)
    }

    /// The symbols of this name (to the letter), ascending.
    pub(crate) fn find(&self, world: &World<'_>, name: &str) -> &[u32] {
        let (bucket, key) = self.place(name.as_bytes());
        let start = bucket.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let keys = &self.keys[start..self.ends[bucket] as usize];
        let first = start + keys.partition_point(|&other| other < key);
        let end = start + keys.partition_point(|&other| other <= key);
        let found = &self.symbols[first..end];
        // All of them have one name, but it may be another one.
        if found.first().is_some_and(|&symbol| world.name_bytes(symbol) == name.as_bytes()) { found } else { &[] }
    }

    /// The bucket of a name, and its key there.
    fn place(&self, name: &[u8]) -> (usize, u32) {
        let hash = self.hasher.hash_one(name);
        ((hash >> (64 - self.bucket_bits)) as usize, hash as u32)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Repository};

    #[test]
    fn the_table_has_what_the_segments_have() {
        let folder = tempfile::tempdir().unwrap();
        let (root, store) = (folder.path().join("root"), folder.path().join("store"));
        std::fs::create_dir(&root).unwrap();
        let write = |name: &str, text: &str| std::fs::write(root.join(name), text).unwrap();
        let repository = Repository::open(&root, Options { store: Some(store), ..Options::default() }).unwrap();
        let index = || repository.index(false, &mut |_| true).unwrap();
        for file in 0..40 {
            let functions: String =
                (0..50).map(|number| format!("def f{}():\n    pass\n", number * file % 97)).collect();
            write(&format!("{file}.py"), &format!("def Open():\n    pass\ndef open():\n    pass\n{functions}"));
        }
        index();
        // In a segment of its own; the old one keeps what the view does not see any more.
        write("3.py", "def other():\n    pass\ndef f1():\n    pass\n");
        index();
        let (snapshot, _) = repository.snapshot(None).unwrap().unwrap();
        assert!(snapshot.segments.len() > 1, "{}", snapshot.segments.len());
        let world = snapshot.world();
        assert!(world.named_by_table("open").is_none());
        world.expect_many_names();
        let names = (0..100).map(|number| format!("f{number}"));
        for name in names.chain(["open", "Open", "OPEN", "other", "absent", ""].map(str::to_owned)) {
            let expected = world.named(&name);
            assert_eq!(world.named_by_table(&name), Some(&*expected), "{name:?}");
        }
        assert_eq!(world.named("open").len(), 39);
        assert_eq!(world.named("other").len(), 1);
    }
}
