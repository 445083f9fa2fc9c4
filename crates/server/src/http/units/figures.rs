//! `GET /units/{id}/figures`: how many people live there, by age, sex and household, on the tree of any date.

use super::show::{OnQuery, UnitRef};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, Query, State};
use greenfort_domain::access::Permission;
use greenfort_domain::registry::{AGE_BANDS, AgeBand};
use greenfort_kernel::UnitId;
use greenfort_store::units::{self, figures};
use greenfort_store::{Scope, StoreError, tx};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// Figures of a unit and everything below it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    pub unit: UnitRef,
    /// The tree of this date was summed.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    pub persons: i64,
    pub households: i64,
    pub organisations: i64,
    pub groups: i64,
    pub vehicles: i64,
    /// The census for the same unit, where there is one.
    pub census: Option<Census>,
    /// Age reached in the year of `on`.
    pub age_sex: Vec<AgeSex>,
    pub household_sizes: Vec<HouseholdSize>,
    /// Units directly below, by code.
    pub children: Vec<ChildFigures>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Census {
    pub persons: i64,
    pub households: i64,
    #[schema(example = "GSO, census of 1 April 2019")]
    pub source: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AgeSex {
    #[schema(example = "0-4")]
    pub band: &'static str,
    pub male: i64,
    pub female: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HouseholdSize {
    pub size: i32,
    pub households: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChildFigures {
    pub unit: UnitRef,
    #[schema(example = "xa")]
    pub kind: String,
    pub persons: i64,
    pub households: i64,
}

/// How many people live there, by age, sex and household, on the tree of any date.
#[utoipa::path(
    get,
    path = "/units/{id}/figures",
    tag = "units",
    params(("id" = UnitId, Path), OnQuery),
    responses(
        (status = 200, body = Figures),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit on that date, or outside the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn unit_figures(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UnitId>,
    Query(query): Query<OnQuery>,
) -> Result<Json<Figures>, Refusal> {
    let area = caller.area(Permission::SeeFigures)?;
    let today = app.world().today();
    let on = query.on.unwrap_or(today);
    let figures = tx!(app.db, "unit_figures", Scope::nobody(), |tx| -> Result<Figures, Refusal> {
        if !units::is_within(tx, id.0, &area, today, on).await? {
            return Err(Problem::not_found().into());
        }
        let unit = units::find(tx, id.0, on).await?;
        let totals = figures::totals(tx, id.0, on).await?;
        let persons = figures::indicator(tx, id.0, "census_persons", on).await?;
        let households = figures::indicator(tx, id.0, "census_households", on).await?;
        let born = figures::birth_years(tx, id.0, on).await?;
        let sizes = figures::household_sizes(tx, id.0, on).await?;
        let children = figures::children(tx, id.0, on).await?;
        Ok(Figures {
            unit: UnitRef {
                id,
                code: unit.code,
                name: unit.name,
                level: unit.level.parse().map_err(StoreError::Inconsistent)?,
            },
            on,
            persons: totals.persons,
            households: totals.households,
            organisations: totals.organisations,
            groups: totals.groups,
            vehicles: totals.vehicles,
            census: persons.zip(households).map(|((persons, source), (households, _))| Census {
                persons: whole(persons),
                households: whole(households),
                source,
            }),
            age_sex: by_band(&born, on.year()),
            household_sizes: sizes
                .into_iter()
                .map(|s| HouseholdSize { size: s.members, households: s.households })
                .collect(),
            children: children
                .into_iter()
                .map(|c| {
                    Ok(ChildFigures {
                        unit: UnitRef {
                            id: UnitId(c.id),
                            code: c.code,
                            name: c.name,
                            level: c.level.parse().map_err(StoreError::Inconsistent)?,
                        },
                        kind: c.kind,
                        persons: c.persons,
                        households: c.households,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
        })
    })?;
    Ok(Json(figures))
}

#[expect(clippy::cast_possible_truncation, reason = "census counts are whole numbers far below 2^53")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

fn by_band(born: &[figures::BirthYearRow], year: i16) -> Vec<AgeSex> {
    let mut bands: Vec<AgeSex> =
        AGE_BANDS.iter().map(|b| AgeSex { band: b.name, male: 0, female: 0 }).collect();
    for row in born {
        let at = AgeBand::index_of_age(year.saturating_sub(row.birth_year));
        if let Some(band) = bands.get_mut(at) {
            match row.sex.as_str() {
                "male" => band.male += row.persons,
                _ => band.female += row.persons,
            }
        }
    }
    bands
}
