//! Restrictions: isolation, quarantine, lockdown of a place or a list of households, hold.

mod create;
mod lift;
mod list;
mod show;

pub use list::Restriction;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_restrictions, create::create_restriction))
        .routes(routes!(show::show_restriction))
        .routes(routes!(lift::lift_restriction))
}
