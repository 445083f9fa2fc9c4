//! `GET /laboratories/{id}/runs`, `POST /laboratories/{id}/runs`: plates.

use super::{audited, laboratory_of, words};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_domain::lab::{Plate, Well};
use greenfort_kernel::{AssayId, LaboratoryId, LotId, RunId};
use greenfort_store::lab::runs::{self, Content, NewRun, RunRow};
use greenfort_store::tx;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Days of runs on a list.
const DAYS: i64 = 14;

/// A run as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunItem {
    pub id: RunId,
    #[schema(example = "2021-09-08 A")]
    pub name: String,
    #[schema(example = "RT-PCR E/RdRP")]
    pub kit: String,
    /// 96 or 384; 0: cassettes at a site
    #[schema(example = 96)]
    pub plate: i16,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// `running` (no reading yet), `read` (to be released), `released`, `given_up`
    #[schema(example = "read")]
    pub state: &'static str,
    /// Sample wells, …
    pub reactions: i64,
    /// … with a reading, …
    pub read: i64,
    /// … and released.
    pub released: i64,
}

impl From<RunRow> for RunItem {
    fn from(r: RunRow) -> Self {
        let state = if r.void_at.is_some() {
            "given_up"
        } else if r.reactions > 0 && r.released >= r.reactions {
            "released"
        } else if r.read > 0 {
            "read"
        } else {
            "running"
        };
        Self {
            id: r.id,
            name: r.name,
            kit: r.kit,
            plate: r.plate,
            started_at: r.started_at,
            state,
            reactions: r.reactions,
            read: r.read,
            released: r.released,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Runs {
    /// Newest first.
    pub items: Vec<RunItem>,
}

/// Runs of the last two weeks.
#[utoipa::path(
    get,
    path = "/laboratories/{id}/runs",
    tag = "laboratory",
    params(("id" = LaboratoryId, Path)),
    responses(
        (status = 200, body = Runs),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such laboratory in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_runs(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LaboratoryId>,
) -> Result<Json<Runs>, Refusal> {
    let (lab, scope) = laboratory_of(&app, &caller, Permission::SeeLaboratory, id).await?;
    let since = app.world().now() - SignedDuration::from_hours(24 * DAYS);
    let rows = tx!(app.db, "list_runs", scope, |tx| runs::list(tx, Some(lab.id), None, since).await)?;
    Ok(Json(Runs { items: rows.into_iter().map(Into::into).collect() }))
}

/// What stands in a well: a label, or a control.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PlannedWell {
    #[schema(example = "A1")]
    pub well: String,
    /// Pool or tube by what is written on it.
    #[serde(default)]
    #[schema(example = "P0A1B2C3D")]
    pub label: Option<String>,
    /// `no_template`, `extraction_blank` or `positive`
    #[serde(default)]
    #[schema(example = "positive")]
    pub control: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPlate {
    pub assay_id: AssayId,
    #[schema(example = "2021-09-08 A")]
    pub name: String,
    /// 96 or 384
    #[schema(example = 96)]
    pub plate: u16,
    pub wells: Vec<PlannedWell>,
    /// Lots of extraction kit, PCR mix …
    #[serde(default)]
    pub lot_ids: Vec<LotId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RunStarted {
    pub id: RunId,
}

/// Start a run with its plate map.
#[utoipa::path(
    post,
    path = "/laboratories/{id}/runs",
    tag = "laboratory",
    params(("id" = LaboratoryId, Path)),
    request_body = NewPlate,
    responses(
        (status = 201, body = RunStarted),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such laboratory in the area, or no such assay", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A tube was pooled meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Wells that do not fit, each named; nothing was started", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn start_run(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LaboratoryId>,
    Json(given): Json<NewPlate>,
) -> Result<(StatusCode, Json<RunStarted>), Refusal> {
    let (lab, scope) = laboratory_of(&app, &caller, Permission::WorkInLaboratory, id).await?;
    let new = read(&given)?;
    let run = tx!(app.db, "start_run", scope, |tx| -> Result<RunId, Refusal> {
        let started = runs::start(tx, &lab, &new, caller.account).await?;
        let run = started.map_err(|misfits| Problem::invalid(misfits.iter().map(words::misfit).collect()))?;
        let detail = json!({ "wells": new.wells.len(), "assay": new.assay });
        audited(tx, &caller, "lab.start_run", ("run", run.to_string()), lab.unit, detail).await?;
        Ok(run)
    })?;
    Ok((StatusCode::CREATED, Json(RunStarted { id: run })))
}

fn read(given: &NewPlate) -> Result<NewRun, Box<Problem>> {
    let mut errors = Vec::new();
    let mut wrong = |field: String, code, vi: String, en: String| {
        errors.push(FieldError { field, code, message: text(vi, en) });
    };
    let plate = Plate::of_size(given.plate);
    if plate.is_none() {
        wrong(
            "plate".into(),
            "plate",
            "Đĩa có 96 hoặc 384 giếng.".into(),
            "A plate has 96 or 384 wells.".into(),
        );
    }
    let name = given.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        wrong("name".into(), "required", "Ghi tên mẻ chạy.".into(), "Name the run.".into());
    }
    let mut wells = Vec::with_capacity(given.wells.len());
    for planned in &given.wells {
        let field = format!("wells[{}]", planned.well);
        let well: Well = match planned.well.parse() {
            Ok(well) => well,
            Err(error) => {
                wrong(
                    field,
                    "well",
                    format!("`{}` không phải là giếng, ví dụ A1.", planned.well),
                    format!("{error}."),
                );
                continue;
            }
        };
        let label = planned.label.as_deref().map(str::trim).filter(|l| !l.is_empty());
        let control = planned.control.as_deref().map(|c| runs::control_kind(c).ok_or(c));
        match (label, control) {
            (Some(label), None) => wells.push((well, Content::Label(label.to_owned()))),
            (None, Some(Ok(kind))) => wells.push((well, Content::Control(kind))),
            (None, Some(Err(word))) => wrong(
                field,
                "control",
                format!("Giếng {well}: không có loại chứng `{word}`."),
                format!("Well {well}: `{word}` is no control."),
            ),
            _ => wrong(
                field,
                "content",
                format!("Giếng {well}: ghi nhãn hoặc loại chứng, một trong hai."),
                format!("Well {well}: a label or a control, one of the two."),
            ),
        }
    }
    match (errors.is_empty(), plate) {
        (true, Some(plate)) => Ok(NewRun {
            assay: given.assay_id,
            name: name.to_owned(),
            plate,
            wells,
            lots: given.lot_ids.clone(),
            extraction: None,
        }),
        _ => Err(Problem::invalid(errors)),
    }
}
