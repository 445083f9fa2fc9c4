//! The desk for people's requests about their own data: a copy, a correction, a restriction, an erasure; and who looked.

mod close;
mod create;
mod data;
mod list;
mod readings;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_data_requests, create::create_data_request))
        .routes(routes!(close::close_data_request))
        .routes(routes!(data::copy_of_data))
        .routes(routes!(readings::list_readings))
}
