use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::Report;
use super::compare::{lenient_json, same};
use super::files::{json_files, relative};
use crate::certlogic::evaluate;

/// Counts over a directory of business rules with their tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesReport {
    /// Rules read.
    pub rules: usize,
    /// Tests with the expected outcome.
    pub passed: usize,
    /// Tests without it, and files that cannot be read.
    pub failed: usize,
    /// One line each.
    pub failures: Vec<String>,
}

impl RulesReport {
    /// The failures and the last line.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut text = String::new();
        for failure in &self.failures {
            let _ = writeln!(text, "{failure}");
        }
        let Self { rules, passed, failed, .. } = self;
        if *rules == 0 {
            let _ = writeln!(text, "no COUNTRY/RULE/rule.json in the folder");
        }
        let _ = writeln!(text, "rules {rules}, tests passed {passed}, failed {failed}");
        Report { text, ok: *failed == 0 && *rules > 0 }
    }

    fn fault(&mut self, line: String) {
        self.failed += 1;
        self.failures.push(line);
    }
}

/// Runs every `DIR/COUNTRY/RULE/rule.json` against its `tests/*.json`; `DIR/valuesets` is no country.
/// Clock and value sets come from the `external` of each test.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn rules(folder: &Path) -> io::Result<RulesReport> {
    let mut totals = RulesReport::default();
    for country in folders(folder)? {
        if country.ends_with("valuesets") {
            continue;
        }
        for rule in folders(&country)? {
            run_rule(&rule, folder, &mut totals)?;
        }
    }
    Ok(totals)
}

fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn run_rule(folder: &Path, root: &Path, totals: &mut RulesReport) -> io::Result<()> {
    let path = folder.join("rule.json");
    if !path.exists() {
        return Ok(());
    }
    totals.rules += 1;
    let Some(rule) = read(&path)? else {
        totals.fault(format!("{}: not JSON", relative(&path, root)));
        return Ok(());
    };
    let logic = rule.get("Logic").or_else(|| rule.get("logic"));
    let Some(logic) = logic else {
        totals.fault(format!("{}: no Logic", relative(&path, root)));
        return Ok(());
    };
    let tests = folder.join("tests");
    if !tests.is_dir() {
        return Ok(());
    }
    for path in json_files(&tests)? {
        let name = relative(&path, root);
        let Some(test) = read(&path)? else {
            totals.fault(format!("{name}: not JSON"));
            continue;
        };
        let field = |key| test.get(key).cloned().unwrap_or(Json::Null);
        let data = json!({ "payload": field("payload"), "external": field("external") });
        let expected = field("expected");
        // An expression with an error is a rule that is not met.
        let (got, why) = match evaluate(logic, &data) {
            Ok(value) => (value, String::new()),
            Err(e) => (Json::Bool(false), format!(" ({e})")),
        };
        if same(&got, &expected).is_ok() {
            totals.passed += 1;
        } else {
            totals.fault(format!("{name}: {got}{why} instead of {expected}"));
        }
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<Option<Json>> {
    Ok(lenient_json(&std::fs::read(path)?))
}
