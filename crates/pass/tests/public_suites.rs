//! The public suites of the EU: test data of the certificates, business rules with their tests.
#![expect(clippy::print_stdout, reason = "a test that cannot go on has failed, and says what it skips")]

use std::path::PathBuf;

use greenfort_pass::tools;

/// Where the project keeps data for tests; absent outside it.
fn shared(path: &str) -> Option<PathBuf> {
    let at = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if at.exists() {
        return Some(at);
    }
    println!("skipped: shared data absent at {}", at.display());
    None
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
