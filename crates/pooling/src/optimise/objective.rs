use super::{Candidate, Totals, Weights};
use crate::error::{Result, within};

/// What "best" means. All are minimised by [`super::best`] except infections found per test, whose
/// reciprocal is.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Objective {
    /// Expected tests per person.
    ExpectedTests,
    /// Expected tests for each person classified rightly (Malinovsky, Albert, Roy 2016).
    TestsPerCorrect,
    /// Graff–Roeloffs 1972: tests + `missed`·(infected called negative) + `false_positive`·(uninfected called positive), per person.
    Weighted {
        /// Cost of an infected person called negative, in tests.
        missed: f64,
        /// Cost of an uninfected person called positive, in tests.
        false_positive: f64,
    },
    /// Expected tests for each infection found.
    TestsPerFound,
    /// Expected missed infections per person where only so many tests a person can be paid for; whoever is not reached is missed.
    MissedAtBudget {
        /// Tests that can be paid for, per person.
        tests_per_person: f64,
    },
}

impl Objective {
    pub(crate) fn check(&self) -> Result<()> {
        match *self {
            Self::Weighted { missed, false_positive } => {
                within("D1", missed, 0.0, 1e9)?;
                within("D2", false_positive, 0.0, 1e9)?;
            }
            Self::MissedAtBudget { tests_per_person } => {
                within("budget", tests_per_person, 1e-9, 1e9)?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn value(&self, t: Totals) -> f64 {
        match *self {
            Self::ExpectedTests => t.tests / t.people,
            Self::TestsPerCorrect => t.tests / (t.people - t.missed - t.false_positives),
            Self::Weighted { missed, false_positive } => {
                (t.tests + missed * t.missed + false_positive * t.false_positives) / t.people
            }
            Self::TestsPerFound => t.tests / (t.infected - t.missed),
            Self::MissedAtBudget { tests_per_person } => {
                let reached = (tests_per_person * t.people / t.tests).min(1.0);
                (t.infected - reached * (t.infected - t.missed)) / t.people
            }
        }
    }
}

/// Reduces every objective to weighted sums, which a dynamic programme can minimise.
///
/// Ratios by Dinkelbach's method: min T/C is reached at the λ where min (T − λC) = 0; λ := T/C of the minimiser
/// converges from above in a few rounds. A fixed budget is the ratio tests/found where the budget cannot reach
/// everyone with the thriftiest design, else a Lagrangian between tests and misses: the best on their lower hull, which may
/// leave a little of the budget unused (classes few enough to look through, D2 and arrays, do not come here).
pub(crate) fn minimise(
    objective: &Objective,
    cheapest: &dyn Fn(Weights) -> Result<Candidate>,
) -> Result<Candidate> {
    match *objective {
        Objective::ExpectedTests => cheapest(Weights::TESTS),
        Objective::Weighted { missed, false_positive } => {
            cheapest(Weights { tests: 1.0, missed, false_positive })
        }
        Objective::TestsPerCorrect => {
            ratio(objective, cheapest, |l| Weights { tests: 1.0, missed: l, false_positive: l })
        }
        Objective::TestsPerFound => found(cheapest),
        Objective::MissedAtBudget { tests_per_person } => {
            let afford = |c: &Candidate| c.totals.tests <= tests_per_person * c.totals.people;
            let best = found(cheapest)?;
            if !afford(&best) {
                return Ok(best);
            }
            // Along the lower hull of tests and misses: between a design that can be paid for and one that cannot, the
            // price of a miss at which both cost the same finds the corner between them, until there is none.
            let mut kept = best;
            let mut dear = cheapest(Weights { tests: 1.0, missed: 1e12, false_positive: 0.0 })?;
            if afford(&dear) {
                return Ok(dear);
            }
            for _ in 0..80 {
                let each =
                    |c: &Candidate| (c.totals.tests / c.totals.people, c.totals.missed / c.totals.people);
                let ((tests, missed), (more, fewer)) = (each(&kept), each(&dear));
                let price = (more - tests) / (missed - fewer);
                if !(price > 0.0 && price.is_finite()) {
                    break;
                }
                let here = cheapest(Weights { tests: 1.0, missed: price, false_positive: 0.0 })?;
                let (t, m) = each(&here);
                if t + price * m >= (tests + price * missed) * (1.0 - 1e-12) {
                    break;
                }
                if afford(&here) {
                    kept = here;
                } else {
                    dear = here;
                }
            }
            Ok(kept)
        }
    }
}

fn found(cheapest: &dyn Fn(Weights) -> Result<Candidate>) -> Result<Candidate> {
    ratio(&Objective::TestsPerFound, cheapest, |l| Weights { tests: 1.0, missed: l, false_positive: 0.0 })
}

fn ratio(
    objective: &Objective,
    cheapest: &dyn Fn(Weights) -> Result<Candidate>,
    weights: fn(f64) -> Weights,
) -> Result<Candidate> {
    let mut best = cheapest(Weights::TESTS)?;
    let mut value = objective.value(best.totals);
    for _ in 0..50 {
        if !value.is_finite() {
            break;
        }
        let next = cheapest(weights(value))?;
        let lower = objective.value(next.totals);
        if lower.is_nan() || lower >= value {
            break;
        }
        best = next;
        value = lower;
    }
    Ok(best)
}
