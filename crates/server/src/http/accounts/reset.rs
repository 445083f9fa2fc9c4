//! `POST /accounts/{id}/reset`: password forgotten, phone lost. A new link sets both anew.

use super::create::Invitation;
use super::to_manage;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::AccountId;
use greenfort_store::access::change;
use greenfort_store::{Scope, tx};

/// Password forgotten, phone lost. A new link sets both anew.
#[utoipa::path(
    post,
    path = "/accounts/{id}/reset",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "Password and code are forgotten, sessions ended; the link sets new ones", body = Invitation),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no accounts, or this one reaches further than the caller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The caller's own account, one without login, or changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn reset_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
) -> Result<Json<Invitation>, Refusal> {
    let made = tx!(app.db, "reset_account", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let account = to_manage(tx, &caller, id, Permission::ManageAccounts).await?;
        if account.login.is_none() {
            return Err(Problem::conflict(text(
                "Tài khoản này vào bằng thẻ, không có mật khẩu. Cấp thẻ mới.",
                "This account signs in with a badge and has no password. Make a new badge.",
            ))
            .into());
        }
        Ok(change::reset(tx, &account, caller.account).await?)
    })?;
    Ok(Json(Invitation::of(&app, &made)))
}
