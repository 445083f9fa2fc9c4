//! `GET /exports`, `GET /exports/{id}`: one's own exports and how far they are.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{ExportId, UnitId};
use greenfort_store::registry::export::{self, Export};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An export and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportItem {
    pub id: ExportId,
    pub unit_id: UnitId,
    pub unit_name: String,
    /// `csv` or `xlsx`.
    pub format: String,
    pub purpose: String,
    pub full_numbers: bool,
    /// `waiting`, `running`, `ready`, `expired`, `failed`.
    pub status: String,
    /// People written so far; at the end all.
    pub people: i64,
    pub bytes: Option<i64>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: Option<String>,
    /// Stands in the last column of every row.
    #[schema(example = "018f3c2a")]
    pub watermark: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// When the file is destroyed.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

impl ExportItem {
    pub fn of(export: Export, now: Timestamp) -> Self {
        let expired = export.expires_at.is_some_and(|at| at <= now);
        Self {
            id: export.id,
            unit_id: export.unit,
            unit_name: export.unit_name,
            format: export.format,
            purpose: export.purpose,
            full_numbers: export.full_numbers,
            status: if expired { "expired".to_owned() } else { export.status },
            people: export.people,
            bytes: export.bytes,
            sha256: export.sha256.map(hex::encode),
            watermark: export.id.to_string().get(..8).unwrap_or_default().to_owned(),
            created_at: export.created_at,
            finished_at: export.finished_at,
            expires_at: export.expires_at,
        }
    }
}

/// One's own exports.
#[utoipa::path(
    get,
    path = "/exports",
    tag = "exports",
    params(PageQuery),
    responses(
        (status = 200, description = "One's own, newest first", body = Page<ExportItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_exports(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ExportItem>>, Refusal> {
    let scope = caller.scope(Permission::ExportPeople)?;
    let before: Option<(Timestamp, ExportId)> = page.cursor()?;
    let limit = page.limit();
    let rows = tx!(app.db, "list_exports", scope, |tx| {
        export::list(tx, caller.account, before, limit + 1).await
    })?;
    let now = app.world().now();
    Ok(Json(Page::of(rows, limit, |e| (e.created_at, e.id), |e| ExportItem::of(e, now))))
}

/// One export and how far it is.
#[utoipa::path(
    get,
    path = "/exports/{id}",
    tag = "exports",
    params(("id" = ExportId, Path)),
    responses(
        (status = 200, body = ExportItem),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such export of yours", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_export(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ExportId>,
) -> Result<Json<ExportItem>, Refusal> {
    let scope = caller.scope(Permission::ExportPeople)?;
    let found = tx!(app.db, "show_export", scope, |tx| export::find(tx, id, Some(caller.account)).await)?;
    Ok(Json(ExportItem::of(found, app.world().now())))
}
