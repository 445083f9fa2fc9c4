//! Sampling rules are data: versioned, with effective dates and a source, changed without a new program.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What happens when a rule cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The fallback is taken and the list says so.
    Note,
    /// The fallback is taken and the sampler has to confirm having seen it.
    Warn,
    /// Nobody is chosen: the site lead decides.
    Refuse,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}

/// Who comes first among those who may be swabbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// Fewer doses of vaccine first.
    LeastVaccinated,
    /// By the order of [`SamplingRule::exposures`].
    MostExposed,
}

/// How representatives are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplingRule {
    /// Completed years below which nobody is swabbed.
    pub least_age: i16,
    /// Another person than in the round before, if one may be swabbed; `null`: not asked for.
    pub another_than_last_round: Option<Severity>,
    /// Households of at least so many …
    pub large_household: usize,
    /// … give so many representatives; smaller ones give one.
    pub from_large_household: usize,
    /// Weightiest first.
    pub order: Vec<Preference>,
    /// Exposure classes of the register, most exposed first; others follow.
    pub exposures: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleError {
    #[error("the rule does not read: {0}")]
    Unreadable(String),
    #[error("least_age is {0}; it lies between 0 and 18")]
    LeastAge(i16),
    #[error(
        "from_large_household is {from} of households from {large}; it lies between 1 and the household's size"
    )]
    LargeHousehold { from: usize, large: usize },
}

impl SamplingRule {
    /// HCMC, CV 3074/BCĐ-VX of 15 September 2021: another person each round, two from households of five or more, the
    /// unvaccinated and those with many contacts first. Its age limit is not known; two years is assumed.
    pub fn default_of_2021() -> Self {
        Self {
            least_age: 2,
            another_than_last_round: Some(Severity::Warn),
            large_household: 5,
            from_large_household: 2,
            order: vec![Preference::LeastVaccinated, Preference::MostExposed],
            exposures: ["trader", "driver", "health_worker", "worker"].map(str::to_owned).into(),
        }
    }

    /// Reads a stored rule.
    ///
    /// # Errors
    /// Which value is wrong and what it may be.
    pub fn parse(json: &str) -> Result<Self, RuleError> {
        let rule: Self = serde_json::from_str(json).map_err(|e| RuleError::Unreadable(e.to_string()))?;
        if !(0..=18).contains(&rule.least_age) {
            return Err(RuleError::LeastAge(rule.least_age));
        }
        if !(1..=rule.large_household).contains(&rule.from_large_household) {
            return Err(RuleError::LargeHousehold {
                from: rule.from_large_household,
                large: rule.large_household,
            });
        }
        Ok(rule)
    }

    /// Representatives that a household of `members` gives.
    pub fn representatives_of(&self, members: usize) -> usize {
        if members >= self.large_household { self.from_large_household } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rule_reads_back_as_itself() {
        let rule = SamplingRule::default_of_2021();
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(SamplingRule::parse(&json), Ok(rule));
    }

    #[test]
    fn a_rule_that_cannot_be_meant_says_which_value() {
        let mut rule = SamplingRule::default_of_2021();
        rule.least_age = 40;
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(SamplingRule::parse(&json), Err(RuleError::LeastAge(40)));
        let typo = json.replace("least_age", "lowest_age");
        assert!(
            matches!(SamplingRule::parse(&typo), Err(RuleError::Unreadable(e)) if e.contains("lowest_age"))
        );
    }
}
