//! A conclusion as columns: written once, read back exactly.

use crate::{Result, StoreError};
use greenfort_domain::conclusions::{
    Answer, Basis, Conclusion, Evidence, Fate, Outcome, PlaceConclusion, PlaceId, Reach, Withheld,
};
use greenfort_kernel::{
    AssayId, ExemptReason, Method, OutcomeKind, PersonId, ReachKind, ReleaseId, SpecimenId,
};
use jiff::Timestamp;
use uuid::Uuid;

/// Whom a conclusion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Person(PersonId),
    Place(PlaceId),
}

impl Subject {
    pub fn id(self) -> Uuid {
        match self {
            Self::Person(id) => id.0,
            Self::Place(PlaceId::Household(id)) => id.0,
            Self::Place(PlaceId::Group(id)) => id.0,
        }
    }
}

/// The columns that say what was concluded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConclusionRow {
    /// Empty for a place.
    pub reach: String,
    pub exempt_reason: Option<String>,
    pub outcome: String,
    pub withheld: Option<String>,
    pub basis: Option<String>,
    pub specimen: Option<Uuid>,
    pub release: Option<Uuid>,
    pub assay: Option<Uuid>,
    pub method: Option<String>,
    pub sampled_at: Option<Timestamp>,
    pub repeat_from: Option<Timestamp>,
    pub posterior: Option<i32>,
    pub again: Option<bool>,
    pub fate: Option<String>,
    pub was: Option<String>,
    pub listed: Option<i32>,
    pub covered: Option<i32>,
}

impl From<&Conclusion> for ConclusionRow {
    fn from(c: &Conclusion) -> Self {
        let mut row = Self::of(&c.outcome, c.withheld);
        c.reach.kind().as_str().clone_into(&mut row.reach);
        if let Reach::Exempt(reason) = c.reach {
            row.exempt_reason = Some(reason.as_str().to_owned());
        }
        row
    }
}

impl From<&PlaceConclusion> for ConclusionRow {
    fn from(c: &PlaceConclusion) -> Self {
        let count = |n: u32| Some(i32::try_from(n).unwrap_or(i32::MAX));
        Self { listed: count(c.listed), covered: count(c.covered), ..Self::of(&c.outcome, c.withheld) }
    }
}

impl ConclusionRow {
    fn of(outcome: &Outcome, withheld: Option<Withheld>) -> Self {
        let mut row = Self {
            outcome: outcome.kind().as_str().to_owned(),
            withheld: withheld.map(|w| withheld_word(w).to_owned()),
            ..Self::default()
        };
        match outcome {
            Outcome::None => {}
            Outcome::Awaiting { standing } => row.rests_on(standing.as_ref()),
            Outcome::Negative(e) | Outcome::NegativePooled(e) | Outcome::RepresentedNegative(e) => {
                row.rests_on(Some(e));
            }
            Outcome::Held { by, repeat_from } => {
                row.answered(by);
                row.repeat_from = *repeat_from;
            }
            Outcome::Presumptive { by } | Outcome::Inconclusive { by } | Outcome::Invalid { by } => {
                row.answered(by);
            }
            Outcome::Positive { by, again } => {
                row.answered(by);
                row.again = Some(*again);
            }
            Outcome::Discordant { by, posterior, repeat_from } => {
                row.answered(by);
                row.posterior = i32::try_from(*posterior).ok();
                row.repeat_from = Some(*repeat_from);
            }
            Outcome::Resample { specimen, fate } => {
                row.specimen = Some(specimen.0);
                row.fate = Some(if *fate == Fate::Lost { "lost" } else { "rejected" }.to_owned());
            }
            Outcome::Opened { by, since } => {
                row.specimen = Some(by.0);
                row.sampled_at = Some(*since);
            }
            Outcome::Unresolved { was, standing } => {
                row.was = Some(was.as_str().to_owned());
                row.rests_on(standing.as_ref());
            }
        }
        row
    }

