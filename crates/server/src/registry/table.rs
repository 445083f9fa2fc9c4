//! Sheets read row by row: CSV in any encoding from a stream, or a workbook's first sheet.

use crate::http::problem::{Text, text};
use calamine::{DataRef, Reader as _, Xlsx};
use encoding_rs::Decoder;
use greenfort_domain::registry::import::{Cell, Charset};
use std::borrow::Cow;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;

/// Most bytes of a workbook: it is read whole, because its directory stands at its end.
pub const MOST_WORKBOOK: usize = 64 << 20;
/// Most bytes its parts may unpack to.
const MOST_UNPACKED: u64 = 1 << 30;

/// True for a workbook (a ZIP archive), whatever its name says.
pub fn is_workbook(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// Calls `each` with the number of every row, from 1 as a spreadsheet counts, and its cells.
///
/// # Errors
/// Why the workbook cannot be read.
pub fn workbook_rows(
    bytes: &[u8],
    mut each: impl FnMut(u32, &[Cell<'_>]) -> ControlFlow<()>,
) -> Result<(), Text> {
    refuse_bombs(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| unreadable(&e))?;
    let Some(name) = book.sheet_names().first().cloned() else {
        return Err(text("Tệp không có trang tính nào.", "The workbook has no sheet."));
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(|e| unreadable(&e))?;
    let mut row: Vec<Cell<'_>> = Vec::new();
    let mut at = None;
    while let Some(cell) = cells.next_cell().map_err(|e| unreadable(&e))? {
        let (number, column) = cell.get_position();
        if at != Some(number) {
            if let Some(before) = at
                && each(before + 1, &row).is_break()
            {
                return Ok(());
            }
            row.clear();
            at = Some(number);
        }
        let column = column as usize;
        // Formatting alone may reach to the last of 16,384 columns.
        if column < MOST_COLUMNS {
            if row.len() <= column {
                row.resize(column + 1, Cell::Empty);
            }
            row[column] = value(cell.get_value());
        }
    }
    if let Some(last) = at {
        let _ = each(last + 1, &row);
    }
    Ok(())
}

const MOST_COLUMNS: usize = 256;

fn value<'a>(data: &DataRef<'a>) -> Cell<'a> {
    match data {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::Text(Cow::Owned(text.clone())),
        DataRef::SharedString(text) => Cell::Text(Cow::Borrowed(text)),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            let date = i16::try_from(year)
                .ok()
                .and_then(|year| jiff::civil::Date::new(year, month.cast_signed(), day.cast_signed()).ok());
            date.map_or(Cell::Number(moment.as_f64()), Cell::Date)
        }
        DataRef::DateTime(moment) => Cell::Number(moment.as_f64()),
        other => Cell::Text(Cow::Owned(calamine::Data::from(other.clone()).to_string())),
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Text {
    text(
        "Không đọc được tệp XLSX này. Mở bằng bảng tính, bỏ mật khẩu nếu có, lưu lại dạng .xlsx rồi thử lại.",
        format!(
            "This workbook cannot be read ({error}). Open it, take off any password, save it as .xlsx and try again."
        ),
    )
}

/// A small archive may unpack to more than a machine has. Sizes in the directory may lie, so they are counted.
fn refuse_bombs(bytes: &[u8]) -> Result<(), Text> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| unreadable(&e))?;
    let mut unpacked = 0;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|e| unreadable(&e))?;
        let left = MOST_UNPACKED - unpacked;
        unpacked += io::copy(&mut file.take(left + 1), &mut io::sink()).map_err(|e| unreadable(&e))?;
        if unpacked > MOST_UNPACKED {
            return Err(text("Tệp XLSX bung ra quá lớn.", "The workbook unpacks to too much."));
        }
    }
    Ok(())
}

