//! Rows of designs in, rows of exact characteristics out: the command `pooling table`.
//!
//! Input: CSV with a header naming at least `id, kind, algorithm, p_mean, p_vector, Se, Sp, size_min,
//! size_max, config` in any order; other columns are ignored. `kind` is `OTC1` (find the best
//! configuration within `size_min..size_max`, over the configurations binGroup2's OTC1 compares) or
//! `opChar1` (evaluate `config`). `Se`, `Sp` and `p_vector` are `;`-separated. Informative rows without
//! `p_vector` get the expected ordered risks of Beta with mean `p_mean` and the shape in the column
//! `alpha`, 2 where there is none, as in the reference.

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
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(input.as_bytes());
    let header = reader.headers().map_err(|e| Error::new("input", e.to_string()))?.clone();
    let column = |name: &'static str| header.iter().position(|h| h.trim_start_matches('\u{feff}') == name);
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
        let id = quote(record.get(columns.id).unwrap_or(""));
        match row(&columns, &record) {
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

/// A `;`-separated list of numbers, or nothing.
pub(crate) fn list(name: &'static str, text: &str) -> Result<Vec<f64>> {
    given(text).map_or(Ok(Vec::new()), |text| text.split(';').map(|one| number(name, one)).collect())
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
    match text(columns.kind) {
        "OTC1" => {
            let size = |name: &'static str, index: usize| {
                let text = given(text(index)).ok_or_else(|| Error::new(name, "is empty"))?;
                text.parse::<usize>().map_err(|_| Error::new(name, format!("{text:?} is not a whole number")))
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
        "opChar1" => {
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
        other => Err(Error::new("kind", format!("{other:?} is neither OTC1 nor opChar1"))),
    }
}

fn place(each: Vec<f64>, design: &crate::design::Design) -> Result<Risks> {
    if let Risks::Each(each) = Risks::each(each)? {
        let order = arrange(&each, design);
        return Risks::each(order.into_iter().filter_map(|who| each.get(who).copied()).collect());
    }
    Err(Error::new("p_vector", "is empty"))
}
