//! CertLogic: what the specification leaves to be read closely, and where its implementations differ.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use greenfort_pass::certlogic::evaluate;
use serde_json::{Value, json};

fn value(logic: &Value) -> Option<Value> {
    let data = json!({
        "payload": { "dob": "1985-04", "v": [{ "dn": 2, "sd": 2, "dt": "2021-02-18" }] },
        "external": { "validationClock": "2021-09-08T08:00:00+07:00" }, "nothing": null,
    });
    evaluate(logic, &data).ok()
}

fn plus(date: &str, amount: i64, unit: &str) -> Option<Value> {
    value(&json!({ "plusTime": [date, amount, unit] }))
}

#[test]
fn a_partial_date_is_its_last_day() {
    assert_eq!(plus("1985-04", 0, "day"), Some(json!("1985-04-30T00:00:00.000Z")));
    assert_eq!(plus("1985", 18, "year"), Some(json!("2003-12-31T00:00:00.000Z")));
    assert_eq!(
        value(&json!({ "dccDateOfBirth": [{ "var": "payload.dob" }] })),
        Some(json!("1985-04-30T00:00:00.000Z"))
    );
    assert_eq!(plus("1985-4", 0, "day"), None);
}

#[test]
fn months_and_years_end_with_their_month() {
    // As java.time has it; JavaScript runs over into the next month.
    assert_eq!(plus("2021-01-31", 1, "month"), Some(json!("2021-02-28T00:00:00.000Z")));
    assert_eq!(plus("2020-02-29", 1, "year"), Some(json!("2021-02-28T00:00:00.000Z")));
    assert_eq!(plus("2021-03-31T23:30:00-02:00", -1, "month"), Some(json!("2021-03-01T01:30:00.000Z")));
}

#[test]
fn hours_and_days_know_no_summer_time() {
    assert_eq!(plus("2021-03-28T00:30:00+01:00", 24, "hour"), plus("2021-03-28T00:30:00+01:00", 1, "day"));
    assert_eq!(plus("2021-06-11T21:00:30.99999", 0, "hour"), Some(json!("2021-06-11T21:00:30.999Z")));
    assert_eq!(plus("2021-06-11", 0, "week"), None);
}

#[test]
fn signs_compare_integers_and_as_before_version_1_date_times() {
    let at = |day: &str| json!({ "plusTime": [day, 0, "day"] });
    assert_eq!(value(&json!({ "<": [1, 2, 3] })), Some(json!(true)));
    assert_eq!(value(&json!({ "<": [at("2021-01-01"), at("2021-01-02")] })), Some(json!(true)));
    assert_eq!(value(&json!({ ">=": [at("2021-01-01"), at("2021-01-02")] })), Some(json!(false)));
    assert_eq!(value(&json!({ "<": [at("2021-01-01"), 5] })), None);
    assert_eq!(value(&json!({ "after": [1, 2] })), None);
    assert_eq!(value(&json!({ "<": ["2021-01-01", "2021-01-02"] })), None, "texts are no date-times");
}

#[test]
fn what_is_missing_is_null_and_null_is_falsy() {
    assert_eq!(value(&json!({ "var": "payload.t.0.tr" })), Some(Value::Null));
    assert_eq!(value(&json!({ "var": "nothing.at.all" })), Some(Value::Null));
    assert_eq!(value(&json!({ "!": [{ "var": "payload.r.0" }] })), Some(json!(true)));
    assert_eq!(value(&json!({ "reduce": [{ "var": "payload.r" }, 1, 7] })), Some(json!(7)));
    assert_eq!(value(&json!({ "extractFromUVCI": [{ "var": "nothing" }, 0] })), Some(Value::Null));
    assert_eq!(value(&json!({ "in": [1, { "var": "nothing" }] })), None, "in looks into an array");
    assert_eq!(value(&json!({ ">": [{ "var": "nothing" }, 1] })), None);
    assert_eq!(value(&json!({ "var": "payload.v.+0" })), Some(Value::Null), "an index is digits alone");
}

#[test]
fn fragments_of_a_uvci_are_counted_from_zero() {
    let fragment = |uvci: &str, index: i64| value(&json!({ "extractFromUVCI": [uvci, index] }));
    assert_eq!(fragment("URN:UVCI:01:VN:50/ABC#1", 1), Some(json!("VN")));
    assert_eq!(fragment("01:VN:50/ABC#1", 4), Some(json!("1")));
    assert_eq!(fragment("a::c/#/f", 5), Some(json!("f")));
    assert_eq!(fragment("a::c/#/f", 1), Some(json!("")));
    assert_eq!(fragment("a", 1), Some(Value::Null));
    assert_eq!(fragment("a", -1), Some(Value::Null));
}
