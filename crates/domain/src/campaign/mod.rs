//! Campaigns and rounds: when, where, whom.

mod choice;
mod rule;
mod window;

pub use choice::{Choice, Expected, Member, Reason, Subject, choose};
pub use rule::{Preference, RuleError, SamplingRule, Severity};
pub use window::{Window, WindowError};
