//! What may change overnight: data with a version, not program.

use greenfort_kernel::{ExemptReason, Method};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub case: CaseDefinition,
    /// Hours from one swab to the next where a result has to be repeated: PCR negative after a rapid positive, and
    /// discordant pools.
    pub repeat_after_hours: u16,
    /// Positive again within so many days of recovery is counted apart. 90 is uncertain.
    pub recurrence_days: u16,
    /// A rapid negative answers an opening by a more sensitive method. Off unless decided.
    pub rapid_answers_pcr: bool,
    /// Negatives taken within so many hours belong to one occasion: inside it the graver name wins, across it the newer.
    pub occasion_hours: u16,
    /// Members with these exemptions are not waited for when an opened household is cleared.
    pub excused: Vec<ExemptReason>,
    /// For the posterior shown beside a discordant pool.
    pub odds: Odds,
    /// An organisation clears when at least so many percent of those on its plan do.
    pub organisation_percent: u8,
}

/// When a positive is a case (F0). Anything less is presumptive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseDefinition {
    pub methods: Vec<Method>,
    /// Only laboratories authorised to confirm.
    pub authorised_only: bool,
}

/// Chances in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Odds {
    pub prior: u32,
    pub pool_sensitivity: u32,
    pub pool_specificity: u32,
    pub single_sensitivity: u32,
    pub single_specificity: u32,
}

impl CaseDefinition {
    pub fn confirms(&self, method: Method, authorised: bool) -> bool {
        self.methods.contains(&method) && (authorised || !self.authorised_only)
    }
}

impl Policy {
    /// Bến Tre, September 2021, as far as published; the odds are those of the pooling tables.
    pub fn standard() -> Self {
        use ExemptReason::{Age, InHospital, InQuarantine, Recovered};
        Self {
            case: CaseDefinition { methods: vec![Method::Pcr], authorised_only: true },
            repeat_after_hours: 24,
            recurrence_days: 90,
            rapid_answers_pcr: false,
            occasion_hours: 72,
            excused: vec![Recovered, InQuarantine, InHospital, Age],
            odds: Odds {
                prior: 10_000,
                pool_sensitivity: 950_000,
                pool_specificity: 995_000,
                single_sensitivity: 970_000,
                single_specificity: 999_000,
            },
            organisation_percent: 100,
        }
    }
}
