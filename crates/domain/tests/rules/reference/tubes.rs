//! What one tube says, from its scheme and every reading that stands.

use super::Reference;
use greenfort_domain::conclusions::{Fate, Released, SchemeFacts, Specimen};
use greenfort_kernel::Method;
use greenfort_kernel::OutcomeKind as O;
use greenfort_pooling::decode::{Decision, Reaction, Reading};

/// What the reference knows of one tube.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tube {
    Awaiting,
    Negative { alone: bool, by: Released },
    Suspicious { what: O, by: Released },
    Invalid,
    Resample,
}

impl Reference<'_> {
    pub(super) fn tube(&self, specimen: &Specimen) -> Tube {
        // In this world a tube is in one scheme at most.
        let pool = self.facts.schemes.iter().find(|p| p.specimens.contains(&specimen.id));
        let seen = pool.map_or(Tube::Awaiting, |pool| self.decided(pool, specimen));
        match (seen, specimen.fate) {
            (_, Fate::InHand) | (Tube::Suspicious { .. }, _) => seen,
            _ => Tube::Resample,
        }
    }

    fn decided(&self, pool: &SchemeFacts, specimen: &Specimen) -> Tube {
        let at = pool.specimens.iter().position(|s| *s == specimen.id).unwrap();
        let one_donor = self.donors(specimen.id).len() <= 1;
        let own = pool.scheme.single(at).unwrap();
        let on = |test: usize| self.standing.iter().filter(move |r| r.scheme == pool.id && r.test == test);
        let last =
            |test: usize, kinds: &[Reading]| on(test).rfind(|r| kinds.contains(&r.reading)).copied().unwrap();
        use Reading::{Detected, Inconclusive, NotDetected};
        match self.decision(pool, at) {
            Decision::Awaiting => Tube::Awaiting,
            Decision::Invalid { .. } => Tube::Invalid,
            Decision::Negative { by } => {
                Tube::Negative { alone: one_donor && by == own, by: last(by, &[NotDetected]) }
            }
            Decision::Held { by } => {
                Tube::Suspicious { what: O::Held, by: last(by, &[Detected, Inconclusive]) }
            }
            Decision::Inconclusive { by } => {
                let what = if one_donor { O::Inconclusive } else { O::Held };
                Tube::Suspicious { what, by: last(by, &[Inconclusive]) }
            }
            Decision::Positive { by } if !one_donor => {
                Tube::Suspicious { what: O::Held, by: last(by, &[Detected]) }
            }
            Decision::Positive { by } => {
                // The case definition of 9/2021: PCR of a laboratory authorised to confirm.
                let case = on(by)
                    .filter(|r| r.reading == Detected)
                    .rfind(|r| r.examined.method == Method::Pcr && r.examined.authorised);
                match case {
                    Some(by) => Tube::Suspicious { what: O::Positive, by: *by },
                    None => Tube::Suspicious { what: O::Presumptive, by: last(by, &[Detected]) },
                }
            }
            Decision::Discordant { by } => {
                let judged = self.facts.judgements.iter().any(|j| j.scheme == pool.id && j.test == by);
                // The last stage in which the tube itself read negative.
                let stage = |r: &Released| (pool.scheme.stage(r.test), r.test, r.reaction);
                let negative = self
                    .standing
                    .iter()
                    .filter(|r| r.scheme == pool.id && r.reading == NotDetected)
                    .filter(|r| pool.scheme.specimens_in(r.test).any(|x| x == at))
                    .max_by_key(|r| stage(r));
                match negative {
                    Some(negative) if judged => {
                        Tube::Negative { alone: one_donor && negative.test == own, by: *negative }
                    }
                    _ => Tube::Suspicious { what: O::Discordant, by: last(by, &[Detected]) },
                }
            }
        }
    }

    fn decision(&self, pool: &SchemeFacts, at: usize) -> Decision {
        let n = pool.specimens.len();
        let dorfman = pool.scheme.tests() == if n == 1 { 1 } else { n + 1 };
        if !dorfman {
            let reactions: Vec<Reaction> = self
                .standing
                .iter()
                .filter(|r| r.scheme == pool.id)
                .map(|r| Reaction { test: r.test, reading: r.reading })
                .collect();
            return pool.scheme.decode(&reactions).unwrap().decisions[at];
        }
        let has = |test: usize, reading: Reading| {
            self.standing.iter().any(|r| r.scheme == pool.id && r.test == test && r.reading == reading)
        };
        use Reading::{Detected, Inconclusive, Invalid, NotDetected};
        // One's own reaction: detected is never undone, a negative settles a doubt.
        let alone = |test: usize| {
            if has(test, Detected) {
                Some(Decision::Positive { by: test })
            } else if has(test, NotDetected) {
                Some(Decision::Negative { by: test })
            } else if has(test, Inconclusive) {
                Some(Decision::Inconclusive { by: test })
            } else if has(test, Invalid) {
                Some(Decision::Invalid { by: test })
            } else {
                None
            }
        };
        if n == 1 {
            return alone(0).unwrap_or(Decision::Awaiting);
        }
        let own = alone(at + 1);
        let singles: Vec<Option<Decision>> = (0..n).map(|x| alone(x + 1)).collect();
        let someone = singles.iter().flatten().any(|d| d.is_positive());
        let all_negative = singles.iter().all(|d| d.is_some_and(Decision::is_negative));
        match own {
            Some(positive @ Decision::Positive { .. }) => positive,
            // The pool claims that somebody is infected until somebody is found.
            _ if has(0, Detected) => match own {
                Some(negative @ Decision::Negative { .. }) if someone => negative,
                _ if all_negative => Decision::Discordant { by: 0 },
                _ => Decision::Held { by: 0 },
            },
            _ if has(0, Inconclusive) => match own {
                Some(negative @ Decision::Negative { .. }) => negative,
                _ => Decision::Held { by: 0 },
            },
            Some(negative @ Decision::Negative { .. }) => negative,
            _ if has(0, NotDetected) => Decision::Negative { by: 0 },
            Some(doubt) => doubt,
            None if has(0, Invalid) => Decision::Invalid { by: 0 },
            None => Decision::Awaiting,
        }
    }
}
