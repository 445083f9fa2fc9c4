//! Groups of residents (nhóm cư dân): a block, a boarding row, the traders of a market, a shift.

mod change;
mod create;
mod end;
mod fields;
mod list;
mod members;
mod show;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_groups, create::create_group))
        .routes(routes!(show::show_group, change::change_group))
        .routes(routes!(end::end_group))
        .routes(routes!(members::list_group_members, members::join_group))
        .routes(routes!(members::leave_group))
}
