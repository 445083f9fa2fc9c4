//! `POST /imports/{id}/undo`: what an import did is put back, as a job; `GET /imports/{id}/left`: who was left as is.

use super::show::ImportItem;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::people::PersonItem;
use crate::http::problem::{Problem, ProblemBody, Refusal, language_of, text};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::Permission;
use greenfort_kernel::{ImportId, PersonId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::import::{self, Import, undo};
use greenfort_store::registry::people::PersonLine;
use greenfort_store::{Scope, StoreError, tx};

/// Undoes an import.
///
/// Whom it entered is erased, whom it changed becomes as before, except who was touched since: they stay as they are and
/// are listed.
#[utoipa::path(
    post,
    path = "/imports/{id}/undo",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 202, description = "Ask `GET /imports/{id}` how far it is", body = ImportItem),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such import of yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Not applied, undone before, or more than 7 days ago", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn undo_import(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ImportId>,
) -> Result<(StatusCode, Json<ImportItem>), Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let asked = tx!(app.db, "ask_undo", scope, |tx| -> Result<Import, Refusal> {
        let found = import::find(tx, id, Some(caller.account)).await?;
        match undo::ask(tx, &found, &scope).await {
            Err(StoreError::Conflict(_)) => {
                return Err(Problem::conflict(text(
                    "Chỉ hoàn tác được bảng đã nhập xong trong vòng 7 ngày.",
                    "Only a sheet taken in within the last 7 days can be undone.",
                ))
                .into());
            }
            done => done?,
        }
        Ok(import::find(tx, id, Some(caller.account)).await?)
    })?;
    Ok((StatusCode::ACCEPTED, Json(ImportItem::of(asked, language_of(&headers)))))
}

/// People an undone import left as they are.
#[utoipa::path(
    get,
    path = "/imports/{id}/left",
    tag = "imports",
    params(("id" = ImportId, Path), PageQuery),
    responses(
        (status = 200, description = "Touched since, by id; empty unless it was undone", body = Page<PersonItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such import of yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_left(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<PersonItem>>, Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let after: Option<PersonId> = page.cursor()?;
    let rows = tx!(app.db, "list_left", scope, |tx| -> Result<Vec<PersonLine>, Refusal> {
        let found = import::find(tx, id, Some(caller.account)).await?;
        if found.undone.is_none() {
            return Ok(Vec::new());
        }
        let rows = undo::left(tx, id, after, page.limit() + 1).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.list_left",
            object_kind: "import",
            object_id: id.to_string(),
            unit: Some(found.unit),
            detail: serde_json::json!({ "shown": rows.len() }),
        };
        record(tx, entry).await?;
        Ok(rows)
    })?;
    Ok(Json(Page::of(rows, page.limit(), |p| p.id, Into::into)))
}
