//! Who may be represented: those who live there now, by name, and nobody whose risk is their own.

use greenfort_kernel::PersonId;
use std::collections::{BTreeMap, BTreeSet};

/// Why somebody is never represented by another's swab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bar {
    /// Away within the last 14 days.
    Away,
    /// Symptoms, or a red declaration.
    Symptomatic,
    /// F1: contact of a case.
    Contact,
    /// Back from another province.
    FromAnotherProvince,
    /// F0, or held after a positive test.
    Positive,
}

impl Bar {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Symptomatic => "symptomatic",
            Self::Contact => "contact",
            Self::FromAnotherProvince => "from_another_province",
            Self::Positive => "positive",
        }
    }
}

/// Why a ticked name does not count as represented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotRepresented {
    /// Swabbed into the same tube.
    Donor,
    /// Needs a swab of their own.
    Barred(Bar),
    /// Ticked twice.
    Twice,
}

/// Splits the ticked names into those represented, in order, and those who are not, with the reason.
pub fn represented(
    ticked: &[PersonId],
    donors: &BTreeSet<PersonId>,
    bars: &BTreeMap<PersonId, Bar>,
) -> (Vec<PersonId>, Vec<(PersonId, NotRepresented)>) {
    let mut seen = BTreeSet::new();
    let mut yes = Vec::new();
    let mut no = Vec::new();
    for person in ticked {
        if let Some(bar) = bars.get(person) {
            no.push((*person, NotRepresented::Barred(*bar)));
        } else if donors.contains(person) {
            no.push((*person, NotRepresented::Donor));
        } else if seen.insert(*person) {
            yes.push(*person);
        } else {
            no.push((*person, NotRepresented::Twice));
        }
    }
    (yes, no)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> PersonId {
        PersonId(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn a_contact_a_donor_and_a_name_ticked_twice_are_not_represented() {
        let donors = BTreeSet::from([id(1)]);
        let bars = BTreeMap::from([(id(3), Bar::Contact)]);
        let (yes, no) = represented(&[id(1), id(2), id(3), id(2)], &donors, &bars);
        assert_eq!(yes, [id(2)]);
        assert_eq!(
            no,
            [
                (id(1), NotRepresented::Donor),
                (id(3), NotRepresented::Barred(Bar::Contact)),
                (id(2), NotRepresented::Twice)
            ]
        );
    }
}
