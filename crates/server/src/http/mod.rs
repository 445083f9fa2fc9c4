//! The HTTP side: one folder a room, one file an endpoint.

pub mod about;
pub mod accounts;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod bodies;
pub mod data_requests;
pub mod devices;
pub mod duplicates;
pub mod etag;
pub mod exports;
pub mod fields;
pub mod first_run;
pub mod groups;
pub mod headers;
pub mod health;
pub mod households;
pub mod idempotency;
pub mod imports;
pub mod invitations;
pub mod lab;
pub mod openapi;
pub mod organisations;
pub mod page;
pub mod people;
pub mod planning;
pub mod problem;
pub mod restrictions;
pub mod rounds;
pub mod sampling;
pub mod session;
pub mod throttle;
pub mod tokens;
pub mod units;
pub mod vehicles;
pub mod version;

use crate::app::App;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;

/// Largest body taken without an endpoint saying otherwise.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// Every documented endpoint. A route that is not here is not in the OpenAPI file and not in the authorisation table.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base()).merge(about::routes()).nest(
        "/api/v1",
        OpenApiRouter::new()
            .merge(accounts::routes())
            .merge(audit::routes())
            .merge(data_requests::routes())
            .merge(devices::routes())
            .merge(duplicates::routes())
            .merge(session::routes())
            .merge(exports::routes())
            .merge(first_run::routes())
            .merge(groups::routes())
            .merge(imports::routes())
            .merge(invitations::routes())
            .merge(organisations::routes())
            .merge(lab::routes())
            .merge(people::routes())
            .merge(planning::routes())
            .merge(households::routes())
            .merge(restrictions::routes())
            .merge(rounds::routes())
            .merge(sampling::routes())
            .merge(tokens::routes())
            .merge(units::routes())
            .merge(vehicles::routes()),
    )
}

/// The whole site: API, its documentation, health, and the web pages.
pub fn router(app: App) -> Router {
    let (api, document) = api().split_for_parts();
    api.route_layer(from_fn_with_state(app.clone(), idempotency::remember))
        .route_layer(from_fn(health::measure))
        .merge(openapi::routes(&document))
        .merge(health::routes())
        .fallback(assets::serve)
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(from_fn_with_state(app.clone(), headers::csrf))
        .layer(from_fn_with_state(app.clone(), throttle::requests))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(problem::write_problems))
        .layer(from_fn_with_state(app.clone(), headers::security))
        .layer(CompressionLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(health::span))
        .layer(from_fn_with_state(app.clone(), health::number_request))
        .with_state(app)
}
