//! The register: people, households, organisations, groups, vehicles.

pub mod dose;
pub mod duplicate;
pub mod export;
pub mod group;
pub mod household;
pub mod import;
pub mod load;
pub mod membership;
pub mod merge;
pub mod organisation;
pub mod people;
pub mod person;
pub mod restriction;
pub mod search;
pub mod subject;
pub mod timeline;
pub mod vehicle;

use serde::{Deserialize, Serialize};

/// Column names that sealed values are bound to.
pub const PERSON_SEALED: &str = "person.sealed";
pub const HOUSEHOLD_SEALED: &str = "household.sealed";

/// What is known of a person that others must not read; sealed as one value (CBOR with short keys).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonSecret {
    #[serde(rename = "n")]
    pub name: String,
    /// Month and day of birth; often only the year is known.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<(i8, i8)>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Social insurance number, ten digits.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<String>,
}

/// What is known of a household that others must not read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HouseholdSecret {
    #[serde(rename = "a")]
    pub address: String,
}
