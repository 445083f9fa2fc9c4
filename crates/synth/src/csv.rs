//! Reader for the crate's own embedded tables: commas, one header line, no quoting.
//!
//! A broken table is a broken build, so reading panics; the tests read every table.

use std::str::FromStr;

pub(crate) struct Row(Vec<&'static str>);

pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Row> {
    text.lines().skip(1).map(|line| Row(line.split(',').collect()))
}

impl Row {
    pub(crate) fn text(&self, column: usize) -> &'static str {
        self.0[column]
    }

    /// None where the field is empty.
    pub(crate) fn optional<T: FromStr>(&self, column: usize) -> Option<T> {
        (!self.0[column].is_empty()).then(|| self.number(column))
    }

    pub(crate) fn number<T: FromStr>(&self, column: usize) -> T {
        let field = self.0[column];
        field.parse().unwrap_or_else(|_| panic!("embedded table: '{field}' is no number, row {:?}", self.0))
    }
}
