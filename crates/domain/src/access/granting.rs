//! Who may hand out which role where: nobody gives what reaches further than his own.

use super::{Permission, allows};
use greenfort_kernel::{Over, Role, UnitId};

/// A role and what it is held over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub role: Role,
    pub over: Over,
}

impl Held {
    /// A role over a unit and all below it.
    pub fn area(role: Role, unit: UnitId) -> Self {
        Self { role, over: Over::Area(unit) }
    }

    /// A role over linked persons.
    pub fn linked(role: Role) -> Self {
        Self { role, over: Over::LinkedPersons }
    }

    /// Root of the area, where it is held over one.
    pub fn unit(&self) -> Option<UnitId> {
        match self.over {
            Over::Area(unit) => Some(unit),
            Over::LinkedPersons | Over::Organisation(_) | Over::Laboratory(_) => None,
        }
    }
}

/// Is this role held over such a thing?
pub fn fits(role: Role, over: Over) -> bool {
    match role {
        Role::Citizen | Role::HouseholdHead => matches!(over, Over::LinkedPersons),
        Role::OrganisationManager | Role::SectorViewer => matches!(over, Over::Organisation(_)),
        Role::OutsideLab => matches!(over, Over::Laboratory(_)),
        Role::CommunityTeam
        | Role::Sampler
        | Role::SiteLead
        | Role::Courier
        | Role::LabTechnician
        | Role::LabLead
        | Role::CommuneStation
        | Role::RecallTeam
        | Role::CheckpointOfficer
        | Role::DistrictOfficer
        | Role::ProvinceOfficer
        | Role::Leader
        | Role::Administrator
        | Role::Auditor => matches!(over, Over::Area(_)),
    }
}

/// Why a grant is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantRefusal {
    /// The granter manages nobody.
    NotAManager,
    /// The unit, organisation or laboratory lies outside the granter's areas, or there is none such.
    OutsideArea,
    /// The role stands above what the granter may hand out.
    RoleTooHigh,
    /// Held through a link to a person, never handed out.
    NotGrantable,
    /// Held over something of another kind, e.g. a laboratory's account over a commune.
    WrongPlace,
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

