//! Rows of designs in, rows of exact characteristics out: the command `pooling table`.
//!
//! Input: CSV (comma, or semicolon or tab where the header has no comma; a byte order mark and any line ends are fine) with a header naming
//! at least `id, kind, algorithm, p_mean, p_vector, Se, Sp, size_min, size_max, config` in any order; other columns are
//! ignored. `kind` is `OTC1` (find the best configuration within `size_min..size_max`, over the configurations binGroup2's
//! OTC1 compares) or `opChar1` (evaluate `config`). `Se`, `Sp` and `p_vector` are lists: `0.9;0.95`, also with commas or
//! blanks between the numbers, or as R prints them, `c(0.9, 0.95)`. `NA` and an empty cell are alike. Informative rows
//! without `p_vector` get the expected ordered risks of Beta with mean `p_mean` and the shape in the column `alpha`, 2 where
//! there is none, as in the reference.
//!
//! A row that is refused stays in the output with its id and empty cells, and its error names the row, counted from 1 without the header, and the column;
//! the other rows are answered, because no row says anything about another.

use std::fmt::Write as _;

use crate::accuracy::Accuracy;
use crate::characteristics::Characteristics;
use crate::design::Algorithm;
use crate::error::{Error, Result};
use crate::optimise::{Objective, Profile, Reach, Search, arrange, best};
use crate::risks::{Risks, ordered_beta};

/// The CSV of all rows that could be computed, and what was wrong with the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Header `id,config,et_total,et_per_person,pse,psp,ppv,npv`; numbers in full double precision. A
    /// row that could not be computed has its id and empty fields.
    pub csv: String,
    /// One line for each refused row: its id, the argument, the problem.
    pub errors: Vec<String>,
}

/// The most rows one table may have.
pub const MAX_ROWS: usize = 100_000;

/// Computes a table. An error is returned only where the input as a whole cannot be read.
pub fn table(input: &str) -> Result<Table> {
    let input = input.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(input))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(input.as_bytes());
    let header = reader.headers().map_err(|e| Error::new("input", e.to_string()))?.clone();
    let column = |name: &'static str| header.iter().position(|h| h == name);
    let need =
        |name: &'static str| column(name).ok_or_else(|| Error::new("input", format!("has no column {name}")));
    let columns = Columns {
        id: need("id")?,
        kind: need("kind")?,
        algorithm: need("algorithm")?,
        p_mean: need("p_mean")?,
        p_vector: need("p_vector")?,
        se: need("Se")?,
        sp: need("Sp")?,
        size_min: need("size_min")?,
        size_max: need("size_max")?,
        config: need("config")?,
        alpha: column("alpha"),
    };
    let mut out =
        Table { csv: String::from("id,config,et_total,et_per_person,pse,psp,ppv,npv\n"), errors: Vec::new() };
    for (number, record) in reader.records().enumerate() {
        if number >= MAX_ROWS {
            return Err(Error::new("input", format!("has more than {MAX_ROWS} rows")));
        }
        let record = record.map_err(|e| Error::new("input", e.to_string()))?;
        // Spreadsheets leave rows of nothing but separators behind.
        if record.iter().all(str::is_empty) {
            continue;
        }
        let id = quote(record.get(columns.id).unwrap_or(""));
        match row(&columns, &record).map_err(|e| by_column(e, &columns, &record)) {
            Ok((config, c)) => {
                let _ = writeln!(
                    out.csv,
                    "{id},{config},{},{},{},{},{},{}",
                    c.expected_tests,
                    c.tests_per_person(),
                    c.pse,
                    c.psp,
                    c.ppv,
                    c.npv
                );
            }
            Err(error) => {
                let _ = writeln!(out.csv, "{id},,,,,,,");
                out.errors.push(format!("row {} ({id}): {error}", number + 1));
            }
        }
    }
    Ok(out)
}

/// The maths speaks of `p`, rows and lines; the reader of a table has columns.
fn by_column(error: Error, columns: &Columns, record: &csv::StringRecord) -> Error {
    let listed = record.get(columns.p_vector).and_then(given).is_some();
    match error.argument() {
        "p" | "n" if listed => error.called("p_vector"),
        "p" | "n" => error.called("p_mean"),
        "rows" | "columns" | "config stages" => error.called("config"),
        _ => error,
    }
}

struct Columns {
    id: usize,
    kind: usize,
    algorithm: usize,
    p_mean: usize,
    p_vector: usize,
    se: usize,
    sp: usize,
    size_min: usize,
    size_max: usize,
    config: usize,
    alpha: Option<usize>,
}

fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn given(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !text.eq_ignore_ascii_case("na") && !text.eq_ignore_ascii_case("nan"))
        .then_some(text)
}

fn number(name: &'static str, text: &str) -> Result<f64> {
    text.trim().parse().map_err(|_| Error::new(name, format!("{text:?} is not a number")))
}

/// A whole number, also as R writes one: `1e+02`, `30.0`.
fn whole(name: &'static str, text: &str) -> Result<usize> {
    let bad = || Error::new(name, format!("{text:?} is not a whole number"));
    text.parse().or_else(|_| {
        let value: f64 = text.parse().map_err(|_| bad())?;
        let fits = value.fract() == 0.0 && (0.0..=1e9).contains(&value);
        if fits { Ok(value as usize) } else { Err(bad()) }
    })
}

/// Numbers with `;`, `,` or blanks between them, bare or inside R's `c(…)`; or nothing.
pub(crate) fn list(name: &'static str, text: &str) -> Result<Vec<f64>> {
    let Some(text) = given(text) else { return Ok(Vec::new()) };
    let text = text.strip_prefix("c(").and_then(|t| t.strip_suffix(')')).unwrap_or(text);
    let marked = text.contains([';', ',']);
    let split = |c: char| if marked { c == ';' || c == ',' } else { c.is_whitespace() };
    text.split(split).filter(|one| marked || !one.is_empty()).map(|one| number(name, one)).collect()
}

/// Comma, unless the header has none and something else instead.
fn delimiter(input: &str) -> u8 {
    let header = input.lines().next().unwrap_or_default();
    match (header.contains(','), header.contains(';'), header.contains('\t')) {
        (false, true, _) => b';',
        (false, false, true) => b'\t',
        _ => b',',
    }
}

fn row(columns: &Columns, record: &csv::StringRecord) -> Result<(String, Characteristics)> {
    let text = |index: usize| record.get(index).unwrap_or("");
    let algorithm: Algorithm = text(columns.algorithm).parse()?;
    let stages = algorithm.accuracies();
    let accuracy = Accuracy::stages(&list("Se", text(columns.se))?, &list("Sp", text(columns.sp))?, stages)?;
    let vector = list("p_vector", text(columns.p_vector))?;
    let alpha = match columns.alpha.and_then(|i| given(text(i))) {
        Some(alpha) => number("alpha", alpha)?,
        None => 2.0,
    };
    let profile = if vector.is_empty() {
        let mean = given(text(columns.p_mean))
            .ok_or_else(|| Error::new("p_mean", "is empty, and so is p_vector"))?;
        let mean = number("p_mean", mean)?;
        if algorithm.informative() { Profile::Beta { mean, alpha } } else { Profile::Same(mean) }
    } else {
        Profile::Each(vector)
    };
    let kind = text(columns.kind);
    match kind.to_ascii_lowercase().as_str() {
        "otc1" => {
            let size = |name: &'static str, index: usize| {
                whole(name, given(text(index)).ok_or_else(|| Error::new(name, "is empty"))?)
            };
            let found = best(&Search {
                algorithm,
                profile,
                accuracy,
                smallest: size("size_min", columns.size_min)?,
                largest: size("size_max", columns.size_max)?,
                objective: Objective::ExpectedTests,
                reach: Reach::Reference,
            })?;
            Ok((found.design.to_string(), found.characteristics))
        }
        "opchar1" => {
            let design = algorithm
                .design(given(text(columns.config)).ok_or_else(|| Error::new("config", "is empty"))?)?;
            let risks = match profile {
                Profile::Same(p) => Risks::same(p)?,
                Profile::Beta { mean, alpha } => {
                    place(ordered_beta(mean, alpha, design.members())?, &design)?
                }
                Profile::Each(each) if algorithm.informative() => place(each, &design)?,
                Profile::Each(each) => Risks::each(each)?,
            };
            let characteristics = design.characteristics(&risks, &accuracy)?;
            Ok((design.to_string(), characteristics))
        }
        _ => Err(Error::new("kind", format!("{kind:?} is neither OTC1 nor opChar1"))),
    }
}

fn place(each: Vec<f64>, design: &crate::design::Design) -> Result<Risks> {
    if let Risks::Each(each) = Risks::each(each)? {
        let order = arrange(&each, design);
        return Risks::each(order.into_iter().filter_map(|who| each.get(who).copied()).collect());
    }
    Err(Error::new("p_vector", "is empty"))
}
