//! What every specimen is, by the scheme of its pools, from all readings released so far.
//!
//! A [`Scheme`] lists the tests a design can need and who is in each; [`Scheme::decode`] takes the readings of those
//! tests in any order and decides. Everything is by index: no names, no clocks, no memory of earlier calls.
//! A late or corrected reading means calling it again; the result depends on the readings alone.
//!
//! The rules, for all schemes:
//! 1. A pool that reads detected, inconclusive or invalid clears nobody. A specimen is negative only by a
//!    not-detected reading of a test it is in, at a later stage (nested) or on a crossing line (array).
//! 2. Only the specimen's own single test makes it positive.
//! 3. Inside a pool that read detected a negative counts only once the pool is *explained*: something below it
//!    read detected. Where everything below reads negative the pool is *discordant*, and so is everyone in it that it
//!    decides. So no further reading of other specimens ever takes a negative back.
//! 4. An inconclusive pool is taken apart like a detected one, but claims nobody: singles then clear.
//! 5. An invalid test is repeated once, then the next stage decides; a single invalid or inconclusive twice is re-swabbed.
//! 6. With swab pooling there is nothing left to test: the next step for everyone held is a new swab.

mod array;
mod nested;
mod scheme;

pub use scheme::{Material, Scheme};

use crate::error::{Error, Result};

/// What the laboratory released for one reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The target was found.
    Detected,
    /// The target was not found, and the controls were in order.
    NotDetected,
    /// Neither: a grey zone.
    Inconclusive,
    /// Nothing was measured.
    Invalid,
}

/// One released reaction on the test with this index in the scheme. A test may have several (repeats).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reaction {
    /// Index of the test in its scheme.
    pub test: usize,
    /// What was read.
    pub reading: Reading,
}

/// What a specimen is. `by` is the index of the test that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum Decision {
    /// Nothing has been read that bears on it.
    Awaiting,
    /// In a pool that read detected or inconclusive and is not resolved for it.
    Held {
        /// Test that decided, by index in the scheme.
        by: usize,
    },
    /// Its last test was invalid, and no pool holds it.
    Invalid {
        /// Test that decided, by index in the scheme.
        by: usize,
    },
    /// Its own single test was inconclusive, and no pool holds it.
    Inconclusive {
        /// Test that decided, by index in the scheme.
        by: usize,
    },
    /// Negative by a reading of a reaction that holds its own material.
    Negative {
        /// Test that decided, by index in the scheme.
        by: usize,
    },
    /// Positive by its own test.
    Positive {
        /// Test that decided, by index in the scheme.
        by: usize,
    },
    /// In a detected pool under which everything read negative: the laboratory lead decides, with the posterior.
    Discordant {
        /// Test that decided, by index in the scheme.
        by: usize,
    },
}

impl Decision {
    /// Whether it is decided negative.
    #[must_use]
    pub fn is_negative(self) -> bool {
        matches!(self, Self::Negative { .. })
    }

    /// Whether it is decided positive.
    #[must_use]
    pub fn is_positive(self) -> bool {
        matches!(self, Self::Positive { .. })
    }

    /// Whether further tests of the scheme are expected to change it.
    #[must_use]
    pub fn is_undecided(self) -> bool {
        matches!(self, Self::Awaiting | Self::Held { .. } | Self::Invalid { .. } | Self::Inconclusive { .. })
    }
}

/// What to do next for a specimen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "next", content = "test")]
pub enum Next {
    /// Nothing, or wait for tests of others.
    Nothing,
    /// Run (or repeat) the test with this index.
    Test(usize),
    /// Take a new swab.
    Reswab,
}

/// One decision and one next step for each specimen, in the order of the scheme.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Decoded {
    /// A decision for each specimen, by index.
    pub decisions: Vec<Decision>,
    /// What to do next.
    pub next: Vec<Next>,
}

impl Decoded {
    /// The tests to run now, each once, in order.
    #[must_use]
    pub fn tests_to_run(&self) -> Vec<usize> {
        let mut tests: Vec<usize> =
            self.next.iter().filter_map(|n| if let Next::Test(t) = n { Some(*t) } else { None }).collect();
        tests.sort_unstable();
        tests.dedup();
        tests
    }

