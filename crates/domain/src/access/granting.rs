//! Who may hand out which role where: nobody gives what reaches further than his own.

use super::{Permission, allows};
use greenfort_kernel::{Role, UnitId};

/// A role over an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub role: Role,
    /// Root of the area; none: linked persons only.
    pub unit: Option<UnitId>,
}

/// Why a grant is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantRefusal {
    /// The granter manages nobody.
    NotAManager,
    /// The unit lies outside the granter's areas, or none is named.
    OutsideArea,
    /// The role stands above what the granter may hand out.
    RoleTooHigh,
    /// Held through a link to a person, never handed out.
    NotGrantable,
}

/// How far a role reaches, 0 (own affairs) to 5. A manager hands out roles up to his own rank; a site lead those below.
pub fn rank(role: Role) -> u8 {
    match role {
        Role::Citizen | Role::HouseholdHead => 0,
        Role::OrganisationManager
        | Role::CommunityTeam
        | Role::Sampler
        | Role::Courier
        | Role::LabTechnician
        | Role::OutsideLab
        | Role::CheckpointOfficer
        | Role::SectorViewer => 1,
        Role::SiteLead | Role::LabLead | Role::CommuneStation | Role::RecallTeam => 2,
        Role::DistrictOfficer => 3,
        Role::ProvinceOfficer | Role::Leader => 4,
        Role::Administrator | Role::Auditor => 5,
    }
}

/// Roles that may sign in with a badge and a PIN on an enrolled device; all others want a password and a code.
pub fn works_with_badge(role: Role) -> bool {
    is_field(role) || matches!(role, Role::SiteLead | Role::RecallTeam)
}

/// Roles of the field, all a site lead may hand out.
fn is_field(role: Role) -> bool {
    matches!(
        role,
        Role::CommunityTeam | Role::Sampler | Role::Courier | Role::LabTechnician | Role::CheckpointOfficer
    )
}

/// May somebody holding `own` hand out `wanted`? `lies_in(unit, root)` says whether a unit is `root` or below it.
///
/// # Errors
/// The reason nearest to a yes.
pub fn may_grant(
    own: &[Held],
    wanted: Held,
    lies_in: impl Fn(UnitId, UnitId) -> bool,
) -> Result<(), GrantRefusal> {
    if rank(wanted.role) == 0 {
        return Err(GrantRefusal::NotGrantable);
    }
    let managers = own.iter().filter(|held| allows(held.role, Permission::ManageFieldStaff));
    let mut refusal = GrantRefusal::NotAManager;
    for held in managers {
        let inside = matches!((held.unit, wanted.unit), (Some(root), Some(unit)) if lies_in(unit, root));
        let fits = if allows(held.role, Permission::ManageAccounts) {
            rank(wanted.role) <= rank(held.role)
        } else {
            is_field(wanted.role) && rank(wanted.role) < rank(held.role)
        };
        match (inside, fits) {
            (true, true) => return Ok(()),
            (true, false) => refusal = GrantRefusal::RoleTooHigh,
            (false, _) if refusal == GrantRefusal::NotAManager => refusal = GrantRefusal::OutsideArea,
            (false, _) => {}
        }
    }
    Err(refusal)
}

/// May somebody holding `own` change an account that holds `theirs`? Only when he could have handed out all of it:
/// otherwise suspending or resetting it would reach further than granting.
///
/// # Errors
/// The first grant that is beyond him.
pub fn may_manage(
    own: &[Held],
    theirs: &[Held],
    lies_in: impl Fn(UnitId, UnitId) -> bool,
) -> Result<(), GrantRefusal> {
    theirs.iter().try_for_each(|held| may_grant(own, *held, &lies_in))
}

