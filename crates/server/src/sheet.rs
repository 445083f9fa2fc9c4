//! Tables people send: CSV as spreadsheets write it in Viet Nam, or a workbook's first sheet.

use crate::http::problem::{Text, text};
use calamine::{Data, Reader as _, Xlsx};
use std::io::Cursor;

/// The rows of a table, cells trimmed, empty rows left out. Whether the first is a heading is the caller's to say.
///
/// # Errors
/// Why the file cannot be read.
pub fn read(bytes: &[u8]) -> Result<Vec<Vec<String>>, Text> {
    // A workbook is a ZIP archive, whatever its name says.
    let rows = if bytes.starts_with(b"PK") { workbook(bytes)? } else { csv(bytes)? };
    Ok(rows.into_iter().filter(|row| row.iter().any(|cell| !cell.is_empty())).collect())
}

fn workbook(bytes: &[u8]) -> Result<Vec<Vec<String>>, Text> {
    let unreadable = |error: &dyn std::fmt::Display| {
        text(
            "Không đọc được tệp XLSX này. Lưu lại dạng .xlsx hoặc CSV rồi thử lại.",
            format!("This workbook cannot be read ({error}). Save it as .xlsx or CSV and try again."),
        )
    };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| unreadable(&e))?;
    let Some(sheet) = book.worksheet_range_at(0) else {
        return Err(text("Tệp không có trang tính nào.", "The workbook has no sheet."));
    };
    let sheet = sheet.map_err(|e| unreadable(&e))?;
    Ok(sheet.rows().map(|row| row.iter().map(cell).collect()).collect())
}

/// A code like 00123 that a spreadsheet took for a number comes back without `.0`.
fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        other => other.to_string().trim().to_owned(),
    }
}

fn csv(bytes: &[u8]) -> Result<Vec<Vec<String>>, Text> {
    let Ok(body) = std::str::from_utf8(bytes) else {
        return Err(text(
            "Tệp CSV không phải UTF-8. Chọn “CSV UTF-8” khi lưu, hoặc gửi tệp XLSX.",
            "The CSV is not UTF-8. Choose “CSV UTF-8” when saving, or send the XLSX.",
        ));
    };
    let body = body.trim_start_matches('\u{feff}');
    let first = body.lines().next().unwrap_or_default();
    let separator = *[b',', b';', b'\t']
        .iter()
        .max_by_key(|sign| first.bytes().filter(|b| b == *sign).count())
        .unwrap_or(&b',');
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(body.as_bytes())
        .records()
        .map(|record| record.map(|r| r.iter().map(str::to_owned).collect()))
        .collect::<Result<_, _>>()
        .map_err(|error| {
            text(
                "Tệp CSV có chỗ không đọc được. Mở bằng bảng tính, lưu lại rồi thử lại.",
                format!("The CSV cannot be read: {error}."),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_with_semicolons_marks_and_quotes_is_read() {
        let rows = read("\u{feff}Họ tên;Vai trò\r\n\"Lê; Thị Bé\" ; sampler\r\n;\r\n".as_bytes()).unwrap();
        assert_eq!(rows, [["Họ tên", "Vai trò"], ["Lê; Thị Bé", "sampler"]]);
    }

    #[test]
    fn what_is_no_table_says_so() {
        assert!(read(b"PK\x03\x04 not a workbook").unwrap_err().en.contains("workbook"));
        assert!(read(b"\xff\xfe\x00").unwrap_err().en.contains("UTF-8"));
    }
}
