//! `POST /planning/advice`: a design for every commune under the laboratories' limits, with its reasons. Counts, never a
//! person; nothing is kept.

use super::answer::Advice;
use super::ask::RoundAsk;
use super::refuse;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::State;
use greenfort_domain::access::Permission;
use greenfort_kernel::UnitId;
use greenfort_pooling::advice::advise;
use greenfort_store::access::unit_ref;
use greenfort_store::{Scope, tx};

/// Advises pool sizes and plans for a round.
#[utoipa::path(
    post,
    path = "/planning/advice",
    tag = "planning",
    request_body = RoundAsk,
    responses(
        (status = 200, description = "A design for each commune, in the order asked; nothing is stored", body = Advice),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Names the field: `communes[3].pools.positive`, `limits.hours`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn advise_round(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<RoundAsk>,
) -> Result<Json<Advice>, Refusal> {
    let areas = caller.area(Permission::PlanRounds)?;
    let mut wrong = refuse::rows(&given);
    let units: Vec<UnitId> = given.communes.iter().map(|c| c.unit_id).collect();
    let known = tx!(app.db, "advise_round", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let inside = unit_ref::inside(tx, &units, &areas).await?;
        Ok((unit_ref::by_ids(tx, units.iter().copied()).await?, inside))
    })?;
    let (names, inside) = known;
    for (row, unit) in units.iter().enumerate() {
        let mine = areas.iter().any(|a| inside.holds(*unit, *a));
        wrong.extend(refuse::unit(row, names.get(unit).filter(|_| mine)));
    }
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong).into());
    }
    let name = |unit: &UnitId| names.get(unit).map(|u| u.name.clone()).unwrap_or_default();
    let ask = given.ask(&units.iter().map(name).collect::<Vec<_>>()).map_err(|e| refuse::maths(&e))?;
    // Some ten milliseconds of arithmetic for a province: not on a thread that answers others.
    let worked = tokio::task::spawn_blocking(move || advise(&ask).map(|advice| (advice, ask))).await;
    let (advice, ask) = match worked {
        Ok(result) => result.map_err(|e| refuse::maths(&e))?,
        Err(error) => {
            tracing::error!(%error, "planning stopped");
            return Err(Problem::internal().into());
        }
    };
    Ok(Json(Advice::of(advice, &ask, &units)))
}
