//! `DELETE /tokens/{id}`: the key opens nothing any more.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::ApiTokenId;
use greenfort_store::access::tokens;
use greenfort_store::{Scope, tx};

/// The key opens nothing any more.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    tag = "tokens",
    params(("id" = ApiTokenId, Path)),
    responses(
        (status = 204, description = "Struck off"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no accounts", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such key in the caller's areas, or struck off already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ApiTokenId>,
) -> Result<StatusCode, Refusal> {
    let area = caller.area(Permission::ManageAccounts)?;
    tx!(app.db, "revoke_token", Scope::nobody(), |tx| tokens::revoke(tx, id, &area, caller.account).await)?;
    Ok(StatusCode::NO_CONTENT)
}
