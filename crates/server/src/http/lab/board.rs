//! `GET /laboratories/{id}/board`: what is to be done today, oldest first.

use super::laboratory_of;
use super::runs::RunItem;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{LaboratoryId, RoundId, SchemeId};
use greenfort_store::lab::{board, rules, runs};
use greenfort_store::tx;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A received tube in no pool.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedTube {
    #[schema(example = "GF00000000017")]
    pub barcode: String,
    /// People whose swabs are in it.
    pub donors: i16,
    #[schema(value_type = String, format = DateTime)]
    pub sampled_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
}

/// A pool or tube to be run.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuePool {
    pub round_id: RoundId,
    pub scheme_id: SchemeId,
    #[schema(example = "P0A1B2C3D")]
    pub label: String,
    /// 0: first test; above: taken apart or repeated.
    pub stage: i16,
    /// Tubes in it.
    pub tubes: i32,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
}

/// A tube without a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParkedTube {
    #[schema(example = "X-204")]
    pub barcode: String,
    /// Without a list by then its people are swabbed again.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LaboratoryBoard {
    pub received: i64,
    pub waiting: i64,
    pub retest: i64,
    /// On lists, sent, and not seen here in time.
    pub missing: i64,
    pub parked: i64,
    /// At most 500, oldest swab first.
    pub received_tubes: Vec<ReceivedTube>,
    /// At most 500, retests first, then oldest.
    pub due: Vec<DuePool>,
    pub parked_tubes: Vec<ParkedTube>,
    /// Runs of the last three days, newest first.
    pub runs: Vec<RunItem>,
}

/// The board of the day.
#[utoipa::path(
    get,
    path = "/laboratories/{id}/board",
    tag = "laboratory",
    params(("id" = LaboratoryId, Path)),
    responses(
        (status = 200, body = LaboratoryBoard),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such laboratory in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_board(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LaboratoryId>,
) -> Result<Json<LaboratoryBoard>, Refusal> {
    let (lab, scope) = laboratory_of(&app, &caller, Permission::SeeLaboratory, id).await?;
    let now = app.world().now();
    let board = tx!(app.db, "show_board", scope, |tx| -> Result<LaboratoryBoard, Refusal> {
        let missing_since = now - rules::clocks(tx).await?.missing_due();
        let counts = board::counts(tx, &lab, missing_since).await?;
        let tubes = board::received(tx, &lab).await?;
        let due = board::due(tx, &lab).await?;
        let parked = board::parked(tx, &lab).await?;
        let runs = runs::list(tx, Some(lab.id), None, now - SignedDuration::from_hours(72)).await?;
        Ok(LaboratoryBoard {
            received: counts.received,
            waiting: counts.waiting,
            retest: counts.retest,
            missing: counts.missing,
            parked: counts.parked,
            received_tubes: tubes
                .into_iter()
                .map(|t| ReceivedTube {
                    barcode: t.barcode,
                    donors: t.donors,
                    sampled_at: t.sampled_at,
                    received_at: t.received_at,
                })
                .collect(),
            due: due
                .into_iter()
                .map(|p| DuePool {
                    round_id: p.round,
                    scheme_id: p.scheme,
                    label: p.label,
                    stage: p.stage,
                    tubes: p.tubes,
                    due_at: p.due_at,
                })
                .collect(),
            parked_tubes: parked
                .into_iter()
                .map(|(barcode, due_at)| ParkedTube { barcode, due_at })
                .collect(),
            runs: runs.into_iter().map(RunItem::from).collect(),
        })
    })?;
    Ok(Json(board))
}