/// May somebody holding `own` make a token with `permission` over `unit`? As far as he could grant a role that has it.
pub fn may_scope_token(
    own: &[Held],
    permission: Permission,
    unit: UnitId,
    lies_in: impl Fn(UnitId, UnitId) -> bool,
) -> bool {
    permission.fits_a_token()
        && own.iter().any(|held| {
            allows(held.role, Permission::ManageAccounts) && held.unit.is_some_and(|root| lies_in(unit, root))
        })
        && Role::ALL.iter().any(|role| {
            allows(*role, permission)
                && may_grant(own, Held { role: *role, unit: Some(unit) }, &lies_in).is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A complete binary tree: the parent of n is n / 2.
    fn lies_in(unit: UnitId, root: UnitId) -> bool {
        let mut at = unit.0;
        while at > root.0 {
            at /= 2;
        }
        at == root.0
    }

    fn held() -> impl Strategy<Value = Held> {
        (0..Role::ALL.len(), prop::option::of(1_i32..32))
            .prop_map(|(role, unit)| Held { role: Role::ALL[role], unit: unit.map(UnitId) })
    }

    fn holdings() -> impl Strategy<Value = Vec<Held>> {
        prop::collection::vec(held(), 0..4)
    }

    #[test]
    fn a_district_administrator_grants_in_his_district_only() {
        let own = [Held { role: Role::Administrator, unit: Some(UnitId(2)) }];
        let sampler = |unit| Held { role: Role::Sampler, unit: Some(UnitId(unit)) };
        assert_eq!(may_grant(&own, sampler(4), lies_in), Ok(()));
        assert_eq!(may_grant(&own, sampler(3), lies_in), Err(GrantRefusal::OutsideArea));
        assert_eq!(may_grant(&own, sampler(1), lies_in), Err(GrantRefusal::OutsideArea));
    }

    #[test]
    fn a_site_lead_hands_out_field_roles_and_no_other() {
        let own = [Held { role: Role::SiteLead, unit: Some(UnitId(2)) }];
        let grant = |role| may_grant(&own, Held { role, unit: Some(UnitId(4)) }, lies_in);
        assert_eq!(grant(Role::Sampler), Ok(()));
        for role in [Role::SiteLead, Role::CommuneStation, Role::Administrator, Role::OutsideLab] {
            assert_eq!(grant(role), Err(GrantRefusal::RoleTooHigh), "{role}");
        }
    }

    #[test]
    fn nobody_hands_out_a_citizen() {
        let own = [Held { role: Role::Administrator, unit: Some(UnitId(1)) }];
        let wanted = Held { role: Role::Citizen, unit: Some(UnitId(4)) };
        assert_eq!(may_grant(&own, wanted, lies_in), Err(GrantRefusal::NotGrantable));
    }

    proptest! {
        #[test]
        fn a_grant_never_reaches_outside_the_area_or_above_the_rank_of_a_manager(own in holdings(), wanted in held()) {
            if may_grant(&own, wanted, lies_in).is_ok() {
                let unit = wanted.unit.unwrap();
                let reached = own.iter().any(|h| {
                    allows(h.role, Permission::ManageFieldStaff)
                        && lies_in(unit, h.unit.unwrap_or(UnitId(i32::MAX)))
                        && rank(wanted.role) <= rank(h.role)
                });
                prop_assert!(reached);
            }
        }

        #[test]
        fn granting_in_steps_reaches_no_further_than_at_once(own in holdings(), middle in held(), wanted in held()) {
            if may_grant(&own, middle, lies_in).is_ok() && may_grant(&[middle], wanted, lies_in).is_ok() {
                prop_assert_eq!(may_grant(&own, wanted, lies_in), Ok(()));
            }
        }

        #[test]
        fn holding_more_never_allows_less(own in holdings(), more in held(), wanted in held()) {
            let mut both = own.clone();
            both.push(more);
            prop_assert!(may_grant(&own, wanted, lies_in).is_err() || may_grant(&both, wanted, lies_in).is_ok());
        }

        #[test]
        fn an_account_with_one_grant_out_of_reach_is_out_of_reach(own in holdings(), theirs in holdings()) {
            let all = theirs.iter().all(|h| may_grant(&own, *h, lies_in).is_ok());
            prop_assert_eq!(may_manage(&own, &theirs, lies_in).is_ok(), all);
        }

        #[test]
        fn a_token_never_manages_and_never_leaves_the_area(own in holdings(), at in 1_i32..32) {
            let unit = UnitId(at);
            prop_assert!(!may_scope_token(&own, Permission::ManageAccounts, unit, lies_in));
            if may_scope_token(&own, Permission::SeePeople, unit, lies_in) {
                prop_assert!(own.iter().any(|h| h.role == Role::Administrator && h.unit.is_some_and(|r| lies_in(unit, r))));
            }
        }
    }
}
