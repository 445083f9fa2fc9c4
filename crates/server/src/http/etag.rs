//! Conditional reads: an answer carries an `ETag`, and a caller that has it already is told so (304) without the body.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Larger answers go without a tag.
const MOST: usize = 8 * 1024 * 1024;

/// A layer for routes whose answers name no person: browsers may keep them, and ask each time whether they still hold.
/// The handler runs all the same, so that who may not see it any more is refused.
pub async fn revalidate(request: Request, next: Next) -> Response {
    // A HEAD has no body to make the tag of.
    let reads = request.method() == Method::GET;
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if !reads || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MOST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
    // Weak: compression changes the bytes, not what they say.
    let tag = format!("W/\"{}\"", hex::encode(&hash.as_ref()[..12]));
    let unchanged = known.is_some_and(|known| names(&known, &tag));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    parts.headers.append(header::VARY, HeaderValue::from_static("cookie, authorization"));
    if unchanged {
        let mut headers = HeaderMap::new();
        for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
            headers.extend(parts.headers.remove(&name).map(|value| (name, value)));
        }
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// True when `If-None-Match` names the tag; weak and strong are not told apart (RFC 9110, 13.1.2).
fn names(known: &HeaderValue, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known
        .to_str()
        .is_ok_and(|known| known.split(',').any(|one| one.trim() == "*" || opaque(one) == opaque(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_names_each_of_them() {
        let known = HeaderValue::from_static("\"a\", W/\"b\"");
        assert!(names(&known, "W/\"a\"") && names(&known, "W/\"b\""));
        assert!(!names(&known, "W/\"c\""));
        assert!(names(&HeaderValue::from_static("*"), "W/\"c\""));
    }
}