    fn rests_on(&mut self, evidence: Option<&Evidence>) {
        let Some(e) = evidence else { return };
        self.basis = Some(basis_word(e.basis).to_owned());
        self.specimen = Some(e.specimen.0);
        self.release = Some(e.release.0);
        self.assay = Some(e.assay.0);
        self.method = Some(e.method.as_str().to_owned());
        self.sampled_at = Some(e.sampled_at);
    }

    fn answered(&mut self, by: &Answer) {
        self.specimen = Some(by.specimen.0);
        self.release = Some(by.release.0);
        self.assay = Some(by.assay.0);
    }

    /// What was concluded of a person.
    ///
    /// # Errors
    /// `Inconsistent` when the columns say nothing the rules know.
    pub fn conclusion(&self) -> Result<Conclusion> {
        let reach = match self.reach.parse::<ReachKind>().map_err(StoreError::Inconsistent)? {
            ReachKind::NotYetReached => Reach::NotYetReached,
            ReachKind::Appointed => Reach::Appointed,
            ReachKind::Absent => Reach::Absent,
            ReachKind::Refused => Reach::Refused,
            ReachKind::Represented => Reach::Represented,
            ReachKind::Collected => Reach::Collected,
            ReachKind::Removed => Reach::Removed,
            ReachKind::Exempt => {
                let reason = self.exempt_reason.as_deref().unwrap_or("");
                Reach::Exempt(reason.parse::<ExemptReason>().map_err(StoreError::Inconsistent)?)
            }
        };
        Ok(Conclusion { reach, outcome: self.outcome()?, withheld: self.withheld() })
    }

    /// What was concluded of a household or group.
    ///
    /// # Errors
    /// As for [`Self::conclusion`].
    pub fn place(&self, place: PlaceId) -> Result<PlaceConclusion> {
        let count = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        Ok(PlaceConclusion {
            place,
            outcome: self.outcome()?,
            withheld: self.withheld(),
            listed: count(self.listed),
            covered: count(self.covered),
        })
    }

    fn withheld(&self) -> Option<Withheld> {
        [Withheld::Unverified, Withheld::TimeInDoubt, Withheld::Contact]
            .into_iter()
            .find(|w| self.withheld.as_deref() == Some(withheld_word(*w)))
    }

    fn outcome(&self) -> Result<Outcome> {
        let missing =
            || StoreError::Inconsistent(format!("a conclusion `{}` lacks its columns", self.outcome));
        let evidence = || -> Option<Evidence> {
            Some(Evidence {
                specimen: SpecimenId(self.specimen?),
                release: ReleaseId(self.release?),
                sampled_at: self.sampled_at?,
                assay: AssayId(self.assay?),
                method: self.method.as_deref()?.parse::<Method>().ok()?,
                basis: [Basis::Tested, Basis::TestedInPool, Basis::Represented]
                    .into_iter()
                    .find(|b| self.basis.as_deref() == Some(basis_word(*b)))?,
            })
        };
        let by = || -> Result<Answer> {
            let answer = (self.specimen, self.release, self.assay);
            let (Some(specimen), Some(release), Some(assay)) = answer else { return Err(missing()) };
            Ok(Answer { specimen: SpecimenId(specimen), release: ReleaseId(release), assay: AssayId(assay) })
        };
        let specimen = || self.specimen.map(SpecimenId).ok_or_else(missing);
        Ok(match self.outcome.parse::<OutcomeKind>().map_err(StoreError::Inconsistent)? {
            OutcomeKind::None => Outcome::None,
            OutcomeKind::Awaiting => Outcome::Awaiting { standing: evidence() },
            OutcomeKind::Negative => Outcome::Negative(evidence().ok_or_else(missing)?),
            OutcomeKind::NegativePooled => Outcome::NegativePooled(evidence().ok_or_else(missing)?),
            OutcomeKind::RepresentedNegative => Outcome::RepresentedNegative(evidence().ok_or_else(missing)?),
            OutcomeKind::Held => Outcome::Held { by: by()?, repeat_from: self.repeat_from },
            OutcomeKind::Presumptive => Outcome::Presumptive { by: by()? },
            OutcomeKind::Positive => Outcome::Positive { by: by()?, again: self.again.unwrap_or(false) },
            OutcomeKind::Discordant => Outcome::Discordant {
                by: by()?,
                posterior: self.posterior.and_then(|p| u32::try_from(p).ok()).unwrap_or(0),
                repeat_from: self.repeat_from.ok_or_else(missing)?,
            },
            OutcomeKind::Inconclusive => Outcome::Inconclusive { by: by()? },
            OutcomeKind::Invalid => Outcome::Invalid { by: by()? },
            OutcomeKind::Resample => Outcome::Resample {
                specimen: specimen()?,
                fate: if self.fate.as_deref() == Some("lost") { Fate::Lost } else { Fate::Rejected },
            },
            OutcomeKind::Opened => {
                Outcome::Opened { by: specimen()?, since: self.sampled_at.ok_or_else(missing)? }
            }
            OutcomeKind::Unresolved => Outcome::Unresolved {
                was: self
                    .was
                    .as_deref()
                    .unwrap_or("")
                    .parse::<OutcomeKind>()
                    .map_err(StoreError::Inconsistent)?,
                standing: evidence(),
            },
        })
    }
}

