//! The commands `pooling best`, `plan` and `simulate` as pure functions: arguments in, text, JSON and charts out. (The fourth,
//! `table`, is [`crate::table`].)

mod best;
mod plan;
mod simulate;

use std::str::FromStr;

use crate::design::{Algorithm, Design};
use crate::error::{Error, Result};
use crate::plan::Laboratory;
pub use crate::quality::Quality;
pub use best::{BestArgs, best};
pub use plan::{PlanArgs, plan};
pub use simulate::{SimulateArgs, simulate};

/// What a command says, in each form; the caller picks.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// For people: tables and sentences.
    pub human: String,
    /// For programs.
    pub json: String,
    /// A stand-alone SVG.
    pub chart: String,
}

/// Reads `D2:10`, `D3:20|5+5+5+5`, `A2:8x12`; a bare number is a Dorfman pool.
pub fn design(text: &str) -> Result<Design> {
    match text.split_once(':') {
        Some((algorithm, config)) => Algorithm::from_str(algorithm)?.design(config),
        None => Algorithm::D2.design(text),
    }
}

/// Reads `NAME=TESTS_PER_HOUR` or `NAME=TESTS_PER_HOUR@TURNAROUND_HOURS`, the same by day and night.
pub fn laboratory(text: &str) -> Result<Laboratory> {
    let bad = || Error::new("laboratory", format!("{text:?} is not of the form NAME=120 or NAME=120@5"));
    let (name, rest) = text.split_once('=').ok_or_else(bad)?;
    let (per_hour, turnaround) = rest.split_once('@').unwrap_or((rest, "5"));
    let number = |s: &str| s.trim().parse::<f64>().map_err(|_| bad());
    Ok(Laboratory {
        name: name.trim().to_owned(),
        per_hour: [number(per_hour)?; 24],
        turnaround: number(turnaround)?,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|e| Error::new("json", e.to_string()))
}