/// May somebody holding `own` hand out `wanted`? `lies_in(over, root)` says whether a unit, organisation or laboratory lies
/// in `root`.
///
/// # Errors
/// The reason nearest to a yes.
pub fn may_grant(
    own: &[Held],
    wanted: Held,
    lies_in: impl Fn(Over, UnitId) -> bool,
) -> Result<(), GrantRefusal> {
    if rank(wanted.role) == 0 {
        return Err(GrantRefusal::NotGrantable);
    }
    if !fits(wanted.role, wanted.over) {
        return Err(GrantRefusal::WrongPlace);
    }
    let managers = own.iter().filter(|held| allows(held.role, Permission::ManageFieldStaff));
    let mut refusal = GrantRefusal::NotAManager;
    for held in managers {
        let inside = held.unit().is_some_and(|root| lies_in(wanted.over, root));
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
    lies_in: impl Fn(Over, UnitId) -> bool,
) -> Result<(), GrantRefusal> {
    theirs.iter().try_for_each(|held| may_grant(own, *held, &lies_in))
}

/// May somebody holding `own` make a token with `permission` over `unit`? As far as he could grant a role that has it.
pub fn may_scope_token(
    own: &[Held],
    permission: Permission,
    unit: UnitId,
    lies_in: impl Fn(Over, UnitId) -> bool,
) -> bool {
    permission.fits_a_token()
        && own.iter().any(|held| {
            allows(held.role, Permission::ManageAccounts)
                && held.unit().is_some_and(|root| lies_in(Over::Area(unit), root))
        })
        && Role::ALL.iter().any(|role| {
            allows(*role, permission) && may_grant(own, Held::area(*role, unit), &lies_in).is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenfort_kernel::{LaboratoryId, OrganisationId};
    use proptest::prelude::*;
    use uuid::Uuid;

    /// A complete binary tree: the parent of n is n / 2. Organisation and laboratory n lie in unit n.
    fn lies_in(over: Over, root: UnitId) -> bool {
        let mut at = match over {
            Over::LinkedPersons => return false,
            Over::Area(unit) => unit.0,
            Over::Organisation(OrganisationId(id)) | Over::Laboratory(LaboratoryId(id)) => {
                i32::try_from(id.as_u128()).unwrap()
            }
        };
        while at > root.0 {
            at /= 2;
        }
        at == root.0
    }

    fn organisation(n: u128) -> Over {
        Over::Organisation(OrganisationId(Uuid::from_u128(n)))
    }

    fn laboratory(n: u128) -> Over {
        Over::Laboratory(LaboratoryId(Uuid::from_u128(n)))
    }

    fn over() -> impl Strategy<Value = Over> {
        prop_oneof![
            1 => Just(Over::LinkedPersons),
            6 => (1_i32..32).prop_map(|unit| Over::Area(UnitId(unit))),
            2 => (1_u128..32).prop_map(organisation),
            2 => (1_u128..32).prop_map(laboratory),
        ]
    }

    fn held() -> impl Strategy<Value = Held> {
        (0..Role::ALL.len(), over()).prop_map(|(role, over)| Held { role: Role::ALL[role], over })
    }

    fn holdings() -> impl Strategy<Value = Vec<Held>> {
        prop::collection::vec(held(), 0..4)
    }

    #[test]
    fn a_district_administrator_grants_in_his_district_only() {
        let own = [Held::area(Role::Administrator, UnitId(2))];
        let sampler = |unit| Held::area(Role::Sampler, UnitId(unit));
        assert_eq!(may_grant(&own, sampler(4), lies_in), Ok(()));
        assert_eq!(may_grant(&own, sampler(3), lies_in), Err(GrantRefusal::OutsideArea));
        assert_eq!(may_grant(&own, sampler(1), lies_in), Err(GrantRefusal::OutsideArea));
    }

    #[test]
    fn a_site_lead_hands_out_field_roles_and_no_other() {
        let own = [Held::area(Role::SiteLead, UnitId(2))];
        let grant = |role| may_grant(&own, Held::area(role, UnitId(4)), lies_in);
        assert_eq!(grant(Role::Sampler), Ok(()));
        for role in [Role::SiteLead, Role::CommuneStation, Role::Administrator] {
            assert_eq!(grant(role), Err(GrantRefusal::RoleTooHigh), "{role}");
        }
        let outside = Held { role: Role::OutsideLab, over: laboratory(4) };
        assert_eq!(may_grant(&own, outside, lies_in), Err(GrantRefusal::RoleTooHigh));
    }

    #[test]
    fn who_belongs_to_one_organisation_or_laboratory_holds_his_role_over_it_and_over_no_area() {
        let own = [Held::area(Role::Administrator, UnitId(2))];
        let grant = |role, over| may_grant(&own, Held { role, over }, lies_in);
        for (role, place, far) in [
            (Role::OrganisationManager, organisation(4), organisation(3)),
            (Role::SectorViewer, organisation(5), organisation(7)),
            (Role::OutsideLab, laboratory(4), laboratory(3)),
        ] {
            assert_eq!(grant(role, place), Ok(()), "{role}");
            assert_eq!(grant(role, far), Err(GrantRefusal::OutsideArea), "{role}");
            assert_eq!(grant(role, Over::Area(UnitId(4))), Err(GrantRefusal::WrongPlace), "{role}");
        }
        assert_eq!(grant(Role::Sampler, organisation(4)), Err(GrantRefusal::WrongPlace));
        assert_eq!(grant(Role::OutsideLab, organisation(4)), Err(GrantRefusal::WrongPlace));
    }

    #[test]
    fn nobody_hands_out_a_citizen() {
        let own = [Held::area(Role::Administrator, UnitId(1))];
        let wanted = Held::linked(Role::Citizen);
        assert_eq!(may_grant(&own, wanted, lies_in), Err(GrantRefusal::NotGrantable));
    }

    proptest! {
        #[test]
        fn a_grant_never_reaches_outside_the_area_or_above_the_rank_of_a_manager(own in holdings(), wanted in held()) {
            if may_grant(&own, wanted, lies_in).is_ok() {
                prop_assert!(fits(wanted.role, wanted.over));
                let reached = own.iter().any(|h| {
                    allows(h.role, Permission::ManageFieldStaff)
                        && h.unit().is_some_and(|root| lies_in(wanted.over, root))
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
                prop_assert!(own.iter().any(|h| h.role == Role::Administrator && h.unit().is_some_and(|r| lies_in(Over::Area(unit), r))));
            }
        }
    }
}
