//! Rules of the register.

mod age;

pub use age::{AGE_BANDS, AgeBand};
