//! The web application, embedded in the binary: files by name, everything else is the application's first page.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/build"]
#[allow_missing = true]
struct Web;

/// The page of the application itself.
const FIRST_PAGE: &str = "200.html";

pub async fn serve(method: Method, uri: Uri, request: axum::http::HeaderMap) -> impl IntoResponse {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return Err(super::problem::Refusal(super::problem::Problem::not_found()));
    }
    if method != Method::GET && method != Method::HEAD {
        return Ok(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    let (name, file) = match Web::get(path) {
        Some(file) if !path.is_empty() => (path, file),
        // A missing file is missing; only pages fall back to the application.
        _ if path.rsplit('/').next().is_some_and(|last| last.contains('.')) => {
            return Ok(StatusCode::NOT_FOUND.into_response());
        }
        _ => match Web::get(FIRST_PAGE) {
            Some(file) => (FIRST_PAGE, file),
            None => {
                return Ok((
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The web pages are not built into this binary. Run `make web` and build again.\n",
                )
                    .into_response());
            }
        },
    };
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..12]));
    let immutable = name.starts_with("_app/immutable/");
    let unchanged = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()) == Some(etag.as_str());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(file.data))
    };
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(file.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    let caching = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    Ok(response)
}

/// True when the web pages are built into this binary.
pub fn are_built_in() -> bool {
    Web::get(FIRST_PAGE).is_some()
}

/// SHA-256 (base64) of each inline script of the application's page, for the Content-Security-Policy.
pub fn inline_script_hashes() -> Vec<String> {
    let Some(page) = Web::get(FIRST_PAGE) else { return Vec::new() };
    let page = String::from_utf8_lossy(&page.data);
    let mut rest: &str = &page;
    let mut hashes = Vec::new();
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, body)) = after.split_once('>') else { break };
        let Some((script, tail)) = body.split_once("</script>") else { break };
        if !attributes.contains("src=") {
            hashes.push(
                STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, script.as_bytes())),
            );
        }
        rest = tail;
    }
    hashes
}
