//! Exports of people: asked for, written by a job, fetched for a day.

mod ask;
mod file;
mod show;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask::ask_export, show::list_exports))
        .routes(routes!(show::show_export))
        .routes(routes!(file::export_file))
}
