//! What is wrong with a question, by field and in both languages.

use super::ask::RoundAsk;
use crate::http::problem::{FieldError, Problem, Text, text};
use greenfort_kernel::{UnitId, UnitLevel};
use greenfort_pooling::Error;
use greenfort_store::access::unit_ref::UnitRef;
use std::collections::HashSet;

/// Most communes of one question: more than any province has.
const MOST_COMMUNES: usize = 400;
const MOST_LABORATORIES: usize = 40;
const MOST_SIZES: usize = 20;

fn wrong(field: impl Into<String>, code: &'static str, message: Text) -> FieldError {
    FieldError { field: field.into(), code, message }
}

fn between(field: impl Into<String>, low: f64, high: f64) -> FieldError {
    let message =
        text(format!("Nhập số từ {low} đến {high}."), format!("Enter a number from {low} to {high}."));
    wrong(field, "range", message)
}

/// Everything wrong with the lists and rows that can be told without the maths, all rows at once.
pub(super) fn rows(given: &RoundAsk) -> Vec<FieldError> {
    let mut out = Vec::new();
    let lengths = [
        ("communes", given.communes.len(), MOST_COMMUNES, "xã", "communes"),
        ("laboratories", given.laboratories.len(), MOST_LABORATORIES, "phòng xét nghiệm", "laboratories"),
        ("sizes", given.sizes.len(), MOST_SIZES, "cỡ gộp", "pool sizes"),
    ];
    for (field, length, most, vi, en) in lengths {
        if !(1..=most).contains(&length) {
            let message = text(
                format!("Cần từ 1 đến {most} {vi}; đang có {length}."),
                format!("Give 1 to {most} {en}; there are {length}."),
            );
            out.push(wrong(field, "length", message));
        }
    }
    if !out.is_empty() {
        return out;
    }
    let mut seen = HashSet::<UnitId>::new();
    for (row, commune) in given.communes.iter().enumerate() {
        let at = |field: &str| format!("communes[{row}].{field}");
        if !seen.insert(commune.unit_id) {
            let message = text("Xã này đã có ở dòng trên.", "This commune stands in a row above already.");
            out.push(wrong(at("unit_id"), "twice", message));
        }
        if !(1..=100_000_000).contains(&commune.specimens) {
            out.push(between(at("specimens"), 1.0, 1e8));
        }
        if let Some(pools) = commune.pools {
            if !(1..=100).contains(&pools.size) {
                out.push(between(at("pools.size"), 1.0, 100.0));
            }
            if !(1..=1_000_000).contains(&pools.tested) {
                out.push(between(at("pools.tested"), 1.0, 1e6));
            } else if pools.positive > pools.tested {
                let message = text(
                    format!(
                        "Số nhóm dương ({}) nhiều hơn số nhóm đã xét nghiệm ({}).",
                        pools.positive, pools.tested
                    ),
                    format!(
                        "More pools are positive ({}) than were tested ({}).",
                        pools.positive, pools.tested
                    ),
                );
                out.push(wrong(at("pools.positive"), "more-than-tested", message));
            }
        }
        if commune.pools.is_some() && commune.prevalence.is_some() {
            let message = text(
                "Nhập kết quả gộp hoặc tỷ lệ nhiễm, không nhập cả hai.",
                "Give pool results or a prevalence, not both.",
            );
            out.push(wrong(at("prevalence"), "both", message));
        } else if commune.prevalence.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            out.push(between(at("prevalence"), 0.0, 1.0));
        }
        if let Some(laboratory) = commune.laboratory.filter(|l| *l >= given.laboratories.len()) {
            let message = text(
                format!("Không có phòng xét nghiệm số {laboratory}; đếm từ 0."),
                format!("There is no laboratory {laboratory}; they count from 0."),
            );
            out.push(wrong(at("laboratory"), "no-laboratory", message));
        }
    }
    out
}

/// The unit of a row: a commune of the caller's area. One of another area is not told apart from none.
pub(super) fn unit(row: usize, found: Option<&UnitRef>) -> Option<FieldError> {
    let field = format!("communes[{row}].unit_id");
    match found {
        Some(unit) if unit.level == UnitLevel::Commune => None,
        Some(unit) => {
            let message = text(
                format!("{} không phải là xã, phường, thị trấn.", unit.name),
                format!("{} is not a commune.", unit.name),
            );
            Some(wrong(field, "not-a-commune", message))
        }
        None => {
            let message =
                text("Không có xã này trong địa bàn của Anh/Chị.", "There is no such commune in your area.");
            Some(wrong(field, "no-such-unit", message))
        }
    }
}

/// What the maths refuses, under the name the question has for it.
pub(super) fn maths(error: &Error) -> Box<Problem> {
    let field = field(error.argument());
    if let Some((low, high)) = error.range() {
        return Problem::invalid(vec![between(field, low, high)]);
    }
    let (code, message) = match error.argument().rsplit('.').next().unwrap_or_default() {
        "Se" | "Sp" => (
            "tells-nothing",
            text(
                "Độ nhạy cộng độ đặc hiệu phải lớn hơn 1, nếu không xét nghiệm không nói lên điều gì. Với ngưỡng Ct, tăng ngưỡng.",
                "Sensitivity plus specificity must exceed 1, or the test tells nothing. With a Ct threshold, raise it.",
            ),
        ),
        "per_hour" => (
            "capacity",
            text(
                "Nhập 24 số, mỗi giờ trong ngày một số, và ít nhất một giờ có xét nghiệm.",
                "Give 24 numbers, one for each hour of the day, with tests in at least one hour.",
            ),
        ),
        "designs" => (
            "no-plain-pool",
            text(
                "Nơi gộp que ngay khi lấy mẫu cần ít nhất một cỡ gộp thường.",
                "Where swabs are pooled on site at least one plain pool size is needed.",
            ),
        ),
        _ => (
            "refused",
            text(
                format!("Không dùng được giá trị này ({}).", error.argument()),
                format!("This value cannot be used: {}.", error.problem()),
            ),
        ),
    };
    Problem::field(field, code, message)
}

/// The path in the question of an argument of the maths.
fn field(argument: &str) -> String {
    let assay = |name: &str| format!("assay.{name}");
    match argument {
        "threshold" => assay("threshold"),
        "Sp" | "pool.Sp" | "single.Sp" => assay("specificity"),
        "Se" | "pool.Se" => assay("pool_sensitivity"),
        "single.Se" => assay("single_sensitivity"),
        "designs" => "sizes".into(),
        "hours"
        | "start_hour"
        | "collection_hours"
        | "lead_hours"
        | "recall_hours"
        | "staff_minutes"
        | "minutes_per_specimen"
        | "minutes_per_test"
        | "minutes_per_recall"
        | "validity_hours"
        | "interval_hours"
        | "worth" => format!("limits.{argument}"),
        other => other.to_owned(),
    }
}
