//! What a row changes about somebody the register knows.

use crate::registry::PersonSecret;
use greenfort_kernel::text::fold;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Everything of a person that a row can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    pub unit: i32,
    pub household: Option<Uuid>,
    pub birth_year: i16,
    pub sex: String,
    pub relation: String,
    pub doses: i16,
    pub secret: PersonSecret,
}

impl Known {
    /// Names of what differs, as the history shows them; where somebody lives is told by the kind of the event.
    pub fn differs(&self, other: &Self) -> Vec<&'static str> {
        let (a, b) = (&self.secret, &other.secret);
        [
            ("name", a.name != b.name),
            ("birth", (self.birth_year, a.birthday) != (other.birth_year, b.birthday)),
            ("sex", self.sex != other.sex),
            ("id_number", a.id_number != b.id_number),
            ("phone", a.phone != b.phone),
            ("insurance_number", a.insurance != b.insurance),
            ("relation", self.relation != other.relation),
            ("vaccine_doses", self.doses != other.doses),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect()
    }
}

/// What the row says.
pub(super) struct Said {
    pub unit: i32,
    /// The household the sheet puts the person in, where it says one.
    pub household: Option<Uuid>,
    pub birth_year: i16,
    pub sex: String,
    pub relation: Option<String>,
    pub doses: Option<i16>,
    pub secret: PersonSecret,
}

/// The person as the row leaves it; blanks change nothing. None: the number is somebody else's.
pub(super) fn merge(known: &Known, said: Said, by_number: bool) -> Option<Known> {
    let same_name = fold(&known.secret.name) == fold(&said.secret.name);
    if by_number && !same_name && known.birth_year != said.birth_year {
        return None;
    }
    // A name without marks does not replace the same name with them.
    let poorer = same_name && said.secret.name.is_ascii() && !known.secret.name.is_ascii();
    let moved = known.unit != said.unit;
    Some(Known {
        unit: said.unit,
        household: if moved || known.household.is_none() {
            said.household.or(known.household)
        } else {
            known.household
        },
        birth_year: said.birth_year,
        sex: said.sex,
        relation: said.relation.unwrap_or_else(|| known.relation.clone()),
        doses: said.doses.unwrap_or(known.doses),
        secret: PersonSecret {
            name: if poorer { known.secret.name.clone() } else { said.secret.name },
            birthday: said
                .secret
                .birthday
                .or(known.secret.birthday.filter(|_| known.birth_year == said.birth_year)),
            id_number: said.secret.id_number.or_else(|| known.secret.id_number.clone()),
            phone: said.secret.phone.or_else(|| known.secret.phone.clone()),
            insurance: said.secret.insurance.or_else(|| known.secret.insurance.clone()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str, phone: Option<&str>) -> PersonSecret {
        PersonSecret { name: name.into(), phone: phone.map(str::to_owned), ..PersonSecret::default() }
    }

    fn known() -> Known {
        Known {
            unit: 1,
            household: Some(Uuid::from_u128(1)),
            birth_year: 1985,
            sex: "male".into(),
            relation: "head".into(),
            doses: 2,
            secret: secret("Nguyễn Văn An", Some("0912345678")),
        }
    }

    fn said(name: &str, birth_year: i16) -> Said {
        Said {
            unit: 1,
            household: Some(Uuid::from_u128(2)),
            birth_year,
            sex: "male".into(),
            relation: None,
            doses: None,
            secret: secret(name, None),
        }
    }

    #[test]
    fn blanks_and_poorer_names_change_nothing() {
        assert_eq!(merge(&known(), said("Nguyen Van An", 1985), true), Some(known()));
    }

    #[test]
    fn what_the_row_says_is_taken() {
        let new = merge(&known(), Said { doses: Some(3), ..said("Nguyễn Văn Ân", 1985) }, true).unwrap();
        assert_eq!(
            (new.doses, new.secret.name.as_str(), new.household),
            (3, "Nguyễn Văn Ân", known().household)
        );
        let moved = merge(&known(), Said { unit: 7, ..said("Nguyễn Văn An", 1985) }, true).unwrap();
        assert_eq!((moved.unit, moved.household), (7, Some(Uuid::from_u128(2))));
    }

    #[test]
    fn a_number_with_another_name_and_another_year_is_somebody_elses() {
        assert_eq!(merge(&known(), said("Trần Thị Bé", 1990), true), None);
        assert!(merge(&known(), said("Trần Thị Bé", 1985), true).is_some(), "one of both may be a slip");
    }
}
