//! `GET /accounts/{id}`: one account, with the tag a change must bring back.

use super::Account;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use greenfort_domain::access::Permission;
use greenfort_kernel::AccountId;
use greenfort_store::access::accounts;
use greenfort_store::{Scope, tx};

/// The entity tag of a version.
pub(super) fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// An account with its tag.
pub(super) fn tagged(account: accounts::Account) -> (HeaderMap, Json<Account>) {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&etag(account.version)) {
        headers.insert(header::ETAG, tag);
    }
    (headers, Json(account.into()))
}

/// One account, with the tag a change must bring back.
#[utoipa::path(
    get,
    path = "/accounts/{id}",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, body = Account, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Role without accounts", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
) -> Result<(HeaderMap, Json<Account>), Refusal> {
    let area = caller.area(Permission::SeeAccounts)?;
    let account =
        tx!(app.db, "show_account", Scope::nobody(), |tx| accounts::get_in_area(tx, id, &area).await)?;
    Ok(tagged(account))
}
