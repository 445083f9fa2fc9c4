//! Security headers on every answer, and the defence against requests forged by other sites.

use crate::app::App;
use crate::http::assets;
use crate::http::problem::{Problem, Refusal, text};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

/// Pages load nothing from elsewhere and run no inline script but the web build's own start script, allowed by hash.
static CSP: LazyLock<HeaderValue> = LazyLock::new(|| {
    let own: String = assets::inline_script_hashes().iter().map(|hash| format!(" 'sha256-{hash}'")).collect();
    policy(&format!(
        "script-src 'self' 'wasm-unsafe-eval'{own}; style-src 'self'; \
         style-src-attr 'unsafe-hashes' 'sha256-{ANNOUNCER_STYLE}'"
    ))
});

/// The one style attribute of the web framework: it hides the element that reads out page changes.
const ANNOUNCER_STYLE: &str = "S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo=";

/// The API's reader styles itself inline; it shows only the public document.
static CSP_OF_API_READER: LazyLock<HeaderValue> =
    LazyLock::new(|| policy("script-src 'self'; style-src 'self' 'unsafe-inline'"));

fn policy(scripts_and_styles: &str) -> HeaderValue {
    HeaderValue::from_str(&format!(
        "default-src 'self'; {scripts_and_styles}; img-src 'self' data: blob:; connect-src 'self'; \
         worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    ))
    .unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

pub async fn security(State(app): State<App>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let reader = request.uri().path().starts_with("/api/docs");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let csp = if reader { &CSP_OF_API_READER } else { &CSP };
    headers.insert(header::CONTENT_SECURITY_POLICY, LazyLock::force(csp).clone());
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=(self)");
    if api {
        // Answers are about people; no cache between, no back-button copy on a shared phone.
        set(header::CACHE_CONTROL, "no-store");
    }
    if app.config.tls.is_some() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// A write with a cookie must come from our own pages: they send a header that forms and other sites cannot.
pub async fn csrf(State(_): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || !request.headers().contains_key(header::COOKIE) || is_our_own(request.headers()) {
        return next.run(request).await;
    }
    Refusal(Problem::new(
        StatusCode::FORBIDDEN,
        "csrf",
        text("Yêu cầu không đến từ trang này", "The request does not come from this site"),
        text("Mở lại trang Pháo Đài Xanh rồi làm lại.", "Open the Greenfort page and do it again."),
    ))
    .into_response()
}

fn is_our_own(headers: &HeaderMap) -> bool {
    let marked = headers.get("x-greenfort").is_some_and(|v| v == "1");
    let same_site = headers.get("sec-fetch-site").is_none_or(|v| v == "same-origin" || v == "none");
    marked && same_site
}
