//! `POST /runs/{id}/file`: the instrument's result file, kept as evidence with its hash.

use super::readings::{ReadingsTaken, enter};
use super::{run_of, words};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_domain::lab::{ColumnMap, Measured, Plate, Well, fit, read_sheet};
use greenfort_kernel::RunId;
use greenfort_store::lab::readings::{self, Cts, Evidence};
use greenfort_store::tx;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// Name of the file, as evidence.
    #[param(example = "2021-09-08 A.csv")]
    pub name: String,
    /// Column heads of the file, where it is not a QuantStudio's: of the well, …
    pub well: Option<String>,
    /// … the label typed into the set-up, …
    pub sample: Option<String>,
    /// … the target, …
    pub target: Option<String>,
    /// … and the Ct.
    pub ct: Option<String>,
}

/// Import the result file of an instrument (comma, semicolon or tab; decimal point or comma; UTF-8 or UTF-16).
#[utoipa::path(
    post,
    path = "/runs/{id}/file",
    tag = "laboratory",
    params(("id" = RunId, Path), FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = ReadingsTaken),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such run in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Given up, or somebody read a well at the same moment", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Lines and wells that do not fit, each named; nothing was taken", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn import_file(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RunId>,
    Query(query): Query<FileQuery>,
    body: Bytes,
) -> Result<Json<ReadingsTaken>, Refusal> {
    let (row, scope) = run_of(&app, &caller, Permission::WorkInLaboratory, id).await?;
    let Some(plate) = Plate::of_size(u16::try_from(row.plate).unwrap_or(0)) else {
        return Err(Problem::field(
            "file",
            "cassettes",
            text("Test nhanh không có tệp máy.", "Cassettes have no result file."),
        )
        .into());
    };
    let map = map_of(&query);
    let refuse = |problems: Vec<_>| Problem::invalid(problems.iter().map(words::sheet).collect());
    let measured = read_sheet(&body, &map, plate).map_err(refuse)?;
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, &body).as_ref());
    let evidence = Evidence { sha256, name: &query.name, instrument: &map.name, bytes: &body };
    let new = tx!(app.db, "import_file", scope, |tx| -> Result<usize, Refusal> {
        let sheet = readings::sheet(tx, row.clone()).await?;
        let wells = laid_over(&sheet, &measured).map_err(refuse)?;
        enter(tx, &caller, row.clone(), &wells, Some(evidence)).await
    })?;
    Ok(Json(ReadingsTaken { new }))
}

fn map_of(query: &FileQuery) -> ColumnMap {
    match (&query.well, &query.target, &query.ct) {
        (Some(well), Some(target), Some(ct)) => ColumnMap {
            name: format!("{well} / {target} / {ct}"),
            well: well.clone(),
            sample: query.sample.clone(),
            target: target.clone(),
            ct: ct.clone(),
        },
        _ => ColumnMap::quant_studio(),
    }
}

/// The file laid over the plate map: the same wells, and where the file carries labels the same labels. What is written in a
/// control well's set-up is the instrument's own word, so it is not compared.
fn laid_over(
    sheet: &readings::Sheet,
    measured: &[Measured],
) -> Result<BTreeMap<String, Cts>, Vec<greenfort_domain::lab::SheetProblem>> {
    let well = |text: &String| text.parse::<Well>().ok();
    let mut planned: BTreeMap<Well, String> =
        sheet.samples.iter().filter_map(|s| Some((well(&s.well)?, s.label.clone()))).collect();
    for control in sheet.controls.iter().filter_map(|c| well(&c.well)) {
        let said = measured.iter().find(|m| m.well == control).and_then(|m| m.sample.clone());
        planned.insert(control, said.unwrap_or_default());
    }
    let wells = fit(&planned, measured)?;
    Ok(wells
        .into_iter()
        .map(|(well, rows)| (well.to_string(), rows.into_iter().map(|m| (m.target.clone(), m.ct)).collect()))
        .collect())
}
