//! Rules of the register.

mod age;
pub mod import;
mod code;
pub mod person;
pub mod scan;

pub use age::{AGE_BANDS, AgeBand};
pub use code::{is_person_code, person_code};
