//! What the generator gives out. Everything refers to people by [`PersonRef`], so that any store can map them
//! to its own ids.

use std::fmt;

use greenfort_kernel::personal_id::Sex;

use crate::names::Name;
use crate::units::Unit;

/// A person: number of the commune in [`crate::Province::units`] (0..157, whatever the district chosen) and
/// index into [`Commune::people`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonRef {
    pub commune: u16,
    pub person: u32,
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    pub year: i16,
    pub month: u8,
    pub day: u8,
}

/// Of many elders only the year is known; whoever sorts people into age groups then uses year − year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BirthDate {
    pub year: i16,
    /// (month, day)
    pub day: Option<(u8, u8)>,
}

impl BirthDate {
    /// Completed years on a day.
    pub fn age_on(&self, on: Day) -> i16 {
        let before_birthday = self.day.is_some_and(|birthday| (on.month, on.day) < birthday);
        on.year - self.year - i16::from(before_birthday)
    }
}

/// To the head of the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    Head,
    Spouse,
    Parent,
    Child,
    ChildInLaw,
    Grandchild,
    Sibling,
    OtherRelative,
    /// Not related: shares a room in a boarding row.
    Lodger,
}

/// How many people one meets; the most exposed are sampled first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exposure {
    None,
    Trader,
    Driver,
    Worker,
    HealthWorker,
}

/// A number of the right shape that nobody holds: serials from 900,000 up (numbers are handed out from 1 within
/// province, sex and birth year, and no cohort is that large), and CMND beginning with 99, no province's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdNumber {
    Cccd(u64),
    Cmnd(u32),
}

impl fmt::Display for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cccd(number) => write!(f, "{number:012}"),
            Self::Cmnd(number) => write!(f, "{number:09}"),
        }
    }
}

/// A number of the undiallable range; `Display` writes `0000xxxxxx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DemoPhone(pub(crate) u32);

impl fmt::Display for DemoPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0000{:06}", self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    /// Index into [`Commune::households`].
    pub household: u32,
    pub relation: Relation,
    pub sex: Sex,
    pub birth: BirthDate,
    pub name: Name,
    pub id: Option<IdNumber>,
    /// Unique within the province; children and many elders have none.
    pub phone: Option<DemoPhone>,
    /// Vaccine doses received by September 2021: few.
    pub doses: u8,
    pub exposure: Exposure,
}

/// Address inside the hamlet; `Display` writes "Số 127, tổ 4" or "Dãy trọ 3, phòng 12, tổ 4".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    /// House number along the walk through the hamlet; of a boarding room, of the row.
    pub house: u16,
    /// Tổ: neighbourhood group of about 35 houses.
    pub neighbourhood: u8,
    /// (number of the row in the commune, room)
    pub room: Option<(u16, u8)>,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.room {
            Some((row, room)) => write!(f, "Dãy trọ {row}, phòng {room}, tổ {}", self.neighbourhood),
            None => write!(f, "Số {}, tổ {}", self.house, self.neighbourhood),
        }
    }
}

/// Households stand in walking order, hamlet by hamlet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Household {
    /// Index into [`Commune::hamlets`].
    pub hamlet: u16,
    pub address: Address,
    /// Its people are `first_person .. first_person + size`; the head comes first.
    pub first_person: u32,
    pub size: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganisationKind {
    IndustrialPark,
    Enterprise,
    Market,
    HouseholdBusiness,
    Carrier,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Organisation {
    pub kind: OrganisationKind,
    pub name: String,
    /// What it makes, sells or carries.
    pub trade: &'static str,
    /// Index into the same list: the park of an enterprise.
    pub parent: Option<u32>,
    pub commune: u16,
    pub hamlet: Option<u16>,
    pub area_ha: Option<f64>,
    pub stalls: Option<u16>,
    /// (from, to), hours of the day at which most people are there.
    pub busy_hours: Option<(u8, u8)>,
    /// Owner of a household business, for instance; also a member.
    pub owner: Option<PersonRef>,
    pub parts: Vec<Part>,
    pub members: Vec<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    Workshop,
    Shift,
}

/// A part of an organisation; shifts lie inside workshops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub kind: PartKind,
    pub name: String,
    /// Index into [`Organisation::parts`].
    pub parent: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Member {
    pub person: PersonRef,
    /// Index into [`Organisation::parts`]: the shift.
    pub part: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupKind {
    BoardingRow,
    Traders,
    Shift,
}

/// Nhóm cư dân: people sampled as one, registered by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub kind: GroupKind,
    pub name: String,
    pub commune: u16,
    pub hamlet: Option<u16>,
    /// Index into [`crate::Economy::organisations`].
    pub organisation: Option<u32>,
    /// Index into that organisation's parts.
    pub part: Option<u16>,
    /// Who answers for it: landlord, foreman, speaker of the traders.
    pub owner: Option<PersonRef>,
    /// Share to be sampled in a round; an invented default.
    pub sample_percent: u8,
    pub members: Vec<PersonRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VehicleKind {
    Truck,
    Coach,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// "71C-000.01"
    pub plate: String,
    pub kind: VehicleKind,
    /// Index into [`crate::Economy::organisations`].
    pub carrier: u32,
    pub route: &'static str,
    pub drivers: Vec<PersonRef>,
}

/// Whom organisations may hire, by commune: indices into [`Commune::people`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Roster {
    pub commune: u16,
    pub workers: Vec<u32>,
    /// Without the owners of household businesses.
    pub traders: Vec<u32>,
    pub drivers: Vec<u32>,
    pub health_workers: Vec<u32>,
}

/// One commune with everything that stays inside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Commune {
    /// Its number, as in [`PersonRef`].
    pub number: u16,
    pub unit: Unit,
    pub hamlets: Vec<Unit>,
    pub households: Vec<Household>,
    /// Household by household.
    pub people: Vec<Person>,
    /// Boarding rows.
    pub groups: Vec<Group>,
    /// Household businesses.
    pub organisations: Vec<Organisation>,
    pub roster: Roster,
}
