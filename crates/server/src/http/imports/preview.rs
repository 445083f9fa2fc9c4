//! `GET /imports/{id}/preview`: how the sheet would be read – encoding, head, what each column holds – and its first rows.

use super::begin::parts_of;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, Text, text};
use crate::registry::import::too_large;
use crate::registry::table::{MOST_WORKBOOK, csv_rows, is_workbook, separator, workbook_rows};
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_domain::registry::import::{
    Bytes, Cell, Charset, Column, Field, Layout, Repair, column_letter, detect,
};
use greenfort_kernel::ImportId;
use greenfort_store::registry::import::{self, Import};
use greenfort_store::{Tx, tx};
use serde::Serialize;
use std::ops::ControlFlow;
use utoipa::ToSchema;

/// Rows looked at for the head and the guess of the encoding.
const LOOK_AT: usize = 300;
/// Rows of people shown.
const SHOWN: usize = 8;

/// How a sheet would be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPreview {
    /// `csv` or `xlsx`, by the content.
    #[schema(example = "xlsx")]
    pub kind: String,
    pub charset: Charset,
    /// False: no head was found; say what the columns hold.
    pub head_found: bool,
    /// The first person stands in the row after these.
    pub head_rows: u32,
    /// True: the columns are taken for what they were last time in this unit.
    pub remembered: bool,
    pub columns: Vec<PreviewColumn>,
    /// The first rows under the head, as they stand.
    pub rows: Vec<Vec<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewColumn {
    #[schema(example = "C")]
    pub letter: String,
    pub heading: String,
    /// What it would be taken for; null: left out.
    pub field: Option<Field>,
}

/// What was found out about a file.
pub struct Looked {
    pub kind: &'static str,
    pub charset: Charset,
    pub head_found: bool,
    pub layout: Layout,
    pub remembered: bool,
    pub signature: Vec<u8>,
    rows: Vec<Vec<String>>,
}

/// How the sheet would be read.
#[utoipa::path(
    get,
    path = "/imports/{id}/preview",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, body = ImportPreview),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such import of yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Parts are missing, or the file cannot be read", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn preview_import(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ImportId>,
) -> Result<Json<ImportPreview>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let looked = tx!(app.db, "preview_import", scope, |tx| -> Result<Looked, Refusal> {
        let found = import::find(tx, id, Some(caller.account)).await?;
        look(tx, &found).await
    })?;
    let columns = (0..)
        .zip(looked.layout.columns)
        .map(|(at, c)| PreviewColumn { letter: column_letter(at), heading: c.heading, field: c.field })
        .collect();
    Ok(Json(ImportPreview {
        kind: looked.kind.to_owned(),
        charset: looked.charset,
        head_found: looked.head_found,
        head_rows: looked.layout.head_rows,
        remembered: looked.remembered,
        columns,
        rows: looked.rows,
    }))
}

/// Looks at a file that has arrived whole.
///
/// # Errors
/// When parts are missing or it cannot be read.
pub async fn look(tx: &mut Tx, found: &Import) -> Result<Looked, Refusal> {
    let expected = parts_of(found.size);
    if found.parts != expected {
        let why = text(
            format!("Tệp chưa tới đủ: có {} / {expected} phần. Gửi tiếp phần còn thiếu.", found.parts),
            format!(
                "The file has not arrived whole: {} of {expected} parts. Send the missing ones.",
                found.parts
            ),
        );
        return Err(Problem::field("file", "incomplete", why).into());
    }
    let first = import::part(tx, found.id, "sheet", 0).await?.unwrap_or_default();
    let bytes = if is_workbook(&first) { whole(tx, found, first).await? } else { first };
    let looked = tokio::task::spawn_blocking(move || look_at(&bytes)).await;
    let mut looked = match looked {
        Ok(Ok(looked)) => looked,
        Ok(Err(why)) => return Err(Problem::field("file", "file", why).into()),
        Err(error) => {
            tracing::error!(%error, "looking at a sheet broke");
            return Err(Problem::internal().into());
        }
    };
    if let Some(columns) = import::remembered(tx, found.unit, &looked.signature).await?
        && let Ok(fields) = serde_json::from_value::<Vec<Option<Field>>>(columns)
        && fields.len() == looked.layout.columns.len()
    {
        for (column, field) in looked.layout.columns.iter_mut().zip(fields) {
            column.field = field;
        }
        looked.remembered = true;
    }
    Ok(looked)
}

