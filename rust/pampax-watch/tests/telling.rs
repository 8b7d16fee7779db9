//! What a watch tells, and what it tells other processes, on real files.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use pampax_watch::{Told, Watch, ask};
use tempfile::TempDir;

const NAME: &str = "0123456789abcdef";
const PAUSE: Duration = Duration::from_millis(10);
const GATHER: Duration = Duration::from_millis(200);
/// For loaded machines: nothing here takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(20);

struct Tree {
    folder: TempDir,
    root: PathBuf,
    store: PathBuf,
}

impl Tree {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let (root, store) = (top.join("tree"), top.join("store"));
        fs::create_dir_all(root.join("source/deep")).unwrap();
        fs::create_dir(&store).unwrap();
        Self { folder, root, store }
    }

    fn watch(&self) -> Watch {
        Watch::begin(&self.root, &self.store).unwrap()
    }

    fn telling(&self) -> Watch {
        let mut watch = self.watch();
        let why = watch.tell_others(&self.root, &self.store, NAME).unwrap();
        assert_eq!(why, None, "these tests need a local file system");
        watch
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.root.join(path), text).unwrap();
    }

    /// What another process is told that asks now.
    fn asked(&self) -> Option<String> {
        ask(&self.store, NAME)?.answer(Instant::now() + PATIENCE)
    }
}

fn next(watch: &Watch) -> Told {
    watch.next(PAUSE, GATHER, PATIENCE).unwrap()
}

fn settle(watch: &Watch, state: &str) {
    watch.settle(Some(state.to_owned()));
}

#[test]
fn what_comes_changes_and_goes_is_told() {
    let tree = Tree::new();
    tree.write("source/first.py", "1");
    let watch = tree.watch();
    tree.write("source/first.py", "2");
    assert_eq!(next(&watch), Told { paths: vec!["source/first.py".to_owned()], ..Told::default() });
    fs::rename(tree.root.join("source/first.py"), tree.root.join("source/deep/second.py")).unwrap();
    assert_eq!(next(&watch).paths, ["source/deep/second.py", "source/first.py"]);
    fs::remove_file(tree.root.join("source/deep/second.py")).unwrap();
    assert_eq!(next(&watch).paths, ["source/deep/second.py"]);
}

#[test]
fn folders_that_come_are_watched_and_said_to_be_folders() {
    let tree = Tree::new();
    let watch = tree.watch();
    fs::create_dir_all(tree.root.join("made/deep")).unwrap();
    let told = next(&watch);
    assert!(told.has_folders, "{told:?}");
    tree.write("made/deep/inside.py", "1");
    assert_eq!(next(&watch).paths.last().unwrap(), "made/deep/inside.py");
    let elsewhere = tree.folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(elsewhere, tree.root.join("moved")).unwrap();
    assert_eq!(next(&watch), Told { paths: vec!["moved".to_owned()], has_folders: true, ..Told::default() });
    tree.write("moved/inside.py", "1");
    assert_eq!(next(&watch).paths, ["moved/inside.py"]);
}

#[test]
fn what_is_only_read_and_what_is_not_indexed_is_not_told() {
    let tree = Tree::new();
    tree.write("source/first.py", "1");
    fs::create_dir(tree.root.join(".git")).unwrap();
    let watch = tree.watch();
    assert_eq!(fs::read(tree.root.join("source/first.py")).unwrap(), b"1");
    tree.write(".git/index", "1");
    fs::write(tree.store.join("generation"), "1").unwrap();
    assert_eq!(watch.next(PAUSE, GATHER, 20 * PAUSE).unwrap(), Told::default());
}

#[test]
fn a_file_that_was_written_to_through_memory_is_told_when_it_is_closed() {
    let tree = Tree::new();
    tree.write("source/first.py", "1");
    let watch = tree.watch();
    // What is written in that way changes nothing that the system tells: only that the file had been open for writing.
    drop(fs::OpenOptions::new().write(true).open(tree.root.join("source/first.py")).unwrap());
    assert_eq!(next(&watch).paths, ["source/first.py"]);
}

#[test]
fn of_a_name_that_is_no_text_the_folder_is_told() {
    let tree = Tree::new();
    let watch = tree.watch();
    if fs::write(tree.root.join("source").join(std::ffi::OsStr::from_bytes(b"\xff.py")), "1").is_ok() {
        assert_eq!(next(&watch).paths, ["source"]);
    }
}

#[test]
fn without_a_watch_there_is_no_answer() {
    let tree = Tree::new();
    assert!(ask(&tree.store, NAME).is_none());
    let watch = tree.telling();
    drop(watch);
    assert!(ask(&tree.store, NAME).is_none());
    assert_eq!(fs::read_dir(tree.store.join("watch")).unwrap().count(), 0, "it left something");
}

