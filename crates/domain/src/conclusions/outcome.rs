//! What is known of a person or a place.

use super::{Fate, PlaceId, Policy, Reach};
use greenfort_kernel::{AssayId, Method, OutcomeKind, ReleaseId, SpecimenId};
use jiff::{SignedDuration, Timestamp};

/// What a negative rests on, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// A reaction of the person's own material alone.
    Tested,
    /// A reaction of own material together with that of others.
    TestedInPool,
    /// A reaction of the material of somebody who stands for the person. Never called tested.
    Represented,
}

/// A released negative reaction: the lineage every pass has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Evidence {
    pub specimen: SpecimenId,
    pub release: ReleaseId,
    pub sampled_at: Timestamp,
    pub assay: AssayId,
    pub method: Method,
    pub basis: Basis,
}

/// Which released reading of which specimen says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Answer {
    pub specimen: SpecimenId,
    pub release: ReleaseId,
    pub assay: AssayId,
}

/// Exactly one for each expected person of a round, and for each place. Order and words: [`OutcomeKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    None,
    /// A result is to come. `standing` is the newest negative of the same round that a later swab has not overtaken yet:
    /// waiting for a newer result takes nothing away.
    Awaiting {
        standing: Option<Evidence>,
    },
    Negative(Evidence),
    NegativePooled(Evidence),
    RepresentedNegative(Evidence),
    /// `repeat_from`: a new swab taken from then on may answer; none: the laboratory or a new swab at any time.
    Held {
        by: Answer,
        repeat_from: Option<Timestamp>,
    },
    Presumptive {
        by: Answer,
    },
    /// `again`: within the policy's days after recovery, counted apart.
    Positive {
        by: Answer,
        again: bool,
    },
    /// `posterior`: chance of infection in millionths.
    Discordant {
        by: Answer,
        posterior: u32,
        repeat_from: Timestamp,
    },
    Inconclusive {
        by: Answer,
    },
    Invalid {
        by: Answer,
    },
    Resample {
        specimen: SpecimenId,
        fate: Fate,
    },
    /// By the specimen that opened the household or group; cleared by a swab taken after `since`.
    Opened {
        by: SpecimenId,
        since: Timestamp,
    },
    /// Only at closing. `standing` as in awaiting.
    Unresolved {
        was: OutcomeKind,
        standing: Option<Evidence>,
    },
}

impl Outcome {
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::None => OutcomeKind::None,
            Self::Awaiting { .. } => OutcomeKind::Awaiting,
            Self::Negative(_) => OutcomeKind::Negative,
            Self::NegativePooled(_) => OutcomeKind::NegativePooled,
            Self::RepresentedNegative(_) => OutcomeKind::RepresentedNegative,
            Self::Held { .. } => OutcomeKind::Held,
            Self::Presumptive { .. } => OutcomeKind::Presumptive,
            Self::Positive { .. } => OutcomeKind::Positive,
            Self::Discordant { .. } => OutcomeKind::Discordant,
            Self::Inconclusive { .. } => OutcomeKind::Inconclusive,
            Self::Invalid { .. } => OutcomeKind::Invalid,
            Self::Resample { .. } => OutcomeKind::Resample,
            Self::Opened { .. } => OutcomeKind::Opened,
            Self::Unresolved { .. } => OutcomeKind::Unresolved,
        }
    }

    /// The negative reaction it rests on, where it clears.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Negative(e) | Self::NegativePooled(e) | Self::RepresentedNegative(e) => Some(e),
            _ => None,
        }
    }

    /// The negative it clears by, or the one a newer swab has not overtaken yet.
    pub(super) fn standing(&self) -> Option<&Evidence> {
        match self {
            Self::Awaiting { standing } | Self::Unresolved { standing, .. } => standing.as_ref(),
            outcome => outcome.evidence(),
        }
    }

    /// Closing names what no further material of the round will settle. Whoever is held, opened, presumptive or
    /// discordant lives under that word, so it stays and is named in the record beside the unresolved.
    pub(super) fn at_closing(self) -> Self {
        match self.kind() {
            was @ (OutcomeKind::Awaiting
            | OutcomeKind::Inconclusive
            | OutcomeKind::Invalid
            | OutcomeKind::Resample) => {
                let standing = if let Self::Awaiting { standing } = self { standing } else { None };
                Self::Unresolved { was, standing }
            }
            _ => self,
        }
    }
}

/// Why a clearing outcome opens no pass for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Withheld {
    /// No evidence of the instrument.
    Unverified,
    /// The time of the swab is in doubt.
    TimeInDoubt,
    /// Another member of the household is positive: F1, whatever the own result.
    Contact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conclusion {
    pub reach: Reach,
    pub outcome: Outcome,
    pub withheld: Option<Withheld>,
}

impl Conclusion {
    pub fn clears(&self) -> bool {
        self.outcome.kind().clears() && self.withheld.is_none()
    }

    /// The negative that holds a pass up.
    pub(super) fn standing(&self) -> Option<&Evidence> {
        if self.withheld.is_some() { None } else { self.outcome.standing() }
    }

    /// True where all passes that rested on `self` must be taken back now that `after` is concluded: nothing holds them up
    /// any more. A newer negative supersedes, a newer swab on its way changes nothing. Besides, each pass falls with the
    /// reading it rests on: [`Derived::upholds`](super::Derived::upholds).
    pub fn is_taken_back_by(&self, after: &Self) -> bool {
        self.standing().is_some() && after.standing().is_none()
    }
}

/// What a household or group is. Of its `listed` members (those neither removed nor excused) a negative stands for
/// `covered`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceConclusion {
    pub place: PlaceId,
    pub outcome: Outcome,
    pub withheld: Option<Withheld>,
    pub listed: u32,
    pub covered: u32,
}

impl PlaceConclusion {
    pub fn clears(&self) -> bool {
        self.outcome.kind().clears() && self.withheld.is_none()
    }

    /// As for a person; besides, nobody who was covered may have lost their negative.
    pub fn is_taken_back_by(&self, after: &Self) -> bool {
        let stands = |c: &Self| c.withheld.is_none() && c.outcome.standing().is_some();
        stands(self) && (!stands(after) || (!after.clears() && after.covered < self.covered))
    }
}

impl Policy {
    pub(super) fn repeat_after(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.repeat_after_hours))
    }

    pub(super) fn occasion(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.occasion_hours))
    }
}
