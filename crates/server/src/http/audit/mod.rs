//! The audit trail as administrators and auditors read it.

mod list;
mod seals;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list_audit)).routes(routes!(seals::list_seals))
}
