//! The public suites of the EU: test data of the certificates, business rules with their tests.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where something is missing, and says what it skips"
)]
#![cfg(feature = "tools")]

use std::path::{Path, PathBuf};

use greenfort_pass::tools;

/// Where the project keeps data for tests: in the nearest folder above that has them; absent outside it.
fn shared(path: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|up| up.join("shared/data").join(path)).find(|at| at.exists());
    if found.is_none() {
        println!("skipped: shared data absent ({path})");
    }
    found
}

#[test]
fn every_step_of_the_eu_test_data_has_the_expected_outcome() {
    let Some(folder) = shared("dcc/cases") else { return };
    let report = tools::conformance(&folder).unwrap().report();
    println!("{}", report.text);
    assert!(report.ok, "{}", report.text);
}

#[test]
fn every_test_of_the_national_rules_has_the_expected_outcome() {
    let Some(folder) = shared("certlogic") else { return };
    let report = tools::rules(&folder).unwrap().report();
    assert!(report.ok, "{}", report.text);
    assert!(report.text.ends_with("rules 106, tests passed 731, failed 0\n"), "{}", report.text);
}
