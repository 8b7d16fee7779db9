//! What a piece of code is worth to whoever has a task to do, before anything is known about what it costs.
//!
//! The value of a piece is the share of the lines one needs that it is expected to hold: a log-linear (Poisson) model over what
//! the ranking says, fitted to real commits by `tools/train_bundle.py`, whole repositories left out. A piece reached over the
//! graph is worth a share of the piece it was reached from. All numbers are data, `data/bundle.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use pampax_base::{Error, Result, SymbolKind};
use pampax_rank::Feature;
use serde::Deserialize;

use crate::assemble::shape::Shape;
use crate::bundle::{Category, Level, Surrounding};
use crate::kind_of_file::{CONFIGURATION, DOCUMENT, EXAMPLE, TEST, VENDORED};
use crate::search::Ranked;

/// What is known of a hit when its value is told.
pub(crate) const HIT_FEATURES: [&str; 22] = [
    "constant",
    "rank",
    "gap",
    "share",
    "lines",
    "file_rank",
    "file_share",
    "file_hits",
    "coverage",
    "file_coverage",
    "file_length",
    "vector",
    "function",
    "method",
    "type",
    "section",
    "key",
    "test",
    "document",
    "example",
    "vendored",
    "configuration",
];

/// A hit among the hits of its ranking.
pub(crate) struct Standing<'a> {
    pub(crate) ranked: &'a Ranked,
    /// Its place by score alone, from 0.
    pub(crate) rank: usize,
    /// The best score less its own.
    pub(crate) gap: f32,
    /// Its share of the softmax over the scores of all hits.
    pub(crate) share: f64,
    /// The place of its file among the files of the hits, from 0.
    pub(crate) file_rank: usize,
    /// The shares of all hits of its file together.
    pub(crate) file_share: f64,
    /// How many hits its file has.
    pub(crate) file_hits: usize,
    pub(crate) lines: u32,
    pub(crate) kind: Option<SymbolKind>,
    /// The flags of its file (`kind_of_file`).
    pub(crate) flags: u8,
}

/// A share so small that less makes no difference.
const LEAST_SHARE: f64 = 1e-6;

impl Standing<'_> {
    /// The values of [`HIT_FEATURES`].
    pub(crate) fn features(&self) -> [f64; HIT_FEATURES.len()] {
        let feature = |feature: Feature| f64::from(self.ranked.features[feature as usize]);
        let is = |condition: bool| f64::from(u8::from(condition));
        let kind = |wanted: fn(SymbolKind) -> bool| is(self.kind.is_some_and(wanted));
        let flag = |flag: u8| is(self.flags & flag != 0);
        [
            1.0,
            (self.rank as f64).ln_1p(),
            f64::from(self.gap),
            (self.share + LEAST_SHARE).ln(),
            f64::from(self.lines).ln(),
            (self.file_rank as f64).ln_1p(),
            (self.file_share + LEAST_SHARE).ln(),
            (self.file_hits as f64).ln(),
            feature(Feature::ChunkCoverage),
            feature(Feature::FileCoverage),
            feature(Feature::FileLength),
            feature(Feature::ChunkVector),
            kind(|kind| kind == SymbolKind::Function),
            kind(|kind| matches!(kind, SymbolKind::Method | SymbolKind::Constructor)),
            kind(SymbolKind::is_type),
            kind(|kind| kind == SymbolKind::Section),
            kind(|kind| kind == SymbolKind::Key),
            flag(TEST),
            flag(DOCUMENT),
            flag(EXAMPLE),
            flag(VENDORED),
            flag(CONFIGURATION),
        ]
    }
}

/// The model, as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    hit: BTreeMap<String, f64>,
    surroundings: BTreeMap<String, f64>,
    levels: BTreeMap<String, f64>,
    packing: Packing,
    shape: BTreeMap<String, ShapeFile>,
}

/// How pieces are weighed against each other.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packing {
    /// What it is worth that the best file is shown at all.
    pub(crate) opening: f64,
    /// After so many files it is worth less by a factor of e.
    pub(crate) opening_decay: f64,
    /// For how many files it is worth anything.
    pub(crate) opening_files: usize,
    /// A factor on that for tests, documents, examples and settings.
    pub(crate) opening_aside: f64,
    /// What each further piece of a file is worth against the one before.
    pub(crate) same_file: f64,
    /// What all changed lines are worth together when a change is under review; a piece has its share of them.
    pub(crate) changed: f64,
    /// A factor on that for a piece that the words of the task found as well.
    pub(crate) changed_and_found: f64,
    /// A factor on what the words of the task found beside the change.
    pub(crate) found_beside_change: f64,
    /// By how much lines that changed lately raise a piece of an incident.
    pub(crate) recently_changed: f64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeFile {
    /// A factor on what is worth that a file is shown at all.
    #[serde(default = "one")]
    opening: f64,
    /// Factors on what the surroundings are worth.
    #[serde(default)]
    surroundings: BTreeMap<String, f64>,
    /// The most of them that are considered for one piece.
    #[serde(default)]
    limits: BTreeMap<String, usize>,
}

fn one() -> f64 {
    1.0
}

