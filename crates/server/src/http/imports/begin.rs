//! `POST /imports` begins an upload, `POST /imports/{id}/parts/{number}` brings a piece of the file: what a cut line lost
//! is sent again, and no request is large.

use super::show::ImportItem;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, language_of, text};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::Permission;
use greenfort_kernel::{ImportId, UnitId};
use greenfort_store::access::unit_ref;
use greenfort_store::registry::import::{self, Import, PART};
use greenfort_store::tx;
use serde::Deserialize;
use utoipa::ToSchema;

/// Most bytes of a sheet: a province's CSV.
const MOST_BYTES: i64 = 256 << 20;

/// A sheet that is about to be sent.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewImport {
    /// The commune, hamlet or larger unit the sheet is about. Rows need not name it.
    pub unit_id: UnitId,
    /// Bytes of the file, at most 268,435,456; a workbook at most 67,108,864.
    #[schema(example = 183_245)]
    pub size: i64,
}

/// Begin to send a sheet.
#[utoipa::path(
    post,
    path = "/imports",
    tag = "imports",
    request_body = NewImport,
    responses(
        (status = 201, description = "Send the file in parts of 1,048,576 bytes", body = ImportItem),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "An empty file, or one too large", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn begin_import(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewImport>,
) -> Result<(StatusCode, Json<ImportItem>), Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    if !(1..=MOST_BYTES).contains(&new.size) {
        let why = text(
            "Tệp rỗng hoặc lớn quá 256 MB. Chia theo xã rồi gửi từng tệp.",
            "The file is empty or larger than 256 MB. Split it by commune and send one after the other.",
        );
        return Err(Problem::field("size", "size", why).into());
    }
    let language = language_of(&headers);
    let begun = tx!(app.db, "begin_import", scope, |tx| -> Result<Import, Refusal> {
        let inside = unit_ref::inside(tx, &[new.unit_id], &scope.area).await?;
        if !scope.area.iter().any(|root| inside.holds(new.unit_id, *root)) {
            return Err(Problem::not_found().into());
        }
        let id = import::begin(tx, caller.account, new.unit_id, &scope, language, new.size).await?;
        Ok(import::find(tx, id, Some(caller.account)).await?)
    })?;
    Ok((StatusCode::CREATED, Json(ImportItem::of(begun, language))))
}

/// Send a part of the sheet.
#[utoipa::path(
    post,
    path = "/imports/{id}/parts/{number}",
    tag = "imports",
    params(("id" = ImportId, Path), ("number" = i32, Path, description = "From 0")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "1,048,576 bytes; the last part the rest"),
    responses(
        (status = 204, description = "Kept; the same part again changes nothing"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such import of yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It runs already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Not the part's size", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn add_part(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(ImportId, i32)>,
    bytes: Bytes,
) -> Result<StatusCode, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    tx!(app.db, "add_import_part", scope, |tx| -> Result<(), Refusal> {
        let found = import::find(tx, id, Some(caller.account)).await?;
        if found.status != "uploading" {
            return Err(Problem::conflict(text(
                "Bảng này đã được gửi đủ. Bắt đầu lần nhập mới nếu cần gửi tệp khác.",
                "This sheet is complete. Begin a new import for another file.",
            ))
            .into());
        }
        let expected = part_size(found.size, number);
        if expected != Some(bytes.len() as i64) {
            let why =
                text("Phần tệp này không đúng cỡ. Gửi lại.", "This part has not its size. Send it again.");
            return Err(Problem::field("number", "part", why).into());
        }
        Ok(import::add_part(tx, id, "sheet", number, &bytes).await?)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bytes of a part; none behind the last.
fn part_size(size: i64, number: i32) -> Option<i64> {
    let from = i64::from(number).checked_mul(PART as i64).filter(|from| (0..size).contains(from))?;
    Some((size - from).min(PART as i64))
}

/// Parts of a file of this size.
pub fn parts_of(size: i64) -> i64 {
    (size + PART as i64 - 1) / PART as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_file_exactly() {
        let mib = PART as i64;
        assert_eq!([0, 1, 2].map(|n| part_size(2 * mib + 5, n)), [Some(mib), Some(mib), Some(5)]);
        assert_eq!(part_size(2 * mib, 2), None);
        assert_eq!(part_size(5, -1), None);
        assert_eq!([1, mib, mib + 1].map(parts_of), [1, 1, 2]);
    }
}
