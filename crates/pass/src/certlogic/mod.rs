//! CertLogic 1.x: the language of the DCC business rules, evaluated as its specification says.
//!
//! Bounded: an expression may nest 64 deep and take 100,000 steps; beyond that it is an error, and an
//! error in a rule means that the rule is not met.

mod eval;
mod time;

pub use eval::{RuleError, evaluate};
pub use time::{Moment, Unit};
