//! `GET /rounds/{id}/problems`, `POST /rounds/{id}/problems/{intake}/settle`: what phones reported that cannot be so.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::rounds::{UnitQuery, must_hold, round_in};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{IntakeId, PersonId, RoundId, SpecimenId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::sampling::problems::{self, Named};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct NamedPerson {
    pub person_id: PersonId,
    #[schema(example = "Nguyễn Thị Bích Ngọc")]
    pub name: String,
    pub birth_year: i16,
}

impl From<Named> for NamedPerson {
    fn from(n: Named) -> Self {
        Self { person_id: n.person, name: n.name, birth_year: n.birth_year }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct IntakeProblem {
    /// Word of the problem.
    #[schema(example = "tube_twice")]
    pub code: String,
    /// Whom it is about.
    pub person: Option<NamedPerson>,
}

/// An event that somebody has to look at. It is kept; nothing is concluded from its specimen meanwhile.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoubtedEvent {
    pub intake_id: IntakeId,
    /// `collected`, `sheet`, `voided`, `visited` or `cassette_read`
    #[schema(example = "collected")]
    pub kind: String,
    #[schema(example = "GF0000000014")]
    pub barcode: Option<String>,
    pub specimen_id: Option<SpecimenId>,
    /// Label of the device.
    #[schema(example = "Giao Long 03")]
    pub device: String,
    /// By the device's corrected clock.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub found_at: Timestamp,
    pub problems: Vec<IntakeProblem>,
    /// Whose swabs the tube holds.
    pub donors: Vec<NamedPerson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DoubtedEvents {
    /// The oldest first; at most 300.
    pub items: Vec<DoubtedEvent>,
}

/// What phones reported that cannot be so, open still. Every reading is in the audit log.
#[utoipa::path(
    get,
    path = "/rounds/{id}/problems",
    tag = "sampling",
    params(("id" = RoundId, Path), UnitQuery),
    responses(
        (status = 200, body = DoubtedEvents),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round or unit in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_problems(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
    Query(query): Query<UnitQuery>,
) -> Result<Json<DoubtedEvents>, Refusal> {
    let scope = caller.scope(Permission::SettleIntake)?;
    let rows = tx!(app.db, "list_problems", scope, |tx| -> Result<_, Refusal> {
        let round = round_in(tx, id, &scope.area).await?;
        must_hold(tx, query.unit, &scope.area).await?;
        let rows = problems::open(tx, &round, query.unit).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "sampling.list_problems",
            object_kind: "person",
            object_id: "list".to_owned(),
            unit: Some(query.unit),
            detail: json!({ "round": id, "shown": rows.len() }),
        };
        record(tx, entry).await?;
        Ok(rows)
    })?;
    let items = rows
        .into_iter()
        .map(|r| DoubtedEvent {
            intake_id: r.intake,
            kind: r.kind,
            barcode: r.barcode,
            specimen_id: r.specimen,
            device: r.device,
            occurred_at: r.occurred_at,
            found_at: r.found_at,
            problems: r
                .codes
                .into_iter()
                .map(|(code, person)| IntakeProblem { code, person: person.map(Into::into) })
                .collect(),
            donors: r.donors.into_iter().map(Into::into).collect(),
        })
        .collect();
    Ok(Json(DoubtedEvents { items }))
}

/// What the site lead found.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Settlement {
    /// `right_as_recorded`, `time_confirmed` (whoever took the swab was asked) or `paper_compared`
    #[schema(example = "time_confirmed")]
    pub decision: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Settled {
    /// Words of what was open.
    #[schema(example = json!(["clock_changed"]))]
    pub problems: Vec<String>,
}

const DECISIONS: [&str; 3] = ["right_as_recorded", "time_confirmed", "paper_compared"];

/// Somebody has looked: what was recorded stands, and conclusions may rest on its specimen.
#[utoipa::path(
    post,
    path = "/rounds/{id}/problems/{intake}/settle",
    tag = "sampling",
    params(("id" = RoundId, Path), ("intake" = IntakeId, Path)),
    request_body = Settlement,
    responses(
        (status = 200, body = Settled),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nothing is open about such an event in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No such decision", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn settle_problems(
    State(app): State<App>,
    caller: Caller,
    Path((id, intake)): Path<(RoundId, IntakeId)>,
    Json(given): Json<Settlement>,
) -> Result<Json<Settled>, Refusal> {
    let scope = caller.scope(Permission::SettleIntake)?;
    if !DECISIONS.contains(&given.decision.as_str()) {
        return Err(Problem::field(
            "decision",
            "word",
            text(
                format!("Chọn một trong: {}.", DECISIONS.join(", ")),
                format!("Choose one of: {}.", DECISIONS.join(", ")),
            ),
        )
        .into());
    }
    let problems = tx!(app.db, "settle_problems", scope, |tx| -> Result<_, Refusal> {
        let round = round_in(tx, id, &scope.area).await?;
        let problems = problems::settle(tx, &round, intake, &given.decision, caller.account).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "sampling.settle_problems",
            object_kind: "intake",
            object_id: intake.to_string(),
            unit: scope.area.first().copied(),
            detail: json!({ "round": id, "decision": given.decision, "problems": problems }),
        };
        record(tx, entry).await?;
        Ok(problems)
    })?;
    Ok(Json(Settled { problems }))
}
