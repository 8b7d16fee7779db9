//! Exact search: right against the files as they are now, whatever the index says.

use pampax_base::Error;
use pampax_engine::{Filters, GrepAnswer, GrepMode, GrepOptions, Repository};

use crate::{Project, index, sample};

fn grep(repository: &Repository, pattern: &str, options: &GrepOptions) -> GrepAnswer {
    repository.grep(pattern, options, &|| true).unwrap()
}

fn lines(repository: &Repository, pattern: &str, options: &GrepOptions) -> Vec<String> {
    let answer = grep(repository, pattern, options);
    String::from_utf8(answer.to_lines()).unwrap().lines().map(str::to_owned).collect()
}

fn indexed(files: &[(&str, &str)]) -> (Project, Repository) {
    let project = Project::new(files);
    let repository = project.open();
    index(&repository);
    (project, repository)
}

#[test]
fn lines_of_several_files_by_path() {
    let (_project, repository) = indexed(&sample());
    assert_eq!(
        lines(&repository, "sign_cookie", &GrepOptions::default()),
        [
            "src/session.py:12:        cookie = sign_cookie(self.secret, session)",
            "src/session.py:19:def sign_cookie(secret, value):",
        ]
    );
    let options = GrepOptions { ignore_case: true, word: true, mode: GrepMode::Counts, ..GrepOptions::default() };
    assert_eq!(lines(&repository, "POOL", &options), ["README.md:1", "src/pool.go:3"]);
    let options = GrepOptions { mode: GrepMode::Files, globs: vec!["*.py".to_owned()], ..GrepOptions::default() };
    assert_eq!(lines(&repository, "cookie", &options), ["src/session.py", "tests/test_session.py"]);
}

#[test]
fn filters_and_globs() {
    let (_project, repository) = indexed(&sample());
    let files = |options: GrepOptions| lines(&repository, "ession", &GrepOptions { mode: GrepMode::Files, ..options });
    let filtered = |filters| files(GrepOptions { filters, ..GrepOptions::default() });
    assert_eq!(filtered(Filters { paths: vec!["/src".to_owned()], ..Filters::default() }), ["src/session.py"]);
    assert_eq!(
        filtered(Filters { tests: Some(false), ..Filters::default() }),
        ["README.md", "settings.toml", "src/session.py"]
    );
    assert_eq!(filtered(Filters { languages: vec!["toml".to_owned()], ..Filters::default() }), ["settings.toml"]);
    let globs = |globs: &[&str]| {
        files(GrepOptions { globs: globs.iter().map(|&glob| glob.to_owned()).collect(), ..GrepOptions::default() })
    };
    assert_eq!(globs(&["!src/", "!*.md"]), ["settings.toml", "tests/test_session.py"]);
    assert_eq!(globs(&["*.py", "!test_*"]), ["src/session.py"]);
}

#[test]
fn context_and_limits() {
    let (_project, repository) =
        indexed(&[("a.txt", "one\ntwo needle\nthree\nfour\nfive\nneedle six\n"), ("b.txt", "needle\n")]);
    let around = GrepOptions { before: 1, after: 1, ..GrepOptions::default() };
    assert_eq!(
        lines(&repository, "needle", &around),
        [
            "a.txt-1-one",
            "a.txt:2:two needle",
            "a.txt-3-three",
            "--",
            "a.txt-5-five",
            "a.txt:6:needle six",
            "--",
            "b.txt:1:needle"
        ]
    );
    let once = GrepOptions { max_count: Some(1), ..GrepOptions::default() };
    assert_eq!(lines(&repository, "needle", &once), ["a.txt:2:two needle", "b.txt:1:needle"]);
    for limit in 1..=4 {
        let answer = grep(&repository, "needle", &GrepOptions { limit, ..GrepOptions::default() });
        assert_eq!((answer.matches, answer.coverage.truncated), (limit.min(3) as u64, limit < 3));
    }
    assert!(repository.grep("x", &GrepOptions { limit: 0, ..GrepOptions::default() }, &|| true).is_err());
}

