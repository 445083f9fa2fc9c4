//! When two records may be one person. A weight is the evidence in bits: how many times likelier the agreement is for one
//! person than for two (Fellegi and Sunter 1969). Weights are estimates for a Vietnamese register, where one surname is 38 %
//! of all and a hamlet has several people of one name and year; they order what people look at and decide nothing.

/// Two records side by side. None: not known for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pair {
    pub same_id: Option<bool>,
    pub same_insurance: Option<bool>,
    pub same_phone: bool,
    /// The same words, whatever their diacritics and order.
    pub same_name: bool,
    pub years_apart: u16,
    /// Month and day of birth.
    pub same_birthday: Option<bool>,
    pub same_sex: bool,
    pub same_household: bool,
    pub same_hamlet: bool,
}

/// One reason for or against; `as_str` is its word in the database and the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    SameId,
    OtherId,
    SameInsurance,
    OtherInsurance,
    SamePhone,
    SameName,
    OtherName,
    SameYear,
    YearApart,
    YearsApart,
    SameBirthday,
    OtherBirthday,
    OtherSex,
    SameHousehold,
    SameHamlet,
}

impl Evidence {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameId => "same_id",
            Self::OtherId => "other_id",
            Self::SameInsurance => "same_insurance",
            Self::OtherInsurance => "other_insurance",
            Self::SamePhone => "same_phone",
            Self::SameName => "same_name",
            Self::OtherName => "other_name",
            Self::SameYear => "same_year",
            Self::YearApart => "year_apart",
            Self::YearsApart => "years_apart",
            Self::SameBirthday => "same_birthday",
            Self::OtherBirthday => "other_birthday",
            Self::OtherSex => "other_sex",
            Self::SameHousehold => "same_household",
            Self::SameHamlet => "same_hamlet",
        }
    }

    fn weight(self) -> i16 {
        match self {
            // A number is one person's; whoever shares it is shown, whatever speaks against it.
            Self::SameId => 30,
            Self::SameInsurance => 24,
            Self::SameName => 4,
            // A phone serves a family, so it says less than it seems.
            Self::SamePhone | Self::SameBirthday | Self::SameHousehold => 3,
            Self::SameYear => 2,
            Self::SameHamlet => 1,
            Self::YearApart => 0,
            Self::OtherSex => -4,
            Self::OtherName | Self::YearsApart | Self::OtherBirthday | Self::OtherInsurance => -6,
            Self::OtherId => -8,
        }
    }
}

/// From this score on two records are shown to somebody. Name, year and day of birth together stay below it: a province has
/// hundreds of such pairs who are two people.
pub const THRESHOLD: i16 = 10;

/// What speaks for and against, in the order of the card.
pub fn evidence(pair: &Pair) -> Vec<Evidence> {
    use Evidence as E;
    let known = |same: Option<bool>, yes, no| same.map(|same| if same { yes } else { no });
    let year = match pair.years_apart {
        0 => E::SameYear,
        1 => E::YearApart,
        _ => E::YearsApart,
    };
    [
        known(pair.same_id, E::SameId, E::OtherId),
        known(pair.same_insurance, E::SameInsurance, E::OtherInsurance),
        Some(if pair.same_name { E::SameName } else { E::OtherName }),
        Some(year),
        known(pair.same_birthday, E::SameBirthday, E::OtherBirthday),
        (!pair.same_sex).then_some(E::OtherSex),
        pair.same_phone.then_some(E::SamePhone),
        pair.same_household.then_some(E::SameHousehold),
        pair.same_hamlet.then_some(E::SameHamlet),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The sum of the weights.
pub fn score(evidence: &[Evidence]) -> i16 {
    evidence.iter().map(|e| e.weight()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(pair: Pair) -> i16 {
        score(&evidence(&pair))
    }

    /// Same name and year, nothing else known.
    const NAMESAKE: Pair = Pair {
        same_id: None,
        same_insurance: None,
        same_phone: false,
        same_name: true,
        years_apart: 0,
        same_birthday: None,
        same_sex: true,
        same_household: false,
        same_hamlet: false,
    };

    #[test]
    fn name_and_year_of_birth_alone_are_never_enough_nor_with_the_day_or_the_hamlet() {
        assert!(points(NAMESAKE) < THRESHOLD);
        assert!(points(Pair { same_birthday: Some(true), ..NAMESAKE }) < THRESHOLD);
        assert!(points(Pair { same_hamlet: true, ..NAMESAKE }) < THRESHOLD);
    }

    #[test]
    fn a_second_kind_of_evidence_makes_a_candidate() {
        let hamlet = Pair { same_hamlet: true, ..NAMESAKE };
        assert!(points(Pair { same_birthday: Some(true), ..hamlet }) >= THRESHOLD);
        assert!(points(Pair { same_phone: true, ..hamlet }) >= THRESHOLD);
        assert!(points(Pair { same_household: true, ..hamlet }) >= THRESHOLD);
        // A number shared is shown even if all else differs: one of the two is wrong.
        let strangers =
            Pair { same_id: Some(true), same_name: false, years_apart: 20, same_sex: false, ..NAMESAKE };
        assert!(points(strangers) >= THRESHOLD);
    }

    #[test]
    fn twins_and_namesakes_with_papers_are_two_people() {
        let home = Pair { same_phone: true, same_household: true, same_hamlet: true, ..NAMESAKE };
        let twins = Pair { same_name: false, same_birthday: Some(true), ..home };
        assert!(points(twins) < THRESHOLD);
        assert!(points(Pair { same_id: Some(false), ..home }) < THRESHOLD);
    }

    proptest! {
        #[test]
        fn nobody_becomes_a_candidate_by_name_and_birth_without_number_phone_home_or_hamlet(
            same_name: bool, years_apart in 0_u16..3, same_birthday: Option<bool>, same_sex: bool,
        ) {
            let pair = Pair { same_name, years_apart, same_birthday, same_sex, ..Pair::default() };
            prop_assert!(points(pair) < THRESHOLD);
        }
    }
}
