//! Organisations: enterprises, markets, agencies, household businesses, carriers, industrial parks.

mod change;
mod create;
mod end;
mod fields;
mod list;
mod members;
mod parts;
mod show;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_organisations, create::create_organisation))
        .routes(routes!(show::show_organisation, change::change_organisation))
        .routes(routes!(end::end_organisation))
        .routes(routes!(parts::add_organisation_part))
        .routes(routes!(parts::change_organisation_part))
        .routes(routes!(parts::end_organisation_part))
        .routes(routes!(members::list_organisation_members, members::join_organisation))
        .routes(routes!(members::leave_organisation))
}
