//! The fields of a person as they are typed, checked against each other.

use crate::http::problem::{FieldError, Problem, Refusal, text};
use greenfort_domain::registry::person::{self, Birth, EXPOSURES, Fault, RELATIONS};
use greenfort_kernel::personal_id::Sex;
use greenfort_store::registry::PersonSecret;
use greenfort_store::registry::person::{Content, Record};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// Fields of a person. When changing, what is left out stays as it is, and an empty text takes a number away.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct PersonFields {
    #[schema(example = "Nguyễn Thị Bích Ngọc")]
    pub name: Option<String>,
    /// `YYYY`, or `YYYY-MM-DD` where the day is known.
    #[schema(example = "1995-03-02")]
    pub birth: Option<String>,
    /// `male` or `female`, as registered.
    #[schema(example = "female")]
    pub sex: Option<String>,
    /// CCCD (12 digits), CMND (9) or passport; must agree with sex and year of birth.
    #[schema(example = "083195001234")]
    pub id_number: Option<String>,
    #[schema(example = "0912345678")]
    pub phone: Option<String>,
    /// Number of the health insurance card (15 signs) or social insurance number (10 digits).
    #[schema(example = "GD4838323456789")]
    pub insurance_number: Option<String>,
    /// Relation to the head of the household.
    #[schema(example = "child")]
    pub relation: Option<String>,
    /// none, trader, driver, worker, health_worker.
    #[schema(example = "trader")]
    pub exposure: Option<String>,
    /// Doses received, 0 to 9.
    pub vaccine_doses: Option<i16>,
}

impl PersonFields {
    /// Names of the fields that are given, for the history: never their values.
    pub fn named(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_some()),
            ("birth", self.birth.is_some()),
            ("sex", self.sex.is_some()),
            ("id_number", self.id_number.is_some()),
            ("phone", self.phone.is_some()),
            ("insurance_number", self.insurance_number.is_some()),
            ("relation", self.relation.is_some()),
            ("exposure", self.exposure.is_some()),
            ("vaccine_doses", self.vaccine_doses.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }

    /// The record after these fields; `before` is none for somebody new.
    ///
    /// # Errors
    /// 422 with every field that is wrong.
    pub fn checked(&self, before: Option<&Record>, today: Date) -> Result<Content, Refusal> {
        let mut faults: Vec<FieldError> = Vec::new();
        let mut keep = |fault: Fault| faults.push(fault.into());
        let old = before.map(|b| b.secret.clone()).unwrap_or_default();
        let name = match (&self.name, before) {
            (None, Some(_)) => old.name.clone(),
            (typed, _) => {
                person::name(typed.as_deref().unwrap_or_default()).map_err(&mut keep).unwrap_or_default()
            }
        };
        let birth = match (&self.birth, before) {
            (None, Some(b)) => Some(Birth { year: b.birth_year, day: old.birthday }),
            (typed, _) => person::birth(typed.as_deref().unwrap_or_default(), today).map_err(&mut keep).ok(),
        };
        let sex = match (self.sex.as_deref(), before.map(|b| b.sex.as_str())) {
            (Some("male"), _) | (None, Some("male")) => Some(Sex::Male),
            (Some("female"), _) | (None, Some("female")) => Some(Sex::Female),
            _ => {
                keep(choice("sex", "Chọn nam hoặc nữ.", "Choose male or female."));
                None
            }
        };
        // A number that stays is compared too: sex or birth may have become another.
        let id =
            self.id_number.as_deref().or(old.id_number.as_deref()).map(str::trim).filter(|n| !n.is_empty());
        let id_number = match (id, sex, birth) {
            (Some(typed), Some(sex), Some(birth)) => {
                person::id_number(typed, sex, birth).map_err(&mut keep).ok().map(|id| id.as_str().to_owned())
            }
            _ => None,
        };
        let phone =
            typed(self.phone.as_deref(), old.phone, |t| person::phone(t).map(|p| p.as_str().to_owned()))
                .unwrap_or_else(|fault| {
                    keep(fault);
                    None
                });
        let insurance = typed(self.insurance_number.as_deref(), old.insurance, person::insurance_number)
            .unwrap_or_else(|fault| {
                keep(fault);
                None
            });
        let relation = self.relation.as_deref().or(before.map(|b| b.relation.as_str())).unwrap_or("member");
        if self.relation.is_some() && !RELATIONS.contains(&relation) {
            keep(choice(
                "relation",
                "Chọn quan hệ với chủ hộ.",
                "Choose the relation to the head of the household.",
            ));
        }
        let exposure = self.exposure.as_deref().or(before.map(|b| b.exposure.as_str())).unwrap_or("none");
        if self.exposure.is_some() && !EXPOSURES.contains(&exposure) {
            keep(choice("exposure", "Chọn nhóm tiếp xúc.", "Choose the exposure class."));
        }
        let vaccine_doses = self.vaccine_doses.or(before.map(|b| b.vaccine_doses)).unwrap_or(0);
        if !(0..=9).contains(&vaccine_doses) {
            keep(choice("vaccine_doses", "Số mũi tiêm từ 0 đến 9.", "0 to 9 doses."));
        }
        match (birth, sex) {
            (Some(birth), Some(sex)) if faults.is_empty() => Ok(Content {
                birth_year: birth.year,
                sex: match sex {
                    Sex::Male => "male",
                    Sex::Female => "female",
                },
                relation: relation.to_owned(),
                vaccine_doses,
                exposure: exposure.to_owned(),
                secret: PersonSecret { name, birthday: birth.day, id_number, phone, insurance },
            }),
            _ => Err(Problem::invalid(faults).into()),
        }
    }
}

/// What a number is after typing: checked, taken away by an empty text, or as before.
fn typed(
    typed: Option<&str>,
    before: Option<String>,
    check: impl Fn(&str) -> Result<String, Fault>,
) -> Result<Option<String>, Fault> {
    match typed.map(str::trim) {
        None => Ok(before),
        Some("") => Ok(None),
        Some(number) => check(number).map(Some),
    }
}

fn choice(field: &'static str, vi: &str, en: &str) -> Fault {
    Fault { field, code: "choice", vi: vi.to_owned(), en: en.to_owned() }
}

/// A day on which something happened: not before 1880, not to come.
///
/// # Errors
/// 422 otherwise.
pub fn past_day(field: &'static str, on: Date, today: Date) -> Result<Date, Refusal> {
    if on > today || on.year() < 1880 {
        return Err(Problem::field(
            field,
            "date",
            text(
                "Ngày này ở tương lai hoặc quá xa: kiểm tra lại.",
                "This day is to come or too long ago: check it.",
            ),
        )
        .into());
    }
    Ok(on)
}
