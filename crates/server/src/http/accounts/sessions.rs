//! `/accounts/{id}/sessions`: where an account is signed in, and signing it out everywhere.

use super::to_manage;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{AccountId, SessionId};
use greenfort_store::access::accounts;
use greenfort_store::access::session::{self, SessionLine};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A browser that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionRow {
    pub id: SessionId,
    /// How it signed in: office, field, phone, card or demo.
    #[schema(example = "office")]
    pub kind: String,
    /// Label of the enrolled device it runs on.
    #[schema(required, example = "Giao Long 03")]
    pub device: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub signed_in_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// The one that asks.
    pub current: bool,
}

impl SessionRow {
    pub(crate) fn of(line: SessionLine, own: Option<SessionId>) -> Self {
        Self {
            current: own == Some(line.id),
            id: line.id,
            kind: line.kind,
            device: line.device,
            signed_in_at: line.signed_in_at,
            last_seen_at: line.last_seen_at,
            expires_at: line.expires_at,
        }
    }
}

/// Where an account is signed in.
#[utoipa::path(
    get,
    path = "/accounts/{id}/sessions",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    responses(
        (status = 200, description = "Live sessions, newest first", body = Vec<SessionRow>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Role without accounts", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_account_sessions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
) -> Result<Json<Vec<SessionRow>>, Refusal> {
    let area = caller.area(Permission::SeeAccounts)?;
    let rows = tx!(app.db, "list_account_sessions", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let account = accounts::get_in_area(tx, id, &area).await?;
        Ok(session::live(tx, account.id).await?)
    })?;
    Ok(Json(rows.into_iter().map(|line| SessionRow::of(line, caller.session)).collect()))
}

/// Sign an account out everywhere.
#[utoipa::path(
    delete,
    path = "/accounts/{id}/sessions",
    tag = "accounts",
    params(("id" = AccountId, Path)),
    responses(
        (status = 204, description = "Signed out everywhere"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no staff, or this one reaches further than the caller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account in the caller's areas", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The caller's own account", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn end_account_sessions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, Refusal> {
    tx!(app.db, "end_account_sessions", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let account = to_manage(tx, &caller, id, Permission::ManageFieldStaff).await?;
        Ok(session::sign_out_everywhere(tx, account.id, caller.actor()).await?)
    })?;
    Ok(StatusCode::NO_CONTENT)
}
