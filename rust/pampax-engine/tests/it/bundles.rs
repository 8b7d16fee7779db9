//! Bundles: what is in them, and that they never cost more than they may.

use pampax_base::Error;
use pampax_engine::{AssembleOptions, Bundle, Level, Repository};
use pampax_tokenize::{Encoding, count_tokens};

use crate::{Project, index, sample};

fn bundle(repository: &Repository, task: &str, budget: u32) -> Result<Bundle, Error> {
    let options = AssembleOptions { budget, ..AssembleOptions::default() };
    repository.assemble(task, &options)
}

#[test]
fn a_bundle_has_the_hit_its_class_header_and_what_it_uses() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let bundle = bundle(&repository, "SessionStore.save must set SameSite", 2000).unwrap();
    let symbols: Vec<&str> = bundle.items.iter().filter_map(|item| item.symbol.as_deref()).collect();
    for wanted in ["SessionStore.save", "SessionStore", "sign_cookie"] {
        assert!(symbols.contains(&wanted), "{wanted} is not in {symbols:?}");
    }
    let save = bundle.items.iter().find(|item| item.symbol.as_deref() == Some("SessionStore.save")).unwrap();
    assert_eq!(save.level, Level::Full);
    assert!(save.text.contains("cookie = sign_cookie"));
    assert!(bundle.to_markdown().contains("src/session.py"));
}

#[test]
fn no_budget_is_ever_exceeded() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let mut nothing_fits = 0;
    for budget in (1..400).step_by(7) {
        match bundle(&repository, "how are session cookies signed and pooled", budget) {
            Ok(bundle) => {
                let tokens = count_tokens(&bundle.to_markdown(), Encoding::O200kBase);
                assert_eq!(tokens, bundle.tokens as usize);
                assert!(tokens <= budget as usize, "{tokens} > {budget}");
                assert!(!bundle.items.is_empty());
            }
            Err(Error::BudgetTooSmall { least, .. }) => {
                nothing_fits += 1;
                assert!(least > budget);
                assert!(self::bundle(&repository, "how are session cookies signed and pooled", least).is_ok());
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(nothing_fits > 0, "a budget of one token holds nothing");
}

#[test]
fn a_small_budget_says_what_was_dropped_and_what_more_would_give() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    let small = bundle(&repository, "session cookie", 150).unwrap();
    assert!(!small.dropped.is_empty());
    assert!(small.stop_reason.starts_with("the budget is used up: the smallest of the "), "{}", small.stop_reason);
    assert_eq!(small.dropped_total as usize, small.dropped.len());
    assert_eq!(small.more.budget, 187);
    let large = bundle(&repository, "session cookie", 100_000).unwrap();
    assert!(large.dropped.is_empty());
    assert_eq!(large.stop_reason, format!("nothing more was found: all {} pieces are in", large.items.len()));
    assert_eq!((large.more.items, large.more.tokens), (0, 0));
}

#[test]
fn files_changed_behind_the_index_are_left_out_and_named() {
    let project = Project::new(&sample());
    let repository = project.open();
    index(&repository);
    project.write("src/session.py", "print('other')\n");
    let bundle = bundle(&repository, "session cookie", 2000).unwrap();
    assert!(bundle.items.iter().all(|item| item.path != "src/session.py"));
    assert_eq!(bundle.coverage.stale_paths, ["src/session.py"]);
}

#[test]
fn backticks_in_code_do_not_end_its_block() {
    let project = Project::new(&[("a.md", "# Cookie\n\n```python\nsign()\n```\n")]);
    let repository = project.open();
    index(&repository);
    let text = bundle(&repository, "cookie", 500).unwrap().to_markdown();
    assert!(text.contains("````"), "{text}");
}
