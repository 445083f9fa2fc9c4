//! Organisations with their parts, and vehicles: what their people's conclusions make of them.

use super::Conclusion;
use greenfort_kernel::{OutcomeKind, PartId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One shift or workshop (none: people outside any part).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartVerdict {
    pub part: Option<PartId>,
    pub planned: usize,
    pub clear: usize,
    /// Somebody in it is anything but clear or still to come: the part stops, whatever the share.
    pub suspended: bool,
    pub clears: bool,
    /// Earliest deciding swab of those who clear.
    pub sampled_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationVerdict {
    pub planned: usize,
    pub clear: usize,
    /// The share is reached, and some part of it may work.
    pub clears: bool,
    pub sampled_at: Option<Timestamp>,
    pub parts: Vec<PartVerdict>,
}

/// Judges an organisation by those on its plan. `percent` of them must clear; a part in which one is held, positive,
/// opened or otherwise not clear is suspended. Who has no result yet only counts against the share.
pub fn judge_organisation(plan: &[(Option<PartId>, Conclusion)], percent: u8) -> OrganisationVerdict {
    let mut by_part: BTreeMap<Option<PartId>, Vec<&Conclusion>> = BTreeMap::new();
    for (part, conclusion) in plan {
        by_part.entry(*part).or_default().push(conclusion);
    }
    let parts: Vec<PartVerdict> = by_part
        .into_iter()
        .map(|(part, people)| {
            let clear = people.iter().filter(|c| c.clears()).count();
            let suspended = people.iter().any(|c| suspends(c));
            PartVerdict {
                part,
                planned: people.len(),
                clear,
                suspended,
                clears: !suspended && reaches(clear, people.len(), percent),
                sampled_at: earliest(people.iter().copied()),
            }
        })
        .collect();
    let clear = parts.iter().map(|p| p.clear).sum();
    let working = parts.iter().any(|p| p.clears);
    OrganisationVerdict {
        planned: plan.len(),
        clear,
        clears: working && reaches(clear, plan.len(), percent),
        sampled_at: parts.iter().filter(|p| p.clears).filter_map(|p| p.sampled_at).min(),
        parts,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VehicleVerdict {
    pub clears: bool,
    /// Earliest deciding swab of its drivers: the pass ends with it.
    pub sampled_at: Option<Timestamp>,
}

/// A vehicle moves when every driver named for the journey clears.
pub fn judge_vehicle(drivers: &[Conclusion]) -> VehicleVerdict {
    let clears = !drivers.is_empty() && drivers.iter().all(Conclusion::clears);
    VehicleVerdict { clears, sampled_at: if clears { earliest(drivers.iter()) } else { None } }
}

fn suspends(conclusion: &Conclusion) -> bool {
    let kind = conclusion.outcome.kind();
    let to_come = matches!(kind, OutcomeKind::None | OutcomeKind::Awaiting);
    !to_come && !conclusion.clears()
}

fn reaches(clear: usize, planned: usize, percent: u8) -> bool {
    planned > 0 && clear > 0 && clear * 100 >= planned * usize::from(percent)
}

fn earliest<'a>(people: impl Iterator<Item = &'a Conclusion>) -> Option<Timestamp> {
    people.filter(|c| c.clears()).filter_map(|c| c.outcome.evidence()).map(|e| e.sampled_at).min()
}
