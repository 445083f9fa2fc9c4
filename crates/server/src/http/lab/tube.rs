//! `GET /laboratories/{id}/tubes/{barcode}`: the life of a tube.

use super::laboratory_of;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{LaboratoryId, RoundId, SchemeId, SpecimenId};
use greenfort_store::lab::tube::{self, Life};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened to a tube.
#[derive(Debug, Serialize, ToSchema)]
pub struct TubeStep {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `swabbed`, `voided`, `received`, `rejected`, `lost`, `pooled`, `run`, `read`, `released` or `recalled`
    #[schema(example = "received")]
    pub what: String,
    /// Laboratory, label, run and well, or reading.
    #[schema(example = "2021-09-08 A · A1")]
    pub detail: Option<String>,
    pub scheme_id: Option<SchemeId>,
}

/// A tube, without a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct TubeLife {
    pub specimen_id: SpecimenId,
    pub round_id: RoundId,
    #[schema(example = "GF00000000017")]
    pub barcode: String,
    /// People whose swabs are in it.
    pub donors: i16,
    /// Several swabs in one tube: nothing of one person remains, a positive means a new swab.
    pub swab_pool: bool,
    /// Hamlet where it was taken.
    #[schema(example = "Ấp 3")]
    pub unit_name: String,
    /// What is doubtful about it.
    #[schema(example = json!(["tube_twice"]))]
    pub flags: Vec<String>,
    /// Conclusions may rest on it.
    pub sound: bool,
    /// Taken back by its sampler.
    pub voided: bool,
    /// Oldest first.
    pub steps: Vec<TubeStep>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TubeLives {
    /// More than one where two lists claim the tube.
    pub items: Vec<TubeLife>,
}

/// The life of a tube, from the swab to what it said.
#[utoipa::path(
    get,
    path = "/laboratories/{id}/tubes/{barcode}",
    tag = "laboratory",
    params(("id" = LaboratoryId, Path), ("barcode" = String, Path, example = "GF00000000017")),
    responses(
        (status = 200, body = TubeLives),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such laboratory in the area, or no such tube in its province", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_tube(
    State(app): State<App>,
    caller: Caller,
    Path((id, barcode)): Path<(LaboratoryId, String)>,
) -> Result<Json<TubeLives>, Refusal> {
    let (lab, scope) = laboratory_of(&app, &caller, Permission::SeeLaboratory, id).await?;
    let lives = tx!(app.db, "show_tube", scope, |tx| tube::lives(tx, &lab, barcode.trim()).await)?;
    if lives.is_empty() {
        return Err(Problem::not_found().into());
    }
    Ok(Json(TubeLives { items: lives.into_iter().map(Into::into).collect() }))
}

impl From<Life> for TubeLife {
    fn from(life: Life) -> Self {
        Self {
            specimen_id: life.specimen,
            round_id: life.round,
            barcode: life.barcode,
            donors: life.donors,
            swab_pool: life.swab_pool,
            unit_name: life.unit_name,
            flags: life.flags,
            sound: life.sound,
            voided: life.voided,
            steps: life
                .steps
                .into_iter()
                .map(|s| TubeStep { at: s.at, what: s.what, detail: s.detail, scheme_id: s.scheme })
                .collect(),
        }
    }
}
