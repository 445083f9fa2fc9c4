use std::borrow::Cow;

/// What is wrong with an argument. Every public function that can refuse its input returns this, and
/// the message starts with the name of the argument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{argument}: {problem}")]
pub struct Error {
    argument: Cow<'static, str>,
    problem: String,
    range: Option<Range>,
}

/// The bounds of a number as written, so that an error stays comparable.
#[derive(Debug, Clone, Copy)]
struct Range(f64, f64);

impl PartialEq for Range {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0).is_eq() && self.1.total_cmp(&other.1).is_eq()
    }
}

impl Eq for Range {}

/// What functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A problem with a named argument; the text says what it must be.
    pub fn new(argument: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self { argument: argument.into(), problem: problem.into(), range: None }
    }

    /// A number that does not lie within `low..=high`.
    fn outside(name: &'static str, value: impl std::fmt::Display, low: f64, high: f64) -> Self {
        let problem = format!("must lie within {low} and {high}, got {value}");
        Self { argument: name.into(), problem, range: Some(Range(low, high)) }
    }

    /// The same error about an argument inside another: `per_hour` of `laboratories[2]`.
    #[must_use]
    pub fn of(mut self, whole: impl std::fmt::Display) -> Self {
        self.argument = format!("{whole}.{}", self.argument).into();
        self
    }

    /// The same error under the name its reader knows the argument by.
    pub(crate) fn called(mut self, name: &'static str) -> Self {
        self.argument = name.into();
        self
    }

    /// The name of the argument that was refused.
    #[must_use]
    pub fn argument(&self) -> &str {
        &self.argument
    }

    /// What is wrong with it, without its name.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// Where a number lies outside its bounds: the bounds, both allowed.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        self.range.map(|r| (r.0, r.1))
    }
}

/// A number in 0..=1, or an error that names it.
pub(crate) fn probability(name: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() && (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::outside(name, value, 0.0, 1.0))
    }
}

/// A finite number within `low..=high`, or an error that names it.
pub(crate) fn within(name: &'static str, value: f64, low: f64, high: f64) -> Result<f64> {
    if value.is_finite() && value >= low && value <= high {
        Ok(value)
    } else {
        Err(Error::outside(name, value, low, high))
    }
}

/// A count within `low..=high`, or an error that names it.
pub(crate) fn count(name: &'static str, value: usize, low: usize, high: usize) -> Result<usize> {
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(Error::outside(name, value, low as f64, high as f64))
    }
}
