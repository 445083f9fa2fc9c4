//! Entity tags against lost updates: a record is read with its version, and changed only while it still has it.

use crate::http::problem::{Problem, Refusal, text};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

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
        Some(tag) if tag.trim_start_matches("W/") != etag(version) => Err(changed_meanwhile()),
        _ => Ok(()),
    }
}

/// Somebody else was quicker.
pub fn changed_meanwhile() -> Refusal {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "changed-meanwhile",
        text("Vừa được người khác thay đổi", "Changed by somebody else"),
        text(
            "Mục này vừa được người khác thay đổi. Tải lại để xem, rồi sửa lần nữa. Chưa có gì được lưu.",
            "This was just changed by somebody else. Reload to see it, then change it once more. Nothing was saved.",
        ),
    )
    .into()
}