fn basis_word(basis: Basis) -> &'static str {
    match basis {
        Basis::Tested => "tested",
        Basis::TestedInPool => "tested_in_pool",
        Basis::Represented => "represented",
    }
}

fn withheld_word(withheld: Withheld) -> &'static str {
    match withheld {
        Withheld::Unverified => "unverified",
        Withheld::TimeInDoubt => "time_in_doubt",
        Withheld::Contact => "contact",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn every_outcome_reads_back_as_it_was_written() {
        let at: Timestamp = "2021-09-08T01:02:03.000004Z".parse().unwrap();
        let specimen = SpecimenId(id(1));
        let by = Answer { specimen, release: ReleaseId(id(2)), assay: AssayId(id(3)) };
        let evidence = |basis| Evidence {
            specimen,
            release: by.release,
            sampled_at: at,
            assay: by.assay,
            method: Method::Pcr,
            basis,
        };
        let outcomes = [
            Outcome::None,
            Outcome::Awaiting { standing: None },
            Outcome::Awaiting { standing: Some(evidence(Basis::TestedInPool)) },
            Outcome::Negative(evidence(Basis::Tested)),
            Outcome::NegativePooled(evidence(Basis::TestedInPool)),
            Outcome::RepresentedNegative(evidence(Basis::Represented)),
            Outcome::Held { by, repeat_from: None },
            Outcome::Held { by, repeat_from: Some(at) },
            Outcome::Presumptive { by },
            Outcome::Positive { by, again: true },
            Outcome::Discordant { by, posterior: 37_000, repeat_from: at },
            Outcome::Inconclusive { by },
            Outcome::Invalid { by },
            Outcome::Resample { specimen, fate: Fate::Lost },
            Outcome::Resample { specimen, fate: Fate::Rejected },
            Outcome::Opened { by: specimen, since: at },
            Outcome::Unresolved { was: OutcomeKind::Awaiting, standing: Some(evidence(Basis::Tested)) },
            Outcome::Unresolved { was: OutcomeKind::Invalid, standing: None },
        ];
        for (n, outcome) in outcomes.into_iter().enumerate() {
            let reach = if n % 2 == 0 { Reach::Collected } else { Reach::Exempt(ExemptReason::Age) };
            let withheld = [None, Some(Withheld::Contact), Some(Withheld::Unverified)][n % 3];
            let person = Conclusion { reach, outcome, withheld };
            assert_eq!(ConclusionRow::from(&person).conclusion().unwrap(), person);
            let place = PlaceId::Household(greenfort_kernel::HouseholdId(id(4)));
            let place = PlaceConclusion { place, outcome, withheld, listed: 4, covered: 3 };
            assert_eq!(ConclusionRow::from(&place).place(place.place).unwrap(), place);
        }
    }
}
