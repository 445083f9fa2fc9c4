//! `GET /units/{id}`: one unit with the units above it and those that took over from it.

use super::list::Unit;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{UnitId, UnitLevel};
use greenfort_store::units::{self, UnitName};
use greenfort_store::{Scope, StoreError, tx};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A unit with its place in the tree.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitInTree {
    #[serde(flatten)]
    pub unit: Unit,
    /// From the top down.
    pub path: Vec<UnitRef>,
    /// Units that took over when this one was abolished.
    pub successors: Vec<UnitRef>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UnitRef {
    pub id: UnitId,
    #[schema(example = "28789")]
    pub code: String,
    #[schema(example = "Xã An Phước")]
    pub name: String,
    pub level: UnitLevel,
}

impl TryFrom<UnitName> for UnitRef {
    type Error = StoreError;

    fn try_from(unit: UnitName) -> Result<Self, StoreError> {
        let level = unit.level.parse().map_err(StoreError::Inconsistent)?;
        Ok(Self { id: UnitId(unit.id), code: unit.code, name: unit.name, level })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnQuery {
    /// Date whose tree is meant; today unless told.
    #[param(value_type = Option<String>, format = Date, example = "2021-09-10")]
    pub on: Option<Date>,
}

/// One unit with the units above it and those that took over from it.
#[utoipa::path(
    get,
    path = "/units/{id}",
    tag = "units",
    params(("id" = UnitId, Path), OnQuery),
    responses(
        (status = 200, body = UnitInTree),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit on that date", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_unit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UnitId>,
    Query(query): Query<OnQuery>,
) -> Result<Json<UnitInTree>, Refusal> {
    caller.must(Permission::SeeUnits)?;
    let on = query.on.unwrap_or_else(|| app.world().today());
    let (unit, path, successors) =
        tx!(app.db, "show_unit", Scope::nobody(), |tx| -> Result<_, StoreError> {
            Ok((
                units::find(tx, id.0, on).await?,
                units::path(tx, id.0, on).await?,
                units::successors(tx, id.0).await?,
            ))
        })?;
    let refs = |list: Vec<UnitName>| list.into_iter().map(UnitRef::try_from).collect::<Result<Vec<_>, _>>();
    Ok(Json(UnitInTree { unit: unit.try_into()?, path: refs(path)?, successors: refs(successors)? }))
}
