//! The committed tables: a row for each route and whose thing it is about, a column for everybody.

use super::call::{Call, Case, Who};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub route: String,
    pub case: Case,
    status: BTreeMap<String, u16>,
}

impl Row {
    pub fn new(call: &Call, case: Case) -> Self {
        Self { route: call.route.clone(), case, status: BTreeMap::new() }
    }

    pub fn set(&mut self, who: Who, status: u16) {
        self.status.insert(who.to_string(), status);
    }
}

#[derive(Debug)]
pub struct Table {
    pub rows: Vec<Row>,
}

fn path(room: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contract/authorisation");
    PathBuf::from(folder).join(format!("{room}.csv"))
}

impl Table {
    /// A room's table; empty where there is none yet.
    pub fn read(room: &str) -> Self {
        let text = std::fs::read_to_string(path(room)).unwrap_or_default();
        let mut lines = text.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split(',').skip(3).collect();
        let rows = lines.map(|line| {
            let mut cells = line.split(',');
            let mut next = || cells.next().unwrap_or_default();
            let route = format!("{} {}", next(), next());
            let case = match next() {
                "own" => Case::Own,
                "other" => Case::Other,
                word => panic!("{room}.csv: `{word}` is neither own nor other, in: {line}"),
            };
            let status = head
                .iter()
                .zip(cells)
                .map(|(who, status)| {
                    let status =
                        status.parse().unwrap_or_else(|_| panic!("{room}.csv: `{status}` in: {line}"));
                    ((*who).to_owned(), status)
                })
                .collect();
            Row { route, case, status }
        });
        Self { rows: rows.collect() }
    }

    pub fn write(&self, room: &str) {
        let names: Vec<String> = Who::all().iter().map(ToString::to_string).collect();
        let mut text = format!("method,path,whose,{}\n", names.join(","));
        for row in &self.rows {
            let route = row.route.replace(' ', ",");
            let status: Vec<String> = names.iter().map(|who| row.status[who].to_string()).collect();
            writeln!(text, "{route},{},{}", row.case, status.join(",")).unwrap();
        }
        std::fs::create_dir_all(path(room).parent().unwrap()).unwrap();
        std::fs::write(path(room), text).unwrap();
    }

    /// Every cell in which what was found is not what the table says.
    pub fn differences(&self, found: &Self) -> Vec<String> {
        let mut out = Vec::new();
        for row in &found.rows {
            let said = self.rows.iter().find(|r| r.route == row.route && r.case == row.case);
            let Some(said) = said else {
                out.push(format!("{} {}: no row", row.route, row.case));
                continue;
            };
            for (who, status) in &row.status {
                let expected = said.status.get(who).copied().unwrap_or(0);
                if expected != *status {
                    out.push(format!(
                        "{} {} as {who}: the table says {expected}, the server {status}",
                        row.route, row.case
                    ));
                }
            }
        }
        let known = |row: &Row| found.rows.iter().any(|r| r.route == row.route && r.case == row.case);
        let gone = self.rows.iter().filter(|row| !known(row));
        out.extend(gone.map(|row| format!("{} {}: a row for nothing", row.route, row.case)));
        out
    }
}
