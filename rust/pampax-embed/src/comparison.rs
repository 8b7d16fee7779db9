//! Comparing a question with short texts, word by word.
//!
//! The cosine of two mean vectors says whether two texts are about the same; it does not say whether each word of the question
//! has its counterpart. For short texts, names and paths, both are cheap to know: the best counterpart of each token among the
//! tokens of the other text (the late interaction of O. Khattab and M. Zaharia, "`ColBERT`", SIGIR 2020, over static vectors).

use std::collections::HashMap;

use crate::model::StaticModel;

/// Of a question this many different tokens are compared.
const QUESTION_TOKENS_MAX: usize = 32;
/// Numbers a dot product adds side by side, so that the compiler may use vector instructions.
const LANES: usize = 16;

/// How like a question a text is. Every number is between 0 (a cosine: −1) and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    /// The cosine of the two vectors.
    pub similarity: f32,
    /// How well the question's tokens have counterparts in the text: the mean of the best cosines, weighted by importance.
    pub coverage: f32,
    /// How well the text's tokens have counterparts in the question, likewise.
    pub share: f32,
}

/// A question to compare texts with. Tokens of texts are remembered, as names of one repository share most of theirs.
#[derive(Clone)]
pub struct Comparison<'a> {
    model: &'a StaticModel,
    question: Vec<f32>,
    /// The unit vectors of its tokens, one after the other.
    tokens: Vec<f32>,
    importance: Vec<f32>,
    known: HashMap<u32, usize>,
    /// For each known token its vector, then its cosines with the question's tokens, then its importance.
    rows: Vec<f32>,
    /// Where the vectors of a text's tokens are added up.
    sum: Vec<f32>,
}

impl<'a> Comparison<'a> {
    /// A question; `counts` says which of its words are compared (stop words are better left out). If it says no to all, all
    /// are.
    pub fn new(model: &'a StaticModel, question: &str, counts: impl Fn(&str) -> bool) -> Self {
        let words = || question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut ids: Vec<u32> = words().filter(|word| counts(word)).flat_map(|word| model.tokens(word)).collect();
        if ids.is_empty() {
            ids = model.tokens(question);
        }
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids.truncate(QUESTION_TOKENS_MAX);
        let dimensions = model.dimensions();
        let mut vector = vec![0.0; dimensions];
        let (mut tokens, mut importance) = (Vec::new(), Vec::new());
        for &id in &ids {
            model.weighted_row(id, &mut vector);
            let length = dot(&vector, &vector).sqrt();
            importance.push(length);
            tokens.extend(vector.iter().map(|value| if length > 0.0 { value / length } else { 0.0 }));
        }
        // The place is that of the model, so it cannot be refused.
        let embedded = model.embed(question, &mut vector);
        debug_assert!(embedded.is_ok(), "{embedded:?}");
        Self {
            model,
            question: vector,
            tokens,
            importance,
            known: HashMap::new(),
            rows: Vec::new(),
            sum: vec![0.0; dimensions],
        }
    }

    /// How like the question `text` is; of its tokens the first `tokens_max` are read.
    pub fn compare(&mut self, text: &str, tokens_max: usize) -> Likeness {
        let mut ids = self.model.tokens(text);
        ids.truncate(tokens_max);
        let count = self.importance.len();
        if ids.is_empty() || count == 0 {
            return Likeness::default();
        }
        let dimensions = self.question.len();
        self.sum.fill(0.0);
        let mut best = [0.0_f32; QUESTION_TOKENS_MAX];
        let (mut shared, mut total) = (0.0, 0.0);
        for id in ids {
            let start = self.row(id);
            let row = &self.rows[start..];
            for (sum, value) in self.sum.iter_mut().zip(&row[..dimensions]) {
                *sum += value;
            }
            let (cosines, importance) = (&row[dimensions..dimensions + count], row[dimensions + count]);
            for (best, cosine) in best.iter_mut().zip(cosines) {
                *best = best.max(*cosine);
            }
            shared += importance * cosines.iter().copied().fold(0.0, f32::max);
            total += importance;
        }
        let length = dot(&self.sum, &self.sum).sqrt();
        let covered: f32 = best.iter().zip(&self.importance).map(|(best, importance)| best * importance).sum();
        Likeness {
            similarity: ratio(dot(&self.sum, &self.question), length),
            coverage: ratio(covered, self.importance.iter().sum()),
            share: ratio(shared, total),
        }
    }

    /// Where the row of a token begins.
    fn row(&mut self, id: u32) -> usize {
        if let Some(&start) = self.known.get(&id) {
            return start;
        }
        let dimensions = self.question.len();
        let start = self.rows.len();
        self.rows.resize(start + dimensions, 0.0);
        self.model.weighted_row(id, &mut self.rows[start..]);
        let vector = &self.rows[start..];
        let length = dot(vector, vector).sqrt();
        let cosines: Vec<f32> =
            self.tokens.chunks_exact(dimensions).map(|token| ratio(dot(token, vector), length)).collect();
        self.rows.extend(cosines);
        self.rows.push(length);
        self.known.insert(id, start);
        start
    }
}

fn ratio(value: f32, of: f32) -> f32 {
    if of > 0.0 { value / of } else { 0.0 }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (left, right) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(left, right)| left * right).sum();
    for (left, right) in left.zip(right) {
        for (sum, (left, right)) in sums.iter_mut().zip(left.iter().zip(right)) {
            *sum += left * right;
        }
    }
    rest + sums.iter().sum::<f32>()
}
