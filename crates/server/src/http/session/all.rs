//! `/session/all`: everywhere the caller is signed in, and signing out of all of it: a phone was lost or sold.

use super::cookie_header;
use crate::app::App;
use crate::http::accounts::SessionRow;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_store::access::session;
use greenfort_store::{Scope, tx};

/// Everywhere the caller is signed in.
#[utoipa::path(
    get,
    path = "/session/all",
    tag = "session",
    responses(
        (status = 200, description = "The caller's live sessions, newest first", body = Vec<SessionRow>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "A program's key has no sessions", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_own_sessions(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<SessionRow>>, Refusal> {
    let own = caller.session()?;
    let rows =
        tx!(app.db, "list_own_sessions", Scope::nobody(), |tx| session::live(tx, caller.account).await)?;
    Ok(Json(rows.into_iter().map(|line| SessionRow::of(line, Some(own))).collect()))
}

/// Sign the caller out everywhere: a phone was lost or sold.
#[utoipa::path(
    delete,
    path = "/session/all",
    tag = "session",
    responses(
        (status = 204, description = "Signed out everywhere, here too; the cookie is cleared"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "A program's key has no sessions", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn end_own_sessions(
    State(app): State<App>,
    caller: Caller,
) -> Result<(StatusCode, HeaderMap), Refusal> {
    caller.session()?;
    tx!(app.db, "end_own_sessions", Scope::nobody(), |tx| {
        session::sign_out_everywhere(tx, caller.account, caller.actor()).await
    })?;
    Ok((StatusCode::NO_CONTENT, cookie_header(&app, "")))
}
