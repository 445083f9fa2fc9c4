//! Result files of instruments. Which column says what is data, so that a new instrument needs no new program.

use super::{Ct, Plate, Well};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Which column says what. Names are compared without case and without surrounding blanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    pub name: String,
    pub well: String,
    /// The label typed or scanned into the plate set-up; none: the file carries no labels.
    pub sample: Option<String>,
    pub target: String,
    pub ct: String,
}

impl ColumnMap {
    /// Results of Applied Biosystems `QuantStudio` exported as text: a preamble, then a table with these heads.
    pub fn quant_studio() -> Self {
        Self {
            name: "QuantStudio".into(),
            well: "Well Position".into(),
            sample: Some("Sample Name".into()),
            target: "Target Name".into(),
            ct: "CT".into(),
        }
    }
}

/// One curve of one well, as the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// In the file, from 1.
    pub line: u64,
    pub well: Well,
    pub sample: Option<String>,
    pub target: String,
    pub ct: Option<Ct>,
}

/// What is wrong with a file. Nothing of such a file is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetProblem {
    pub line: Option<u64>,
    pub well: Option<Well>,
    pub error: SheetError,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    #[error("the file is not text; export the results as CSV or tab-separated text")]
    NotText,
    #[error("no line holds the heads {0}; choose the instrument that wrote the file")]
    NoHead(String),
    #[error("the table has heads and no result below them")]
    NoResult,
    #[error("{0}")]
    Cell(String),
    #[error("{target} of this well stands in the file twice")]
    Twice { target: String },
    #[error("this well is not on a plate of {0} wells")]
    OffPlate(u16),
    #[error("the file has a result here, but nothing was put into this well")]
    NothingPlanned,
    #[error("`{planned}` was put into this well and the file has no result for it: export the whole plate")]
    NoLine { planned: String },
    #[error("the file says `{file}`, but `{planned}` was put into this well: is it the file of another run?")]
    OtherTube { file: String, planned: String },
}

impl fmt::Display for SheetProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(well) = self.well {
            write!(f, "well {well}: ")?;
        }
        self.error.fmt(f)
    }
}

/// Reads a result file: comma, semicolon or tab; UTF-8 (with or without mark) or UTF-16 with mark.
///
/// # Errors
/// Everything that is wrong with it, in the order of the lines.
pub fn read_sheet(bytes: &[u8], map: &ColumnMap, plate: Plate) -> Result<Vec<Measured>, Vec<SheetProblem>> {
    let whole = |error| vec![SheetProblem { line: None, well: None, error }];
    let text = decode(bytes).ok_or_else(|| whole(SheetError::NotText))?;
    let (head, columns, separator) =
        find_head(&text, map).ok_or_else(|| whole(SheetError::NoHead(heads(map).join(", "))))?;
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let table = text.lines().skip(head).collect::<Vec<_>>().join("\n");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(table.as_bytes());
    for record in reader.records() {
        let (line, record) = match record {
            Ok(record) => (head as u64 + record.position().map_or(0, csv::Position::line), record),
            Err(error) => {
                let line = error.position().map(|at| head as u64 + at.line());
                problems.push(SheetProblem { line, well: None, error: SheetError::Cell(error.to_string()) });
                continue;
            }
        };
        let cell = |column: usize| record.get(column).map_or("", str::trim);
        // Blank lines and notes under the table have no well.
        if record.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        let mut fail = |well, error| problems.push(SheetProblem { line: Some(line), well, error });
        let well: Well = match cell(columns.well).parse() {
            Ok(well) => well,
            Err(error) => {
                fail(None, SheetError::Cell(format!("{error}")));
                continue;
            }
        };
        if !plate.holds(well) {
            fail(Some(well), SheetError::OffPlate(plate.size()));
            continue;
        }
        let target = cell(columns.target).to_owned();
        if target.is_empty() {
            // An empty well: the instrument lists it without a target.
            continue;
        }
        let ct = match Ct::read(cell(columns.ct)) {
            Ok(ct) => ct,
            Err(error) => {
                fail(Some(well), SheetError::Cell(format!("{target}: {error}")));
                continue;
            }
        };
        if !seen.insert((well, target.clone())) {
            fail(Some(well), SheetError::Twice { target });
            continue;
        }
        let sample = columns.sample.map(|c| cell(c).to_owned()).filter(|s| !s.is_empty());
        rows.push(Measured { line, well, sample, target, ct });
    }
    match (problems.is_empty(), rows.is_empty()) {
        (true, false) => Ok(rows),
        (true, true) => Err(whole(SheetError::NoResult)),
        (false, _) => Err(problems),
    }
}

/// Lays a file over the plate map (well → label of the tube, pool or control in it): both must name the same wells, and
/// where the file carries labels, the same tubes.
///
/// # Errors
/// Every well that does not fit, in the order of the plate.
pub fn fit<'a>(
    planned: &BTreeMap<Well, String>,
    rows: &'a [Measured],
) -> Result<BTreeMap<Well, Vec<&'a Measured>>, Vec<SheetProblem>> {
    let mut wells: BTreeMap<Well, Vec<&Measured>> = BTreeMap::new();
    for row in rows {
        wells.entry(row.well).or_default().push(row);
    }
    let mut problems = Vec::new();
    for (well, rows) in &wells {
        let line = rows.first().map(|r| r.line);
        let mut fail = |error| problems.push(SheetProblem { line, well: Some(*well), error });
        let Some(planned) = planned.get(well) else {
            fail(SheetError::NothingPlanned);
            continue;
        };
        if let Some(file) = rows.iter().filter_map(|r| r.sample.as_ref()).find(|s| *s != planned) {
            fail(SheetError::OtherTube { file: file.clone(), planned: planned.clone() });
        }
    }
    for (well, label) in planned.iter().filter(|(well, _)| !wells.contains_key(well)) {
        let error = SheetError::NoLine { planned: label.clone() };
        problems.push(SheetProblem { line: None, well: Some(*well), error });
    }
    problems.sort_by_key(|p| p.well);
    if problems.is_empty() { Ok(wells) } else { Err(problems) }
}

struct Columns {
    well: usize,
    sample: Option<usize>,
    target: usize,
    ct: usize,
}

fn heads(map: &ColumnMap) -> Vec<&str> {
    [Some(&map.well), map.sample.as_ref(), Some(&map.target), Some(&map.ct)]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect()
}

/// The number of lines up to and with the heads, where the columns are, and what separates them.
fn find_head(text: &str, map: &ColumnMap) -> Option<(usize, Columns, u8)> {
    for (index, line) in text.lines().enumerate() {
        for separator in [b'\t', b';', b','] {
            let names: Vec<String> = line
                .split(char::from(separator))
                .map(|name| name.trim().trim_matches('"').trim().to_lowercase())
                .collect();
            let of = |name: &str| names.iter().position(|n| *n == name.to_lowercase());
            let (Some(well), Some(target), Some(ct)) = (of(&map.well), of(&map.target), of(&map.ct)) else {
                continue;
            };
            let sample = map.sample.as_deref().map(of);
            if sample == Some(None) {
                continue;
            }
            return Some((index + 1, Columns { well, sample: sample.flatten(), target, ct }, separator));
        }
    }
    None
}

fn decode(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], word: fn([u8; 2]) -> u16| {
        let words: Vec<u16> = bytes.chunks_exact(2).map(|pair| word([pair[0], pair[1]])).collect();
        bytes.len().is_multiple_of(2).then(|| String::from_utf16(&words).ok())?
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ if bytes.contains(&0) => None,
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}
