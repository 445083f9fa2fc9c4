//! `/people/{id}/links`: which phones see a person. Staff who saw the identity paper make and end the links; a number in
//! the register shows nobody anything.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::session::read_phone;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{AccountId, PersonId};
use greenfort_store::access::citizens::{self, Link, Relation};
use greenfort_store::access::secret::phone_key;
use greenfort_store::tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A phone or a card that sees the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonLink {
    pub account_id: AccountId,
    /// What its owner is to the person.
    pub relation: Relation,
    /// `id_seen` by staff, `card`, or `confirmed` by the head of the household.
    #[schema(example = "id_seen")]
    pub proof: String,
    /// True for a phone, false for a printed card.
    pub phone: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<Link> for PersonLink {
    fn from(link: Link) -> Self {
        Self {
            account_id: link.account,
            relation: link.relation,
            proof: link.proof,
            phone: link.phone,
            at: link.at,
        }
    }
}

/// A phone whose owner's identity paper was seen.
#[derive(Deserialize, ToSchema)]
pub struct NewPersonLink {
    #[schema(example = "0912 345 678")]
    pub phone: String,
    pub relation: Relation,
}

/// Phones linked to a person.
#[utoipa::path(
    get,
    path = "/people/{id}/links",
    tag = "people",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, description = "Links in force, oldest first", body = Vec<PersonLink>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Keeps no register", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_links(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Json<Vec<PersonLink>>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let links = tx!(app.db, "list_links", scope, |tx| citizens::links(tx, id).await)?;
    Ok(Json(links.into_iter().map(Into::into).collect()))
}

/// Links a phone to a person.
#[utoipa::path(
    post,
    path = "/people/{id}/links",
    tag = "people",
    params(("id" = PersonId, Path)),
    request_body = NewPersonLink,
    responses(
        (status = 200, description = "Links in force, the new one among them; linking again changes nothing", body = Vec<PersonLink>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Keeps no register", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The phone's account is suspended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No mobile number", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn link_phone(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Json(given): Json<NewPersonLink>,
) -> Result<Json<Vec<PersonLink>>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    // Somebody saw the paper: no program does.
    caller.session()?;
    let phone = read_phone(&app, &given.phone)?;
    let links = tx!(app.db, "link_phone", scope, |tx| -> Result<Vec<Link>, Refusal> {
        let key = phone_key(&tx.keys, &phone);
        // Whether the person is in sight is known before an account is made for the phone.
        citizens::links(tx, id).await?;
        let Some(account) = citizens::by_phone(tx, &key).await? else {
            return Err(Problem::conflict(text(
                "Tài khoản của số này đang bị tạm ngưng. Hỏi quản trị viên.",
                "The account of this number is suspended. Ask an administrator.",
            ))
            .into());
        };
        citizens::link_by_staff(tx, account, id, given.relation, caller.account).await?;
        Ok(citizens::links(tx, id).await?)
    })?;
    Ok(Json(links.into_iter().map(Into::into).collect()))
}

/// Takes a phone off a person.
#[utoipa::path(
    delete,
    path = "/people/{id}/links/{account}",
    tag = "people",
    params(("id" = PersonId, Path), ("account" = AccountId, Path)),
    responses(
        (status = 204, description = "Ended; whoever was signed in with it is signed out"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Keeps no register", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area, or no such link", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn unlink_phone(
    State(app): State<App>,
    caller: Caller,
    Path((id, account)): Path<(PersonId, AccountId)>,
) -> Result<StatusCode, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    caller.session()?;
    tx!(app.db, "unlink_phone", scope, |tx| citizens::unlink(tx, account, id, caller.actor()).await)?;
    Ok(StatusCode::NO_CONTENT)
}
