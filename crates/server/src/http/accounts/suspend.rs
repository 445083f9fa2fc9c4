//! `POST /accounts/{id}/suspend` and `/resume`: nobody works with it for a while.

use super::{Account, to_manage};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::first_run::check_name;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::AccountId;
use greenfort_store::access::change;
use greenfort_store::{Scope, tx};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct Suspension {
    #[schema(example = "Nghỉ việc từ 15/09/2021")]
    pub reason: String,
}

/// Suspend an account: nobody works with it until it is resumed.
#[utoipa::path(
    post,
    path = "/accounts/{id}/suspend",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    request_body = Suspension,
    responses(
        (status = 200, description = "Signed out everywhere; nobody signs in with it until it is resumed", body = Account),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no staff, or this one reaches further than the caller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The caller's own account, or changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No reason given", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn suspend_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
    Json(given): Json<Suspension>,
) -> Result<Json<Account>, Refusal> {
    let reason = check_name("reason", &given.reason)?;
    let account = tx!(app.db, "suspend_account", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let account = to_manage(tx, &caller, id, Permission::ManageFieldStaff).await?;
        Ok(change::suspend(tx, &account, &reason, caller.account).await?)
    })?;
    Ok(Json(account.into()))
}

/// Resume a suspended account.
#[utoipa::path(
    post,
    path = "/accounts/{id}/resume",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "May sign in again", body = Account),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no staff, or this one reaches further than the caller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The caller's own account, or changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn resume_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
) -> Result<Json<Account>, Refusal> {
    let account = tx!(app.db, "resume_account", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let account = to_manage(tx, &caller, id, Permission::ManageFieldStaff).await?;
        Ok(change::resume(tx, &account, caller.account).await?)
    })?;
    Ok(Json(account.into()))
}
