use std::borrow::Cow;

/// What is wrong with an argument. Every public function that can refuse its input returns this, and
/// the message starts with the name of the argument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{argument}: {problem}")]
pub struct Error {
    argument: Cow<'static, str>,
    problem: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(argument: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self { argument: argument.into(), problem: problem.into() }
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
}

/// A number in 0..=1, or an error that names it.
pub(crate) fn probability(name: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() && (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::new(name, format!("must lie within 0 and 1, got {value}")))
    }
}

/// A finite number within `low..=high`, or an error that names it.
pub(crate) fn within(name: &'static str, value: f64, low: f64, high: f64) -> Result<f64> {
    if value.is_finite() && value >= low && value <= high {
        Ok(value)
    } else {
        Err(Error::new(name, format!("must lie within {low} and {high}, got {value}")))
    }
}

/// A count within `low..=high`, or an error that names it.
pub(crate) fn count(name: &'static str, value: usize, low: usize, high: usize) -> Result<usize> {
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(Error::new(name, format!("must lie within {low} and {high}, got {value}")))
    }
}
