//! Who may act. What each role may do stands in `domain::access`.

use crate::unit::text_enum;
use crate::{LaboratoryId, OrganisationId, UnitId};
use serde::{Deserialize, Serialize};

text_enum! {
    /// A role is held over an area (a unit and all below it) or over a place.
    Role {
        Citizen = "citizen",
        HouseholdHead = "household_head",
        OrganisationManager = "organisation_manager",
        /// Tổ COVID cộng đồng: its own hamlet.
        CommunityTeam = "community_team",
        Sampler = "sampler",
        SiteLead = "site_lead",
        Courier = "courier",
        LabTechnician = "lab_technician",
        LabLead = "lab_lead",
        OutsideLab = "outside_lab",
        CommuneStation = "commune_station",
        RecallTeam = "recall_team",
        CheckpointOfficer = "checkpoint_officer",
        DistrictOfficer = "district_officer",
        ProvinceOfficer = "province_officer",
        /// Sees the figures of its own organisations, never a person.
        SectorViewer = "sector_viewer",
        Leader = "leader",
        Administrator = "administrator",
        Auditor = "auditor",
    }
}

/// What a role is held over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Over {
    /// The persons linked to the account, and nobody else.
    LinkedPersons,
    /// This unit and all below it.
    Area(UnitId),
    /// This organisation and those that belong to it, as the enterprises of a park.
    Organisation(OrganisationId),
    /// What goes to this laboratory.
    Laboratory(LaboratoryId),
}
