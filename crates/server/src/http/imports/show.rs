//! `GET /imports`, `GET /imports/{id}`: one's own imports; `GET /imports/{id}/rejected`: the rows that were not taken in.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{Problem, ProblemBody, Refusal, language_of};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use greenfort_domain::access::Permission;
use greenfort_kernel::{ImportId, Language, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::import::{self, Counts, Import, ShownFault, undo};
use greenfort_store::{Db, Scope, tx};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An import and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportItem {
    pub id: ImportId,
    pub unit_id: UnitId,
    pub unit_name: String,
    /// `uploading`, `waiting`, `running`, `refused` (rows were faulty, nothing applied), `applied`, `failed`, `undoing`,
    /// `undone`.
    #[schema(example = "applied")]
    pub status: String,
    /// Bytes of the file.
    pub size: i64,
    /// Parts that have arrived; 0 in lists.
    pub parts: i64,
    pub accept_rest: bool,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: Option<String>,
    /// What became, or would become, of the rows: `rows` is the sum of the other four.
    pub counts: Option<ImportCounts>,
    /// The first 200 faults; the returned sheet has all.
    pub faults: Vec<RowFault>,
    /// Why the file cannot be read.
    pub failure: Option<String>,
    pub progress: Option<ImportProgress>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Until when it can be undone; null when it cannot.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub undo_until: Option<Timestamp>,
    /// What became of its people when it was undone.
    pub undone: Option<ImportUndone>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ImportUndone {
    /// People it had entered and who are gone, or had changed and who are as before.
    pub put_back: i64,
    /// People somebody touched since: they stay as they are, see `GET /imports/{id}/left`.
    pub left_alone: i64,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ImportCounts {
    pub rows: i64,
    /// Lines without a person: headings of hamlets, totals, signatures.
    pub other_lines: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub rejected: i64,
}

/// A cell or row that cannot be taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowFault {
    /// As the spreadsheet counts, from 1.
    pub row: u32,
    #[schema(example = "D")]
    pub column: Option<String>,
    #[schema(example = "Ngày sinh")]
    pub heading: Option<String>,
    #[schema(example = "birth.month")]
    pub code: String,
    /// Why, and what to do.
    pub message: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportProgress {
    /// `reading`, `matching`, `applying`.
    #[schema(example = "reading")]
    pub phase: String,
    pub done: i64,
    /// 0: not known.
    pub total: i64,
}

impl ImportItem {
    pub fn of(import: Import, language: Language) -> Self {
        let fault = |f: ShownFault| RowFault {
            row: f.row,
            column: f.column,
            heading: f.heading,
            code: f.code,
            message: language.pick(&f.vi, &f.en).to_owned(),
        };
        let counts = |c: Counts| ImportCounts {
            rows: c.rows,
            other_lines: c.other_lines,
            created: c.created,
            updated: c.updated,
            unchanged: c.unchanged,
            rejected: c.rejected,
        };
        let undo_until = import.finished_at.filter(|_| import.status == "applied").map(undo::until);
        Self {
            undo_until,
            undone: import.undone.map(|(put_back, left_alone)| ImportUndone { put_back, left_alone }),
            id: import.id,
            unit_id: import.unit,
            unit_name: import.unit_name,
            status: import.status,
            size: import.size,
            parts: import.parts,
            accept_rest: import.accept_rest,
            sha256: import.sha256.map(hex::encode),
            counts: import.counts.map(counts),
            faults: import.faults.into_iter().map(fault).collect(),
            failure: import.failure,
            progress: import.progress.map(|(phase, done, total)| ImportProgress { phase, done, total }),
            created_at: import.created_at,
            finished_at: import.finished_at,
        }
    }
}

/// One's own imports.
#[utoipa::path(
    get,
    path = "/imports",
    tag = "imports",
    params(PageQuery),
    responses(
        (status = 200, description = "One's own, newest first", body = Page<ImportItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_imports(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ImportItem>>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let before: Option<(Timestamp, ImportId)> = page.cursor()?;
    let limit = page.limit();
    let rows = tx!(app.db, "list_imports", scope, |tx| {
        import::list(tx, caller.account, before, limit + 1).await
    })?;
    let language = language_of(&headers);
    Ok(Json(Page::of(rows, limit, |i| (i.created_at, i.id), |i| ImportItem::of(i, language))))
}

/// One import and how far it is.
#[utoipa::path(
    get,
    path = "/imports/{id}",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, body = ImportItem),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such import of yours", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_import(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ImportId>,
) -> Result<Json<ImportItem>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let found = tx!(app.db, "show_import", scope, |tx| import::find(tx, id, Some(caller.account)).await)?;
    Ok(Json(ImportItem::of(found, language_of(&headers))))
}

/// The rows that were not taken in, as a sheet.
#[utoipa::path(
    get,
    path = "/imports/{id}/rejected",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, description = "A sheet of the same form with a last column that says why", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such import of yours, or no row was rejected", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn rejected_rows(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ImportId>,
) -> Result<Response, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let (found, first) = tx!(app.db, "rejected_rows", scope, |tx| -> Result<(Import, Vec<u8>), Refusal> {
        let found = import::find(tx, id, Some(caller.account)).await?;
        let first = import::part(tx, id, "rejected", 0).await?.ok_or_else(Problem::not_found)?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.read_rejected_rows",
            object_kind: "import",
            object_id: id.to_string(),
            unit: Some(found.unit),
            detail: serde_json::json!({}),
        };
        record(tx, entry).await?;
        Ok((found, first))
    })?;
    let (kind, ending) = match found.kind.as_deref() {
        Some("xlsx") => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        _ => ("text/csv; charset=utf-8", "csv"),
    };
    let mut response = Response::new(Body::from_stream(rest(app.db.clone(), id, first)));
    let name = format!("attachment; filename=\"greenfort-rejected-{id}.{ending}\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = name.parse() {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The parts of a file one after the other: memory for one at a time.
fn rest(
    db: Db,
    id: ImportId,
    first: Vec<u8>,
) -> impl futures_util::Stream<Item = Result<Vec<u8>, greenfort_store::StoreError>> {
    stream::try_unfold((db, 0, Some(first)), move |(db, number, part)| async move {
        let Some(part) = part else { return Ok(None) };
        let next = tx!(db, "rejected_rows_part", Scope::nobody(), |tx| {
            import::part(tx, id, "rejected", number + 1).await
        })?;
        Ok(Some((part, (db, number + 1, next))))
    })
}
