//! `GET /exports/{id}/file`: the file, part by part, until it expires. Each fetch is in the audit log.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{Stream, stream};
use greenfort_domain::access::Permission;
use greenfort_kernel::ExportId;
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::export::{self, Export};
use greenfort_store::{Db, Scope, StoreError, tx};

/// Fetch the file of an export.
#[utoipa::path(
    get,
    path = "/exports/{id}/file",
    tag = "exports",
    params(("id" = ExportId, Path)),
    responses(
        (status = 200, description = "CSV (UTF-8 with a mark) or XLSX", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such export of yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Not ready yet", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "Expired", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn export_file(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ExportId>,
) -> Result<Response, Refusal> {
    let scope = caller.scope(Permission::ExportPeople)?;
    let now = app.world().now();
    let (found, first) = tx!(app.db, "export_file", scope, |tx| -> Result<(Export, Vec<u8>), Refusal> {
        let found = export::find(tx, id, Some(caller.account)).await?;
        if found.expires_at.is_some_and(|at| at <= now) {
            return Err(Problem::new(
                StatusCode::GONE,
                "expired",
                text("Tệp đã hết hạn", "The file has expired"),
                text(
                    "Bản xuất chỉ giữ 24 giờ. Xuất lại nếu còn cần.",
                    "Exports are kept for 24 hours. Ask for it again.",
                ),
            )
            .into());
        }
        let Some(first) = export::part(tx, id, 0).await? else {
            return Err(Problem::conflict(text(
                "Tệp chưa xong. Đợi ít phút rồi tải lại.",
                "The file is not ready. Wait some minutes and try again.",
            ))
            .into());
        };
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.fetch_export",
            object_kind: "export",
            object_id: id.to_string(),
            unit: Some(found.unit),
            detail: serde_json::json!({ "people": found.people }),
        };
        record(tx, entry).await?;
        Ok((found, first))
    })?;
    let kind = match found.format.as_str() {
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "text/csv; charset=utf-8",
    };
    let name = format!("attachment; filename=\"greenfort-{id}.{}\"", found.format);
    let mut response = Response::new(Body::from_stream(parts(app.db.clone(), id, first)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(name) = name.parse() {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// One part after the other: memory for one at a time.
fn parts(db: Db, id: ExportId, first: Vec<u8>) -> impl Stream<Item = Result<Vec<u8>, StoreError>> {
    stream::try_unfold((db, 0, Some(first)), move |(db, number, part)| async move {
        let Some(part) = part else { return Ok(None) };
        let next = tx!(db, "export_file_part", Scope::nobody(), |tx| export::part(tx, id, number + 1).await)?;
        Ok(Some((part, (db, number + 1, next))))
    })
}
