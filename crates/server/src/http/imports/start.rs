//! `POST /imports/{id}/run`: takes the sheet in, as a job. All or nothing, unless told to accept the rest.

use super::preview::look;
use super::show::ImportItem;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, language_of, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::Permission;
use greenfort_domain::registry::import::Field;
use greenfort_kernel::ImportId;
use greenfort_store::registry::import::{self, Import, Start};
use greenfort_store::tx;
use serde::Deserialize;
use utoipa::ToSchema;

/// What the columns hold and what to do with faulty rows.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RunImport {
    /// One entry a column of the preview: what it holds, or null to leave it out. Without it: as the preview says.
    #[serde(default)]
    pub fields: Option<Vec<Option<Field>>>,
    /// The first person stands in the row after these; as the preview says unless told.
    #[serde(default)]
    pub head_rows: Option<u32>,
    /// False: one faulty row and nothing is applied. True: the others are, and the faulty ones come back as a sheet.
    #[serde(default)]
    pub accept_rest: bool,
}

/// Take the sheet in.
#[utoipa::path(
    post,
    path = "/imports/{id}/run",
    tag = "imports",
    params(("id" = ImportId, Path)),
    request_body = RunImport,
    responses(
        (status = 202, description = "Ask `GET /imports/{id}` how far it is", body = ImportItem),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such import of yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It runs already or was applied", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No column of names, or none of births", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn run_import(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ImportId>,
    Json(run): Json<RunImport>,
) -> Result<(StatusCode, Json<ImportItem>), Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let started = tx!(app.db, "run_import", scope, |tx| -> Result<Import, Refusal> {
        let found = import::find(tx, id, Some(caller.account)).await?;
        if matches!(found.status.as_str(), "applied" | "waiting" | "running" | "undoing" | "undone") {
            return Err(Problem::conflict(text(
                "Bảng này đang chạy hoặc đã nhập xong.",
                "This sheet is being taken in, or was.",
            ))
            .into());
        }
        let mut looked = look(tx, &found).await?;
        if let Some(fields) = &run.fields {
            let columns = &mut looked.layout.columns;
            if fields.len() != columns.len() {
                let why = text(
                    format!("Cần {} cột, nhận {}.", columns.len(), fields.len()),
                    format!("{} columns are needed, {} came.", columns.len(), fields.len()),
                );
                return Err(Problem::field("fields", "length", why).into());
            }
            for (column, field) in columns.iter_mut().zip(fields) {
                column.field = *field;
            }
        }
        looked.layout.head_rows = run.head_rows.unwrap_or(looked.layout.head_rows);
        let fields: Vec<Field> = looked.layout.columns.iter().filter_map(|c| c.field).collect();
        check(&fields)?;
        let start = Start {
            kind: looked.kind,
            layout: &looked.layout,
            charset: looked.charset,
            accept_rest: run.accept_rest,
            signature: &looked.signature,
        };
        import::start(tx, &found, &scope, &start).await?;
        Ok(import::find(tx, id, Some(caller.account)).await?)
    })?;
    Ok((StatusCode::ACCEPTED, Json(ImportItem::of(started, language_of(&headers)))))
}

/// A sheet needs names and births, and each field once.
fn check(fields: &[Field]) -> Result<(), Box<Problem>> {
    let has = |field| fields.contains(&field);
    let mut errors = Vec::new();
    let mut wrong = |code, message| errors.push(FieldError { field: "fields".into(), code, message });
    if !has(Field::Name) && !has(Field::GivenName) {
        wrong("name", text("Chọn cột họ tên.", "Choose the column of names."));
    }
    let births = has(Field::Birth) || (has(Field::BirthMale) && has(Field::BirthFemale));
    if !births {
        wrong("birth", text("Chọn cột ngày hoặc năm sinh.", "Choose the column of births."));
    }
    if let Some(twice) = Field::ALL.iter().find(|f| fields.iter().filter(|g| g == f).count() > 1) {
        let word = serde_json::to_string(twice).unwrap_or_default();
        wrong(
            "twice",
            text(
                format!("Hai cột cùng được chọn là {word}."),
                format!("Two columns are both taken for {word}."),
            ),
        );
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
