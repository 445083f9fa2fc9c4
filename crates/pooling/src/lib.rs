#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod accuracy;
pub mod advice;
mod array;
mod characteristics;
pub mod command;
pub mod decode;
mod design;
pub mod dilution;
mod error;
mod hierarchy;
pub mod household;
pub mod optimise;
pub mod plan;
pub mod posterior;
pub mod prevalence;
mod quality;
pub mod report;
mod risks;
pub mod robust;
pub mod simulate;
pub mod table;

pub use accuracy::Accuracy;
pub use array::{Array, ArrayCost};
pub use characteristics::{Characteristics, MemberAccuracy};
pub use design::{Algorithm, Design};
pub use error::{Error, Result};
pub use hierarchy::{Hierarchy, Pool};
pub use quality::Quality;
pub use risks::{Risks, ordered_beta};

/// The most people one pool tree may hold; more is refused, so that nothing runs without bound.
pub const MAX_MEMBERS: usize = 4096;
/// The most rows or columns of an array.
pub const MAX_LINES: usize = 100;
