//! Who is asking, and what they may do.

use crate::app::App;
use crate::http::problem::{Problem, Refusal};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use greenfort_domain::access::{Permission, allows};
use greenfort_kernel::{AccountId, PersonId, Role, UnitId};
use greenfort_store::Scope;

/// A role held over an area.
#[derive(Debug, Clone)]
pub struct Grant {
    pub role: Role,
    /// Root of the area; none for roles held over linked persons only.
    pub unit: Option<UnitId>,
}

/// The signed-in account. A handler that takes this refuses everybody else with 401.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account: AccountId,
    pub grants: Vec<Grant>,
    /// Persons a citizen is linked to.
    pub persons: Vec<PersonId>,
}

impl Caller {
    /// # Errors
    /// 403 when no grant includes the permission.
    pub fn must(&self, permission: Permission) -> Result<(), Box<Problem>> {
        self.area(permission).map(drop)
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.must(permission).is_ok()
    }

    /// What a transaction about single persons may see: the area of those who see people, and for citizens the persons
    /// linked to them.
    ///
    /// # Errors
    /// 403 for staff whose roles see no person.
    pub fn scope_of_persons(&self) -> Result<Scope, Box<Problem>> {
        match self.area(Permission::SeePeople) {
            Ok(area) => Ok(Scope { area, persons: self.persons.clone() }),
            Err(_) if !self.persons.is_empty() => Ok(Scope::persons(self.persons.iter().copied())),
            Err(refused) => Err(refused),
        }
    }

    /// The roots of the areas in which the caller holds the permission.
    ///
    /// # Errors
    /// 403 when there are none.
    pub fn area(&self, permission: Permission) -> Result<Vec<UnitId>, Box<Problem>> {
        let mut granted = self.grants.iter().filter(|g| allows(g.role, permission)).peekable();
        granted.peek().ok_or_else(Problem::forbidden)?;
        Ok(granted.filter_map(|g| g.unit).collect())
    }

    /// What a transaction made for this permission may see.
    ///
    /// # Errors
    /// 403 when no grant includes the permission.
    pub fn scope(&self, permission: Permission) -> Result<Scope, Box<Problem>> {
        Ok(Scope { area: self.area(permission)?, persons: self.persons.clone() })
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(_parts: &mut Parts, _app: &App) -> Result<Self, Refusal> {
        Err(Problem::signed_out().into())
    }
}
