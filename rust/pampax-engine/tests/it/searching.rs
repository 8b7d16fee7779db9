//! What a search finds, and what it says when it finds nothing.

use std::collections::BTreeSet;

use pampax_engine::{Filters, Intent, Options, Repository, SearchOptions, SymbolOptions};

use crate::{Project, index, sample};

fn options() -> SearchOptions {
    SearchOptions::default()
}

fn filtered(filters: Filters) -> SearchOptions {
    SearchOptions { filters, ..SearchOptions::default() }
}

#[test]
fn questions_names_and_paths_find_their_place() {
    let project = Project::new(&sample());
    let repository = project.open();
    let report = index(&repository);
    assert_eq!((report.files, report.added), (6, 6));
    for (query, symbol) in [
        ("where are cookies signed", "sign_cookie"),
        ("sign_cookie", "sign_cookie"),
        ("SessionStore.save", "SessionStore.save"),
        ("matchRoute", "matchRoute"),
        ("wait for a free connection", "Pool.Acquire"),
    ] {
        let answer = repository.search(query, &options()).unwrap();
        assert_eq!(answer.hits[0].symbol.as_deref(), Some(symbol), "{query}: {:#?}", answer.hits);
        assert_eq!(answer.coverage.generation, Some(1));
        assert!(!answer.hits[0].why.is_empty());
    }
    let answer = repository.search("src/pool.go:5", &options()).unwrap();
    assert_eq!((answer.hits[0].path.as_str(), answer.hits[0].start_line), ("src/pool.go", 3));
}

#[test]
fn the_explanation_adds_up_to_the_score() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let answer = repository.search("session cookie", &SearchOptions { explain: true, ..options() }).unwrap();
    assert!(answer.hits.len() > 3);
    for hit in answer.hits {
        let explanation = hit.explain.unwrap();
        let sum: f32 = explanation.features.iter().map(|share| share.value * share.weight).sum();
        assert!((sum - hit.score).abs() < 1e-4, "{sum} {}", hit.score);
        assert!(!explanation.sources.is_empty());
    }
}

#[test]
fn a_larger_limit_gives_a_superset_in_the_same_order() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let all = repository.search("session", &SearchOptions { limit: 100, ..options() }).unwrap();
    for limit in 1..all.hits.len() {
        let some = repository.search("session", &SearchOptions { limit, ..options() }).unwrap();
        assert_eq!(some.hits[..], all.hits[..limit]);
        assert!(some.coverage.truncated);
    }
}

#[test]
fn filters_keep_what_they_name() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let paths = |filters| -> Vec<String> {
        repository.search("session cookie", &filtered(filters)).unwrap().hits.into_iter().map(|hit| hit.path).collect()
    };
    let only_tests = paths(Filters { tests: Some(true), ..Filters::default() });
    assert!(!only_tests.is_empty() && only_tests.iter().all(|path| path.starts_with("tests/")), "{only_tests:?}");
    let no_tests = paths(Filters { tests: Some(false), ..Filters::default() });
    assert!(!no_tests.is_empty() && no_tests.iter().all(|path| !path.starts_with("tests/")));
    let markdown = paths(Filters { languages: vec!["markdown".to_owned()], ..Filters::default() });
    assert!(!markdown.is_empty() && markdown.iter().all(|path| path == "README.md"));
    let globbed = paths(Filters { paths: vec!["src".to_owned(), "!*.js".to_owned()], ..Filters::default() });
    assert!(!globbed.is_empty() && globbed.iter().all(|path| path.starts_with("src/")));
    let kinds = filtered(Filters { kinds: vec!["method".to_owned()], ..Filters::default() });
    let hits = repository.search("session cookie", &kinds).unwrap().hits;
    assert!(!hits.is_empty() && hits.iter().all(|hit| hit.kind == Some("method")), "{hits:#?}");
}

