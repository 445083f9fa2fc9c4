//! `GET /rounds/{id}/progress`: how far the round got, by hamlet; counts only.

use super::plan::UnitQuery;
use super::{must_hold, round_in};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{RoundId, UnitId};
use greenfort_store::sampling::lists;
use greenfort_store::{Scope, tx};
use serde::Serialize;
use utoipa::ToSchema;

/// People of a hamlet, each counted once: expected = the sum of the others but the tubes.
#[derive(Debug, Serialize, ToSchema)]
pub struct HamletProgress {
    pub unit_id: UnitId,
    #[schema(example = "Ấp Phước Thạnh")]
    pub unit_name: String,
    pub expected: i64,
    pub collected: i64,
    pub represented: i64,
    pub absent: i64,
    pub refused: i64,
    pub exempt: i64,
    pub removed: i64,
    pub not_yet_reached: i64,
    /// Live tubes taken there.
    pub tubes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Progress {
    /// In the order of the hamlets.
    pub items: Vec<HamletProgress>,
}

/// How far the round got, by hamlet; counts only.
#[utoipa::path(
    get,
    path = "/rounds/{id}/progress",
    tag = "rounds",
    params(("id" = RoundId, Path), UnitQuery),
    responses(
        (status = 200, body = Progress),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such round or unit in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_progress(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RoundId>,
    Query(query): Query<UnitQuery>,
) -> Result<Json<Progress>, Refusal> {
    let areas = caller.area(Permission::SeeRounds)?;
    let scope = Scope::area(areas.iter().copied());
    let rows = tx!(app.db, "show_progress", scope, |tx| -> Result<_, Refusal> {
        let round = round_in(tx, id, &areas).await?;
        must_hold(tx, query.unit, &areas).await?;
        Ok(lists::progress(tx, &round, query.unit).await?)
    })?;
    let items = rows
        .into_iter()
        .map(|p| HamletProgress {
            unit_id: p.unit,
            unit_name: p.unit_name,
            expected: p.expected,
            collected: p.collected,
            represented: p.represented,
            absent: p.absent,
            refused: p.refused,
            exempt: p.exempt,
            removed: p.removed,
            not_yet_reached: p.not_yet_reached,
            tubes: p.tubes,
        })
        .collect();
    Ok(Json(Progress { items }))
}
