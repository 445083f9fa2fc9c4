//! The 18 age groups of the census, used in every figure by age.

/// An age group in completed years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeBand {
    pub name: &'static str,
    pub from: i16,
}

const fn band(name: &'static str, from: i16) -> AgeBand {
    AgeBand { name, from }
}

/// Five-year groups to 84, then 85 and over, as the census publishes them.
pub const AGE_BANDS: [AgeBand; 18] = [
    band("0-4", 0),
    band("5-9", 5),
    band("10-14", 10),
    band("15-19", 15),
    band("20-24", 20),
    band("25-29", 25),
    band("30-34", 30),
    band("35-39", 35),
    band("40-44", 40),
    band("45-49", 45),
    band("50-54", 50),
    band("55-59", 55),
    band("60-64", 60),
    band("65-69", 65),
    band("70-74", 70),
    band("75-79", 75),
    band("80-84", 80),
    band("85+", 85),
];

impl AgeBand {
    /// Position in [`AGE_BANDS`]; somebody not yet born on the date counts as newborn.
    pub fn index_of_age(age: i16) -> usize {
        usize::try_from(age.max(0) / 5).unwrap_or(0).min(AGE_BANDS.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_falls_into_the_band_that_names_it() {
        for age in 0..=110 {
            let at = AgeBand::index_of_age(age);
            assert!(AGE_BANDS[at].from <= age);
            assert!(AGE_BANDS.get(at + 1).is_none_or(|next| age < next.from));
        }
        assert_eq!(AgeBand::index_of_age(-3), 0);
    }
}
