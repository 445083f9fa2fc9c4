//! `POST /laboratories/{id}/recalls`: results taken back (thu hồi kết quả).

use super::{audited, laboratory_of};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{LaboratoryId, LotId, RecallId, RunId};
use greenfort_store::lab::recall::{self, Recalled, Scope};
use greenfort_store::lab::{readings, runs};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewRecall {
    /// The run; with `well`, only what that well read so far.
    #[serde(default)]
    pub run_id: Option<RunId>,
    #[serde(default)]
    #[schema(example = "A1")]
    pub well: Option<String>,
    /// A lot: every run it was used in, of all laboratories of the province, and tubes of a lot of swabs or medium.
    #[serde(default)]
    pub lot_id: Option<LotId>,
    /// Names nobody.
    #[schema(example = "Lô kit sai nhiệt độ bảo quản")]
    pub reason: String,
}

/// What a recall did.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecallDone {
    pub id: RecallId,
    /// Readings that count no more.
    pub readings: usize,
    /// People derived again, …
    pub people: usize,
    /// … of whom this many read something new …
    pub changed: usize,
    /// … and so many lost what a pass rested on.
    pub taken_back: usize,
}

impl From<Recalled> for RecallDone {
    fn from(r: Recalled) -> Self {
        Self {
            id: r.id,
            readings: r.readings,
            people: r.concluded.people,
            changed: r.concluded.changed,
            taken_back: r.concluded.taken_back,
        }
    }
}

/// Take back a reading, a run or a lot; everything that rested on it is derived again in the same transaction.
#[utoipa::path(
    post,
    path = "/laboratories/{id}/recalls",
    tag = "laboratory",
    params(("id" = LaboratoryId, Path)),
    request_body = NewRecall,
    responses(
        (status = 201, body = RecallDone),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such laboratory in the area; no such run of it, released well or lot", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Neither a run nor a lot, or no reason", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn recall_results(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LaboratoryId>,
    Json(given): Json<NewRecall>,
) -> Result<(StatusCode, Json<RecallDone>), Refusal> {
    let (lab, scope) = laboratory_of(&app, &caller, Permission::RecallResults, id).await?;
    let reason = super::reason(&given.reason)?;
    let done = tx!(app.db, "recall_results", scope, |tx| -> Result<Recalled, Refusal> {
        let what = match (given.run_id, given.lot_id) {
            (Some(run), None) => {
                let row = runs::find(tx, run).await?;
                if row.laboratory != Some(lab.id) {
                    return Err(Problem::not_found().into());
                }
                match given.well.as_deref().map(str::trim) {
                    None => Scope::Run(run),
                    Some(well) => {
                        let sheet = readings::sheet(tx, row).await?;
                        let sample = sheet.samples.iter().find(|s| s.well.eq_ignore_ascii_case(well));
                        let sample = sample.ok_or_else(Problem::not_found)?;
                        Scope::Reading { round: sample.round, reaction: sample.reaction }
                    }
                }
            }
            (None, Some(lot)) => Scope::Lot(lot),
            _ => return Err(neither().into()),
        };
        let done = recall::recall(tx, lab.province, what, &reason, caller.account).await?;
        let detail = json!({
            "run": given.run_id, "well": given.well, "lot": given.lot_id, "readings": done.readings,
            "changed": done.concluded.changed,
        });
        audited(tx, &caller, "lab.recall", ("recall", done.id.to_string()), lab.unit, detail).await?;
        Ok(done)
    })?;
    Ok((StatusCode::CREATED, Json(done.into())))
}

fn neither() -> Box<Problem> {
    Problem::field(
        "run_id",
        "required",
        text("Chọn một mẻ chạy hoặc một lô.", "Choose a run or a lot, one of the two."),
    )
}
