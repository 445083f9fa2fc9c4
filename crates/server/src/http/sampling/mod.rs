//! Sampling: what a phone needs for a shift, and what it sends.

mod intake;
mod work;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(work::show_work)).routes(routes!(intake::take_events))
}
