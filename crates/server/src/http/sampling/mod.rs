//! Sampling: what a phone needs for a shift, and what it sends.

mod intake;
mod labels;
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
}
