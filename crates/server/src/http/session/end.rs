//! `DELETE /session`: sign out.

use super::cookie_header;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_store::access::session;
use greenfort_store::{Scope, tx};

/// Sign out.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "session",
    responses(
        (status = 204, description = "Signed out; the cookie is cleared"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn end_session(State(app): State<App>, caller: Caller) -> Result<(StatusCode, HeaderMap), Refusal> {
    let id = caller.session()?;
    tx!(app.db, "end_session", Scope::nobody(), |tx| session::end(tx, id, caller.actor()).await)?;
    Ok((StatusCode::NO_CONTENT, cookie_header(&app, "")))
}
