//! `GET /rounds/{round}/schemes/{id}`: a pool's tree. `POST …/judgement`: the lead's word on a discordant pool.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::rounds::must_hold;
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{RoundId, RunId, SchemeId};
use greenfort_store::lab::{recall, tree};
use greenfort_store::{Scope, StoreError, campaign, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A tube of a pool and what its people are now; no names.
#[derive(Debug, Serialize, ToSchema)]
pub struct TreeTube {
    /// From 0.
    pub position: i16,
    #[schema(example = "GF00000000017")]
    pub barcode: String,
    pub donors: i16,
    /// Outcomes of its donors, each once.
    #[schema(example = json!(["held"]))]
    pub donor_outcomes: Vec<String>,
    /// People it stands for, …
    pub represented: i64,
    /// … and their outcomes, each once.
    #[schema(example = json!(["opened"]))]
    pub represented_outcomes: Vec<String>,
}

/// One well of a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct TreeReaction {
    pub run_id: RunId,
    pub run_name: String,
    #[schema(example = "A1")]
    pub well: String,
    /// None: not read yet.
    #[schema(example = "detected")]
    pub reading: Option<String>,
    pub released: bool,
    pub recalled: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// A test of the scheme: a pool, or a tube alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct TreeTest {
    pub stage: i16,
    #[schema(example = "P0A1B2C3D")]
    pub label: String,
    /// Tubes in it, by position.
    pub positions: Vec<i16>,
    /// Since when it is to be run.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    pub reactions: Vec<TreeReaction>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PoolTree {
    pub scheme_id: SchemeId,
    pub round_id: RoundId,
    #[schema(example = "D2")]
    pub algorithm: String,
    #[schema(example = "10")]
    pub design: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Everything below a detected pool read negative: the laboratory lead decides, or new swabs do.
    pub discordant: bool,
    /// Why the lead cleared it.
    pub judged: Option<String>,
    pub tubes: Vec<TreeTube>,
    /// Tests that were run or are due, stage by stage.
    pub tests: Vec<TreeTest>,
}

impl From<tree::Tree> for PoolTree {
    fn from(t: tree::Tree) -> Self {
        Self {
            scheme_id: t.scheme,
            round_id: t.round,
            algorithm: t.algorithm,
            design: t.design,
            created_at: t.created_at,
            discordant: t.tubes.iter().any(|x| x.donor_outcomes.iter().any(|o| o == "discordant")),
            judged: t.judged,
            tubes: t
                .tubes
                .into_iter()
                .map(|x| TreeTube {
                    position: x.position,
                    barcode: x.barcode,
                    donors: x.donors,
                    donor_outcomes: x.donor_outcomes,
                    represented: x.represented,
                    represented_outcomes: x.represented_outcomes,
                })
                .collect(),
            tests: t
                .tests
                .into_iter()
                .map(|x| TreeTest {
                    stage: x.stage,
                    label: x.label,
                    positions: x.positions,
                    due_at: x.due_at,
                    reactions: x
                        .reactions
                        .into_iter()
                        .map(|r| TreeReaction {
                            run_id: r.run,
                            run_name: r.run_name,
                            well: r.well,
                            reading: r.reading,
                            released: r.released,
                            recalled: r.recalled,
                            at: r.at,
                        })
                        .collect(),
                })
                .collect(),
        }
    }
}

/// A pool with its tubes and every test of it.
#[utoipa::path(
    get,
    path = "/rounds/{round}/schemes/{id}",
    tag = "laboratory",
    params(("round" = RoundId, Path), ("id" = SchemeId, Path)),
    responses(
        (status = 200, body = PoolTree),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such pool of a laboratory in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_tree(
    State(app): State<App>,
    caller: Caller,
    Path((round, id)): Path<(RoundId, SchemeId)>,
) -> Result<Json<PoolTree>, Refusal> {
    let areas = caller.area(Permission::SeeLaboratory)?;
    let scope = scope_of(&app, round).await?;
    let found = tx!(app.db, "show_tree", scope, |tx| -> Result<tree::Tree, Refusal> {
        let found = tree::tree(tx, round, id).await?;
        must_hold(tx, found.unit, &areas).await?;
        Ok(found)
    })?;
    Ok(Json(found.into()))
}

/// The round's whole province: tubes of a pool come from many hamlets, and what is answered names nobody.
async fn scope_of(app: &App, round: RoundId) -> Result<Scope, Refusal> {
    let found = tx!(app.db, "find_round", Scope::nobody(), |tx| campaign::round(tx, round).await)?;
    Ok(Scope::area([found.province]))
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct Judgement {
    /// Names nobody.
    #[schema(example = "Ct gộp 38,9; mười ống đơn đều âm tính, chạy lại lần hai")]
    pub reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Judged {
    /// People who read something new by it.
    pub changed: usize,
}

/// Clear a discordant pool, as the laboratory lead.
#[utoipa::path(
    post,
    path = "/rounds/{round}/schemes/{id}/judgement",
    tag = "laboratory",
    params(("round" = RoundId, Path), ("id" = SchemeId, Path)),
    request_body = Judgement,
    responses(
        (status = 200, body = Judged),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such pool of a laboratory in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Not discordant, or judged before", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No reason", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn judge_pool(
    State(app): State<App>,
    caller: Caller,
    Path((round, id)): Path<(RoundId, SchemeId)>,
    Json(given): Json<Judgement>,
) -> Result<Json<Judged>, Refusal> {
    let areas = caller.area(Permission::RecallResults)?;
    let scope = scope_of(&app, round).await?;
    let reason = super::reason(&given.reason)?;
    let done = tx!(app.db, "judge_pool", scope, |tx| -> Result<_, Refusal> {
        let found = tree::tree(tx, round, id).await?;
        must_hold(tx, found.unit, &areas).await?;
        let done = recall::judge(tx, round, id, &reason, caller.account).await.map_err(|e| match e {
            StoreError::Conflict(_) => Refusal::from(Problem::conflict(text(
                "Mẫu gộp này không bất nhất, hoặc đã được quyết định rồi.",
                "This pool is not discordant, or was judged before.",
            ))),
            other => other.into(),
        })?;
        let detail = json!({ "round": round, "changed": done.changed });
        audited(tx, &caller, "lab.judge_pool", ("scheme", id.to_string()), found.unit, detail).await?;
        Ok(done)
    })?;
    Ok(Json(Judged { changed: done.changed }))
}
