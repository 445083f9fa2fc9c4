use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde_json::Value as Json;

use super::Report;
use super::compare::lenient_json;
use super::files::{json_files, relative};
use super::steps::{Case, Step};

/// Counts over a directory of EU test data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conformance {
    /// Steps whose outcome is the expected one.
    pub passed: usize,
    /// Steps whose outcome is not.
    pub failed: usize,
    /// Steps listed in KNOWN-BAD.json: run, and not held against anybody.
    pub known_bad: usize,
    /// Files with at least one step.
    pub files: usize,
    /// One line per failing file and step.
    pub failures: Vec<String>,
}

impl Conformance {
    /// The failures and the last line.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut text = String::new();
        for failure in &self.failures {
            let _ = writeln!(text, "{failure}");
        }
        let Self { passed, failed, known_bad, files, .. } = self;
        if *files == 0 {
            let _ = writeln!(text, "no file with EXPECTEDRESULTS or EXPECTEDCHAIN in the folder");
        }
        let _ =
            writeln!(text, "steps passed {passed}, failed {failed}, known-bad {known_bad}, files {files}");
        Report { text, ok: *failed == 0 && *files > 0 }
    }
}

/// Runs every EXPECTED* step of every test-data file below `folder`, and the whole chain where a file
/// has EXPECTEDCHAIN. A step for which a file has neither the fields nor what they could be derived from is
/// not run, as the format says.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn conformance(folder: &Path) -> io::Result<Conformance> {
    let mut totals = Conformance::default();
    let mut known = BTreeSet::new();
    let files = json_files(folder)?;
    for path in files.iter().filter(|p| p.ends_with("KNOWN-BAD.json")) {
        known.extend(known_bad(&std::fs::read(path)?, path, folder));
    }
    for path in files.iter().filter(|p| !p.ends_with("KNOWN-BAD.json")) {
        let name = relative(path, folder);
        let Some(file) = lenient_json(&std::fs::read(path)?) else {
            totals.failed += 1;
            totals.failures.push(format!("{name}: not JSON"));
            continue;
        };
        let steps = Case::new(&file).steps();
        if steps.is_empty() {
            continue;
        }
        totals.files += 1;
        for Step { name: step, expected, got } in steps {
            let ok = expected == got.is_ok();
            match known.get(&(name.clone(), step.clone())) {
                Some(_) => totals.known_bad += 1,
                None if ok => totals.passed += 1,
                None => {
                    totals.failed += 1;
                    let why = got.err().unwrap_or_else(|| "accepted".to_owned());
                    totals.failures.push(format!("{name}: {step} expected {expected}: {why}"));
                }
            }
        }
    }
    Ok(totals)
}

fn known_bad(bytes: &[u8], path: &Path, folder: &Path) -> BTreeSet<(String, String)> {
    let base = path.parent().map(|p| relative(p, folder)).filter(|b| !b.is_empty());
    let list: Vec<BTreeMap<String, Json>> = serde_json::from_slice(bytes).unwrap_or_default();
    list.iter()
        .filter_map(|entry| {
            let (file, step) = (entry.get("file")?.as_str()?, entry.get("step")?.as_str()?);
            let file = base.as_ref().map_or_else(|| file.to_owned(), |b| format!("{b}/{file}"));
            Some((file, step.to_owned()))
        })
        .collect()
}
