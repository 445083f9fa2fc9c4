//! Sampling: what a phone needs for a shift, and what it sends.

mod hand_in;
mod intake;
mod labels;
mod problems;
mod register;
mod sealed;
mod work;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(work::show_work))
        .routes(routes!(register::show_register))
        .routes(routes!(labels::make_labels))
        .routes(routes!(intake::take_events))
        .routes(routes!(hand_in::hand_in))
        .routes(routes!(problems::list_problems))
        .routes(routes!(problems::settle_problems))
}