async fn whole(tx: &mut Tx, found: &Import, first: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    if found.size > MOST_WORKBOOK as i64 {
        return Err(Problem::field("file", "size", too_large()).into());
    }
    let mut bytes = first;
    let parts = i32::try_from(found.parts).unwrap_or(i32::MAX);
    for number in 1..parts {
        bytes.extend(import::part(tx, found.id, "sheet", number).await?.unwrap_or_default());
    }
    Ok(bytes)
}

fn look_at(bytes: &[u8]) -> Result<Looked, Text> {
    let mut rows: Vec<(u32, Vec<Cell<'static>>)> = Vec::new();
    let mut keep = |row: u32, cells: &[Cell<'_>]| {
        rows.push((row, cells.iter().map(owned).collect()));
        if rows.len() < LOOK_AT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let workbook = is_workbook(bytes);
    let charset = if workbook {
        workbook_rows(bytes, &mut keep)?;
        let words: String =
            rows.iter().flat_map(|(_, cells)| cells.iter().map(|c| format!("{} ", c.text()))).collect();
        Charset { bytes: Bytes::Utf8, repair: Repair::of_text(&words) }
    } else {
        let Some(charset) = Charset::of_bytes(bytes) else {
            return Err(text(
                "Không nhận ra bảng mã của tệp. Mở bằng bảng tính, lưu dạng XLSX hoặc “CSV UTF-8” rồi gửi lại.",
                "The encoding of the file is not known. Open it, save it as XLSX or “CSV UTF-8”, and send that.",
            ));
        };
        let (head, ..) = charset.encoding().decode(bytes);
        let separator = separator(&head);
        csv_rows(bytes, charset, separator, &mut keep)?;
        charset
    };
    if rows.is_empty() {
        return Err(text("Bảng không có dòng nào.", "The sheet has no row."));
    }
    let repaired = |cell: &Cell<'static>| match cell {
        Cell::Text(text) => Cell::Text(charset.repair.apply(text).into_owned().into()),
        other => other.clone(),
    };
    // The head is looked for by the numbers of the rows, blank ones among them.
    let last = rows.iter().map(|(row, _)| *row as usize).take_while(|row| *row <= 1_000).last().unwrap_or(0);
    let mut sheet: Vec<Vec<Cell<'static>>> = vec![Vec::new(); last];
    for (row, cells) in rows.iter().filter(|(row, _)| (1..=last).contains(&(*row as usize))) {
        sheet[*row as usize - 1] = cells.iter().map(repaired).collect();
    }
    let found = detect(&sheet);
    let head_found = found.is_some();
    let width = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let mut layout = found.unwrap_or(Layout { head_rows: 0, columns: Vec::new() });
    while layout.columns.len() < width {
        layout.columns.push(Column { heading: String::new(), field: None });
    }
    let shown = rows
        .iter()
        .filter(|(row, cells)| *row > layout.head_rows && cells.iter().any(|c| !c.is_empty()))
        .take(SHOWN)
        .map(|(_, cells)| cells.iter().map(|c| repaired(c).text().into_owned()).collect())
        .collect();
    Ok(Looked {
        kind: if workbook { "xlsx" } else { "csv" },
        charset,
        head_found,
        remembered: false,
        signature: digest(&SHA256, layout.signature().as_bytes()).as_ref().to_vec(),
        rows: shown,
        layout,
    })
}

fn owned(cell: &Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Empty => Cell::Empty,
        Cell::Text(text) => Cell::Text(text.clone().into_owned().into()),
        Cell::Number(number) => Cell::Number(*number),
        Cell::Date(date) => Cell::Date(*date),
    }
}
