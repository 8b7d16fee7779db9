//! Repositories made to harm, and damaged ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use pampax_base::Error;
use pampax_history::{changed_since, recently_changed};

use crate::{Numbers, Repository, changed, numbered};

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    let repository = Repository::new();
    let secret = repository.root.parent().unwrap().join("secret");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("a.txt"), "secret\n").unwrap();
    repository.write("dir/a.txt", "a\n");
    repository.write("b.txt", "b\n");
    std::os::unix::fs::symlink("b.txt", repository.root.join("link")).unwrap();
    repository.commit("first");
    fs::remove_dir_all(repository.root.join("dir")).unwrap();
    fs::remove_file(repository.root.join("b.txt")).unwrap();
    std::os::unix::fs::symlink(&secret, repository.root.join("dir")).unwrap();
    std::os::unix::fs::symlink(secret.join("a.txt"), repository.root.join("b.txt")).unwrap();
    let changes = repository.since("HEAD");
    assert_eq!((changes.files, changes.removed), (vec![], vec!["b.txt".to_owned(), "dir/a.txt".to_owned()]));
    assert_eq!(recently_changed(&repository.root, &["dir/a.txt", "b.txt", "link"], 1).unwrap(), []);
}

/// Whatever is below `folder`: the paths, contents and times.
fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>, SystemTime)> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            if metadata.is_dir() {
                pending.push(path.clone());
            }
            found.push((path, content, metadata.modified().unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn nothing_a_repository_names_is_run_and_nothing_is_written() {
    let repository = Repository::new();
    repository.write("a.txt", "a\nb\n");
    repository.write("sub/b.txt", "a\nb\n");
    repository.commit("first");
    repository.write(".gitattributes", "* filter=x diff=y text working-tree-encoding=UTF-16\n");
    let marker = repository.root.parent().unwrap().join("marker");
    let elsewhere = repository.root.parent().unwrap().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("a.txt"), "of another folder\n").unwrap();
    let touch = format!("touch {}", marker.display());
    let included = repository.root.join("included");
    fs::write(&included, format!("[core]\n\tfsmonitor = {touch}\n")).unwrap();
    for (key, value) in [
        ("filter.x.clean", touch.as_str()),
        ("filter.x.smudge", touch.as_str()),
        ("filter.x.process", touch.as_str()),
        ("filter.x.required", "true"),
        ("diff.external", touch.as_str()),
        ("diff.y.textconv", touch.as_str()),
        ("diff.y.command", touch.as_str()),
        ("core.sshCommand", touch.as_str()),
        ("core.pager", touch.as_str()),
        ("core.alternateRefsCommand", touch.as_str()),
        ("core.hooksPath", repository.root.to_str().unwrap()),
        ("core.worktree", elsewhere.to_str().unwrap()),
        ("include.path", included.to_str().unwrap()),
        ("core.fsmonitor", touch.as_str()),
    ] {
        // Written by hand: git itself would run some of these.
        let (section, name) = key.rsplit_once('.').unwrap();
        let header = match section.split_once('.') {
            Some((section, subsection)) => format!("{section} \"{subsection}\""),
            None => section.to_owned(),
        };
        let config = repository.root.join(".git/config");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(config, format!("{text}[{header}]\n\t{name} = {value}\n")).unwrap();
    }
    repository.write("post-index-change", format!("#!/bin/sh\n{touch}\n"));
    repository.write("a.txt", "a\nB\n");
    repository.write("sub/b.txt", "a\nb\n");
    let before = snapshot(repository.root.parent().unwrap());
    let changes = repository.since("HEAD");
    assert_eq!(changes.files, [changed("a.txt", &[(2, 2)], false)]);
    assert_eq!(repository.since("main...").files.len(), 1);
    assert_eq!(recently_changed(&repository.root, &["a.txt", "sub/b.txt"], 2).unwrap().len(), 2);
    assert!(!marker.exists());
    assert_eq!(snapshot(repository.root.parent().unwrap()), before);
    // The trap works: git does run it.
    let git = Command::new("git").current_dir(&repository.root).args(["status"]).output().unwrap();
    assert!(marker.exists(), "{git:?}");
}

#[test]
fn a_damaged_index_is_an_error() {
    let repository = Repository::new();
    for number in 0..20 {
        repository.write(&format!("dir/{number}.txt"), numbered(number));
    }
    repository.commit("first");
    let path = repository.root.join(".git/index");
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(7) {
        fs::write(&path, &whole[..length]).unwrap();
        let error = changed_since(&repository.root, "HEAD").unwrap_err();
        assert!(matches!(&error, Error::BadPath { .. }), "{length}: {error:?}");
        assert!(recently_changed(&repository.root, &["dir/1.txt"], 1).is_err());
    }
    let mut numbers = Numbers(77);
    for _ in 0..200 {
        // A checksum of zeros is not checked, so that the parser sees the damage.
        let mut damaged = whole.clone();
        let end = damaged.len() - 20;
        damaged[end..].fill(0);
        let place = numbers.below(end);
        damaged[place] ^= 1 << numbers.below(8);
        fs::write(&path, &damaged).unwrap();
        // An answer or a typed error: not a panic.
        let _ = changed_since(&repository.root, "HEAD");
    }
}

#[test]
fn damaged_objects_are_an_error() {
    let repository = Repository::new();
    repository.write("dir/a.txt", numbered(5));
    repository.commit("first");
    repository.write("dir/a.txt", numbered(6));
    repository.commit("second");
    repository.write("dir/a.txt", numbered(7));
    let names = ["HEAD", "HEAD^{tree}", "HEAD:dir", "HEAD:dir/a.txt", "HEAD~1", "HEAD~1:dir/a.txt"];
    for name in names {
        let id = repository.git(&["rev-parse", name]);
        let path = repository.root.join(".git/objects").join(&id[..2]).join(&id[2..]);
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        for damaged in [&whole[..whole.len() / 2], b"", b"not zlib at all"] {
            fs::write(&path, damaged).unwrap();
            let since = changed_since(&repository.root, "HEAD");
            let recent = recently_changed(&repository.root, &["dir/a.txt"], 1);
            assert!(since.is_err() || recent.is_err(), "{name}: {since:?} {recent:?}");
        }
        fs::remove_file(&path).unwrap();
        let _ = changed_since(&repository.root, "HEAD");
        let _ = recently_changed(&repository.root, &["dir/a.txt"], 3);
        fs::write(&path, whole).unwrap();
    }
    fs::write(repository.root.join(".git/HEAD"), "nonsense").unwrap();
    assert!(changed_since(&repository.root, "HEAD").is_err());
    fs::write(repository.root.join(".git/config"), "[[[").unwrap();
    assert!(changed_since(&repository.root, "HEAD").is_err());
    fs::remove_dir_all(repository.root.join(".git")).unwrap();
    fs::create_dir(repository.root.join(".git")).unwrap();
    let error = changed_since(&repository.root, "HEAD").unwrap_err();
    assert!(matches!(error, Error::BadPath { .. }), "{error:?}");
}

#[test]
fn a_tree_that_leads_out_is_an_error() {
    for name in ["..", ".git", "."] {
        let repository = Repository::new();
        repository.write("a.txt", "a\n");
        repository.commit("first");
        let blob = repository.git(&["rev-parse", "HEAD:a.txt"]);
        // The object as git stores it, for git refuses to make one from a list.
        let mut tree = format!("100644 {name}\0").into_bytes();
        tree.extend((0..20).map(|byte| u8::from_str_radix(&blob[2 * byte..2 * byte + 2], 16).unwrap()));
        let file = repository.root.parent().unwrap().join("tree");
        fs::write(&file, tree).unwrap();
        let tree = repository.git(&["hash-object", "-t", "tree", "-w", "--literally", file.to_str().unwrap()]);
        let commit = repository.git(&["commit-tree", &tree, "-m", "hostile"]);
        let error = changed_since(&repository.root, &commit).unwrap_err();
        assert!(error.to_string().contains("leads out"), "{error}");
    }
}

#[test]
fn the_index_is_the_one_of_the_repository() {
    let repository = Repository::new();
    repository.write("a.txt", "a\n");
    repository.commit("first");
    let elsewhere = repository.root.parent().unwrap().join("elsewhere");
    fs::write(&elsewhere, "anything on this machine").unwrap();
    // A setting that only the library knows.
    repository.git(&["config", "gitoxide.core.indexFile", elsewhere.to_str().unwrap()]);
    repository.git(&["config", "gitoxide.objects.allocLimit", "1"]);
    assert_eq!(repository.since("HEAD").files, []);
}

#[test]
fn an_index_that_would_overflow_the_stack_is_an_error() {
    let repository = Repository::new();
    repository.write("a.txt", "a\n");
    repository.commit("first");
    let tree = b"\0-1 1\n".repeat(1_000_000);
    let mut index = b"DIRC\0\0\0\x02\0\0\0\0TREE".to_vec();
    index.extend((tree.len() as u32).to_be_bytes());
    index.extend(tree);
    index.extend([0; 20]);
    fs::write(repository.root.join(".git/index"), index).unwrap();
    let error = changed_since(&repository.root, "HEAD").unwrap_err();
    assert!(error.to_string().contains("too deep"), "{error}");
    // One that shares the entries of itself, which has a checksum of zeros: the library would follow it without end.
    let index = [b"DIRC\0\0\0\x02\0\0\0\0link\0\0\0\x14".as_slice(), &[0; 20], &[0; 20]].concat();
    fs::write(repository.root.join(".git/index"), &index).unwrap();
    fs::write(repository.root.join(".git").join(format!("sharedindex.{}", "0".repeat(40))), &index).unwrap();
    let error = changed_since(&repository.root, "HEAD").unwrap_err();
    assert!(error.to_string().contains("shares entries"), "{error}");
}

#[test]
fn a_commit_that_would_fill_memory_is_an_error() {
    let repository = Repository::new();
    repository.write("a.txt", "a\n");
    repository.commit("first");
    let input = repository.root.parent().unwrap().join("input");
    // Few trees that name ten thousand million files.
    let mut tree = repository.git(&["rev-parse", "HEAD^{tree}"]);
    for _ in 0..4 {
        let name = "n".repeat(200);
        let entries: String = (0..300).map(|number| format!("040000 tree {tree}\t{name}{number}\n")).collect();
        fs::write(&input, entries).unwrap();
        let output = Command::new("git")
            .current_dir(&repository.root)
            .arg("mktree")
            .stdin(fs::File::open(&input).unwrap())
            .output()
            .unwrap();
        tree = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    }
    let commit = repository.git(&["commit-tree", &tree, "-m", "hostile"]);
    let error = changed_since(&repository.root, &commit).unwrap_err();
    assert!(error.to_string().contains("512 MiB"), "{error}");
}

/// Set in the process that has the hostile environment.
const REPOSITORY_VARIABLE: &str = "PAMPAX_HISTORY_TEST_REPOSITORY";

#[cfg(unix)]
#[test]
fn the_environment_and_the_users_settings_do_not_matter() {
    use std::os::unix::fs::PermissionsExt as _;

    if let Ok(root) = std::env::var(REPOSITORY_VARIABLE) {
        let changes = changed_since(Path::new(&root), "HEAD").unwrap();
        assert_eq!(changes.files, [changed("a.txt", &[(2, 2)], false)]);
        assert_eq!(recently_changed(Path::new(&root), &["a.txt"], 0).unwrap().len(), 1);
        return;
    }
    let (repository, other) = (Repository::new(), Repository::new());
    repository.write("a.txt", "a\nb\n");
    repository.commit("first");
    repository.write("a.txt", "a\nB\n");
    let home = other.root.parent().unwrap();
    let marker = home.join("marker");
    // What stands for git here would leave a trace of having been run.
    fs::write(home.join("git"), format!("#!/bin/sh\necho run > {}\n", marker.display())).unwrap();
    fs::set_permissions(home.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(home.join(".gitconfig"), "[gitoxide \"objects\"]\n\tallocLimit = 1\n[core\n").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hostile::the_environment_and_the_users_settings_do_not_matter", "--nocapture"])
        .env(REPOSITORY_VARIABLE, &repository.root)
        .env("PATH", home)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
        .env("GIT_CONFIG_SYSTEM", home.join(".gitconfig"))
        .env("GIT_DIR", other.root.join(".git"))
        .env("GIT_WORK_TREE", &other.root)
        .env("GIT_COMMON_DIR", other.root.join(".git"))
        .env("GIT_INDEX_FILE", other.root.join("a.txt"))
        .env("GIT_OBJECT_DIRECTORY", other.root.join(".git/objects"))
        .env("GIT_CEILING_DIRECTORIES", &repository.root)
        .env("GIT_ALLOC_LIMIT", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!marker.exists());
}
