//! Real repositories, made by git itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod hostile;
mod like_git;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use pampax_base::{Error, LineSpan};
use pampax_history::{ChangedFile, Changes, RecentFile, changed_since, recently_changed};
use tempfile::TempDir;

struct Repository {
    _folder: TempDir,
    root: PathBuf,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("work");
        fs::create_dir(&root).unwrap();
        let repository = Self { _folder: folder, root };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    fn git(&self, arguments: &[&str]) -> String {
        git_in(&self.root, arguments)
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn since(&self, revision: &str) -> Changes {
        changed_since(&self.root, revision).unwrap()
    }

    fn recent(&self, path: &str, changes: usize) -> Option<RecentFile> {
        let mut found = recently_changed(&self.root, &[path], changes).unwrap();
        assert!(found.len() <= 1);
        found.pop()
    }
}

fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .args(["-c", "user.name=A Person", "-c", "user.email=person@example.org", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn changed(path: &str, spans: &[(u32, u32)], is_new: bool) -> ChangedFile {
    ChangedFile { path: path.to_owned(), spans: lines(spans), is_new }
}

fn lines(spans: &[(u32, u32)]) -> Vec<LineSpan> {
    spans.iter().map(|(start, end)| LineSpan::new(*start, *end)).collect()
}

fn numbered(count: usize) -> String {
    (1..=count).map(|number| format!("line {number}\n")).collect()
}

#[track_caller]
fn assert_revision_error(result: Result<Changes, Error>, expected: &str) {
    match result.unwrap_err() {
        Error::InvalidInput { what: "revision", detail } => assert!(detail.contains(expected), "{detail}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn modified_new_removed_and_renamed() {
    let repository = Repository::new();
    repository.write("src/kept.py", numbered(9));
    repository.write("src/edited.py", numbered(9));
    repository.write("src/cut.py", numbered(9));
    repository.write("src/gone.py", "gone\n");
    repository.write("src/old_name.py", "a\nb\n");
    let base = repository.commit("first");
    repository.write("src/edited.py", numbered(9).replace("line 4\n", "line four\nand more\n"));
    repository.write("src/cut.py", numbered(9).replace("line 4\n", ""));
    repository.write("src/staged.py", "x\ny\nz\n");
    repository.write("src/empty.py", "");
    repository.git(&["mv", "src/old_name.py", "src/new_name.py"]);
    repository.git(&["add", "src/staged.py", "src/empty.py"]);
    repository.write("src/untracked.py", "not looked at\n");
    fs::remove_file(repository.root.join("src/gone.py")).unwrap();

    let changes = repository.since("HEAD");
    assert_eq!(
        changes,
        Changes {
            base: base.clone(),
            files: vec![
                changed("src/cut.py", &[(4, 4)], false),
                changed("src/edited.py", &[(4, 5)], false),
                changed("src/empty.py", &[], true),
                changed("src/new_name.py", &[(1, 2)], true),
                changed("src/staged.py", &[(1, 3)], true),
            ],
            removed: vec!["src/gone.py".to_owned(), "src/old_name.py".to_owned()],
            skipped: vec![],
            truncated: false,
        }
    );

    // The same whether it is committed or not, and by whatever name the commit is called.
    repository.git(&["rm", "--quiet", "--cached", "--ignore-unmatch", "src/gone.py"]);
    repository.git(&["add", "--update"]);
    repository.git(&["commit", "--quiet", "--message", "second"]);
    repository.git(&["tag", "--annotate", "one", "HEAD~1", "--message", "a tag"]);
    for name in ["HEAD~1", "one", &base, &base[..10], "one..."] {
        assert_eq!(repository.since(name), changes, "{name}");
    }
    assert_eq!(repository.since("HEAD").files, []);
}

#[test]
fn a_file_that_left_the_index_is_compared_still() {
    let repository = Repository::new();
    repository.write("a.txt", "a\nb\n");
    repository.commit("first");
    repository.git(&["rm", "--quiet", "--cached", "a.txt"]);
    assert_eq!(repository.since("HEAD").files, []);
    repository.write("a.txt", "a\nc\n");
    assert_eq!(repository.since("HEAD").files, [changed("a.txt", &[(2, 2)], false)]);
    fs::remove_file(repository.root.join(".git/index")).unwrap();
    assert_eq!(repository.since("HEAD").files, [changed("a.txt", &[(2, 2)], false)]);
}

#[test]
fn an_edit_that_keeps_size_and_second_is_seen() {
    for _ in 0..20 {
        let repository = Repository::new();
        repository.write("a.txt", "one\ntwo\n");
        repository.commit("first");
        repository.write("a.txt", "one\nTWO\n");
        assert_eq!(repository.since("HEAD").files, [changed("a.txt", &[(2, 2)], false)]);
    }
}

#[test]
fn an_old_file_is_taken_from_the_index_without_reading() {
    let repository = Repository::new();
    repository.write("a.txt", "one\ntwo\n");
    let path = repository.root.join("a.txt");
    let old = SystemTime::now() - Duration::from_secs(1000);
    let set_old = || fs::File::options().append(true).open(&path).unwrap().set_modified(old).unwrap();
    set_old();
    repository.commit("first");
    // What the index vouches for by size and time is not looked into: that is how this edit can hide.
    fs::write(&path, "one\nTWO\n").unwrap();
    set_old();
    assert_eq!(repository.since("HEAD").files, []);
    fs::write(&path, "one\nTWO\n").unwrap();
    assert_eq!(repository.since("HEAD").files, [changed("a.txt", &[(2, 2)], false)]);
}

#[test]
fn line_ends_are_no_change() {
    let repository = Repository::new();
    repository.write("a.txt", "one\ntwo\nthree\n");
    repository.commit("first");
    repository.write("a.txt", "one\r\ntwo\r\nthree\r\n");
    assert_eq!(repository.since("HEAD").files, []);
    assert_eq!(repository.recent("a.txt", 0), None);
    repository.write("a.txt", "one\r\n2\r\nthree\r\n");
    assert_eq!(repository.since("HEAD").files, [changed("a.txt", &[(2, 2)], false)]);
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn a_subfolder_is_a_root() {
    let repository = Repository::new();
    repository.write("top.txt", "a\n");
    repository.write("part/inner/a.txt", "a\nb\n");
    repository.write("part/gone.txt", "a\n");
    repository.write("part2/a.txt", "a\n");
    repository.commit("first");
    for path in ["top.txt", "part/inner/a.txt", "part2/a.txt"] {
        repository.write(path, "a\nB\n");
    }
    fs::remove_file(repository.root.join("part/gone.txt")).unwrap();
    let root = repository.root.join("part");
    let changes = changed_since(&root, "HEAD").unwrap();
    assert_eq!(changes.files, [changed("inner/a.txt", &[(2, 2)], false)]);
    assert_eq!(changes.removed, ["gone.txt"]);
    let recent = recently_changed(&root, &["inner/a.txt"], 0).unwrap();
    assert_eq!(recent[0].spans, lines(&[(2, 2)]));
    // A folder that the commit does not have.
    repository.write("part3/new.txt", "a\n");
    repository.git(&["add", "part3"]);
    let changes = changed_since(&repository.root.join("part3"), "HEAD").unwrap();
    assert_eq!(changes.files, [changed("new.txt", &[(1, 1)], true)]);
}

#[test]
fn a_linked_worktree_is_a_root() {
    let repository = Repository::new();
    repository.write("a.txt", "a\nb\n");
    repository.commit("first");
    let linked = repository.root.parent().unwrap().join("linked");
    repository.git(&["worktree", "add", "--quiet", "-b", "side", linked.to_str().unwrap()]);
    fs::write(linked.join("a.txt"), "a\nB\n").unwrap();
    fs::write(linked.join("b.txt"), "new\n").unwrap();
    git_in(&linked, &["add", "b.txt"]);
    let changes = changed_since(&linked, "main").unwrap();
    assert_eq!(changes.files, [changed("a.txt", &[(2, 2)], false), changed("b.txt", &[(1, 1)], true)]);
    assert_eq!(repository.since("main").files, []);
    git_in(&linked, &["commit", "--quiet", "--all", "--message", "on the side"]);
    let recent = recently_changed(&linked, &["a.txt"], 1).unwrap();
    assert_eq!((recent[0].subject.as_str(), &recent[0].spans), ("on the side", &lines(&[(2, 2)])));
}

#[test]
fn three_dots_are_the_merge_base() {
    let repository = Repository::new();
    repository.write("a.txt", "a\n");
    repository.write("b.txt", "b\n");
    let base = repository.commit("first");
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.write("a.txt", "A\n");
    repository.commit("side");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("b.txt", "B\n");
    repository.commit("main moves on");
    repository.git(&["checkout", "--quiet", "side"]);
    let changes = repository.since("main...");
    assert_eq!((changes.base.as_str(), changes.files), (base.as_str(), vec![changed("a.txt", &[(1, 1)], false)]));
    assert_eq!(repository.since("main").files.len(), 2);
    repository.git(&["checkout", "--quiet", "--orphan", "apart"]);
    repository.commit("no history");
    assert_revision_error(changed_since(&repository.root, "main..."), "no common commit");
}

#[test]
fn recent_changes_are_followed_back() {
    let repository = Repository::new();
    repository.write("dir/a.txt", numbered(9));
    repository.write("quiet.txt", "x\n");
    let first = repository.commit("first");
    repository.write("dir/a.txt", numbered(9).replace("line 2\n", "two\n"));
    repository.commit("second");
    repository.write("other.txt", "x\n");
    repository.commit("something else");
    repository.write("dir/a.txt", numbered(9).replace("line 2\n", "two\n").replace("line 7\n", "seven\n"));
    let third = repository.commit(&format!("third \u{1b}[31m{}\n\nbody", "x".repeat(100)));
    repository.commit("empty");

    let recent = repository.recent("dir/a.txt", 1).unwrap();
    assert_eq!((recent.commit.as_str(), &recent.spans), (&third[..10], &lines(&[(7, 7)])));
    assert_eq!(recent.subject.chars().count(), 80);
    assert!(recent.subject.starts_with("third [31mxxx"), "{}", recent.subject);
    assert_eq!(repository.recent("dir/a.txt", 2).unwrap().spans, lines(&[(2, 2), (7, 7)]));
    // The first commit made the file: all of it is a change.
    assert_eq!(repository.recent("dir/a.txt", 3).unwrap().spans, lines(&[(1, 9)]));
    assert_eq!(repository.recent("dir/a.txt", 9).unwrap().spans, lines(&[(1, 9)]));
    assert_eq!(repository.recent("dir/a.txt", 0), None);
    assert_eq!(repository.recent("quiet.txt", 1).unwrap().commit, first[..10]);
    assert_eq!(repository.recent("missing.txt", 1), None);
    assert_eq!(repository.recent("dir", 1), None);
    repository.write("untracked.txt", "x\n");
    assert_eq!(repository.recent("untracked.txt", 1), None);
    repository.git(&["add", "untracked.txt"]);
    assert_eq!(repository.recent("untracked.txt", 1).unwrap().commit, "uncommitted");

    let edited = fs::read_to_string(repository.root.join("dir/a.txt")).unwrap() + "last\n";
    repository.write("dir/a.txt", edited);
    let recent = repository.recent("dir/a.txt", 1).unwrap();
    assert_eq!((recent.commit.as_str(), recent.subject.as_str()), ("uncommitted", ""));
    assert_eq!(recent.spans, lines(&[(7, 7), (10, 10)]));
    assert_eq!(repository.recent("dir/a.txt", 0).unwrap().spans, lines(&[(10, 10)]));

    let both = recently_changed(&repository.root, &["other.txt", "dir/a.txt"], 1).unwrap();
    assert_eq!(both.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["other.txt", "dir/a.txt"]);

    let result = recently_changed(&repository.root, &["../work/dir/a.txt"], 1);
    assert!(matches!(result, Err(Error::InvalidInput { what: "path", .. })), "{result:?}");
}

#[test]
fn a_merge_counts_once() {
    let repository = Repository::new();
    repository.write("a.txt", "a\nb\nc\n");
    repository.commit("first");
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.write("a.txt", "a\nB\nc\n");
    repository.commit("side one");
    repository.write("a.txt", "a\nB\nC\n");
    repository.commit("side two");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "side", "--message", "merge of side"]);
    let recent = repository.recent("a.txt", 1).unwrap();
    assert_eq!((recent.subject.as_str(), recent.spans), ("merge of side", lines(&[(2, 3)])));
}

#[test]
fn a_shallow_clone_ends_history() {
    let repository = Repository::new();
    for number in 1..=5 {
        repository.write("a.txt", numbered(number));
        repository.commit(&format!("commit {number}"));
    }
    let clone = repository.root.parent().unwrap().join("clone");
    let address = format!("file://{}", repository.root.display());
    git_in(repository.root.parent().unwrap(), &["clone", "--quiet", "--depth=2", &address, "clone"]);
    let recent = recently_changed(&clone, &["a.txt"], 3).unwrap();
    assert_eq!((recent[0].subject.as_str(), &recent[0].spans), ("commit 5", &lines(&[(5, 5)])));
    assert_eq!(changed_since(&clone, "HEAD~1").unwrap().files, [changed("a.txt", &[(5, 5)], false)]);
    assert_revision_error(changed_since(&clone, "HEAD~3"), "shallow");
    assert_eq!(changed_since(&clone, "HEAD~1...").unwrap().files, [changed("a.txt", &[(5, 5)], false)]);
}

#[test]
fn not_a_repository_and_no_such_commit() {
    let folder = tempfile::tempdir().unwrap();
    assert_revision_error(changed_since(folder.path(), "HEAD"), "not in a git repository");
    let result = recently_changed(folder.path(), &["a"], 1);
    assert!(matches!(result, Err(Error::InvalidInput { what: "revision", .. })));
    assert!(matches!(changed_since(&folder.path().join("missing"), "HEAD"), Err(Error::Io { .. })));

    let repository = Repository::new();
    assert_revision_error(changed_since(&repository.root, "HEAD"), "no commit \"HEAD\"");
    assert_eq!(repository.recent("a.txt", 1), None);
    repository.write("a.txt", "a\n");
    repository.commit("first");
    for wrong in ["nowhere", "nowhere...", "HEAD~7", "--all", "HEAD^{tree}", "HEAD:a.txt", "a..b", "\0", "0000000000"] {
        assert_revision_error(changed_since(&repository.root, wrong), "no commit");
    }
    for empty in ["", "..."] {
        assert_revision_error(changed_since(&repository.root, empty), "empty");
    }
}

#[test]
fn binary_and_large_files_are_skipped() {
    let repository = Repository::new();
    repository.write("binary.bin", b"a\0b");
    repository.write("same.bin", b"a\0b");
    repository.write("large.txt", "x\n");
    repository.commit("first");
    repository.write("binary.bin", b"a\0c");
    repository.write("new.bin", b"\0");
    repository.write("same.bin", b"a\0b");
    repository.write("large.txt", "x\n".repeat(3 << 20));
    repository.git(&["add", "new.bin"]);
    let changes = repository.since("HEAD");
    assert_eq!(changes.files, []);
    assert_eq!(changes.skipped, ["binary.bin", "large.txt", "new.bin"]);
    assert_eq!(recently_changed(&repository.root, &["binary.bin", "large.txt"], 1).unwrap(), []);
}

#[test]
fn more_files_than_are_told_are_cut() {
    let repository = Repository::new();
    repository.commit("first");
    for number in 0..5001 {
        repository.write(&format!("f{number:04}"), "x\n");
    }
    repository.git(&["add", "--all"]);
    let changes = repository.since("HEAD");
    assert_eq!((changes.files.len(), changes.truncated), (5000, true));
    repository.git(&["rm", "--quiet", "--force", "f0000"]);
    let changes = repository.since("HEAD");
    assert_eq!((changes.files.len(), changes.truncated), (5000, false));
}

#[test]
fn a_sparse_checkout_has_removed_nothing() {
    let repository = Repository::new();
    repository.write("kept/a.txt", "a\n");
    repository.write("left/deep/b.txt", "b\n");
    repository.commit("first");
    for arguments in [vec!["set", "--cone", "kept"], vec!["reapply", "--sparse-index"]] {
        repository.git(&[&["sparse-checkout"], arguments.as_slice()].concat());
        assert!(!repository.root.join("left").exists());
        let changes = repository.since("HEAD");
        assert_eq!((changes.files, changes.removed), (vec![], vec![]), "{arguments:?}");
    }
    fs::create_dir_all(repository.root.join("left/deep")).unwrap();
    assert_eq!(changed_since(&repository.root.join("left/deep"), "HEAD").unwrap().removed, [""; 0]);
}

#[test]
fn packed_repositories_are_read() {
    let repository = Repository::new();
    for number in 1..=30 {
        repository.write("a.txt", numbered(200).replace("line 7\n", &format!("seven {number}\n")));
        repository.write(&format!("dir/{number}.txt"), numbered(number));
        repository.commit(&format!("commit {number}"));
    }
    repository.git(&["gc", "--quiet", "--aggressive"]);
    repository.git(&["commit-graph", "write", "--reachable"]);
    assert_eq!(repository.since("HEAD~20...").files.len(), 21);
    let recent = repository.recent("a.txt", 3).unwrap();
    assert_eq!((recent.subject.as_str(), recent.spans), ("commit 30", lines(&[(7, 7)])));
    assert_eq!(repository.recent("dir/3.txt", 3).unwrap().subject, "commit 3");
}

#[test]
fn an_index_that_shares_entries_is_read() {
    let repository = Repository::new();
    for name in ["a.txt", "b.txt", "c.txt"] {
        repository.write(name, "one\n");
    }
    repository.commit("first");
    repository.git(&["update-index", "--split-index"]);
    repository.write("a.txt", "two\n");
    repository.write("new.txt", "one\n");
    repository.git(&["add", "--all"]);
    repository.git(&["rm", "--quiet", "b.txt"]);
    let changes = repository.since("HEAD");
    assert_eq!(changes.files, [changed("a.txt", &[(1, 1)], false), changed("new.txt", &[(1, 1)], true)]);
    assert_eq!(changes.removed, ["b.txt"]);
}
