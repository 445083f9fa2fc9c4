//! `GET /people/{id}/readings`: who looked at a record or changed it, for the person and for who keeps it. Offices and
//! roles, not names of staff: whoever wants to complain gives the number of the entry.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_kernel::PersonId;
use greenfort_store::registry::subject;
use greenfort_store::tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One reading or change.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reading {
    /// Number of the entry in the audit trail.
    pub id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was done, as `room.verb`.
    #[schema(example = "registry.read_person")]
    pub action: String,
    /// account (staff), citizen, worker, system.
    #[schema(example = "account")]
    pub who: String,
    /// Where the account that looked belongs.
    #[schema(example = "Xã Giao Long")]
    pub office: Option<String>,
    /// Roles it holds now.
    pub roles: Vec<String>,
}

impl From<subject::Reading> for Reading {
    fn from(row: subject::Reading) -> Self {
        Self {
            id: row.id,
            at: row.at.to_jiff(),
            action: row.action,
            who: row.actor_kind,
            office: row.office,
            roles: row.roles,
        }
    }
}

/// Who looked at a person.
#[utoipa::path(
    get,
    path = "/people/{id}/readings",
    tag = "data requests",
    params(("id" = PersonId, Path), PageQuery),
    responses(
        (status = 200, body = Page<Reading>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area, or linked to the citizen", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_readings(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Reading>>, Refusal> {
    let scope = caller.scope_of_persons()?;
    let before: Option<(Timestamp, Uuid)> = page.cursor()?;
    let rows = tx!(app.db, "list_readings", scope, |tx| {
        subject::readings(tx, id, before, page.limit() + 1).await
    })?;
    Ok(Json(Page::of(rows, page.limit(), |r| (r.at.to_jiff(), r.id), Into::into)))
}
