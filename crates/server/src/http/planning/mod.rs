//! The planner: which pools each commune of a round should get, and why. Nothing is stored.

mod advise;
mod answer;
mod ask;
mod refuse;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(advise::advise_round))
}
