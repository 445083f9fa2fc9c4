//! `/session/persons/{id}/links`: a head of household or guardian shares a person with another phone of the family, sees
//! who else has that person before them, and takes back what he shared.

use super::persons::citizen;
use super::read_phone;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_kernel::{AccountId, PersonId};
use greenfort_store::access::citizens::{self, Relation};
use greenfort_store::access::secret::phone_key;
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose phone may see the person too.
#[derive(Deserialize, ToSchema)]
pub struct SharedWith {
    #[schema(example = "0912 345 678")]
    pub phone: String,
    /// `self`: the phone is the person's own; `family`: of the same household.
    pub relation: Relation,
}

/// A phone or card that sees the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedLink {
    pub account_id: AccountId,
    pub relation: Relation,
    /// True for a phone, false for a printed card.
    pub phone: bool,
    /// The very account that asks.
    pub own: bool,
    /// Shared by the account that asks, which may take it back.
    pub shared: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Who sees a person of the caller's household.
#[utoipa::path(
    get,
    path = "/session/persons/{id}/links",
    tag = "session",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, description = "Links in force, oldest first", body = Vec<SharedLink>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not a citizen's session", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not the head of this person's household, nor the guardian", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_shares(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Json<Vec<SharedLink>>, Refusal> {
    citizen(&caller)?;
    let (by, scope) = (caller.account, linked(&caller, id)?);
    let links = tx!(app.db, "list_shares", scope, |tx| -> Result<_, Refusal> {
        citizens::heads(tx, by, id).await?;
        Ok(citizens::links(tx, id).await?)
    })?;
    let shown = |link: citizens::Link| SharedLink {
        account_id: link.account,
        relation: link.relation,
        phone: link.phone,
        own: link.account == by,
        shared: link.is_shared_by(by),
        at: link.at,
    };
    Ok(Json(links.into_iter().map(shown).collect()))
}

/// Shares a person with another phone of the family.
#[utoipa::path(
    post,
    path = "/session/persons/{id}/links",
    tag = "session",
    params(("id" = PersonId, Path)),
    request_body = SharedWith,
    responses(
        (status = 204, description = "The phone sees the person from its next sign-in"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not a citizen's session", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not the head of this person's household, nor the guardian", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No mobile number", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn share_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Json(given): Json<SharedWith>,
) -> Result<StatusCode, Refusal> {
    citizen(&caller)?;
    let phone = read_phone(&app, &given.phone)?;
    let scope = linked(&caller, id)?;
    tx!(app.db, "share_person", scope, |tx| -> Result<(), Refusal> {
        citizens::heads(tx, caller.account, id).await?;
        let key = phone_key(&tx.keys, &phone);
        // A suspended phone is answered like any other: this page tells nobody about somebody else's account.
        if let Some(account) = citizens::by_phone(tx, &key).await? {
            citizens::link_by_head(tx, account, id, given.relation, caller.account).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back what was shared.
#[utoipa::path(
    delete,
    path = "/session/persons/{id}/links/{account}",
    tag = "session",
    params(("id" = PersonId, Path), ("account" = AccountId, Path)),
    responses(
        (status = 204, description = "Ended; whoever was signed in with it is signed out"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not a citizen's session", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not the head of this person's household, or not shared by this account", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn unshare_person(
    State(app): State<App>,
    caller: Caller,
    Path((id, account)): Path<(PersonId, AccountId)>,
) -> Result<StatusCode, Refusal> {
    citizen(&caller)?;
    let scope = linked(&caller, id)?;
    tx!(app.db, "unshare_person", scope, |tx| citizens::unlink_by_head(tx, account, id, caller.account)
        .await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the caller's linked persons let him see.
///
/// # Errors
/// 404 when the person is none of them.
fn linked(caller: &Caller, person: PersonId) -> Result<Scope, Box<Problem>> {
    if caller.persons.contains(&person) {
        Ok(Scope::persons(caller.persons.iter().copied()))
    } else {
        Err(Problem::not_found())
    }
}