    /// The specimens whose donors are to be swabbed again.
    #[must_use]
    pub fn to_reswab(&self) -> Vec<usize> {
        self.next.iter().enumerate().filter(|(_, n)| **n == Next::Reswab).map(|(x, _)| x).collect()
    }

    fn set(&mut self, specimen: usize, decision: Decision, next: Next) {
        if let (Some(d), Some(n)) = (self.decisions.get_mut(specimen), self.next.get_mut(specimen)) {
            *d = decision;
            *n = next;
        }
    }
}

/// All reactions of one test taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unread,
    Detected,
    NotDetected,
    /// How often.
    Inconclusive(u8),
    /// How often.
    Invalid(u8),
}

impl State {
    /// Detected is never undone by a repeat; a valid reading replaces an invalid one. A pool's inconclusive stays,
    /// a single's is settled by its repeat.
    fn with(self, reading: Reading, single: bool) -> Self {
        match (self, reading) {
            (Self::Detected, _) | (_, Reading::Detected) => Self::Detected,
            (Self::Inconclusive(n), Reading::NotDetected) if !single => Self::Inconclusive(n),
            (_, Reading::NotDetected) => Self::NotDetected,
            (Self::NotDetected, Reading::Inconclusive | Reading::Invalid) if single => Self::NotDetected,
            (Self::Inconclusive(n), Reading::Inconclusive) => Self::Inconclusive(n.saturating_add(1)),
            (_, Reading::Inconclusive) => Self::Inconclusive(1),
            (Self::Invalid(n), Reading::Invalid) => Self::Invalid(n.saturating_add(1)),
            (Self::Unread, Reading::Invalid) => Self::Invalid(1),
            (kept, Reading::Invalid) => kept,
        }
    }

    fn suspicious(self) -> bool {
        matches!(self, Self::Detected | Self::Inconclusive(_))
    }

    /// Needs no further reaction of its own.
    fn settled(self) -> bool {
        !matches!(self, Self::Unread | Self::Invalid(1))
    }

    fn failed(self) -> bool {
        matches!(self, Self::Invalid(n) if n > 1)
    }
}

impl Scheme {
    /// Decides every specimen from all reactions released so far, O(tests + specimens).
    ///
    /// # Errors
    /// `reactions` where one names a test the scheme does not have.
    pub fn decode(&self, reactions: &[Reaction]) -> Result<Decoded> {
        let mut states = vec![State::Unread; self.tests()];
        for reaction in reactions {
            let single = self.is_single(reaction.test);
            let Some(state) = states.get_mut(reaction.test) else {
                return Err(Error::new(
                    "reactions",
                    format!("name test {}, the scheme has {}", reaction.test, self.tests()),
                ));
            };
            *state = state.with(reaction.reading, single);
        }
        let mut out = Decoded {
            decisions: vec![Decision::Awaiting; self.specimens()],
            next: vec![Next::Nothing; self.specimens()],
        };
        match self.array() {
            None => nested::decode(self, &states, &mut out),
            Some(array) => array::decode(self, array, &states, &mut out),
        }
        Ok(out)
    }

    /// Decision and next step of a single test that is not detected and not negative.
    fn unsettled_single(&self, test: usize, state: State, held: Option<usize>) -> (Decision, Next) {
        let next = match state {
            State::Inconclusive(n) | State::Invalid(n) if n > 1 => Next::Reswab,
            _ => self.runnable(test, held.is_some()),
        };
        let decision = match (held, state) {
            (Some(by), _) => Decision::Held { by },
            (None, State::Inconclusive(_)) => Decision::Inconclusive { by: test },
            (None, State::Invalid(_)) => Decision::Invalid { by: test },
            (None, _) => Decision::Awaiting,
        };
        (decision, next)
    }

    /// After swab pooling no material is left for a later stage.
    fn runnable(&self, test: usize, later: bool) -> Next {
        if later && self.material() == Material::Swab { Next::Reswab } else { Next::Test(test) }
    }
}
