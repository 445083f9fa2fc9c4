//! `GET /api/v1/about`: what this installation is, for everybody.

use crate::app::App;
use crate::http::problem::Refusal;
use axum::Json;
use axum::extract::State;
use greenfort_store::{Scope, load, tx};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this installation is.
#[derive(Debug, Serialize, ToSchema)]
pub struct About {
    #[schema(example = "Greenfort – Pháo Đài Xanh")]
    pub product: &'static str,
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Synthetic people, one-click sign-in.
    pub demo: bool,
    #[schema(example = "1900 9095")]
    pub hotline: String,
    pub languages: [&'static str; 2],
    /// The server's clock; in the demonstration it stands in September 2021.
    #[schema(value_type = String, format = DateTime)]
    pub now: jiff::Timestamp,
    /// A load that is still running.
    pub loading: Option<Loading>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Loading {
    #[schema(example = "people")]
    pub step: String,
    pub done: i64,
    pub total: i64,
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(about))
}

/// What this installation is, for everybody.
#[utoipa::path(get, path = "/api/v1/about", tag = "about", responses((status = 200, body = About)))]
pub async fn about(State(app): State<App>) -> Result<Json<About>, Refusal> {
    let running = tx!(app.db, "about", Scope::nobody(), |tx| load::running(tx).await)?;
    Ok(Json(About {
        product: "Greenfort – Pháo Đài Xanh",
        version: env!("CARGO_PKG_VERSION"),
        demo: app.config.demo,
        hotline: app.config.hotline.clone(),
        languages: ["vi", "en"],
        now: app.world().now(),
        loading: running.map(|l| Loading { step: l.step, done: l.done, total: l.total }),
    }))
}
