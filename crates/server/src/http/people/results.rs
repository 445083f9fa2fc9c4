//! `GET /people/{id}/results`: what was ever concluded of a person.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{OutcomeKind, PersonId, ReachKind, RoundId};
use greenfort_store::conclusions::history::{self, Entry};
use greenfort_store::registry::person;
use greenfort_store::tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// One version of what was known of a person in a round.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultLine {
    pub round_id: RoundId,
    /// None: outside a round ("ngoài vòng").
    pub round_number: Option<i32>,
    #[schema(example = "Chiến dịch tháng 9")]
    pub campaign: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub round_starts_at: Timestamp,
    /// Counts up from 1; 0: nothing concluded yet.
    pub version: i32,
    /// The newest of its round; older ones stay in the history.
    pub current: bool,
    pub reach: ReachKind,
    pub outcome: OutcomeKind,
    /// Why a negative opens no pass for now: `unverified`, `time_in_doubt` or `contact`
    pub withheld: Option<String>,
    pub clears: bool,
    /// `tested`, `tested_in_pool` or `represented`; the represented are never called tested.
    #[schema(example = "represented")]
    pub basis: Option<String>,
    #[schema(example = "GF00000000017")]
    pub barcode: Option<String>,
    #[schema(example = "pcr")]
    pub method: Option<String>,
    pub kit: Option<String>,
    /// When the deciding swab was taken; for `opened`: only a swab after it answers.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sampled_at: Option<Timestamp>,
    /// A swab from then on may answer.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub repeat_from: Option<Timestamp>,
    /// Discordant: chance of infection in millionths.
    pub posterior: Option<i32>,
    /// Positive again soon after recovery.
    pub again: Option<bool>,
    /// Unresolved: what it was when the round closed.
    pub was: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Results {
    /// Newest round first, newest version first.
    pub items: Vec<ResultLine>,
}

/// Everything ever concluded of a person, back to the first round.
#[utoipa::path(
    get,
    path = "/people/{id}/results",
    tag = "people",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, body = Results),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_results(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Json<Results>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let entries = tx!(app.db, "list_results", scope, |tx| -> Result<Vec<Entry>, Refusal> {
        let record = person::get(tx, id).await?;
        audited(tx, &caller, "results.read", id, record.unit, serde_json::json!({})).await?;
        Ok(history::of_person(tx, id).await?)
    })?;
    let items: Result<Vec<ResultLine>, String> = entries.into_iter().map(line).collect();
    let items = items.map_err(greenfort_store::StoreError::Inconsistent)?;
    Ok(Json(Results { items }))
}

fn line(e: Entry) -> Result<ResultLine, String> {
    Ok(ResultLine {
        round_id: e.round,
        round_number: e.number,
        campaign: e.campaign,
        round_starts_at: e.starts_at,
        version: e.version,
        current: e.current,
        reach: e.reach.parse()?,
        outcome: e.outcome.parse()?,
        withheld: e.withheld,
        clears: e.clears,
        basis: e.basis,
        barcode: e.barcode,
        method: e.method,
        kit: e.kit,
        sampled_at: e.sampled_at,
        repeat_from: e.repeat_from,
        posterior: e.posterior,
        again: e.again,
        was: e.was,
        at: e.at,
    })
}
