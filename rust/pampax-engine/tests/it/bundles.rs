//! Bundles: what is in them, and that they never cost more than they may.

use pampax_base::Error;
use pampax_engine::{AssembleOptions, Bundle, Format, Level, Repository};
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

/// A generator of numbers that gives the same ones in every run (xorshift, Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % limit
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u32) as usize]
    }
}

/// Ten thousand cases: tasks of words of the project, any budget, format, encoding and level. The count is that of the
/// library `bpe-openai` over the whole text.
#[test]
fn ten_thousand_bundles_stay_within_their_budgets() {
    let project = Project::new(&sample());
    project.write("src/``` odd & <name>.py", "def fence():\n    return '```' + ']]>' + 'é漢字' * 3\n\n\nSECRET = 1\n");
    let repository = project.open();
    index(&repository);
    let words = [
        "session",
        "cookie",
        "pool",
        "sign",
        "SessionStore",
        "secret",
        "route",
        "fence",
        "漢字",
        "README",
        "lifetime_s",
    ];
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut held, mut refused) = (0, 0);
    for case in 0..10_000 {
        let task: Vec<&str> = (0..=chance.below(3)).map(|_| chance.one_of(&words)).collect();
        let task = task.join(" ");
        let budget = match chance.below(3) {
            0 => 1 + chance.below(60),
            1 => 1 + chance.below(500),
            _ => 1 + chance.below(3000),
        };
        let options = AssembleOptions {
            budget,
            encoding: chance.one_of(Encoding::ALL),
            format: chance.one_of(Format::ALL),
            level: chance.one_of(&[None, Some(Level::Outline), Some(Level::Signature), Some(Level::Trimmed)]),
            ..AssembleOptions::default()
        };
        match repository.assemble(&task, &options) {
            Ok(bundle) => {
                held += 1;
                let text = bundle.to_text();
                let tokens = match options.encoding {
                    Encoding::O200kBase => bpe_openai::o200k_base().count(&text),
                    Encoding::Cl100kBase => bpe_openai::cl100k_base().count(&text),
                    Encoding::Characters => {
                        let halves = |one: char| if one.is_ascii() { 1 } else { 2 * one.len_utf8() };
                        text.chars().map(halves).sum::<usize>().div_ceil(2)
                    }
                };
                assert!(tokens <= budget as usize, "case {case}: {tokens} > {budget}, {options:?}, {task}");
                assert_eq!(tokens, bundle.tokens as usize, "case {case}: {options:?}");
                assert!(!bundle.items.is_empty(), "case {case}: {options:?}");
                assert!(bundle.items.iter().all(|item| options.level.is_none_or(|most| item.level <= most)));
            }
            Err(Error::BudgetTooSmall { least, .. }) => {
                refused += 1;
                assert!(least > budget, "case {case}");
                let enough = AssembleOptions { budget: least, ..options.clone() };
                assert!(
                    repository.assemble(&task, &enough).is_ok(),
                    "case {case}: {least} is not enough: {options:?}, {task}"
                );
            }
            Err(error) => panic!("case {case}: {error}"),
        }
    }
    assert!(held > 5_000 && refused > 300, "{held} held, {refused} refused");
}
