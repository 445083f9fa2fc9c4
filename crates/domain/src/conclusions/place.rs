//! What a household or group is (rules 3, 4, 7): read off its members, its openings and those who stand for it.

use super::person::Known;
use super::{Basis, Conclusion, Evidence, Finding, Outcome, PlaceConclusion, PlaceId, Reach, Withheld};
use greenfort_kernel::OutcomeKind;

/// One member with their conclusion and own specimens.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub conclusion: &'a Conclusion,
    pub own: &'a [usize],
}

impl Known<'_> {
    /// `standing_for`: the specimens that stand for the place; `openings`: the suspicious ones that open it.
    pub fn conclude_place(
        &self,
        place: PlaceId,
        members: &[Member<'_>],
        standing_for: &[usize],
        openings: &[usize],
    ) -> PlaceConclusion {
        let listed: Vec<&Member<'_>> = members.iter().filter(|m| self.is_listed(m.conclusion)).collect();
        let gravest = listed
            .iter()
            .map(|m| m.conclusion.outcome)
            .filter(|o| !o.kind().clears() && o.kind() != OutcomeKind::None)
            .max_by_key(|o| order(o.kind()));
        // Cleared is an opening only when every listed member has an answer of their own.
        let open = openings
            .iter()
            .copied()
            .filter(|o| listed.iter().any(|m| !m.own.iter().any(|n| self.answers(*n, *o))))
            .max_by_key(|o| (self.specimens[*o].at_the_latest(), self.specimens[*o].id))
            .map(|o| self.opened(o));
        let missing = standing_for.iter().copied().any(|at| match self.findings[at] {
            Finding::Awaiting => true,
            Finding::Void(_) => !self.is_replaced(at, standing_for),
            Finding::Negative(_) | Finding::Suspicious(..) => false,
        });
        let waiting = missing.then_some(Outcome::Awaiting { standing: None });
        let outcome = [gravest, open, waiting].into_iter().flatten().max_by_key(|o| order(o.kind()));
        let covered: Vec<(&Conclusion, &Evidence)> = listed
            .iter()
            .filter_map(|m| m.conclusion.outcome.standing().map(|e| (m.conclusion, e)))
            .collect();
        let (outcome, withheld) = match (outcome, clear(&covered)) {
            (Some(Outcome::Awaiting { .. }), Some((_, evidence, withheld))) => {
                (Outcome::Awaiting { standing: Some(evidence) }, withheld)
            }
            (Some(Outcome::Awaiting { .. }), None) => (Outcome::Awaiting { standing: None }, None),
            (Some(outcome), _) => (outcome, None),
            (None, Some((outcome, _, withheld))) => (outcome, withheld),
            (None, None) => (Outcome::None, None),
        };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        PlaceConclusion {
            place,
            outcome,
            withheld,
            listed: count(listed.len()),
            covered: count(covered.len()),
        }
    }

    fn is_listed(&self, member: &Conclusion) -> bool {
        match member.reach {
            Reach::Removed => false,
            Reach::Exempt(reason) => !self.policy.excused.contains(&reason),
            _ => true,
        }
    }
}

/// A place is opened before it is held: the word says that everybody is to be swabbed.
fn order(kind: OutcomeKind) -> (u8, OutcomeKind) {
    let rank = match kind {
        OutcomeKind::Positive => 3,
        OutcomeKind::Presumptive => 2,
        OutcomeKind::Opened => 1,
        _ => 0,
    };
    (rank, kind)
}

/// The weakest of its members' negatives names the place and its basis; the earliest swab counts.
fn clear(covered: &[(&Conclusion, &Evidence)]) -> Option<(Outcome, Evidence, Option<Withheld>)> {
    let earliest = covered.iter().map(|(_, e)| **e).min_by_key(|e| (e.sampled_at, e.specimen))?;
    let evidence = Evidence { basis: covered.iter().map(|(_, e)| e.basis).max()?, ..earliest };
    let outcome = match evidence.basis {
        Basis::Tested => Outcome::Negative(evidence),
        Basis::TestedInPool => Outcome::NegativePooled(evidence),
        Basis::Represented => Outcome::RepresentedNegative(evidence),
    };
    Some((outcome, evidence, covered.iter().filter_map(|(c, _)| c.withheld).max()))
}