/// What a bundle of one shape is made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShapeModel {
    pub(crate) opening: f64,
    /// What a piece reached in each way is worth against the piece it was reached from.
    pub(crate) surroundings: [f64; Surrounding::ALL.len()],
    /// How many are considered for one piece.
    pub(crate) limits: [usize; Surrounding::ALL.len()],
}

/// Everything that values are made from.
pub(crate) struct ValueModel {
    hit: [f64; HIT_FEATURES.len()],
    /// What each level is worth against all of a piece; in the order of [`Level`].
    levels: [f64; 4],
    pub(crate) packing: Packing,
    shapes: BTreeMap<&'static str, ShapeModel>,
}

impl ValueModel {
    /// The model in the package.
    pub(crate) fn packaged() -> &'static Self {
        static PACKAGED: OnceLock<ValueModel> = OnceLock::new();
        // The file is part of the program: a test reads it, so a fault in it cannot reach a user.
        PACKAGED.get_or_init(|| {
            Self::parse(include_str!("../../data/bundle.toml")).unwrap_or_else(|error| panic!("{error}"))
        })
    }

    fn parse(text: &str) -> Result<Self> {
        let wrong = |detail: String| Error::InvalidInput { what: "bundle model", detail };
        let file: File = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let value = |table: &BTreeMap<String, f64>, name: &str| {
            table.get(name).copied().ok_or_else(|| wrong(format!("{name} is missing")))
        };
        let mut hit = [0.0; HIT_FEATURES.len()];
        for (slot, name) in hit.iter_mut().zip(HIT_FEATURES) {
            *slot = value(&file.hit, name)?;
        }
        let mut levels = [1.0; 4];
        for level in [Level::Outline, Level::Signature, Level::Trimmed] {
            levels[level as usize] = value(&file.levels, level.name())?;
        }
        let mut shapes = BTreeMap::new();
        for shape in Shape::ALL {
            let given =
                file.shape.get(shape.name()).cloned().unwrap_or(ShapeFile { opening: 1.0, ..Default::default() });
            let mut model = ShapeModel {
                opening: given.opening,
                surroundings: [0.0; Surrounding::ALL.len()],
                limits: [usize::MAX; Surrounding::ALL.len()],
            };
            for (number, surrounding) in Surrounding::ALL.iter().enumerate() {
                let name = surrounding.name();
                let factor = given.surroundings.get(name).copied().unwrap_or(1.0);
                model.surroundings[number] = value(&file.surroundings, name)? * factor;
                model.limits[number] = given.limits.get(name).copied().unwrap_or(surrounding.usual_limit());
            }
            let known = |name: &String| Surrounding::ALL.iter().any(|surrounding| surrounding.name() == name);
            if let Some(name) = given.surroundings.keys().chain(given.limits.keys()).find(|name| !known(name)) {
                return Err(wrong(format!("{name} is no kind of surroundings")));
            }
            shapes.insert(shape.name(), model);
        }
        if let Some(name) = file.shape.keys().find(|name| !Shape::ALL.iter().any(|shape| shape.name() == *name)) {
            return Err(wrong(format!("{name} is no shape")));
        }
        Ok(Self { hit, levels, packing: file.packing, shapes })
    }

    /// The value of a hit.
    pub(crate) fn hit(&self, features: &[f64; HIT_FEATURES.len()]) -> f64 {
        let sum: f64 = self.hit.iter().zip(features).map(|(weight, value)| weight * value).sum();
        // Beyond these a weight went wrong; the order stays.
        sum.clamp(-30.0, 3.0).exp()
    }

    /// What a level is worth against all of a piece.
    pub(crate) fn level(&self, level: Level) -> f64 {
        self.levels[level as usize]
    }

    /// What a bundle of this shape is made of.
    pub(crate) fn shape(&self, shape: Shape) -> &ShapeModel {
        &self.shapes[shape.name()]
    }
}

/// What a piece is, by its file and its symbol.
pub(crate) fn category(flags: u8, is_test: bool) -> Category {
    let has = |flag: u8| flags & flag != 0;
    if is_test || has(TEST) {
        Category::Tests
    } else if has(EXAMPLE) {
        Category::Examples
    } else if has(DOCUMENT) {
        Category::Documents
    } else if has(CONFIGURATION) {
        Category::Configuration
    } else {
        Category::Code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packaged_model_has_every_number_and_every_shape() {
        let model = ValueModel::packaged();
        for shape in Shape::ALL {
            let shape = model.shape(*shape);
            assert!(shape.surroundings.iter().all(|value| (0.0..=4.0).contains(value)), "{shape:?}");
        }
        let levels = [Level::Outline, Level::Signature, Level::Trimmed, Level::Full].map(|level| model.level(level));
        assert!(levels.is_sorted(), "{levels:?}");
    }

    #[test]
    fn a_fault_in_the_file_is_named() {
        let text = include_str!("../../data/bundle.toml");
        for (from, to, part) in [
            ("[shape.symbol]", "[shape.symbols]", "symbols"),
            ("opening =", "openings =", "openings"),
            ("\nconstant", "\nconstants", "constant"),
        ] {
            let message = ValueModel::parse(&text.replacen(from, to, 1)).err().map(|error| error.to_string());
            assert!(message.as_ref().is_some_and(|message| message.contains(part)), "{from}: {message:?}");
        }
    }
}
