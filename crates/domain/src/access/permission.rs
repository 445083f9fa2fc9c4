//! The one table of roles and permissions. Deny by default: what no line grants nobody may do.

use greenfort_kernel::Role;

/// Something a role may do inside its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// The tree of units.
    SeeUnits,
    /// Counts, never a person.
    SeeFigures,
    /// Names and records of people in the area.
    SeePeople,
    /// Change the register.
    EditPeople,
    /// Take a list of people out of the house.
    ExportPeople,
    /// The list of staff accounts.
    SeeAccounts,
    ManageAccounts,
    /// Temporary accounts, badges and devices of the own site.
    ManageFieldStaff,
    ReadAudit,
    /// Campaigns, rounds, plans and how far they got; counts, never a person.
    SeeRounds,
    PlanRounds,
    /// Take swabs: what a phone needs for a shift.
    Sample,
    /// Settle what phones reported that cannot be so, and hand in what a lost phone held.
    SettleIntake,
    /// Boards, plates and lives of tubes; never a name.
    SeeLaboratory,
    /// Receive, pool, run and read.
    WorkInLaboratory,
    ReleaseResults,
    /// Take results back, and clear discordant pools.
    RecallResults,
    /// Enter laboratories.
    ManageLaboratories,
    /// The list of people to be called and swabbed again.
    RecallPeople,
}

impl Permission {
    pub const ALL: &'static [Self] = &[
        Self::SeeUnits,
        Self::SeeFigures,
        Self::SeePeople,
        Self::EditPeople,
        Self::ExportPeople,
        Self::SeeAccounts,
        Self::ManageAccounts,
        Self::ManageFieldStaff,
        Self::ReadAudit,
        Self::SeeRounds,
        Self::PlanRounds,
        Self::Sample,
        Self::SettleIntake,
        Self::SeeLaboratory,
        Self::WorkInLaboratory,
        Self::ReleaseResults,
        Self::RecallResults,
        Self::ManageLaboratories,
        Self::RecallPeople,
    ];

    /// The word in the database and in the API: thing and verb, as scopes of tokens are written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeeUnits => "units:read",
            Self::SeeFigures => "figures:read",
            Self::SeePeople => "people:read",
            Self::EditPeople => "people:write",
            Self::ExportPeople => "people:export",
            Self::SeeAccounts => "accounts:read",
            Self::ManageAccounts => "accounts:write",
            Self::ManageFieldStaff => "field-staff:write",
            Self::ReadAudit => "audit:read",
            Self::SeeRounds => "rounds:read",
            Self::PlanRounds => "rounds:write",
            Self::Sample => "samples:write",
            Self::SettleIntake => "samples:settle",
            Self::SeeLaboratory => "laboratory:read",
            Self::WorkInLaboratory => "laboratory:write",
            Self::ReleaseResults => "results:write",
            Self::RecallResults => "results:recall",
            Self::ManageLaboratories => "laboratories:write",
            Self::RecallPeople => "recalls:write",
        }
    }

    /// True when a token for another program may carry it: nobody hands out accounts, takes swabs, works in a laboratory,
    /// releases results or carries lists of people away through a program.
    pub fn fits_a_token(self) -> bool {
        !matches!(
            self,
            Self::ExportPeople
                | Self::ManageAccounts
                | Self::ManageFieldStaff
                | Self::Sample
                | Self::SettleIntake
                | Self::WorkInLaboratory
                | Self::ReleaseResults
                | Self::RecallResults
                | Self::ManageLaboratories
                | Self::RecallPeople
        )
    }
}

impl std::str::FromStr for Permission {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|p| p.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no permission"))
    }
}

/// True when `role` includes `permission`.
pub fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    use Role as R;
    match permission {
        P::SeeUnits => !matches!(role, R::Citizen | R::HouseholdHead),
        P::SeeFigures => matches!(
            role,
            R::CommunityTeam
                | R::SiteLead
                | R::LabLead
                | R::CommuneStation
                | R::RecallTeam
                | R::DistrictOfficer
                | R::ProvinceOfficer
                | R::SectorViewer
                | R::Leader
                | R::Administrator
                | R::Auditor
        ),
        P::SeePeople => matches!(
            role,
            R::CommunityTeam
                | R::Sampler
                | R::SiteLead
                | R::CommuneStation
                | R::RecallTeam
                | R::DistrictOfficer
                | R::ProvinceOfficer
        ),
        P::EditPeople => {
            matches!(role, R::CommunityTeam | R::CommuneStation | R::DistrictOfficer | R::ProvinceOfficer)
        }
        P::ExportPeople => matches!(role, R::CommuneStation | R::DistrictOfficer | R::ProvinceOfficer),
        P::ManageAccounts => matches!(role, R::Administrator),
        P::SeeAccounts | P::ManageFieldStaff => matches!(role, R::Administrator | R::SiteLead),
        P::ReadAudit => matches!(role, R::Auditor | R::Administrator),
        P::SeeRounds => !matches!(
            role,
            R::Citizen | R::HouseholdHead | R::OrganisationManager | R::CheckpointOfficer | R::OutsideLab
        ),
        P::PlanRounds => matches!(role, R::CommuneStation | R::DistrictOfficer | R::ProvinceOfficer),
        P::SettleIntake => matches!(role, R::SiteLead | R::CommuneStation),
        P::Sample => matches!(role, R::Sampler | R::SiteLead | R::CommunityTeam | R::CommuneStation),
        P::SeeLaboratory => matches!(
            role,
            R::LabTechnician
                | R::LabLead
                | R::SiteLead
                | R::DistrictOfficer
                | R::ProvinceOfficer
                | R::Administrator
        ),
        P::WorkInLaboratory => matches!(role, R::LabTechnician | R::LabLead),
        P::ReleaseResults => matches!(role, R::LabLead | R::SiteLead),
        P::RecallResults => matches!(role, R::LabLead),
        P::ManageLaboratories => matches!(role, R::ProvinceOfficer | R::Administrator),
        P::RecallPeople => matches!(
            role,
            R::RecallTeam
                | R::CommunityTeam
                | R::SiteLead
                | R::CommuneStation
                | R::DistrictOfficer
                | R::ProvinceOfficer
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaders_and_sector_viewers_see_figures_and_no_person() {
        for role in [Role::Leader, Role::SectorViewer] {
            assert!(allows(role, Permission::SeeFigures));
            assert!(!allows(role, Permission::SeePeople));
        }
    }

    #[test]
    fn administrators_and_auditors_see_no_person() {
        for role in [Role::Administrator, Role::Auditor] {
            assert!(!allows(role, Permission::SeePeople));
            assert!(!allows(role, Permission::EditPeople));
        }
    }
}
