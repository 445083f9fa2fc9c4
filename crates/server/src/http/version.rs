//! Entity tags against lost updates: a record is read with its version, and changed only while it still has it.

use crate::http::problem::{Problem, Refusal};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};

fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// A record with its tag.
pub fn tagged<T>(version: i32, body: T) -> (HeaderMap, Json<T>) {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&etag(version)) {
        headers.insert(header::ETAG, tag);
    }
    (headers, Json(body))
}

/// Refuses a change of a record that is no longer as the caller read it. Without `If-Match` the latest is changed.
///
/// # Errors
/// 412 when the tag is another.
pub fn must_match(headers: &HeaderMap, version: i32) -> Result<(), Refusal> {
    let tag = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()).filter(|tag| *tag != "*");
    match tag {
        Some(tag) if tag.trim_start_matches("W/") != etag(version) => {
            Err(Problem::changed_meanwhile().into())
        }
        _ => Ok(()),
    }
}
