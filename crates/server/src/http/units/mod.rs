//! The tree of units and its figures.

mod figures;
mod list;
mod show;

pub use show::UnitRef;

use crate::app::App;
use crate::http::etag;
use axum::middleware::from_fn;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_units))
        .routes(routes!(show::show_unit))
        .routes(routes!(figures::unit_figures))
        .route_layer(from_fn(etag::revalidate))
}