#[test]
fn spans_say_where_the_matches_are() {
    let (_project, repository) = indexed(&[("a.txt", "caf\u{e9} ab ab\n")]);
    let answer = grep(&repository, "ab", &GrepOptions::default());
    assert_eq!(answer.files[0].lines[0].spans, [(6, 8), (9, 11)]);
    let json = answer.to_json();
    assert!(json.starts_with(r#"{"schema":"pampax.grep/1","pattern":"ab","planned":false,"matches":1,"#), "{json}");
    let project = Project::new(&[]);
    std::fs::write(project.root.join("latin.txt"), b"\xe9\xe9 needle\n").unwrap();
    let repository = project.open();
    index(&repository);
    let answer = grep(&repository, "needle|(?-u:\\xe9) ", &GrepOptions::default());
    assert_eq!(answer.files[0].lines[0].text, "\u{fffd}\u{fffd} needle");
    assert_eq!(answer.files[0].lines[0].spans, [(3, 7), (7, 13)]);
    assert_eq!(answer.to_lines(), b"latin.txt:1:\xe9\xe9 needle\n");
}

#[test]
fn files_are_searched_as_they_are_now() {
    let (project, repository) = indexed(&sample());
    project.write("src/session.py", "def sign_cookie(): return \"something new\"\n");
    project.remove("src/pool.go");
    let answer = grep(&repository, "sign_cookie", &GrepOptions::default());
    assert_eq!(
        String::from_utf8(answer.to_lines()).unwrap(),
        "src/session.py:1:def sign_cookie(): return \"something new\"\n"
    );
    assert_eq!(answer.coverage.stale_paths, ["src/session.py"]);
    assert!(lines(&repository, "Acquire", &GrepOptions::default()).is_empty());
    index(&repository);
    assert_eq!(lines(&repository, "something new", &GrepOptions::default()).len(), 1);
}

#[test]
fn text_outside_the_index_is_searched_too() {
    let generated = "// Code generated by a program. DO NOT EDIT.\nint needle_generated;\n";
    let minified = "var needle_minified=1;".repeat(3000);
    let large = format!("{}needle_large\n", "filler\n".repeat(700_000));
    let (project, repository) =
        indexed(&[("g.c", generated), ("m.js", &minified), ("l.txt", &large), ("a.c", "int x;\n")]);
    let files =
        |pattern: &str| lines(&repository, pattern, &GrepOptions { mode: GrepMode::Files, ..GrepOptions::default() });
    assert_eq!(files("needle_"), ["g.c", "l.txt", "m.js"]);
    project.write("g.c", "// Code generated by a program. DO NOT EDIT.\nint other_needle;\n");
    assert_eq!(files("other_needle"), ["g.c"]);
    // Their trigrams are taken once they are old enough to be sure of.
    for path in ["g.c", "m.js", "l.txt"] {
        let old = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
        std::fs::File::options().write(true).open(project.root.join(path)).unwrap().set_modified(old).unwrap();
    }
    std::thread::sleep(std::time::Duration::from_millis(2100));
    index(&repository);
    let repository = project.open();
    assert_eq!(grep(&repository, "needle_large", &GrepOptions::default()).candidates, 1);
    assert_eq!(grep(&repository, "nowhere_at_all", &GrepOptions::default()).candidates, 0);
    project.write("g.c", "int nowhere_at_all;\n");
    assert_eq!(grep(&repository, "nowhere_at_all", &GrepOptions::default()).matches, 1);
    let others = std::fs::read_dir(project.store.join("others")).unwrap();
    for file in others.flatten() {
        std::fs::write(file.path(), "damaged").unwrap();
    }
    assert_eq!(grep(&project.open(), "needle_large", &GrepOptions::default()).matches, 1);
}

#[test]
fn binary_files_and_other_encodings() {
    let project = Project::new(&[]);
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("needle in utf-16\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let late = [b"needle before\n".as_slice(), &b"filler\n".repeat(30_000), b"\0needle after\n"].concat();
    for (path, bytes) in [
        ("wide.txt", utf16.as_slice()),
        ("binary.bin", b"needle\0\n"),
        ("late.txt", &late),
        ("bom.txt", b"\xef\xbb\xbfneedle\n"),
    ] {
        std::fs::write(project.root.join(path), bytes).unwrap();
    }
    let repository = project.open();
    index(&repository);
    let found = ["bom.txt:1:needle", "late.txt:1:needle before", "wide.txt:1:needle in utf-16"];
    assert_eq!(lines(&repository, "^needle", &GrepOptions::default()), found);
    let counts = GrepOptions { mode: GrepMode::Counts, ..GrepOptions::default() };
    assert_eq!(lines(&repository, "needle", &counts), ["bom.txt:1", "wide.txt:1"]);
}

#[test]
fn links_do_not_lead_out_of_the_root() {
    let (project, repository) = indexed(&[("folder/a.txt", "needle\n"), ("b.txt", "needle\n")]);
    let outside = project.root.parent().unwrap().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("a.txt"), "needle outside\n").unwrap();
    std::fs::remove_dir_all(project.root.join("folder")).unwrap();
    std::os::unix::fs::symlink(&outside, project.root.join("folder")).unwrap();
    project.remove("b.txt");
    std::os::unix::fs::symlink(outside.join("a.txt"), project.root.join("b.txt")).unwrap();
    assert!(lines(&repository, "needle", &GrepOptions::default()).is_empty());
}

#[test]
fn segments_without_trigrams_are_read_whole() {
    let project = Project::new(&sample());
    index(&project.open());
    let old = |store: &std::path::Path| {
        // As a store of before there were trigrams: no file, and no record of one.
        for segment in std::fs::read_dir(store.join("segments")).unwrap().flatten() {
            std::fs::remove_file(segment.path().join("trigrams")).unwrap();
            strip(&segment.path().join("segment"));
        }
        strip(&store.join("generation"));
    };
    old(&project.store);
    let repository = project.open();
    let answer = grep(&repository, "sign_cookie", &GrepOptions::default());
    assert_eq!((answer.matches, answer.candidates), (2, 6));
    assert!(answer.notes()[0].contains("older pampax"), "{:?}", answer.notes());
    // The next run makes them, whatever else it does.
    index(&repository);
    assert_eq!(grep(&project.open(), "sign_cookie", &GrepOptions::default()).candidates, 1);
    for number in 0..5 {
        project.write(&format!("new{number}.txt"), "sign_cookie\n");
        index(&repository);
    }
    let answer = grep(&repository, "sign_cookie", &GrepOptions::default());
    assert_eq!(answer.matches, 7);
    assert_eq!(grep(&repository, "zebra", &GrepOptions::default()).matches, 0);
}

/// Takes the records of files called `trigrams` out of a record of the store.
fn strip(path: &std::path::Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let body = text.lines().next().unwrap();
    let mut value: serde_json::Value = serde_json::from_str(body).unwrap();
    take_out(&mut value);
    let body = value.to_string();
    std::fs::write(path, format!("{body}\ncrc32 {:08x}\n", crc32fast::hash(body.as_bytes()))).unwrap();
}

fn take_out(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(items) => {
            items.retain(|item| {
                item.get("name").and_then(|name| name.as_str()).is_none_or(|name| !name.ends_with("/trigrams"))
            });
            items.iter_mut().for_each(take_out);
        }
        serde_json::Value::Object(fields) => fields.values_mut().for_each(take_out),
        _ => {}
    }
}

#[test]
fn threads_and_segments_do_not_change_the_answer() {
    let files: Vec<(String, String)> = (0..300)
        .map(|number| (format!("d{}/f{number}.c", number % 7), format!("int a{number};\nint needle{};\n", number % 5)))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = Project::new(&files[..200]);
    let one = project.open_with(&project.store, 1);
    index(&one);
    for (path, text) in &files[200..] {
        project.write(path, text);
    }
    index(&one);
    let other_store = project.store.with_file_name("other");
    let four = project.open_with(&other_store, 4);
    index(&four);
    for (pattern, limit) in [("needle[12]", 1000), ("needle", 17), ("a2\\d*;", 40), (".", 25)] {
        let options = GrepOptions { limit, before: 1, ..GrepOptions::default() };
        let json = |repository: &Repository| {
            let mut answer = grep(repository, pattern, &options);
            answer.coverage.generation = 0;
            answer.to_json()
        };
        assert_eq!(json(&one), json(&four), "{pattern}");
    }
}

#[test]
fn what_cannot_be_answered() {
    let project = Project::new(&sample());
    let repository = project.open();
    let ask = |pattern: &str, go_on: bool| repository.grep(pattern, &GrepOptions::default(), &|| go_on).unwrap_err();
    assert!(matches!(ask("x", true), Error::NotIndexed { .. }));
    index(&repository);
    assert!(matches!(ask("(", true), Error::InvalidInput { what: "pattern", .. }));
    assert!(matches!(ask("a{1000}{1000}{1000}", true), Error::InvalidInput { what: "pattern", .. }));
    assert!(matches!(ask("cookie", false), Error::Cancelled));
    let options = GrepOptions { globs: vec!["{".to_owned()], ..GrepOptions::default() };
    assert!(repository.grep("x", &options, &|| true).is_err());
}
