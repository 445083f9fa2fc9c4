//! Records that may be one person: found in batch, shown side by side, merged with undo, or kept apart for good.

mod apart;
mod list;
mod merge;
mod merges;
mod search;
mod undo;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use search::{FIND_DUPLICATES, find};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_duplicates))
        .routes(routes!(search::search_duplicates))
        .routes(routes!(apart::keep_apart, apart::reopen))
        .routes(routes!(merges::list_merges, merge::merge_people))
        .routes(routes!(undo::undo_merge))
}
