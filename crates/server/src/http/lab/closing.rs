//! `GET /rounds/{id}/closing`, `POST /rounds/{id}/closing`: what a closing says, and the closing itself.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::rounds::round_in;
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{RoundId, UnitId};
use greenfort_store::access::unit_ref;
use greenfort_store::conclusions::closing::{self, Closed, Record};
use greenfort_store::{Scope, StoreError, tx};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// People of a hamlet by reach and outcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosingCell {
    pub unit_id: UnitId,
    #[schema(example = "Ấp 3")]
    pub unit_name: String,
    #[schema(example = "collected")]
    pub reach: String,
    #[schema(example = "negative_pooled")]
    pub outcome: String,
    pub persons: i64,
}

/// Tubes of a hamlet from which nothing was released.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenTubes {
    pub unit_id: UnitId,
    #[schema(example = "Ấp 3")]
    pub unit_name: String,
    /// `not_arrived`: no laboratory has seen them, closing declares them lost; `waiting`: for a result
    #[schema(example = "waiting")]
    pub stands: String,
    pub tubes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Closing {
    /// On the list, and added on the spot.
    pub expected: i64,
    pub removed: i64,
    /// Sum over all reaches and outcomes without the removed.
    pub counted: i64,
    /// expected − removed = counted; a round that does not add up is not closed.
    pub adds_up: bool,
    pub cells: Vec<ClosingCell>,
    pub open_tubes: Vec<OpenTubes>,
    /// None: still open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// SHA-256 of the record, in the audit trail too.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: Option<String>,
}

impl Closing {
    fn of(record: Record, closed: Option<(Timestamp, Vec<u8>)>) -> Self {
        let (closed_at, sha256) = closed.map(|(at, hash)| (at, hex::encode(hash))).unzip();
        Self {
            expected: record.expected,
            removed: record.removed,
            counted: record.counted,
            adds_up: record.adds_up(),
            cells: record
                .cells
                .into_iter()
                .map(|c| ClosingCell {
                    unit_id: c.unit,
                    unit_name: c.unit_name,
                    reach: c.reach,
                    outcome: c.outcome,
                    persons: c.persons,
                })
                .collect(),
            open_tubes: record
                .open_tubes
                .into_iter()
                .map(|t| OpenTubes {
                    unit_id: t.unit,
                    unit_name: t.unit_name,
                    stands: t.stands,
                    tubes: t.tubes,
                })
                .collect(),
            closed_at,
            sha256,
        }
    }
}

/// What closing the round would say now, or what it said.
#[utoipa::path(
    get,
    path = "/rounds/{id}/closing",
    tag = "rounds",
    params(("id" = RoundId, Path)),
    responses(
        (status = 200, body = Closing),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round whose area the caller answers for", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_closing(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
) -> Result<Json<Closing>, Refusal> {
    let areas = caller.area(Permission::PlanRounds)?;
    let scope = scope_of(&app, id, &areas).await?;
    let closing = tx!(app.db, "show_closing", scope, |tx| -> Result<Closing, Refusal> {
        let round = round_in(tx, id, &areas).await?;
        Ok(match closing::find(tx, &round).await? {
            Some(closed) => Closing::of(closed.record, Some((closed.at, closed.sha256))),
            None => Closing::of(closing::preview(tx, &round).await?, None),
        })
    })?;
    Ok(Json(closing))
}

/// The round's province, for who answers for the whole of the round: a commune does not close a province's.
async fn scope_of(app: &App, id: RoundId, areas: &[UnitId]) -> Result<Scope, Refusal> {
    let round = tx!(app.db, "find_round", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let round = round_in(tx, id, areas).await?;
        let inside = unit_ref::inside(tx, &[round.unit], areas).await?;
        let answers = areas.iter().any(|a| inside.holds(round.unit, *a));
        if answers { Ok(round) } else { Err(Problem::not_found().into()) }
    })?;
    Ok(Scope::area([round.province]))
}

/// Close the round: tubes nobody has seen are lost, what nothing will settle any more is unresolved, the record is kept.
#[utoipa::path(
    post,
    path = "/rounds/{id}/closing",
    tag = "rounds",
    params(("id" = RoundId, Path)),
    responses(
        (status = 200, body = Closing),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round whose area the caller answers for", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Closed before", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn close_round(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
) -> Result<Json<Closing>, Refusal> {
    // A program never signs.
    caller.session()?;
    let areas = caller.area(Permission::PlanRounds)?;
    let scope = scope_of(&app, id, &areas).await?;
    let closed = tx!(app.db, "close_round", scope, |tx| -> Result<Closed, Refusal> {
        let round = round_in(tx, id, &areas).await?;
        let (closed, concluded) = closing::close(tx, &round, caller.account).await.map_err(|e| match e {
            StoreError::Conflict(_) => Refusal::from(Problem::conflict(text(
                "Vòng này đã chốt rồi.",
                "This round was closed before.",
            ))),
            other => other.into(),
        })?;
        let detail = json!({ "sha256": hex::encode(&closed.sha256), "changed": concluded.changed });
        audited(tx, &caller, "campaign.close_round", ("round", id.to_string()), round.unit, detail).await?;
        Ok(closed)
    })?;
    Ok(Json(Closing::of(closed.record, Some((closed.at, closed.sha256)))))
}