#[test]
fn an_empty_answer_says_why() {
    let project = Project::new(&sample());
    let repository = project.open();
    let reason = |query: &str, options: &SearchOptions| repository.search(query, options).unwrap().empty_reason;
    assert_eq!(reason("session", &options()), Some("not-indexed"));
    index(&repository);
    assert_eq!(reason("zyxwvut", &options()), Some("confirmed-absent"));
    assert_eq!(reason("", &options()), Some("confirmed-absent"));
    let rust = filtered(Filters { languages: vec!["rust".to_owned()], ..Filters::default() });
    assert_eq!(reason("session", &rust), Some("filtered-out"));
    project.write("src/new.py", "zyxwvut = 1\n");
    assert_eq!(reason("zyxwvut", &options()), Some("stale"));
    index(&repository);
    assert_eq!(reason("zyxwvut", &options()), None);
    project.write("notes.txt", "quixotic remark\n");
    index(&repository);
    let functions = filtered(Filters { kinds: vec!["function".to_owned()], ..Filters::default() });
    assert_eq!(reason("quixotic", &functions), Some("language-not-parsed"));
}

#[test]
fn files_changed_behind_the_index_are_named() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    project.write("src/session.py", "def sign_cookie():\n    pass\n");
    let answer = repository.search("sign_cookie", &options()).unwrap();
    assert_eq!(answer.coverage.stale_paths, ["src/session.py"]);
    index(&repository);
    let answer = repository.search("sign_cookie", &options()).unwrap();
    assert!(answer.coverage.stale_paths.is_empty());
    assert_eq!((answer.hits[0].start_line, answer.hits[0].end_line), (1, 2));
}

#[test]
fn symbols_are_found_by_name_prefix_and_qualified_name() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let symbols = |name: &str, prefix| {
        let options = SymbolOptions { prefix, limit: 10, filters: Filters::default() };
        repository.symbols(name, &options).unwrap().into_iter().map(|hit| hit.qualified_name).collect::<Vec<_>>()
    };
    assert_eq!(symbols("sign_cookie", false), ["sign_cookie"]);
    assert_eq!(symbols("SIGN_COOKIE", false), ["sign_cookie"]);
    assert_eq!(symbols("SessionStore.save", false), ["SessionStore.save"]);
    assert_eq!(symbols("Other.save", false), Vec::<String>::new());
    assert_eq!(symbols("sess", true).len(), 2, "the class and the table");
    let options = SymbolOptions { prefix: false, limit: 10, filters: Filters::default() };
    assert_eq!(repository.symbols("save", &options).unwrap()[0].signature, "def save(self, session):");
}

#[test]
fn any_text_is_a_query() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let long = "session at frame (src/session.py:3)\n".repeat(3000);
    for query in ["\"", "(((", "a AND (b", "field:value^3", "*", "🦀", "\0", "~", "[a TO b]", long.as_str()] {
        repository.search(query, &options()).unwrap();
    }
    assert!(!repository.search(&long, &options()).unwrap().hits.is_empty());
}

#[test]
fn a_stack_trace_leads_to_its_innermost_frame_in_the_repository() {
    let body = |name: &str| {
        format!(
            "package app\n\n// {name} runs.\nfunc {name}() {{\n\tpanic(\"{name}\")\n}}\n\nfunc Other{name}() {{\n\treturn\n}}\n"
        )
    };
    let (serve, handle, run) = (body("Serve"), body("Handle"), body("Run"));
    let project = Project::new(&[
        ("backend/http/server.go", &serve),
        ("backend/http/handler.go", &handle),
        ("frontend/server.go", &serve),
        ("tools/run.go", &run),
    ]);
    let repository = project.open();
    index(&repository);
    let trace = "panic: no\n\ngoroutine 1 [running]:\ngithub.com/other/queue.Run()\n\t/go/pkg/mod/github.com/other/queue@v1.0.0/run.go:4 \
                 +0x1d\nmain.Handle(0xc00001c0a8)\n\t/home/ana/shop/http/handler.go:5 +0x1d\nmain.(*Server).Serve(0x1)\n\t/home/ana/shop/http/server.go:5 +0x2b";
    let answer = repository.search(trace, &options()).unwrap();
    assert_eq!(answer.intent, Intent::Error);
    let places: Vec<_> = answer.hits.iter().map(|hit| (hit.path.as_str(), hit.start_line)).collect();
    assert_eq!(places[..2], [("backend/http/handler.go", 3), ("backend/http/server.go", 3)], "{places:?}");
    let named = answer.hits.iter().filter(|hit| hit.why.iter().any(|why| why == "the query names this place"));
    let named: Vec<_> = named.map(|hit| hit.path.as_str()).collect();
    assert_eq!(
        named,
        ["backend/http/handler.go", "backend/http/server.go"],
        "installed code and other folders are none"
    );
}

