//! An index built by edits answers as a clean one does.

use proptest::prelude::*;

use pampax_engine::{AssembleOptions, Options, Repository, SearchOptions};

use crate::{Project, index, sample};

const QUERIES: [&str; 7] = [
    "session cookie",
    "sign_cookie",
    "where are connections pooled",
    "alpha beta",
    "matchRoute",
    "f1",
    "src/session.py",
];

/// Everything a user can see, but for the generation's number.
fn answers(repository: &Repository) -> Vec<String> {
    let options = SearchOptions { limit: 50, explain: true, ..SearchOptions::default() };
    let mut all: Vec<String> = Vec::new();
    for query in QUERIES {
        let mut answer = repository.search(query, &options).unwrap();
        answer.coverage.generation = None;
        all.push(answer.to_json(false));
        let encoding = pampax_engine::encoding("o200k_base").unwrap();
        let options = AssembleOptions { budget: 700, encoding, ..AssembleOptions::default() };
        let mut bundle = repository.assemble(query, &options).unwrap();
        bundle.coverage.generation = None;
        bundle.id.clear();
        all.push(bundle.to_json(false));
    }
    all
}

fn counts(repository: &Repository) -> (u64, u64, u64, u64) {
    let status = repository.status().unwrap();
    (status.files, status.chunks, status.symbols, status.bytes)
}

fn assert_same_as_clean(project: &Project, repository: &Repository) {
    let clean_store = project.root.parent().unwrap().join("clean");
    let _ = std::fs::remove_dir_all(&clean_store);
    let clean = project.open_with(&clean_store, 1);
    index(&clean);
    assert_eq!(counts(repository), counts(&clean));
    for (ours, theirs) in answers(repository).into_iter().zip(answers(&clean)) {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn only_what_changed_is_read() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let again = index(&repository);
    assert_eq!((again.unchanged, again.added, again.changed, again.removed), (6, 0, 0, 0));
    assert_eq!(again.generation, 1, "nothing new, no new generation");
    project.write("src/session.py", "def other():\n    pass\n");
    project.write("src/new.py", "def fresh():\n    pass\n");
    project.remove("settings.toml");
    std::fs::rename(project.root.join("src/pool.go"), project.root.join("src/lake.go")).unwrap();
    let report = index(&repository);
    assert_eq!((report.unchanged, report.added, report.changed, report.removed), (3, 2, 1, 2));
    assert_same_as_clean(&project, &repository);
}

#[test]
fn going_back_to_an_earlier_content_costs_no_parsing() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let before = std::fs::read_to_string(project.root.join("src/session.py")).unwrap();
    project.write("src/session.py", "def other():\n    pass\n");
    index(&repository);
    project.write("src/session.py", &before);
    let report = index(&repository);
    assert_eq!((report.changed, report.reused), (1, 1));
    assert_same_as_clean(&project, &repository);
}

#[test]
fn worktrees_share_entries_and_not_answers() {
    let project = Project::new(&sample());
    let second = Project::new(&sample());
    let first = project.open();
    index(&first);
    let other =
        Repository::open(&second.root, Options { store: Some(project.store.clone()), ..Options::default() }).unwrap();
    second.write("src/session.py", "def only_here():\n    pass\n");
    let report = index(&other);
    assert_eq!((report.added, report.reused), (6, 5));
    let has =
        |repository: &Repository| !repository.search("only_here", &SearchOptions::default()).unwrap().hits.is_empty();
    assert!(has(&other) && !has(&first));
    assert_same_as_clean(&project, &first);
    assert_same_as_clean(&second, &other);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut files = sample();
    let filler: Vec<(String, String)> = (0..200)
        .map(|number| {
            (
                format!("pkg{}/f{number}.py", number % 7),
                format!(
                    "def f{number}(session):\n    return f{}(session)\n\n{}",
                    number / 2,
                    "# alpha beta gamma\n".repeat(120)
                ),
            )
        })
        .collect();
    files.extend(filler.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let project = Project::new(&files);
    let stores: Vec<_> =
        (1..=4).map(|threads| (project.root.parent().unwrap().join(format!("store{threads}")), threads)).collect();
    let mut all = Vec::new();
    for (store, threads) in stores {
        let repository = project.open_with(&store, threads);
        index(&repository);
        all.push(answers(&repository));
    }
    for other in &all[1..] {
        assert_eq!(other, &all[0]);
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Write(u8, u8),
    Remove(u8),
    Rename(u8, u8),
    Index,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        4 => (0..12_u8, any::<u8>()).prop_map(|(file, text)| Edit::Write(file, text)),
        2 => (0..12_u8).prop_map(Edit::Remove),
        1 => (0..12_u8, 0..12_u8).prop_map(|(from, to)| Edit::Rename(from, to)),
        3 => Just(Edit::Index),
    ];
    proptest::collection::vec(edit, 1..30)
}

fn content(seed: u8) -> String {
    let word = ["alpha", "beta", "session", "cookie", "pool"][seed as usize % 5];
    format!("def f{}():\n    \"\"\"The {word} of f{}.\"\"\"\n    return {word}({seed})\n", seed % 9, seed % 4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn an_index_built_by_edits_is_a_clean_index(edits in edits()) {
        let project = Project::new(&sample());
        let repository = project.open();
        let path = |file: u8| format!("d{}/m{file}.py", file % 3);
        for edit in edits {
            match edit {
                Edit::Write(file, seed) => project.write(&path(file), &content(seed)),
                Edit::Remove(file) => drop(std::fs::remove_file(project.root.join(path(file)))),
                Edit::Rename(from, to) => {
                    std::fs::create_dir_all(project.root.join(path(to)).parent().unwrap()).unwrap();
                    drop(std::fs::rename(project.root.join(path(from)), project.root.join(path(to))));
                }
                Edit::Index => drop(index(&repository)),
            }
        }
        index(&repository);
        assert_same_as_clean(&project, &repository);
    }
}
