//! Who is asking, and what they may do.

use crate::app::App;
use crate::http::problem::{Problem, Refusal};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use greenfort_domain::access::{Held, Permission, allows};
use greenfort_kernel::{AccountId, LaboratoryId, OrganisationId, Over, PersonId, SessionId, UnitId};
use greenfort_store::access::session::{self, Resolved};
use greenfort_store::access::tokens;
use greenfort_store::audit::Actor;
use greenfort_store::{Scope, tx};

/// Name of the session's cookie.
pub const COOKIE: &str = "greenfort_session";

/// The signed-in account. A handler that takes this refuses everybody else with 401.
#[derive(Debug, Clone)]
pub struct Caller {
    /// None for a program with a token.
    pub session: Option<SessionId>,
    /// For a program: the account that made its token and answers for it.
    pub account: AccountId,
    pub citizen: bool,
    pub grants: Vec<Held>,
    /// Persons a citizen is linked to.
    pub persons: Vec<PersonId>,
    /// What a program's token allows, in place of grants.
    token: Option<(Vec<Permission>, UnitId)>,
}

impl Caller {
    /// The session, for what only a person does.
    ///
    /// # Errors
    /// 403 for a program with a token.
    pub fn session(&self) -> Result<SessionId, Box<Problem>> {
        self.session.ok_or_else(Problem::forbidden)
    }

    /// # Errors
    /// 403 when no grant includes the permission.
    pub fn must(&self, permission: Permission) -> Result<(), Box<Problem>> {
        self.area(permission).map(drop)
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.must(permission).is_ok()
    }

    /// How the audit names the caller.
    pub fn actor(&self) -> Actor {
        if self.citizen { Actor::Citizen(self.account) } else { Actor::Account(self.account) }
    }

    /// What a transaction about single persons may see: the area of those who see people, and for citizens the persons
    /// linked to them.
    ///
    /// # Errors
    /// 403 for staff whose roles see no person.
    pub fn scope_of_persons(&self) -> Result<Scope, Box<Problem>> {
        match self.area(Permission::SeePeople) {
            Ok(_) => self.scope(Permission::SeePeople),
            Err(_) if self.citizen => Ok(Scope::persons(self.persons.iter().copied())),
            Err(refused) => Err(refused),
        }
    }

    /// The roots of the areas in which the caller holds the permission; none for who holds it over a place only.
    ///
    /// # Errors
    /// 403 when no grant includes the permission.
    pub fn area(&self, permission: Permission) -> Result<Vec<UnitId>, Box<Problem>> {
        if let Some((scopes, unit)) = &self.token {
            return if scopes.contains(&permission) { Ok(vec![*unit]) } else { Err(Problem::forbidden()) };
        }
        let mut granted = self.granting(permission).peekable();
        granted.peek().ok_or_else(Problem::forbidden)?;
        Ok(granted.filter_map(Held::unit).collect())
    }

    /// The roots of all areas the caller works in, whatever the role.
    pub fn areas(&self) -> Vec<UnitId> {
        match &self.token {
            Some((_, unit)) => vec![*unit],
            None => self.grants.iter().filter_map(Held::unit).collect(),
        }
    }

    /// The organisations over which the caller holds the permission; those that belong to them count too.
    pub fn organisations(&self, permission: Permission) -> Vec<OrganisationId> {
        let over = |held: &Held| match held.over {
            Over::Organisation(id) => Some(id),
            _ => None,
        };
        self.granting(permission).filter_map(over).collect()
    }

    /// The laboratories over which the caller holds the permission.
    pub fn laboratories(&self, permission: Permission) -> Vec<LaboratoryId> {
        let over = |held: &Held| match held.over {
            Over::Laboratory(id) => Some(id),
            _ => None,
        };
        self.granting(permission).filter_map(over).collect()
    }

    fn granting(&self, permission: Permission) -> impl Iterator<Item = &Held> {
        self.grants.iter().filter(move |g| allows(g.role, permission))
    }

    /// What a transaction made for this permission may see.
    ///
    /// # Errors
    /// 403 when no grant includes the permission.
    pub fn scope(&self, permission: Permission) -> Result<Scope, Box<Problem>> {
        Ok(Scope {
            area: self.area(permission)?,
            persons: self.persons.clone(),
            organisations: self.organisations(permission),
            laboratories: self.laboratories(permission),
        })
    }
}

impl From<Resolved> for Caller {
    fn from(resolved: Resolved) -> Self {
        Self {
            session: Some(resolved.session),
            account: resolved.account,
            citizen: resolved.citizen,
            grants: resolved.grants,
            persons: resolved.persons,
            token: None,
        }
    }
}

impl From<tokens::Resolved> for Caller {
    fn from(resolved: tokens::Resolved) -> Self {
        Self {
            session: None,
            account: resolved.account,
            citizen: false,
            grants: Vec::new(),
            persons: Vec::new(),
            token: Some((resolved.scopes, resolved.unit)),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        if let Some(token) = bearer(&parts.headers) {
            let resolved =
                tx!(app.db, "resolve_token", Scope::nobody(), |tx| tokens::resolve(tx, token).await)?;
            return Ok(resolved.ok_or_else(Problem::signed_out)?.into());
        }
        let token = cookie(&parts.headers).ok_or_else(Problem::signed_out)?;
        let resolved =
            tx!(app.db, "resolve_session", Scope::nobody(), |tx| session::resolve(tx, token).await)?;
        Ok(resolved.ok_or_else(Problem::signed_out)?.into())
    }
}

/// The token of a program.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(tokens::PREFIX)).then_some(token)
}

/// The session's token among the cookies.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_the_whole_name_is_the_sessions_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("xgreenfort_session=a; greenfort_session=b; c=d"),
        );
        assert_eq!(cookie(&headers), Some("b"));
        headers.insert(header::COOKIE, HeaderValue::from_static("greenfort_session2=a"));
        assert_eq!(cookie(&headers), None);
    }
}
