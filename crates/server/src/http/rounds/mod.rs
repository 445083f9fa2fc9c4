//! Campaigns, rounds and their plans.

mod assays;
mod campaigns;
mod list;
mod open;
mod plan;
mod progress;
mod subjects;

pub use assays::Assay;
pub use list::Round;
pub use plan::{HamletPlan, UnitQuery};
pub use subjects::RoundSubject;

use crate::app::App;
use crate::http::problem::{Problem, Refusal};
use greenfort_kernel::{RoundId, UnitId};
use greenfort_store::Tx;
use greenfort_store::access::unit_ref;
use greenfort_store::campaign;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(assays::list_assays))
        .routes(routes!(campaigns::list_campaigns, campaigns::create_campaign))
        .routes(routes!(list::list_rounds, open::open_round))
        .routes(routes!(plan::list_plan, plan::plan_round))
        .routes(routes!(progress::show_progress))
        .routes(routes!(subjects::list_subjects))
}

/// The round, when it meets the caller's areas; another province's round is not told apart from none.
pub(super) async fn round_in(tx: &mut Tx, id: RoundId, areas: &[UnitId]) -> Result<campaign::Round, Refusal> {
    let round = campaign::round(tx, id).await?;
    let units: Vec<UnitId> = areas.iter().copied().chain([round.unit]).collect();
    let inside = unit_ref::inside(tx, &units, &units).await?;
    let meets = areas.iter().any(|a| inside.holds(*a, round.unit) || inside.holds(round.unit, *a));
    if meets { Ok(round) } else { Err(Problem::not_found().into()) }
}

/// Refuses a unit outside the caller's areas.
pub(super) async fn must_hold(tx: &mut Tx, unit: UnitId, areas: &[UnitId]) -> Result<(), Refusal> {
    let inside = unit_ref::inside(tx, &[unit], areas).await?;
    if areas.iter().any(|a| inside.holds(unit, *a)) { Ok(()) } else { Err(Problem::not_found().into()) }
}
