//! The lines that are told, compared with what `git diff` says and with what must hold of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use pampax_base::LineSpan;

use crate::{Numbers, Repository, changed};

#[test]
fn lines_outside_of_spans_are_old_lines_in_order() {
    let mut numbers = Numbers(0x5eed_1234_5678_9abc);
    let repository = Repository::new();
    let mut texts = Vec::new();
    for file in 0..150 {
        // Few different lines, so that many are alike.
        let old: Vec<String> = (0..numbers.below(40)).map(|_| format!("line {}", numbers.below(12))).collect();
        repository.write(&format!("f{file:03}.txt"), old.iter().map(|line| format!("{line}\n")).collect::<String>());
        texts.push(old);
    }
    repository.commit("first");
    for (file, old) in texts.iter().enumerate() {
        let mut new = old.clone();
        for edit in 0..numbers.below(5) {
            let place = numbers.below(new.len() + 1);
            match numbers.below(3) {
                0 => new.insert(place, format!("new {edit}")),
                1 if place < new.len() => new[place] = format!("changed {edit}"),
                _ if place < new.len() => {
                    new.remove(place);
                }
                _ => {}
            }
        }
        repository.write(&format!("f{file:03}.txt"), new.join("\n"));
    }
    let changes = repository.since("HEAD");
    assert!(changes.files.len() > 80, "{}", changes.files.len());
    for (file, old) in texts.iter().enumerate() {
        let path = format!("f{file:03}.txt");
        let text = fs::read_to_string(repository.root.join(&path)).unwrap();
        let new: Vec<&str> = text.lines().collect();
        let found = changes.files.iter().find(|changed| changed.path == path);
        let spans = found.map(|changed| changed.spans.clone()).unwrap_or_default();
        assert!(spans.windows(2).all(|pair| pair[0].end + 1 < pair[1].start), "{path}: {spans:?}");
        assert!(spans.iter().all(|span| span.start >= 1 && span.end as usize <= new.len()), "{path}: {spans:?}");
        if found.is_none() {
            assert_eq!(&new, old, "{path}");
        }
        assert_old_outside(&path, old.iter().map(String::as_str), &new, &spans);
    }
}

/// Every line outside of `spans` has to be a line of `old`, in the same order.
#[track_caller]
fn assert_old_outside<'old>(path: &str, mut old: impl Iterator<Item = &'old str>, new: &[&str], spans: &[LineSpan]) {
    for (number, line) in (1u32..).zip(new) {
        if !spans.iter().any(|span| span.contains(LineSpan::new(number, number))) {
            assert!(old.any(|old| old == *line), "{path}:{number} {line:?} is not old");
        }
    }
}

/// Of each file, the lines that `git diff` says are added or changed, and those that stand where some were removed.
fn lines_of_git(repository: &Repository, revision: &str) -> BTreeMap<String, BTreeSet<u32>> {
    let arguments = ["diff", "--no-color", "--unified=0", "--diff-algorithm=histogram", "--ignore-cr-at-eol", revision];
    let text = repository.git(&arguments);
    let mut found: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let mut path = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("+++ b/") {
            name.clone_into(&mut path);
        } else if let Some(hunk) = line.strip_prefix("@@ -") {
            let new = hunk.split_once(" +").unwrap().1.split(' ').next().unwrap();
            let (start, count) = new.split_once(',').unwrap_or((new, "1"));
            let (start, count): (u32, u32) = (start.parse().unwrap(), count.parse().unwrap());
            let content = fs::read_to_string(repository.root.join(&path)).unwrap();
            let last = content.lines().count() as u32;
            // Git names the line before a removal, we the one after it.
            let lines =
                if count == 0 { (start + 1).min(last)..=(start + 1).min(last) } else { start..=start + count - 1 };
            found.entry(path.clone()).or_default().extend(lines);
        }
    }
    found
}

#[test]
fn lines_are_those_of_git() {
    let mut numbers = Numbers(0x0ddb_a110_ddba_1100);
    let repository = Repository::new();
    let mut texts = Vec::new();
    for file in 0..120 {
        // Code as it is: blocks with lines of their own, and lines that stand in every block.
        let mut text = String::new();
        for block in 0..3 + numbers.below(12) {
            write!(text, "fn block_{file}_{block}() {{\n    let value = {};\n", numbers.below(1000)).unwrap();
            for line in 0..numbers.below(6) {
                writeln!(text, "    call_{line}(value, {});", numbers.below(1000)).unwrap();
            }
            text += "    return value;\n}\n\n";
        }
        repository.write(&format!("f{file:03}.rs"), &text);
        texts.push(text);
    }
    repository.commit("first");
    for (file, old) in texts.iter().enumerate() {
        let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
        for edit in 0..=numbers.below(6) {
            let place = numbers.below(lines.len());
            match numbers.below(4) {
                0 => lines.insert(place, format!("    added({edit}, {file});")),
                1 => lines[place] = format!("    changed({edit}, {file});"),
                2 => drop(lines.drain(place..(place + 1 + numbers.below(4)).min(lines.len()))),
                _ => {
                    let copied = lines[place..(place + 5).min(lines.len())].to_vec();
                    let place = numbers.below(lines.len());
                    lines.splice(place..place, copied);
                }
            }
        }
        // Every third with the line ends of another system.
        let end = if file % 3 == 0 { "\r\n" } else { "\n" };
        repository
            .write(&format!("f{file:03}.rs"), lines.iter().map(|line| format!("{line}{end}")).collect::<String>());
    }
    let expected = lines_of_git(&repository, "HEAD");
    assert!(expected.len() > 100, "{}", expected.len());
    let files = repository.since("HEAD").files;
    assert_eq!(files.iter().map(|file| &file.path).collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let mut different = Vec::new();
    for file in &files {
        let text = fs::read_to_string(repository.root.join(&file.path)).unwrap();
        let number: usize = file.path[1..4].parse().unwrap();
        assert_old_outside(&file.path, texts[number].lines(), &text.lines().collect::<Vec<_>>(), &file.spans);
        let lines: BTreeSet<u32> = file.spans.iter().flat_map(|span| span.start..=span.end).collect();
        if lines != expected[&file.path] {
            different.push((&file.path, lines, &expected[&file.path]));
        }
    }
    // Two histogram comparisons may pair lines that are alike in different ways, both of them right.
    assert!(different.len() * 20 <= expected.len(), "{} of {}: {different:?}", different.len(), expected.len());
}

#[test]
fn texts_that_are_too_much_to_compare_are_compared_coarsely() {
    let mut numbers = Numbers(0x5eed);
    let repository = Repository::new();
    let mut text = || (0..1_000_000).map(|_| if numbers.below(2) == 0 { "a\n" } else { "b\n" }).collect::<String>();
    // Two million lines of two kinds: to compare them well would take hours.
    repository.write("a.txt", format!("start\n{}middle\n{}end\n", text(), text()));
    repository.commit("first");
    repository.write("a.txt", format!("start\n{}middle\n{}end\nnew\n", text(), text()));
    repository.write("b.txt", "b\n");
    repository.git(&["add", "b.txt"]);
    let mut files = repository.since("HEAD").files;
    assert_eq!(files.pop(), Some(changed("b.txt", &[(1, 1)], true)));
    let spans = files.pop().unwrap().spans;
    let is_told = |line| spans.iter().any(|span| span.contains(LineSpan::new(line, line)));
    assert_eq!([1, 1_000_002, 2_000_003, 2_000_004].map(is_told), [false, false, false, true]);
}
