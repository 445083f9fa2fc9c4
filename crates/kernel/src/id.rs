//! One registry of typed ids: a household's id can never be passed where a person's is wanted.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type))]
        #[cfg_attr(feature = "sqlx", sqlx(transparent))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

typed_ids! {
    /// A resident or visitor.
    PersonId
    HouseholdId
    /// An enterprise, market, agency, household business, carrier or park.
    OrganisationId
    /// A shift or workshop of an organisation.
    PartId
    /// A group of residents: a block, a boarding row, the traders of a market, a shift.
    GroupId
    VehicleId
    RestrictionId
    /// Somebody or something that signs in.
    AccountId
    GrantId
    SessionId
    /// An enrolled phone, tablet or checkpoint scanner.
    DeviceId
    ApiTokenId
    InvitationId
    BadgeBatchId
    AuditId
    JobId
    ImportId
    ExportId
    CampaignId
    /// A window of time in which an area is swabbed.
    RoundId
    /// One version of how a kit on an instrument is read.
    AssayId
    LaboratoryId
    /// A place where swabs are taken.
    SiteId
    LotId
    /// The content of one tube.
    SpecimenId
    /// A household or group that a specimen stands for.
    RepresentsId
    /// Something that happened on a phone.
    IntakeId
    ConsignmentId
    /// How specimens share reactions: Dorfman, nested, array; one tube alone is a scheme of one.
    SchemeId
    /// One load of an instrument (mẻ chạy), or one session of rapid cassettes.
    RunId
    /// One well or cassette.
    ReactionId
    /// An act of releasing readings (duyệt kết quả).
    ReleaseId
    /// An act of recalling released readings (thu hồi kết quả).
    RecallId
}
