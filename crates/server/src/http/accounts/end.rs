//! `POST /accounts/{id}/end`: for good. Who comes back gets a new account; the old one stays for the audit.

use super::{Account, to_manage};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::AccountId;
use greenfort_store::access::change;
use greenfort_store::{Scope, tx};

/// For good. Who comes back gets a new account; the old one stays for the audit.
#[utoipa::path(
    post,
    path = "/accounts/{id}/end",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "Ended: signed out everywhere, badge struck off, roles taken away", body = Account),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no staff, or this one reaches further than the caller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The caller's own account, or changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn end_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
) -> Result<Json<Account>, Refusal> {
    let account = tx!(app.db, "end_account", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let account = to_manage(tx, &caller, id, Permission::ManageFieldStaff).await?;
        Ok(change::end(tx, &account, caller.account).await?)
    })?;
    Ok(Json(account.into()))
}
