//! Imports of people: upload in parts, preview, run, result.

mod begin;
mod preview;
mod show;
mod start;
mod undo;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin::begin_import, show::list_imports))
        .routes(routes!(show::show_import))
        .routes(routes!(begin::add_part))
        .routes(routes!(preview::preview_import))
        .routes(routes!(start::run_import))
        .routes(routes!(show::rejected_rows))
        .routes(routes!(undo::undo_import))
        .routes(routes!(undo::list_left))
}
