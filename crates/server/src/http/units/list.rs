//! `GET /units`: the tree of a date, level by level or by name.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{UnitId, UnitLevel, text};
use greenfort_store::units::{self, UnitFilter, UnitRow};
use greenfort_store::{Scope, StoreError, tx};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A unit as it stood on the date asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unit {
    pub id: UnitId,
    #[schema(example = "28789")]
    pub code: String,
    #[schema(example = "Xã An Phước")]
    pub name: String,
    #[schema(example = "xa")]
    pub kind: String,
    pub level: UnitLevel,
    pub parent_id: Option<UnitId>,
    #[schema(value_type = String, format = Date)]
    pub valid_from: Date,
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Date>,
    /// Degrees, WGS 84, approximate.
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub area_km2: Option<f64>,
    pub child_count: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitQuery {
    /// Date whose tree is meant; today unless told.
    #[param(value_type = Option<String>, format = Date, example = "2021-09-10")]
    on: Option<Date>,
    parent: Option<UnitId>,
    level: Option<UnitLevel>,
    /// Part of a name; diacritics do not matter.
    q: Option<String>,
    /// True: only units of the caller's own areas.
    #[serde(default)]
    own: bool,
}

/// The tree of a date, level by level or by name.
#[utoipa::path(
    get,
    path = "/units",
    tag = "units",
    params(UnitQuery, PageQuery),
    responses(
        (status = 200, description = "Units of that date, by code", body = Page<Unit>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Role without units", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_units(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<UnitQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Unit>>, Refusal> {
    caller.must(Permission::SeeUnits)?;
    let on = query.on.unwrap_or_else(|| app.world().today());
    let filter = UnitFilter {
        parent: query.parent.map(|u| u.0),
        level: query.level.map(|l| l.as_str().to_owned()),
        query: query.q.as_deref().map(text::fold).filter(|q| !q.is_empty()),
        inside: query.own.then(|| caller.areas()),
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_units", Scope::nobody(), |tx| units::list(tx, on, &filter).await)?;
    let rows = rows.into_iter().map(Unit::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::of(rows, page.limit(), |u| (u.code.clone(), u.id.0), |u| u)))
}

impl TryFrom<UnitRow> for Unit {
    type Error = StoreError;

    fn try_from(row: UnitRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UnitId(row.id),
            level: row.level.parse().map_err(StoreError::Inconsistent)?,
            code: row.code,
            name: row.name,
            kind: row.kind,
            parent_id: row.parent_id.map(UnitId),
            valid_from: row.valid_from.to_jiff(),
            valid_to: row.valid_to.map(jiff_sqlx::Date::to_jiff),
            lon: row.lon,
            lat: row.lat,
            area_km2: row.area_km2,
            child_count: row.child_count,
        })
    }
}
