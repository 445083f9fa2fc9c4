//! `GET /rounds/{id}/plan`, `POST /rounds/{id}/plan`: what a round does in each hamlet of a unit.

use super::{must_hold, round_in};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{AssayId, LaboratoryId, RoundId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::campaign::plan::{self, PlanRow, Wish};
use greenfort_store::campaign::subjects::{self, Planned};
use greenfort_store::{Scope, tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// The rule that chooses representatives.
const RULE: &str = "household-representatives";
/// A commune has some dozen hamlets; a district is planned commune by commune, with progress.
const MOST_HAMLETS: usize = 60;

/// Who is swabbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    Everyone,
    HouseholdRepresentatives,
}

/// Where swabs are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    None,
    /// Several swabs in one tube at the site: no own material remains.
    Swab,
    /// Tubes are pooled in the laboratory and remain.
    Media,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPlan {
    /// A hamlet, or a commune with all its hamlets.
    pub unit_id: UnitId,
    pub whom: Whom,
    pub assay_id: AssayId,
    #[schema(minimum = 1, maximum = 50, example = 10)]
    pub pool_size: i16,
    pub pooling: Pooling,
    #[serde(default)]
    pub laboratory_id: Option<LaboratoryId>,
}

/// What planning gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanOutcome {
    pub hamlets: usize,
    pub people: usize,
    pub households: usize,
    /// People to be swabbed.
    pub swabs: usize,
    pub represented: usize,
    pub exempt: usize,
    /// Households where a rule had to be left; each says why on its list.
    pub warnings: usize,
}

/// Plan a round: what it does in each hamlet of a unit.
#[utoipa::path(
    post,
    path = "/rounds/{id}/plan",
    tag = "rounds",
    params(("id" = RoundId, Path)),
    request_body = NewPlan,
    responses(
        (status = 200, description = "Planned; planning again replaces what was planned", body = PlanOutcome),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round or unit in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn plan_round(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
    Json(given): Json<NewPlan>,
) -> Result<Json<PlanOutcome>, Refusal> {
    let areas = caller.area(Permission::PlanRounds)?;
    let wish = wish(&given)?;
    let scope = Scope::area(areas.iter().copied());
    let outcome = tx!(app.db, "plan_round", scope, |tx| -> Result<PlanOutcome, Refusal> {
        let round = round_in(tx, id, &areas).await?;
        must_hold(tx, given.unit_id, &areas).await?;
        must_hold(tx, given.unit_id, &[round.unit]).await?;
        if round.closed_at.is_some() {
            return Err(Problem::conflict(text("Vòng này đã đóng.", "This round is closed.")).into());
        }
        let hamlets = plan::hamlets(tx, given.unit_id).await?;
        if hamlets.is_empty() || hamlets.len() > MOST_HAMLETS {
            return Err(too_many(hamlets.len()).into());
        }
        let rule = plan::rule_in_force(tx, RULE).await?;
        plan::save(tx, &round, &hamlets, &wish, &rule, caller.account).await?;
        let everyone = given.whom == Whom::Everyone;
        let planned = subjects::expect(tx, &round, &hamlets, everyone, &rule).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "campaign.plan",
            object_kind: "round",
            object_id: id.to_string(),
            unit: Some(given.unit_id),
            detail: json!({ "hamlets": hamlets.len(), "people": planned.people, "swabs": planned.swabs }),
        };
        record(tx, entry).await?;
        Ok(outcome(hamlets.len(), planned))
    })?;
    Ok(Json(outcome))
}

fn outcome(hamlets: usize, planned: Planned) -> PlanOutcome {
    PlanOutcome {
        hamlets,
        people: planned.people,
        households: planned.households,
        swabs: planned.swabs,
        represented: planned.represented,
        exempt: planned.exempt,
        warnings: planned.warnings,
    }
}

fn wish(given: &NewPlan) -> Result<Wish, Box<Problem>> {
    if !(1..=50).contains(&given.pool_size) || (given.pooling == Pooling::None) != (given.pool_size == 1) {
        return Err(Problem::field(
            "pool_size",
            "pool-size",
            text(
                "Không gộp thì cỡ gộp là 1; có gộp thì từ 2 đến 50.",
                "Without pooling the size is 1; with pooling it lies between 2 and 50.",
            ),
        ));
    }
    Ok(Wish {
        whom: match given.whom {
            Whom::Everyone => "everyone",
            Whom::HouseholdRepresentatives => "household_representatives",
        },
        assay: given.assay_id,
        pool_size: given.pool_size,
        pooling: match given.pooling {
            Pooling::None => "none",
            Pooling::Swab => "swab",
            Pooling::Media => "media",
        },
        laboratory: given.laboratory_id,
    })
}

fn too_many(hamlets: usize) -> Box<Problem> {
    Problem::field(
        "unit_id",
        "hamlets",
        text(
            format!(
                "Chọn một xã hoặc một ấp: nơi này có {hamlets} ấp, mỗi lần lập được từ 1 đến {MOST_HAMLETS}."
            ),
            format!(
                "Choose a commune or a hamlet: this has {hamlets} hamlets, 1 to {MOST_HAMLETS} are planned at a time."
            ),
        ),
    )
}

/// What a round does in a hamlet.
#[derive(Debug, Serialize, ToSchema)]
pub struct HamletPlan {
    pub unit_id: UnitId,
    #[schema(example = "Ấp Phước Thạnh")]
    pub unit_name: String,
    /// `everyone`, `household_representatives` or `group_representatives`
    pub whom: String,
    pub assay_id: AssayId,
    pub kit: String,
    pub method: String,
    pub pool_size: i16,
    /// `none`, `swab` or `media`
    pub pooling: String,
    /// Kept from round to round, so that no pass ends before the next swab.
    pub hamlet_order: i32,
    pub laboratory_id: Option<LaboratoryId>,
    pub version: i32,
}

impl From<PlanRow> for HamletPlan {
    fn from(p: PlanRow) -> Self {
        Self {
            unit_id: p.unit,
            unit_name: p.unit_name,
            whom: p.whom,
            assay_id: p.assay,
            kit: p.assay_kit,
            method: p.method,
            pool_size: p.pool_size,
            pooling: p.pooling,
            hamlet_order: p.hamlet_order,
            laboratory_id: p.laboratory,
            version: p.version,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Plan {
    /// In the order of the hamlets.
    pub items: Vec<HamletPlan>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitQuery {
    pub unit: UnitId,
}

/// What a round does in each hamlet of a unit.
#[utoipa::path(
    get,
    path = "/rounds/{id}/plan",
    tag = "rounds",
    params(("id" = RoundId, Path), UnitQuery),
    responses(
        (status = 200, description = "Planned hamlets of the unit; none: not planned yet", body = Plan),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round or unit in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_plan(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
    Query(query): Query<UnitQuery>,
) -> Result<Json<Plan>, Refusal> {
    let areas = caller.area(Permission::SeeRounds)?;
    let rows = tx!(app.db, "list_plan", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let round = round_in(tx, id, &areas).await?;
        must_hold(tx, query.unit, &areas).await?;
        Ok(plan::list(tx, &round, query.unit).await?)
    })?;
    Ok(Json(Plan { items: rows.into_iter().map(Into::into).collect() }))
}
