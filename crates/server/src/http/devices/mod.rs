//! Enrolled devices: whoever holds a badge signs in only on one of these.

mod code;
mod enrol;
mod list;
mod revoke;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_devices))
        .routes(routes!(code::make_device_code))
        .routes(routes!(enrol::enrol_device))
        .routes(routes!(revoke::revoke_device))
}
