//! What must be true of a pool before it is made: each guard with its severity, as data.

use greenfort_kernel::{HouseholdId, PersonId, SpecimenId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Note,
    /// Shown, goes on after a confirmation.
    Warn,
    /// The pool is not made.
    Refuse,
}

/// How severe each guard is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// The size planned for the zone; a larger pool …
    pub planned_size: u16,
    pub over_planned: Severity,
    pub wrong_round: Severity,
    pub expired_lot: Severity,
    pub household_split: Severity,
}

impl Guards {
    /// HCMC CV 3074 of 15/9/2021: ten in green; the rest as the laboratories worked.
    pub fn standard() -> Self {
        Self {
            planned_size: 10,
            over_planned: Severity::Warn,
            wrong_round: Severity::Refuse,
            expired_lot: Severity::Warn,
            household_split: Severity::Warn,
        }
    }
}

/// One tube somebody wants to put into a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub specimen: SpecimenId,
    pub donors: Vec<PersonId>,
    pub households: Vec<HouseholdId>,
    pub in_round: bool,
    pub received: bool,
    pub rejected: bool,
    /// In a scheme that is not given up.
    pub already_pooled: bool,
    pub lot_expired: bool,
}

/// What a guard found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// Larger than the kit is validated for: nobody decides that away.
    OverValidated,
    OverPlanned,
    SameTubeTwice,
    NotReceived,
    Rejected,
    AlreadyPooled,
    /// The same person gave two of the tubes: one positive would count twice.
    DuplicateDonor,
    WrongRound,
    ExpiredLot,
    /// Tubes of this household are in another pool of the round.
    HouseholdSplit,
}

/// A remark about one tube, or about the pool (no tube).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    pub guard: Guard,
    pub severity: Severity,
    pub specimen: Option<SpecimenId>,
}

/// Checks tubes in the order in which they were scanned. `validated` is the assay's largest pool; `elsewhere` the
/// households that already have a tube in another pool of the round. The gravest remark comes first.
pub fn check_pool(
    tubes: &[Candidate],
    validated: u16,
    elsewhere: &BTreeSet<HouseholdId>,
    guards: &Guards,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut say = |guard, severity, specimen| remarks.push(Remark { guard, severity, specimen });
    if tubes.len() > usize::from(validated) {
        say(Guard::OverValidated, Severity::Refuse, None);
    } else if tubes.len() > usize::from(guards.planned_size) {
        say(Guard::OverPlanned, guards.over_planned, None);
    }
    let mut seen = BTreeSet::new();
    let mut given: BTreeMap<PersonId, SpecimenId> = BTreeMap::new();
    for tube in tubes {
        let at = Some(tube.specimen);
        if !seen.insert(tube.specimen) {
            say(Guard::SameTubeTwice, Severity::Refuse, at);
            continue;
        }
        let own = [
            (!tube.received, Guard::NotReceived, Severity::Refuse),
            (tube.rejected, Guard::Rejected, Severity::Refuse),
            (tube.already_pooled, Guard::AlreadyPooled, Severity::Refuse),
            (!tube.in_round, Guard::WrongRound, guards.wrong_round),
            (tube.lot_expired, Guard::ExpiredLot, guards.expired_lot),
            (
                tube.households.iter().any(|h| elsewhere.contains(h)),
                Guard::HouseholdSplit,
                guards.household_split,
            ),
            (
                tube.donors.iter().any(|donor| given.contains_key(donor)),
                Guard::DuplicateDonor,
                Severity::Refuse,
            ),
        ];
        for (true_of_it, guard, severity) in own {
            if true_of_it {
                say(guard, severity, at);
            }
        }
        given.extend(tube.donors.iter().map(|donor| (*donor, tube.specimen)));
    }
    remarks.sort_by_key(|r| std::cmp::Reverse(r.severity));
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn tube(n: u128) -> Candidate {
        Candidate {
            specimen: SpecimenId(Uuid::from_u128(n)),
            donors: vec![PersonId(Uuid::from_u128(n))],
            households: vec![HouseholdId(Uuid::from_u128(n))],
            in_round: true,
            received: true,
            rejected: false,
            already_pooled: false,
            lot_expired: false,
        }
    }

    fn found(tubes: &[Candidate]) -> Vec<(Guard, Severity)> {
        let elsewhere = BTreeSet::from([HouseholdId(Uuid::from_u128(9))]);
        check_pool(tubes, 12, &elsewhere, &Guards::standard())
            .into_iter()
            .map(|r| (r.guard, r.severity))
            .collect()
    }

    #[test]
    fn ten_good_tubes_pass_without_a_word() {
        let tubes: Vec<_> = (20..30).map(tube).collect();
        assert_eq!(found(&tubes), []);
    }

    #[test]
    fn more_than_planned_warns_and_more_than_validated_refuses() {
        let tubes: Vec<_> = (20..33).map(tube).collect();
        assert_eq!(found(&tubes[..11]), [(Guard::OverPlanned, Severity::Warn)]);
        assert_eq!(found(&tubes), [(Guard::OverValidated, Severity::Refuse)]);
    }

    #[test]
    fn two_tubes_of_one_person_never_share_a_pool() {
        let mut second = tube(2);
        second.donors = vec![PersonId(Uuid::from_u128(1))];
        assert_eq!(found(&[tube(1), second]), [(Guard::DuplicateDonor, Severity::Refuse)]);
    }

    #[test]
    fn each_thing_wrong_with_a_tube_is_said_and_the_gravest_first() {
        let mut bad = tube(9);
        bad.lot_expired = true;
        bad.rejected = true;
        assert_eq!(
            found(&[bad.clone(), bad]),
            [
                (Guard::Rejected, Severity::Refuse),
                (Guard::SameTubeTwice, Severity::Refuse),
                (Guard::ExpiredLot, Severity::Warn),
                (Guard::HouseholdSplit, Severity::Warn),
            ]
        );
    }
}
