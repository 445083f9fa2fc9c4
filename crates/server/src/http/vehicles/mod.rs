//! Vehicles with their plates and drivers.

mod change;
mod create;
mod drivers;
mod end;
mod fields;
mod list;
mod show;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_vehicles, create::create_vehicle))
        .routes(routes!(show::show_vehicle, change::change_vehicle))
        .routes(routes!(end::end_vehicle))
        .routes(routes!(drivers::list_vehicle_drivers, drivers::join_vehicle))
        .routes(routes!(drivers::leave_vehicle))
}
