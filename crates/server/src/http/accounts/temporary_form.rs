//! A sheet of temporary accounts as it arrives: rows as JSON, or a file with a label and an end.

use crate::app::App;
use crate::http::problem::{Problem, Refusal, text};
use crate::sheet;
use axum::Json;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::IntoResponse as _;
use greenfort_kernel::text::fold;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Temporary accounts to be made, all or none.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TemporaryAccounts {
    /// What they are for.
    #[schema(example = "Tăng cường Châu Thành, tháng 9")]
    pub label: String,
    /// When all of them end.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// 1 to 500.
    pub rows: Vec<TemporaryRow>,
}

/// One row of the sheet, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TemporaryRow {
    #[schema(example = "Lê Thị Bé")]
    pub name: String,
    /// A role by its word or its name.
    #[schema(example = "sampler")]
    pub role: String,
    #[schema(example = "28807")]
    pub unit_code: String,
    #[schema(example = "0912 345 678")]
    pub phone: String,
}

/// The same as a form with a CSV or XLSX file: name, role, code of the unit, phone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the form")]
pub struct TemporaryFile {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    #[schema(example = "Đợt 1, điểm Giao Long")]
    label: String,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// Rows of a sheet, to be looked at only.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SheetRows {
    /// 1 to 500.
    pub rows: Vec<TemporaryRow>,
}

/// The same as a form with a CSV or XLSX file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the form")]
pub struct SheetFile {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

impl FromRequest<App> for TemporaryAccounts {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Self::Rejection> {
        form_or_json(request, app, |form| {
            let ends_at = form.ends_at.ok_or_else(|| missing("ends_at"))?;
            Ok(Self { label: form.label, ends_at, rows: form.rows.ok_or_else(|| missing("file"))? })
        })
        .await
    }
}

impl FromRequest<App> for SheetRows {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Self::Rejection> {
        form_or_json(request, app, |form| Ok(Self { rows: form.rows.ok_or_else(|| missing("file"))? })).await
    }
}

/// A form as it came.
#[derive(Default)]
struct Form {
    rows: Option<Vec<TemporaryRow>>,
    label: String,
    ends_at: Option<Timestamp>,
}

fn missing(field: &str) -> Box<Problem> {
    Problem::field(field, "required", text("Mục này còn thiếu.", "This is missing."))
}

async fn form_or_json<T: DeserializeOwned>(
    request: Request,
    app: &App,
    of: impl FnOnce(Form) -> Result<T, Box<Problem>>,
) -> Result<T, axum::response::Response> {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if !form {
        let Json(given) = Json::<T>::from_request(request, app).await.map_err(|e| e.into_response())?;
        return Ok(given);
    }
    let form = Multipart::from_request(request, app).await.map_err(|e| e.into_response())?;
    let form = read(form).await.map_err(|problem| Refusal(problem).into_response())?;
    of(form).map_err(|problem| Refusal(problem).into_response())
}

async fn read(mut form: Multipart) -> Result<Form, Box<Problem>> {
    let cut = |_| {
        Problem::field(
            "file",
            "cut",
            text("Tệp chưa tới đủ. Gửi lại.", "The file did not arrive whole. Send it again."),
        )
    };
    let mut found = Form::default();
    while let Some(part) = form.next_field().await.map_err(cut)? {
        match part.name().unwrap_or_default() {
            "file" => {
                let bytes = part.bytes().await.map_err(cut)?;
                let table = sheet::read(&bytes).map_err(|why| Problem::field("file", "file", why))?;
                found.rows = Some(without_head(table));
            }
            "label" => found.label = part.text().await.map_err(cut)?,
            "ends_at" => found.ends_at = part.text().await.map_err(cut)?.trim().parse().ok(),
            _ => {}
        }
    }
    Ok(found)
}

/// Columns stand in the order of the template; a first line of column names is left out.
fn without_head(table: Vec<Vec<String>>) -> Vec<TemporaryRow> {
    const NAMES: [&str; 4] = ["ho ten", "ho va ten", "name", "full name"];
    let headed = table.first().and_then(|row| row.first()).is_some_and(|c| NAMES.contains(&fold(c).as_str()));
    table
        .into_iter()
        .skip(usize::from(headed))
        .map(|row| {
            let mut cells = row.into_iter();
            let mut next = || cells.next().unwrap_or_default();
            TemporaryRow { name: next(), role: next(), unit_code: next(), phone: next() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heading_is_left_out_and_short_rows_are_kept() {
        let row = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let table = vec![row(&["Họ và tên", "Vai trò"]), row(&["Lê Thị Bé", "sampler", "28807"])];
        let rows = without_head(table);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].unit_code.as_str(), rows[0].phone.as_str()), ("28807", ""));
    }
}
