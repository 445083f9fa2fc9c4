//! `PATCH /accounts/{id}`: another name, other roles. Changed roles sign the account out everywhere.

use super::show::{etag, tagged};
use super::{Account, NewGrant, grants, to_manage};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::first_run::check_name;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use greenfort_domain::access::Permission;
use greenfort_kernel::AccountId;
use greenfort_store::access::change;
use greenfort_store::{Scope, StoreError, tx};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AccountChange {
    #[schema(example = "Trần Thị Lan")]
    pub name: Option<String>,
    /// All roles from now on; empty takes them all away.
    pub grants: Option<Vec<NewGrant>>,
}

/// Another name, other roles. Changed roles sign the account out everywhere.
#[utoipa::path(
    patch,
    path = "/accounts/{id}",
    tag = "accounts",
    params(
        ("id" = AccountId, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the account as it was read; without it the latest is changed"),
    ),
    request_body = AccountChange,
    responses(
        (status = 200, body = Account),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no accounts, or this one reaches further than the caller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The caller's own account", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A role that reaches further than the caller's", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn change_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
    headers: HeaderMap,
    Json(given): Json<AccountChange>,
) -> Result<(HeaderMap, Json<Account>), Refusal> {
    let name = given.name.as_deref().map(|n| check_name("name", n)).transpose()?;
    let tag = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()).filter(|tag| *tag != "*");
    let changed = tx!(app.db, "change_account", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let account = to_manage(tx, &caller, id, Permission::ManageAccounts).await?;
        if tag.is_some_and(|tag| tag.trim_start_matches("W/") != etag(account.version)) {
            return Err(Problem::changed_meanwhile().into());
        }
        let wanted = match &given.grants {
            Some(wanted) => Some(grants::granted(tx, &caller, wanted).await?),
            None => None,
        };
        match change::update(tx, &account, name.as_deref(), wanted.as_deref(), caller.account).await {
            Err(StoreError::Conflict("account")) => Err(Problem::changed_meanwhile().into()),
            changed => Ok(changed?),
        }
    })?;
    Ok(tagged(changed))
}
