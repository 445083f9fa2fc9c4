//! Fields as they are typed, gathered with what is wrong with each.

use crate::http::problem::{FieldError, text};
use greenfort_domain::registry::person::Fault;
use greenfort_kernel::UnitId;
use std::str::FromStr;

/// What a check gives, or nothing and its fault among the others.
pub fn kept<T: Default>(checked: Result<T, Fault>, faults: &mut Vec<FieldError>) -> T {
    checked.unwrap_or_else(|fault| {
        faults.push(fault.into());
        T::default()
    })
}

/// A word of a short list.
pub fn chosen(
    field: &str,
    typed: Option<&str>,
    before: Option<&str>,
    choices: &[&str],
    faults: &mut Vec<FieldError>,
) -> String {
    let word = typed.or(before).unwrap_or_default();
    if typed.is_some() && !choices.contains(&word) || word.is_empty() {
        faults.push(FieldError {
            field: field.into(),
            code: "choice",
            message: text("Chọn một loại trong danh sách.", "Choose one of the list."),
        });
    }
    word.to_owned()
}

/// The unit something lies in.
pub fn unit(given: Option<UnitId>, before: Option<i32>, faults: &mut Vec<FieldError>) -> i32 {
    given.map(|u| u.0).or(before).unwrap_or_else(|| {
        faults.push(FieldError {
            field: "unit_id".into(),
            code: "required",
            message: text("Chọn ấp hoặc xã.", "Choose the hamlet or commune."),
        });
        0
    })
}

/// What another thing's id points to: as before, taken away by an empty text, or the new one.
pub fn reference<T: FromStr>(
    field: &str,
    typed: Option<&str>,
    before: Option<T>,
    faults: &mut Vec<FieldError>,
) -> Option<T> {
    match typed.map(str::trim) {
        None => before,
        Some("") => None,
        Some(id) => id
            .parse()
            .map_err(|_| {
                faults.push(FieldError {
                    field: field.into(),
                    code: "id",
                    message: text("Chọn lại từ danh sách.", "Choose it from the list again."),
                });
            })
            .ok(),
    }
}
