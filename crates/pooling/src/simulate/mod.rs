//! Simulation, seeded: the same seed gives the same numbers on any number of threads.
//!
//! [`design`] runs one design over and over through the real decoder; [`province`] a whole round of households,
//! representatives, loads, pools, laboratory faults, decoding, recall and queue.

mod design;
mod province;
mod rng;
mod round;

pub use design::{Estimate, Simulated, design};
pub use province::{Fault, Outcomes, Province, ProvinceResult, RoundResult, Settlement, Tests, province};
pub use rng::Rng;

use crate::accuracy::Accuracy;
use crate::decode::Scheme;

/// The accuracy a test of a scheme has: that of its stage, a first-stage pool of one that of the last.
fn accuracy_of(scheme: &Scheme, accuracy: &[Accuracy], test: usize) -> Accuracy {
    let last = accuracy.last().copied().unwrap_or(Accuracy::PERFECT);
    match scheme.stage(test) {
        Some(0) if scheme.is_single(test) => last,
        Some(stage) => accuracy.get(stage).copied().unwrap_or(last),
        None => last,
    }
}
