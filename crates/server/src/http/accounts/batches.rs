//! `GET /accounts/batches` and `/accounts/batches/{id}/badges.pdf`: sheets loaded before, and their badges.

use super::field_area;
use super::temporary::BadgeBatch;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{Problem, ProblemBody, Refusal};
use crate::print::{PrintError, badges};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, header};
use greenfort_kernel::BadgeBatchId;
use greenfort_store::access::batch::{self, BatchFilter};
use greenfort_store::{Scope, tx};

/// Sheets of temporary accounts loaded before, newest first.
#[utoipa::path(
    get,
    path = "/accounts/batches",
    tag = "accounts",
    params(PageQuery),
    responses(
        (status = 200, description = "Sheets whose accounts all lie in the caller's areas, newest first", body = Page<BadgeBatch>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_batches(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<BadgeBatch>>, Refusal> {
    let filter = BatchFilter {
        area: Some(field_area(&caller)?),
        id: None,
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_batches", Scope::nobody(), |tx| batch::list(tx, &filter).await)?;
    Ok(Json(Page::of(rows, page.limit(), |b| b.id, BadgeBatch::from)))
}

/// A PDF to keep.
pub(super) type Pdf = ([(HeaderName, String); 2], Vec<u8>);

pub(super) fn attachment(name: &str, pdf: Vec<u8>) -> Pdf {
    (
        [
            (header::CONTENT_TYPE, "application/pdf".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ],
        pdf,
    )
}

/// The badges of a sheet, ready to print.
#[utoipa::path(
    get,
    path = "/accounts/batches/{id}/badges.pdf",
    tag = "accounts",
    params(("id" = BadgeBatchId, Path)),
    responses(
        (status = 200, description = "Badges to print, eight on an A4 page; the first call starts the 24 hours after which they are gone", content_type = "application/pdf", body = Vec<u8>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no field staff", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such batch in the caller's areas, or its PINs are gone", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn print_badges(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BadgeBatchId>,
) -> Result<Pdf, Refusal> {
    let area = field_area(&caller)?;
    let (batch, rows) = tx!(app.db, "print_badges", Scope::nobody(), |tx| {
        batch::print(tx, id, &area, caller.account).await
    })?;
    let hotline = app.config.hotline.clone();
    let pdf = tokio::task::spawn_blocking(move || badges::pdf(&batch.label, &rows, &hotline)).await;
    Ok(attachment("badges.pdf", printed(pdf)?))
}

/// # Errors
/// 500 when a page could not be drawn.
pub(super) fn printed(
    pdf: Result<Result<Vec<u8>, PrintError>, tokio::task::JoinError>,
) -> Result<Vec<u8>, Box<Problem>> {
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "badges could not be drawn");
        Problem::internal()
    };
    pdf.map_err(|e| failed(&e))?.map_err(|e| failed(&e))
}
