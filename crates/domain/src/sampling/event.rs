//! What a phone reports. An event says everything it means by itself: it needs no other event to be understood, so it does
//! not matter which arrives first.

use super::barcode::Tube;
use greenfort_kernel::{
    AccountId, AssayId, DeviceId, GroupId, HouseholdId, IntakeId, LotId, PersonId, SiteId, SpecimenId, UnitId,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Something that happened, as the phone wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub id: IntakeId,
    /// Number on its device, from 1, without gaps.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub seq: i64,
    /// By the device's own clock.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub device_at: Timestamp,
    /// Server time minus device time at the last contact before the event, milliseconds.
    pub offset_ms: i64,
    /// Who worked with the device.
    pub account: AccountId,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// A tube was filled. The id of the event is the id of the specimen.
    Collected(Collected),
    /// A tube was taken back: the swab was lost, or the wrong people were named. The tube is free again.
    Voided { specimen: SpecimenId, tube: Tube, reason: String },
    /// Somebody was looked for and gave no swab.
    Visited(Visited),
    /// A cassette was read at the site. The event's own time is the time of reading.
    CassetteRead {
        specimen: SpecimenId,
        tube: Tube,
        /// When the drops were put on, by the device's clock.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        drops_at: Timestamp,
        /// The control line is there: without it nothing was measured.
        control_line: bool,
        test_line: bool,
    },
}

/// A tube with its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Collected {
    pub tube: Tube,
    /// Hamlet, or unit of the site.
    pub unit: UnitId,
    #[serde(default)]
    pub site: Option<SiteId>,
    pub assay: AssayId,
    #[serde(default)]
    pub lot: Option<LotId>,
    /// In the order in which they were swabbed.
    pub donors: Vec<Donor>,
    /// Specimen of the same visit that this one is to confirm.
    #[serde(default)]
    pub follows: Option<SpecimenId>,
    /// Entered later from paper: the time written there.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub written_at: Option<Timestamp>,
    /// Seconds from scanning the tube to the last donor, for the labour meter.
    #[serde(default)]
    pub seconds: u32,
}

/// Somebody whose swab is in the tube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Donor {
    #[serde(flatten)]
    pub whose: Whose,
    pub identified_by: IdentifiedBy,
    #[serde(default)]
    pub stands_for: Option<StandsFor>,
}

/// A person of the register, or one added on the spot under an id the device made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Whose {
    pub person: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Added>,
}

/// Lodger, newborn, visitor: somebody the register does not know yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Added {
    #[cfg_attr(feature = "openapi", schema(example = "Lê Thị Bưởi"))]
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(minimum = 1880, maximum = 2200))]
    pub birth_year: i16,
    pub female: bool,
    pub unit: UnitId,
    #[serde(default)]
    pub household: Option<HouseholdId>,
    pub stay: Stay,
}

/// Why somebody new is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stay {
    Lodger,
    Newborn,
    Visitor,
}

impl Stay {
    /// The person's relation in the register.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lodger => "lodger",
            Self::Newborn => "child",
            Self::Visitor => "visitor",
        }
    }
}

/// How the sampler knew who it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IdentifiedBy {
    Cccd,
    Bhyt,
    NationalQr,
    Appointment,
    Search,
    /// From the list of the hamlet.
    List,
    OnTheSpot,
}

impl IdentifiedBy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cccd => "cccd",
            Self::Bhyt => "bhyt",
            Self::NationalQr => "national_qr",
            Self::Appointment => "appointment",
            Self::Search => "search",
            Self::List => "list",
            Self::OnTheSpot => "on_the_spot",
        }
    }
}

/// The household or group a donor stands for: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandsFor {
    #[serde(default)]
    pub household: Option<HouseholdId>,
    #[serde(default)]
    pub group: Option<GroupId>,
    pub unit: UnitId,
    /// How many live there now, the donor among them, as counted aloud.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub present: u16,
    /// The others, ticked by name.
    pub members: Vec<Whose>,
}

/// Somebody who was expected and gave no swab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Visited {
    pub person: PersonId,
    pub unit: UnitId,
    pub reach: NotSwabbed,
    /// Word of the reason, e.g. `at_work`.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotSwabbed {
    Absent,
    Refused,
    Exempt,
    Removed,
}

impl NotSwabbed {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Refused => "refused",
            Self::Exempt => "exempt",
            Self::Removed => "removed",
        }
    }
}

/// An event with the facts of its first arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub device: DeviceId,
    /// Where the device works.
    pub unit: UnitId,
    pub event: Event,
    pub received_at: Timestamp,
    /// Server time minus device time when it arrived, milliseconds.
    pub received_offset_ms: i64,
}

impl Event {
    /// The device's time corrected by its offset at the last contact.
    pub fn occurred_at(&self) -> Timestamp {
        correct(self.device_at, self.offset_ms)
    }

    /// The tube it is about, if any.
    pub fn tube(&self) -> Option<&Tube> {
        match &self.what {
            What::Collected(c) => Some(&c.tube),
            What::Voided { tube, .. } | What::CassetteRead { tube, .. } => Some(tube),
            What::Visited(_) => None,
        }
    }

    /// The specimen it is about, if any.
    pub fn specimen(&self) -> Option<SpecimenId> {
        match &self.what {
            What::Collected(_) => Some(SpecimenId(self.id.0)),
            What::Voided { specimen, .. } | What::CassetteRead { specimen, .. } => Some(*specimen),
            What::Visited(_) => None,
        }
    }

    /// The word in the database.
    pub fn kind(&self) -> &'static str {
        match &self.what {
            What::Collected(c) if c.written_at.is_some() => "sheet",
            What::Collected(_) => "collected",
            What::Voided { .. } => "voided",
            What::Visited(_) => "visited",
            What::CassetteRead { .. } => "cassette_read",
        }
    }

    /// Everybody it names as donor or member.
    pub fn people(&self) -> impl Iterator<Item = &Whose> {
        let donors: &[Donor] = match &self.what {
            What::Collected(c) => &c.donors,
            _ => &[],
        };
        donors
            .iter()
            .flat_map(|d| std::iter::once(&d.whose).chain(d.stands_for.iter().flat_map(|s| s.members.iter())))
    }
}

pub(super) fn correct(device_at: Timestamp, offset_ms: i64) -> Timestamp {
    device_at.saturating_add(SignedDuration::from_millis(offset_ms)).unwrap_or(device_at)
}