/// The same for CSV text that comes as bytes.
///
/// # Errors
/// Why it cannot be read.
pub fn csv_rows(
    bytes: impl Read,
    charset: Charset,
    separator: u8,
    mut each: impl FnMut(u32, &[Cell<'_>]) -> ControlFlow<()>,
) -> Result<(), Text> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        // Not CRLF: the reader then counts the line of a row before it has passed the end of the last one.
        .terminator(csv::Terminator::Any(b'\n'))
        .buffer_capacity(1 << 16)
        .from_reader(Utf8::new(bytes, charset));
    let mut record = csv::StringRecord::new();
    // Lines inside quoted cells are no rows of the spreadsheet; blank lines are.
    let mut lines_inside = 0;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                return Err(text(
                    "Tệp CSV có chỗ không đọc được. Mở bằng bảng tính, lưu lại rồi thử lại.",
                    format!("The CSV cannot be read: {error}."),
                ));
            }
        }
        let line = record.position().map_or(0, csv::Position::line) - lines_inside;
        lines_inside += record.iter().map(|c| c.bytes().filter(|b| *b == b'\n').count() as u64).sum::<u64>();
        let cells: Vec<Cell<'_>> = record
            .iter()
            .map(|c| c.strip_suffix('\r').unwrap_or(c))
            .map(|c| if c.trim().is_empty() { Cell::Empty } else { Cell::Text(Cow::Borrowed(c)) })
            .collect();
        if cells.iter().all(Cell::is_empty) {
            continue;
        }
        if each(u32::try_from(line).unwrap_or(u32::MAX), &cells).is_break() {
            return Ok(());
        }
    }
}

/// The sign between cells: the most frequent in the first lines.
pub fn separator(head: &str) -> u8 {
    let count = |sign: u8| head.lines().take(40).flat_map(str::bytes).filter(|b| *b == sign).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

/// Bytes of any encoding as UTF-8.
struct Utf8<R> {
    from: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Bytes of `raw` not yet decoded.
    waiting: usize,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    fn new(from: R, charset: Charset) -> Self {
        Self {
            from,
            decoder: charset.encoding().new_decoder_with_bom_removal(),
            raw: vec![0; 1 << 16],
            waiting: 0,
            text: Vec::new(),
            given: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            let got = self.from.read(&mut self.raw[self.waiting..])?;
            self.ended = got == 0;
            let input = &self.raw[..self.waiting + got];
            let room = self.decoder.max_utf8_buffer_length(input.len()).unwrap_or(4 * input.len() + 16);
            self.text.resize(room, 0);
            let (_, read, written, _) = self.decoder.decode_to_utf8(input, &mut self.text, self.ended);
            self.text.truncate(written);
            self.waiting = input.len() - read;
            let end = self.waiting + read;
            self.raw.copy_within(read..end, 0);
            self.given = 0;
        }
        let some = out.len().min(self.text.len() - self.given);
        out[..some].copy_from_slice(&self.text[self.given..self.given + some]);
        self.given += some;
        Ok(some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenfort_domain::registry::import::{Bytes, Repair};

    fn rows(bytes: &[u8], charset: Charset) -> Vec<(u32, Vec<String>)> {
        let mut out = Vec::new();
        let separator = separator(&charset.encoding().decode(bytes).0);
        csv_rows(bytes, charset, separator, |row, cells| {
            out.push((row, cells.iter().map(|c| c.text().into_owned()).collect()));
            ControlFlow::Continue(())
        })
        .unwrap();
        out
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
        let found =
            rows("DANH SÁCH\r\n\r\nHọ tên;Địa chỉ\r\nA;\"Số 1\nẤp 2\"\r\nB;x\r\n".as_bytes(), Charset::UTF8);
        let numbers: Vec<u32> = found.iter().map(|(row, _)| *row).collect();
        assert_eq!(numbers, [1, 3, 4, 5]);
        assert_eq!(found[2].1, ["A", "Số 1\nẤp 2"]);
    }

    #[test]
    fn utf16_comes_out_as_text_however_it_is_cut() {
        let text: String = (0..9_000).map(|n| format!("Nguyễn Văn {n},1985\r\n")).collect();
        let bytes: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let found = rows(&bytes, Charset { bytes: Bytes::Utf16Le, repair: Repair::None });
        assert_eq!(found.len(), 9_000);
        assert_eq!(found[8_999], (9_000, vec!["Nguyễn Văn 8999".into(), "1985".into()]));
    }

    #[test]
    fn what_is_no_workbook_says_so() {
        let never = |_: u32, _: &[Cell<'_>]| ControlFlow::Continue(());
        assert!(workbook_rows(b"PK\x03\x04 not a workbook", never).unwrap_err().en.contains("workbook"));
    }
}
