//! Rejected rows as a sheet of the same form: its head, the rows as they were, and a last column that says why.

use super::import::{Sheet, Stopped, shown};
use super::neutral;
use crate::http::problem::text;
use greenfort_domain::registry::import::{Cell, Fault};
use greenfort_kernel::Language;
use greenfort_store::registry::import::PART;
use rust_xlsxwriter::{Workbook, XlsxError};
use std::ops::ControlFlow;
use tokio::sync::mpsc;

/// Writes CSV, or a workbook where one was sent, in parts.
///
/// # Errors
/// When the sheet cannot be read again.
pub fn write(
    sheet: &Sheet,
    faults: &[Fault],
    language: Language,
    workbook: bool,
    send: &mpsc::Sender<Vec<u8>>,
) -> Result<(), Stopped> {
    let mut out: Box<dyn Out> =
        if workbook { Box::new(Xlsx::new()) } else { Box::new(Csv::new(send.clone())) };
    let head_rows = sheet.layout.head_rows;
    let width = sheet.layout.columns.len();
    let mut at = 0;
    sheet.rows(|row, cells| {
        let why = if row == head_rows {
            language.pick("Lý do", "Reason").to_owned()
        } else if row < head_rows {
            String::new()
        } else {
            while faults.get(at).is_some_and(|f| f.row < row) {
                at += 1;
            }
            let of_row = faults[at..].iter().take_while(|f| f.row == row);
            let reasons: Vec<String> = of_row.map(|f| reason(f, sheet, language)).collect();
            if reasons.is_empty() {
                return ControlFlow::Continue(());
            }
            reasons.join("; ")
        };
        let mut line: Vec<String> = cells.iter().map(|c| said(c, sheet)).collect();
        if row >= head_rows {
            line.resize(width.max(line.len()), String::new());
            line.push(why);
        }
        if out.row(&line) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let last = out.end().map_err(|e| {
        text("Không ghi được bảng trả lại.", format!("The rows to return could not be written: {e}."))
    })?;
    for part in last.chunks(PART) {
        if send.blocking_send(part.to_vec()).is_err() {
            break;
        }
    }
    Ok(())
}

fn said(cell: &Cell<'_>, sheet: &Sheet) -> String {
    match cell {
        Cell::Text(text) => sheet.repair().apply(text).into_owned(),
        other => other.text().into_owned(),
    }
}

fn reason(fault: &Fault, sheet: &Sheet, language: Language) -> String {
    let shown = shown(fault, &sheet.layout);
    let why = language.pick(&shown.vi, &shown.en);
    match (shown.column, shown.heading.filter(|h| !h.is_empty())) {
        (Some(column), Some(heading)) => format!("{column} ({heading}): {why}"),
        (Some(column), None) => format!("{column}: {why}"),
        (None, _) => why.to_owned(),
    }
}

trait Out {
    /// False: nobody wants more.
    fn row(&mut self, cells: &[String]) -> bool;
    fn end(self: Box<Self>) -> Result<Vec<u8>, XlsxError>;
}

struct Csv {
    bytes: Vec<u8>,
    send: mpsc::Sender<Vec<u8>>,
}

impl Csv {
    fn new(send: mpsc::Sender<Vec<u8>>) -> Self {
        Self { bytes: "\u{feff}".into(), send }
    }
}

impl Out for Csv {
    fn row(&mut self, cells: &[String]) -> bool {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(&mut self.bytes);
        // Memory takes every record.
        let _ = writer.write_record(cells.iter().map(|c| neutral(c).into_owned()));
        let _ = writer.flush();
        drop(writer);
        if self.bytes.len() < PART {
            return true;
        }
        let rest = self.bytes.split_off(PART);
        self.send.blocking_send(std::mem::replace(&mut self.bytes, rest)).is_ok()
    }

    fn end(self: Box<Self>) -> Result<Vec<u8>, XlsxError> {
        Ok(self.bytes)
    }
}

struct Xlsx {
    book: Workbook,
    next: u32,
    failed: Option<XlsxError>,
}

impl Xlsx {
    fn new() -> Self {
        let mut book = Workbook::new();
        let failed = book.add_worksheet_with_constant_memory().err();
        Self { book, next: 0, failed }
    }
}

impl Out for Xlsx {
    fn row(&mut self, cells: &[String]) -> bool {
        if self.failed.is_some() {
            return false;
        }
        let next = self.next;
        let written = self.book.worksheet_from_index(0).and_then(|sheet| {
            // Strings stay strings: a workbook runs only what is written as a formula.
            for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string(next, column, cell)?;
            }
            Ok(())
        });
        self.failed = written.err();
        self.next += 1;
        self.failed.is_none()
    }

    fn end(mut self: Box<Self>) -> Result<Vec<u8>, XlsxError> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.book.save_to_buffer(),
        }
    }
}
