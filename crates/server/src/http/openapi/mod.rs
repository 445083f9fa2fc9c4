//! The OpenAPI 3.1 document and its reader.

mod complete;

use crate::app::App;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;
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
    serde_json::to_string_pretty(&completed(&document)?).map(|json| json + "\n")
}

/// With what all endpoints have in common, and with examples.
fn completed(document: &OpenApi) -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(document)?;
    complete::complete(&mut document);
    Ok(document)
}

pub fn routes(document: &OpenApi) -> Router<App> {
    let document = completed(document).unwrap_or_default();
    let json = document.clone();
    Router::new()
        .route("/api/openapi.json", get(async move || Json(json)))
        .merge(SwaggerUi::new("/api/docs").external_url_unchecked("/api/docs/openapi.json", document))
}
