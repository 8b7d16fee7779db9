//! Models that are not part of pampax: what gives vectors or judges hits, behind two traits.
//!
//! Nothing here knows what a network is. The binding implements both over objects of Python, which may ask an endpoint; so a
//! call may take seconds and may fail, and whoever calls has to go on without.

use pampax_base::Result;

/// How much a [`TextEmbedder`] takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// The most texts of one call.
    pub texts: usize,
    /// The most bytes of all texts of one call together; a single text may be longer.
    pub bytes: usize,
    /// Of a longer text so many bytes are given.
    pub text_bytes: usize,
}

/// What texts are embedded for: some models embed a question otherwise than what answers it, and a question does not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Chunks of files, while indexing.
    Chunks,
    /// What somebody asked.
    Question,
}

/// Gives vectors for texts.
pub trait TextEmbedder: Send + Sync {
    /// Names the model and all that decides how its vectors come out: those of equal identities can be compared. At least 16
    /// hexadecimal digits, and nothing secret.
    fn identity(&self) -> &str;

    /// What people call it. Stands in notes and reports.
    fn name(&self) -> &str;

    /// How much one call may hold.
    fn limits(&self) -> BatchLimits;

    /// The vectors of `texts`, in their order and all of one length.
    ///
    /// # Errors
    /// [`pampax_base::Error::Remote`] if what was asked did not answer, [`pampax_base::Error::InvalidInput`] if it answered
    /// something that cannot be used, [`pampax_base::Error::Cancelled`] if the caller wants to stop.
    fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>>;
}

/// Judges how well texts answer a question.
pub trait Reranker: Send + Sync {
    /// What people call it. Stands in notes and reasons.
    fn name(&self) -> &str;

    /// How many hits it is asked about.
    fn candidates(&self) -> usize;

    /// Of a longer text so many bytes are given.
    fn text_bytes(&self) -> usize;

    /// A score for each of `texts`, in their order; higher is better.
    ///
    /// # Errors
    /// Those of [`TextEmbedder::embed`].
    fn score(&self, question: &str, texts: &[String]) -> Result<Vec<f32>>;
}
