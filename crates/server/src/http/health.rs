//! Is it alive, can it work, what has it done: for monitors on this machine or behind the proxy.

use crate::app::App;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use greenfort_store::{Scope, jobs, load, tx};
use std::net::SocketAddr;
use std::time::Instant;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Ready: the database answers, and nothing says that it holds another schema.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match tx!(app.db, "readiness", Scope::nobody(), |tx| load::running(tx).await) {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

async fn metrics(
    State(app): State<App>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<String, StatusCode> {
    if !may_monitor(app.config.monitor_token.as_deref(), peer.map(|p| p.0.0), &headers) {
        return Err(StatusCode::NOT_FOUND);
    }
    // The worker has no HTTP: what it leaves undone is read from the queue itself.
    if let Ok(backlog) = tx!(app.db, "backlog", Scope::nobody(), |tx| jobs::backlog(tx).await) {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        let count = |n: i64| n as f64;
        metrics::gauge!("greenfort_jobs_due").set(count(backlog.due));
        metrics::gauge!("greenfort_jobs_given_up").set(count(backlog.given_up));
        metrics::gauge!("greenfort_jobs_oldest_seconds").set(backlog.oldest_s);
    }
    app.metrics
        .as_ref()
        .map(metrics_exporter_prometheus::PrometheusHandle::render)
        .ok_or(StatusCode::NOT_FOUND)
}

/// Bounds of the histograms, seconds.
pub const BUCKETS: [f64; 8] = [0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// Counts and times every request of the API by its route: never by its path, which holds ids.
pub async fn measure(route: MatchedPath, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let began = Instant::now();
    let response = next.run(request).await;
    let labels = [
        ("route", route.as_str().to_owned()),
        ("method", method),
        ("status", response.status().as_u16().to_string()),
    ];
    metrics::histogram!("greenfort_http_seconds", &labels).record(began.elapsed().as_secs_f64());
    response
}

/// This machine itself, not what a proxy on it passes on; or anybody who has the token.
fn may_monitor(token: Option<&str>, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    if let (Some(token), Some(given)) = (token, given) {
        return bool::from(token.as_bytes().ct_eq(given.as_bytes()));
    }
    let passed_on = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    !passed_on && peer.is_some_and(|p| p.ip().is_loopback())
}

/// Gives every request a number, which its log lines and its answer carry.
pub async fn number_request(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id: Uuid = app.world().id();
    request.extensions_mut().insert(RequestNumber(id));
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

#[derive(Debug, Clone, Copy)]
struct RequestNumber(Uuid);

/// The span of a request: method and path, never the query, which may hold what people typed.
pub fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestNumber>().map(|n| n.0.to_string()).unwrap_or_default();
    tracing::info_span!("request", id, method = %request.method(), path = %request.uri().path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Option<SocketAddr> {
        Some(address.parse().unwrap())
    }

    #[test]
    fn metrics_are_for_this_machine_and_for_holders_of_the_token() {
        let none = HeaderMap::new();
        assert!(may_monitor(None, peer("127.0.0.1:9"), &none));
        assert!(!may_monitor(None, peer("192.0.2.1:9"), &none));
        assert!(!may_monitor(None, None, &none));
        let mut proxied = HeaderMap::new();
        proxied.insert("x-forwarded-for", HeaderValue::from_static("192.0.2.1"));
        assert!(!may_monitor(None, peer("127.0.0.1:9"), &proxied));
        let mut bearer = HeaderMap::new();
        bearer.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer abc"));
        assert!(may_monitor(Some("abc"), peer("192.0.2.1:9"), &bearer));
        assert!(!may_monitor(Some("abd"), peer("192.0.2.1:9"), &bearer));
    }
}