#[test]
fn the_intent_can_be_said_and_its_policy_changed() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let detected = repository.search("session", &options()).unwrap();
    let said =
        repository.search("session", &SearchOptions { intent: Some(Intent::Architecture), ..options() }).unwrap();
    assert_eq!((detected.intent, said.intent), (Intent::Symbol, Intent::Architecture));
    let open = |policy: &str| {
        let intents = [("architecture".to_owned(), policy.to_owned())].into();
        let options = Options { store: Some(project.store.clone()), intents, ..Options::default() };
        Repository::open(&project.root, options)
    };
    let explained = SearchOptions { intent: Some(Intent::Architecture), explain: true, ..options() };
    let sources = |repository: &Repository| -> BTreeSet<&'static str> {
        let hits = repository.search("session cookie", &explained).unwrap().hits;
        hits.iter().flat_map(|hit| &hit.explain.as_ref().unwrap().sources).map(|source| source.source).collect()
    };
    for source in ["chunk_text", "chunk_names", "file_text", "file_path"] {
        assert!(sources(&repository).contains(source), "{source}");
        let without = sources(&open(&format!("{source}.limit=0")).unwrap());
        assert!(!without.is_empty() && !without.contains(source), "{source}: {without:?}");
    }
    let few = open("candidates=2").unwrap();
    assert_eq!(few.search("session cookie", &explained).unwrap().hits.len(), 2);
    // The weight decides which of the candidates are kept.
    let first = |source: &str| open(&format!("candidates=1, {source}.weight=100")).unwrap();
    let kept = |source: &str| first(source).search("session cookie", &explained).unwrap().hits.swap_remove(0);
    for source in ["chunk_comments", "file_path"] {
        let hit = kept(source);
        let ranks = &hit.explain.as_ref().unwrap().sources;
        assert!(ranks.iter().any(|rank| rank.source == source && rank.rank == 1), "{source}: {hit:?}");
    }
    assert!(open("chunk_txt.limit=0").is_err());
}

#[test]
fn which_of_many_definitions_are_looked_at_does_not_depend_on_the_order_they_came_in() {
    let project = Project::new(&[]);
    let intents = ["symbol", "behaviour"].map(|intent| {
        let few = "symbols_per_name=3, symbols_per_prefix=3";
        (intent.to_owned(), few.to_owned())
    });
    let open = |store: &str| {
        let store = Some(project.store.with_file_name(store));
        Repository::open(&project.root, Options { store, intents: intents.clone().into(), ..Options::default() })
            .unwrap()
    };
    let one_by_one = open("one by one");
    for number in (0..14).rev() {
        let name = ["run", "Run", "runner", "run_all"][number % 4];
        project.write(&format!("src/file{number}.py"), &format!("def {name}():\n    return {number}\n"));
        index(&one_by_one);
    }
    let at_once = open("at once");
    index(&at_once);
    for query in ["run", "Run", "runn", "how does run work"] {
        let [left, right] = [&one_by_one, &at_once].map(|repository| {
            let answer = repository.search(query, &SearchOptions { limit: 20, ..options() }).unwrap();
            answer.hits.into_iter().map(|hit| (hit.path, hit.score)).collect::<Vec<_>>()
        });
        assert!(!left.is_empty());
        assert_eq!(left, right, "{query}");
    }
}
