//! Which outcome can stand beside which reach. Nothing else is ever concluded, stored or counted.

use greenfort_kernel::OutcomeKind as O;
use greenfort_kernel::ReachKind as R;

/// The committed table. Who was not reached has no result, but lives in an opened household all the same; whoever is
/// only represented never reads what needs material of their own.
pub const LEGAL_PAIRS: &[(R, &[O])] = &[
    (R::NotYetReached, &[O::None, O::Opened]),
    (R::Appointed, &[O::None, O::Opened]),
    (R::Absent, &[O::None, O::Opened]),
    (R::Refused, &[O::None, O::Opened]),
    (R::Exempt, &[O::None, O::Opened]),
    (R::Represented, &[O::RepresentedNegative, O::Awaiting, O::Unresolved, O::Opened]),
    (
        R::Collected,
        &[
            O::NegativePooled,
            O::Negative,
            O::Awaiting,
            O::Unresolved,
            O::Resample,
            O::Invalid,
            O::Inconclusive,
            O::Opened,
            O::Discordant,
            O::Held,
            O::Presumptive,
            O::Positive,
        ],
    ),
    (R::Removed, &[O::None]),
];

pub fn is_legal(reach: R, outcome: O) -> bool {
    LEGAL_PAIRS.iter().any(|(r, outcomes)| *r == reach && outcomes.contains(&outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reach_stands_in_the_table_once() {
        for reach in R::ALL {
            assert_eq!(LEGAL_PAIRS.iter().filter(|(r, _)| r == reach).count(), 1, "{reach}");
        }
    }

    #[test]
    fn only_a_swab_of_ones_own_reads_tested() {
        for outcome in O::ALL.iter().filter(|o| **o != O::RepresentedNegative && o.clears()) {
            for reach in R::ALL {
                assert_eq!(is_legal(*reach, *outcome), *reach == R::Collected, "{reach} {outcome}");
            }
        }
        for reach in R::ALL {
            assert_eq!(is_legal(*reach, O::RepresentedNegative), *reach == R::Represented);
        }
    }
}
