//! Rules of the register.

mod age;
mod code;
pub mod duplicate;
pub mod import;
pub mod organisation;
pub mod person;
mod query;
pub mod request;
pub mod scan;

pub use age::{AGE_BANDS, AgeBand};
pub use code::{is_person_code, person_code};
pub use query::{Number, Query};
