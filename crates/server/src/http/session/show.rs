//! `GET /session`: who is signed in and what they hold.

use super::cookie_header;
use crate::app::App;
use crate::http::accounts::Grant;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::units::UnitRef;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use greenfort_kernel::{AccountId, AccountKind, Language, PersonId, Relation, SessionId};
use greenfort_store::access::session::{self, Details, Opened};
use greenfort_store::access::unit_ref;
use greenfort_store::{Scope, Tx, tx};
use serde::Serialize;
use utoipa::ToSchema;

/// The signed-in account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    pub account: SessionAccount,
    pub grants: Vec<Grant>,
    pub language: Language,
    #[schema(value_type = String, format = DateTime)]
    pub signed_in_at: jiff::Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: jiff::Timestamp,
    /// Persons a citizen may see.
    pub persons: Vec<LinkedPerson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionAccount {
    pub id: AccountId,
    #[schema(example = "Trần Thị Lan")]
    pub name: String,
    pub kind: AccountKind,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedPerson {
    pub id: PersonId,
    #[schema(example = "N.T.B.N.")]
    pub initials: String,
    /// What the signed-in account is to the person.
    pub relation: Relation,
}

impl From<unit_ref::UnitRef> for UnitRef {
    fn from(unit: unit_ref::UnitRef) -> Self {
        Self { id: unit.id, code: unit.code, name: unit.name, level: unit.level }
    }
}

impl From<Details> for Session {
    fn from(details: Details) -> Self {
        Self {
            account: SessionAccount {
                id: details.account.id,
                name: details.account.name,
                kind: details.account.kind,
            },
            grants: details.account.grants.into_iter().map(Into::into).collect(),
            language: if details.language == "en" { Language::En } else { Language::Vi },
            signed_in_at: details.signed_in_at,
            expires_at: details.expires_at,
            persons: details
                .persons
                .into_iter()
                .map(|p| LinkedPerson { id: p.id, initials: p.initials, relation: p.relation })
                .collect(),
        }
    }
}

/// The answer to whoever has just signed in: the cookie, and the session seen through its own eyes.
pub(super) async fn signed_in(app: &App, opened: &Opened) -> Result<(HeaderMap, Json<Session>), Refusal> {
    let token = opened.token.reveal();
    let fresh = tx!(app.db, "resolve_session", Scope::nobody(), |tx| session::resolve(tx, token).await)?;
    let scope = Scope::persons(fresh.map(|f| f.persons).unwrap_or_default());
    let session = tx!(app.db, "show_session", scope, |tx| load(tx, opened.session).await)?;
    Ok((cookie_header(app, token), Json(session)))
}

/// The session as its holder is shown it.
pub(super) async fn load(tx: &mut Tx, id: SessionId) -> Result<Session, Refusal> {
    Ok(session::details(tx, id).await?.into())
}

/// Who is signed in and what they hold.
#[utoipa::path(
    get,
    path = "/session",
    tag = "session",
    responses(
        (status = 200, body = Session),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_session(State(app): State<App>, caller: Caller) -> Result<Json<Session>, Refusal> {
    let id = caller.session()?;
    let scope = Scope::persons(caller.persons.iter().copied());
    Ok(Json(tx!(app.db, "show_session", scope, |tx| load(tx, id).await)?))
}
