//! Census figures by commune, and how many people of each sex and age group each commune gets.

use std::collections::HashMap;

use crate::csv;
use crate::units::{self, Level, TREE_2020, Unit};

/// 0–4, 5–9, …, 80–84, 85+.
pub const AGE_GROUPS: usize = 18;
/// Males by age group, then females.
pub(crate) const CELLS: usize = 2 * AGE_GROUPS;

pub(crate) struct Figures {
    pub(crate) unit: Unit,
    /// Households of 1, 2, … 6, 7 and more.
    pub(crate) sizes: [u32; 7],
    /// People by sex and age group; sums to the commune's population.
    pub(crate) cells: [u32; CELLS],
    /// People in the communes before this one: phone numbers are handed out by this range.
    pub(crate) people_before: u32,
}

impl Figures {
    pub(crate) fn people(&self) -> u32 {
        self.unit.pop_2019.unwrap_or(0)
    }

    pub(crate) fn position(&self) -> (f64, f64) {
        (self.unit.lon.unwrap_or(0.0), self.unit.lat.unwrap_or(0.0))
    }
}

/// Census people of a district by sex (males first) and age group: ages as counted, split by the provincial
/// share of males in the age group.
pub fn district_cells(district_code: &str) -> Option<[u32; 2 * AGE_GROUPS]> {
    let shares: Vec<f64> =
        csv::rows(include_str!("../data/male-share-by-age.csv")).map(|r| r.number(1)).collect();
    let row = csv::rows(include_str!("../data/age-by-district.csv")).find(|r| r.text(0) == district_code)?;
    let mut cells = [0; CELLS];
    for group in 0..AGE_GROUPS {
        let people: u32 = row.number(1 + group);
        let males = (f64::from(people) * shares[group]).round() as u32;
        cells[group] = males;
        cells[AGE_GROUPS + group] = people - males;
    }
    Some(cells)
}

/// The 157 communes in the order of the units table.
pub(crate) fn communes() -> Vec<Figures> {
    let sizes: HashMap<&str, [u32; 7]> = csv::rows(include_str!("../data/household-sizes.csv"))
        .map(|r| (r.text(0), std::array::from_fn(|i| r.number(1 + i))))
        .collect();
    let mut people_before = 0;
    let mut communes: Vec<Figures> = units::units()
        .into_iter()
        .filter(|unit| unit.level == Level::Commune && unit.valid_from == TREE_2020)
        .map(|unit| {
            let people = unit.pop_2019.unwrap_or(0);
            let sizes = sizes[unit.code.as_str()];
            people_before += people;
            Figures { unit, sizes, cells: [0; CELLS], people_before: people_before - people }
        })
        .collect();
    let mut districts: Vec<String> = communes.iter().filter_map(|c| c.unit.parent_code.clone()).collect();
    districts.dedup();
    for district in districts {
        let mut left = district_cells(&district).expect("age figures of every district");
        for commune in communes.iter_mut().filter(|c| c.unit.parent_code.as_deref() == Some(&district)) {
            commune.cells = portion(&mut left, commune.people());
        }
        debug_assert!(left.iter().all(|cell| *cell == 0), "district {district} has people left over");
    }
    communes
}

/// Takes `people` out of `left` in proportion, by largest remainders. Row and column sums both come out exact:
/// no cell is asked for more than it holds, and the last commune takes precisely what is left.
fn portion(left: &mut [u32; CELLS], people: u32) -> [u32; CELLS] {
    let total: u64 = left.iter().map(|cell| u64::from(*cell)).sum();
    let mut taken = [0; CELLS];
    let mut remainders: Vec<(u64, usize)> = Vec::with_capacity(CELLS);
    for (i, cell) in left.iter().enumerate() {
        let exact = u64::from(*cell) * u64::from(people);
        taken[i] = (exact / total) as u32;
        remainders.push((exact % total, i));
    }
    remainders.sort_unstable_by(|a, b| b.cmp(a));
    let missing = people - taken.iter().sum::<u32>();
    for (_, i) in &remainders[..missing as usize] {
        taken[*i] += 1;
    }
    for (cell, t) in left.iter_mut().zip(taken) {
        *cell -= t;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_are_exact_by_commune_and_by_district() {
        let communes = communes();
        assert_eq!(communes.len(), 157);
        let mut sums: HashMap<String, [u32; CELLS]> = HashMap::new();
        for c in &communes {
            assert_eq!(c.cells.iter().sum::<u32>(), c.people(), "{}", c.unit.name);
            assert_eq!(Some(c.sizes.iter().sum::<u32>()), c.unit.households_2019, "{}", c.unit.name);
            let sum = sums.entry(c.unit.parent_code.clone().unwrap()).or_insert([0; CELLS]);
            sum.iter_mut().zip(c.cells).for_each(|(s, cell)| *s += cell);
        }
        for (district, sum) in sums {
            assert_eq!(Some(sum), district_cells(&district), "{district}");
        }
    }

    #[test]
    fn the_sexes_come_out_as_the_census_has_them() {
        let males: u32 = communes().iter().map(|c| c.cells[..AGE_GROUPS].iter().sum::<u32>()).sum();
        assert!(males.abs_diff(630_492) < 200, "{males}");
    }

    #[test]
    fn households_of_seven_and_more_have_room_for_the_people_left() {
        for c in communes() {
            let in_small: u32 = (1..).zip(&c.sizes[..6]).map(|(size, n)| size * n).sum();
            assert!(c.people() - in_small >= 7 * c.sizes[6], "{}", c.unit.name);
        }
    }
}
