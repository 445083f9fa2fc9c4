//! The OpenAPI 3.1 document and its reader.

use crate::app::App;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa_swagger_ui::SwaggerUi;

/// What stands above the paths.
pub fn base() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Greenfort – Pháo Đài Xanh")
                .version("1")
                .description(Some(
                    "Mass testing of a province: registers, rounds, pooled samples, passes, zones. Errors are \
                     `application/problem+json` with a stable `type`; lists page by `after`; writes a phone may repeat \
                     take an `Idempotency-Key`.",
                ))
                .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
                .build(),
        )
        .build()
}

/// The document as it is committed in `contract/openapi.json`.
///
/// # Errors
/// Never for a document of ours.
pub fn document() -> Result<String, serde_json::Error> {
    let (_, document) = super::api().split_for_parts();
    document.to_pretty_json().map(|json| json + "\n")
}

pub fn routes(document: OpenApi) -> Router<App> {
    let json = document.clone();
    Router::new()
        .route("/api/openapi.json", get(async move || Json(json)))
        .merge(SwaggerUi::new("/api/docs").url("/api/docs/openapi.json", document))
}
