//! Names put together from shares of surnames, middle and given names by sex and birth cohort.

use std::fmt;
use std::sync::LazyLock;

use greenfort_kernel::personal_id::Sex;

use crate::csv;
use crate::rng::{Alias, Rng};

/// A full name in parts; `Display` writes "Nguyễn Thị Ngọc Anh".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name {
    pub surname: &'static str,
    /// Empty for a name of two words, "Thị Ngọc" for one of four.
    pub middle: &'static str,
    pub given: &'static str,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.surname)?;
        if !self.middle.is_empty() {
            write!(f, " {}", self.middle)?;
        }
        write!(f, " {}", self.given)
    }
}

struct Words {
    words: Vec<&'static str>,
    table: Alias,
}

impl Words {
    fn new(rows: impl Iterator<Item = (&'static str, f64)>) -> Self {
        let (words, weights): (Vec<_>, Vec<_>) = rows.unzip();
        Self { words, table: Alias::new(&weights) }
    }

    fn draw(&self, rng: &mut Rng) -> &'static str {
        self.words[self.table.draw(rng)]
    }
}

/// Words by sex and last birth year of the cohort, in rising order.
struct Cohorts([Vec<(i16, Words)>; 2]);

impl Cohorts {
    fn read(text: &'static str) -> Self {
        let rows: Vec<(&str, &str, i16, f64)> =
            csv::rows(text).map(|r| (r.text(0), r.text(1), r.number(3), r.number(4))).collect();
        let of_sex = |sex: &str| {
            let mut ends: Vec<i16> = rows.iter().filter(|r| r.1 == sex).map(|r| r.2).collect();
            ends.sort_unstable();
            ends.dedup();
            let words = |end| rows.iter().filter(move |r| r.1 == sex && r.2 == end).map(|r| (r.0, r.3));
            ends.into_iter().map(|end| (end, Words::new(words(end)))).collect()
        };
        Self([of_sex("M"), of_sex("F")])
    }

    fn draw(&self, sex: Sex, birth_year: i16, rng: &mut Rng) -> &'static str {
        let cohorts = &self.0[sex as usize];
        let found = cohorts.iter().find(|(end, _)| birth_year <= *end).or(cohorts.last());
        found.map_or("", |(_, words)| words.draw(rng))
    }
}

struct Tables {
    surnames: Words,
    middle: Cohorts,
    given: Cohorts,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    surnames: Words::new(csv::rows(include_str!("../data/surnames.csv")).map(|r| (r.text(0), r.number(1)))),
    middle: Cohorts::read(include_str!("../data/middle-names.csv")),
    given: Cohorts::read(include_str!("../data/given-names.csv")),
});

pub(crate) fn surname(rng: &mut Rng) -> &'static str {
    TABLES.surnames.draw(rng)
}

pub(crate) fn middle(sex: Sex, birth_year: i16, rng: &mut Rng) -> &'static str {
    TABLES.middle.draw(sex, birth_year, rng)
}

pub(crate) fn given(sex: Sex, birth_year: i16, rng: &mut Rng) -> &'static str {
    TABLES.given.draw(sex, birth_year, rng)
}

/// Surnames with their shares (sum 1), for whoever compares.
pub fn surname_shares() -> impl Iterator<Item = (&'static str, f64)> {
    let total: f64 = csv::rows(include_str!("../data/surnames.csv")).map(|r| r.number::<f64>(1)).sum();
    csv::rows(include_str!("../data/surnames.csv")).map(move |r| (r.text(0), r.number::<f64>(1) / total))
}
