//! Sheets of people as communes have them: title rows, merged heads, running numbers, names in capitals, birth years
//! without a day, old encodings, numbers that a spreadsheet mangled. Every cell becomes right or a named fault.
//!
//! Pure: cells come in, [`Entry`] or [`Fault`]s come out. The caller reads the file and writes the register.

mod cell;
mod charset;
mod entry;
mod fault;
mod head;
mod legacy;
mod syllable;
mod units;

pub use cell::{Cell, birth, household_number, identity, insurance, name, phone, sex};
pub use charset::{Bytes, Charset, Repair};
pub use entry::{Birth, Entry, Line, Reader, Settings};
pub use fault::{Fault, Reason};
pub use head::{Column, Layout, column_letter, detect};
pub use units::{PlaceRow, Places};

use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Full name in one cell.
    Name,
    /// Surname and middle names, where the given name has a column of its own.
    FamilyName,
    GivenName,
    /// Day, month and year, or the year alone.
    Birth,
    /// Year or date of birth of men; women stand in `birth_female`.
    BirthMale,
    BirthFemale,
    Sex,
    /// A mark in this column means a man; `sex_female` a woman.
    SexMale,
    SexFemale,
    /// CCCD, CMND or passport.
    IdNumber,
    HealthInsurance,
    Phone,
    /// House number and street.
    Address,
    /// Ấp, khu phố: the unit of residence.
    Hamlet,
    Commune,
    UnitCode,
    HouseholdNumber,
    /// Relation to the head of the household.
    Relation,
    VaccineDoses,
    /// The code the sheet itself gives the person: "Mã hồ sơ", "Mã nhân khẩu".
    RecordCode,
}

impl Field {
    pub const ALL: &'static [Self] = &[
        Self::Name,
        Self::FamilyName,
        Self::GivenName,
        Self::Birth,
        Self::BirthMale,
        Self::BirthFemale,
        Self::Sex,
        Self::SexMale,
        Self::SexFemale,
        Self::IdNumber,
        Self::HealthInsurance,
        Self::Phone,
        Self::Address,
        Self::Hamlet,
        Self::Commune,
        Self::UnitCode,
        Self::HouseholdNumber,
        Self::Relation,
        Self::VaccineDoses,
        Self::RecordCode,
    ];
}