#[test]
fn a_state_is_told_until_something_changes_and_again_when_that_is_settled() {
    let tree = Tree::new();
    let watch = tree.telling();
    assert_eq!(tree.asked(), None, "nothing was settled");
    settle(&watch, "first");
    assert_eq!(tree.asked().as_deref(), Some("first"));
    tree.write("source/first.py", "1");
    assert_eq!(tree.asked(), None, "it was not taken");
    assert_eq!(next(&watch).paths, ["source/first.py"]);
    assert_eq!(tree.asked(), None, "it was not settled");
    settle(&watch, "second");
    assert_eq!(tree.asked().as_deref(), Some("second"));
    watch.settle(None);
    assert_eq!(tree.asked(), None);
}

#[test]
fn no_change_is_missed_by_who_asks_right_after_it() {
    let tree = Tree::new();
    let watch = tree.telling();
    settle(&watch, "0");
    for number in 0..300 {
        let path = ["source/a.py", "b.py", "source/deep/c.py"][number % 3];
        tree.write(path, &number.to_string());
        assert_eq!(tree.asked(), None, "change {number} was missed");
        let told = next(&watch);
        assert_eq!(told.paths, [path]);
        watch.settle(Some(number.to_string()));
        assert_eq!(tree.asked(), Some(number.to_string()));
    }
}

#[test]
fn a_second_watch_does_not_answer_and_a_later_one_takes_the_place_of_one_that_was_killed() {
    let tree = Tree::new();
    let first = tree.telling();
    let mut second = tree.watch();
    let why = second.tell_others(&tree.root, &tree.store, NAME).unwrap().unwrap();
    assert!(why.contains("another process"), "{why}");
    settle(&first, "first");
    assert_eq!(tree.asked().as_deref(), Some("first"));
    drop(first);
    // A socket that nobody listens to is what a killed process leaves, beside its last file.
    drop(UnixListener::bind(tree.store.join(format!("watch/{NAME}.socket"))).unwrap());
    fs::write(tree.store.join("watch/heard-1-2-3-4"), "").unwrap();
    assert!(ask(&tree.store, NAME).is_none());
    let third = tree.telling();
    settle(&third, "third");
    assert_eq!(tree.asked().as_deref(), Some("third"));
    assert!(!tree.store.join("watch/heard-1-2-3-4").exists());
}

#[test]
fn a_watch_answers_whoever_asks_at_the_same_time() {
    let tree = Tree::new();
    let watch = tree.telling();
    settle(&watch, "first");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(tree.asked().as_deref(), Some("first"))));
        }
    });
}

#[test]
fn an_answer_that_makes_no_sense_or_does_not_come_is_none() {
    use std::io::Write as _;
    let tree = Tree::new();
    fs::create_dir(tree.store.join("watch")).unwrap();
    let listener = UnixListener::bind(tree.store.join(format!("watch/{NAME}.socket"))).unwrap();
    for answer in
        ["", "pampax-watch/1 current cut of", "pampax-watch/2 current other\n", "\u{0}\n", "pampax-watch/1 unknown\n"]
    {
        let asked = ask(&tree.store, NAME).unwrap();
        listener.accept().unwrap().0.write_all(answer.as_bytes()).unwrap();
        assert_eq!(asked.answer(Instant::now() + PATIENCE), None, "{answer:?}");
    }
    let asked = ask(&tree.store, NAME).unwrap();
    let started = Instant::now();
    assert_eq!(asked.answer(started + 5 * PAUSE), None);
    assert!(started.elapsed() >= 5 * PAUSE);
}

#[test]
fn the_path_of_the_store_may_be_long() {
    let tree = Tree::new();
    let store = tree.folder.path().canonicalize().unwrap().join("long".repeat(30)).join("store");
    fs::create_dir_all(&store).unwrap();
    let mut watch = Watch::begin(&tree.root, &store).unwrap();
    assert_eq!(watch.tell_others(&tree.root, &store, NAME).unwrap(), None);
    settle(&watch, "first");
    assert_eq!(ask(&store, NAME).unwrap().answer(Instant::now() + PATIENCE).as_deref(), Some("first"));
}

#[test]
fn the_store_may_lie_in_the_tree() {
    let tree = Tree::new();
    let store = tree.root.join(".git/pampax");
    fs::create_dir_all(&store).unwrap();
    let mut watch = Watch::begin(&tree.root, &store).unwrap();
    assert_eq!(watch.tell_others(&tree.root, &store, NAME).unwrap(), None);
    settle(&watch, "first");
    assert_eq!(ask(&store, NAME).unwrap().answer(Instant::now() + PATIENCE).as_deref(), Some("first"));
    assert_eq!(watch.next(PAUSE, GATHER, 10 * PAUSE).unwrap(), Told::default(), "its own files were told");
    tree.write("source/first.py", "1");
    assert_eq!(ask(&store, NAME).unwrap().answer(Instant::now() + PATIENCE), None);
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    let tree = Tree::new();
    let error = Watch::begin(&tree.root.join("gone"), &tree.store).err().unwrap();
    assert!(error.to_string().contains("gone"), "{error}");
}
