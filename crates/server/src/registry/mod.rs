//! The register's long work: sheets in and out.

pub mod export;
pub mod give_back;
pub mod import;
pub mod table;
pub mod undo;

use std::borrow::Cow;

/// Text that no spreadsheet runs as a formula: a leading sign is led by an apostrophe, which spreadsheets hide.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
