//! Puts a commune's people, given by sex and age, into its households, given by size: nobody is left over and
//! no place is empty.
//!
//! Heads are chosen by age-specific headship, then sorted into sizes by the age usual for that size; spouses
//! by age; then every elder and child is placed where the gap to the parents' age comes nearest to a drawn one.

use greenfort_kernel::personal_id::Sex;

use crate::figures::{AGE_GROUPS, CELLS};
use crate::model::Relation;
use crate::rng::Rng;

/// Oldest age made.
const OLDEST: usize = 102;
const ADULT: usize = 18;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft {
    pub(crate) sex: Sex,
    pub(crate) age: u8,
    pub(crate) relation: Relation,
}

/// People counted by sex and single year of age.
struct Pool([[u32; OLDEST + 1]; 2]);

impl Pool {
    fn take(&mut self, sex: Sex, age: usize) {
        self.0[sex as usize][age] -= 1;
    }

    /// The age nearest to `wish` within `range` at which somebody of that sex is left.
    fn nearest(&self, sex: Sex, wish: f64, range: (usize, usize)) -> Option<usize> {
        let ages = &self.0[sex as usize];
        let (low, high) = range;
        let wish = (wish.max(0.0) as usize).clamp(low, high);
        (0..=high - low).find_map(|gap| {
            let up = Some(wish + gap).filter(|age| *age <= high && ages[*age] > 0);
            up.or_else(|| wish.checked_sub(gap).filter(|age| *age >= low && ages[*age] > 0))
        })
    }
}

/// A household being filled: its members lie at `start .. start + filled` of the people.
struct Home {
    start: u32,
    size: u16,
    filled: u16,
    /// Age of the woman (or lone head) whose children would live here.
    mother_age: u8,
    /// A grown child whose wife or husband may move in: (index in household)
    unpaired: Option<u16>,
}

/// Members by household, head first; sizes as asked for, largest first.
pub(crate) fn compose(cells: &[u32; CELLS], sizes: &[u32; 7], rng: &mut Rng) -> Vec<Vec<Draft>> {
    let mut pool = single_years(cells, rng);
    let people: u32 = cells.iter().sum();
    let sizes = household_sizes(sizes, people, rng);
    let mut heads = choose_heads(&mut pool, sizes.len(), rng);
    let mut drafts = vec![Draft { sex: Sex::Male, age: 0, relation: Relation::Head }; people as usize];
    let mut homes = Vec::with_capacity(sizes.len());
    let mut start = 0;
    for size in sizes {
        let mut home = Home { start, size, filled: 1, mother_age: 0, unpaired: None };
        let (sex, age) = take_head(&mut heads, size, rng);
        drafts[start as usize] = Draft { sex, age: age as u8, relation: Relation::Head };
        home.mother_age = if sex == Sex::Male { age.saturating_sub(3) as u8 } else { age as u8 };
        if let Some((partner, partner_age)) = spouse(&mut pool, sex, age, size, rng) {
            drafts[start as usize + 1] =
                Draft { sex: partner, age: partner_age as u8, relation: Relation::Spouse };
            home.filled = 2;
            home.mother_age = if sex == Sex::Male { partner_age as u8 } else { age as u8 };
        }
        start += u32::from(size);
        homes.push(home);
    }
    place_others(&pool, &mut homes, &mut drafts, rng);
    homes
        .iter()
        .map(|home| {
            let mut members = drafts[home.start as usize..][..usize::from(home.size)].to_vec();
            members.sort_by_key(|m| (m.relation, u8::MAX - m.age));
            members
        })
        .collect()
}

/// Ages inside a group of five years are uniform; above 85 each further year keeps four of five.
fn single_years(cells: &[u32; CELLS], rng: &mut Rng) -> Pool {
    let mut pool = Pool([[0; OLDEST + 1]; 2]);
    for (i, count) in cells.iter().enumerate() {
        let ages = &mut pool.0[i / AGE_GROUPS];
        let first = 5 * (i % AGE_GROUPS);
        for _ in 0..*count {
            let mut age = first;
            if i % AGE_GROUPS == AGE_GROUPS - 1 {
                while age < OLDEST && rng.chance(0.8) {
                    age += 1;
                }
            } else {
                age += rng.index(5);
            }
            ages[age] += 1;
        }
    }
    pool
}

/// One entry a household, largest first. Households of seven and more share the people that are left.
fn household_sizes(counts: &[u32; 7], people: u32, rng: &mut Rng) -> Vec<u16> {
    let mut large = vec![7_u16; counts[6] as usize];
    let small: u32 = (1..).zip(&counts[..6]).map(|(size, n)| size * n).sum();
    for _ in 0..people - small - 7 * counts[6] {
        // The larger of two drawn grows with the smaller chance: a few big houses, most of them just over seven.
        let (a, b) = (rng.index(large.len()), rng.index(large.len()));
        let grown = if rng.chance(0.6) { a.min(b) } else { a };
        large[grown] += 1;
    }
    large.sort_unstable_by(|a, b| b.cmp(a));
    let others = (1..=6_u16).rev().flat_map(|size| {
        let n = counts[usize::from(size) - 1] as usize;
        std::iter::repeat_n(size, n)
    });
    large.iter().copied().chain(others).collect()
}

/// Chance, up to a factor, that somebody of this sex and age heads a household.
fn headship(sex: Sex, age: usize) -> f64 {
    let by_age = match age {
        0..ADULT => 0.0,
        ADULT..20 => 0.03,
        20..25 => 0.14,
        25..30 => 0.30,
        30..40 => 0.52,
        40..50 => 0.66,
        50..65 => 0.74,
        65..75 => 0.70,
        _ => 0.55,
    };
    by_age * if sex == Sex::Male { 1.25 } else { 0.55 }
}

/// Takes exactly `count` heads out of the pool, by headship.
fn choose_heads(pool: &mut Pool, count: usize, rng: &mut Rng) -> Pool {
    let expected = |factor: f64, sex: Sex, age: usize| {
        f64::from(pool.0[sex as usize][age]) * (factor * headship(sex, age)).min(1.0)
    };
    let total = |factor: f64| -> f64 {
        let ages =
            || (0..=OLDEST).map(|age| expected(factor, Sex::Male, age) + expected(factor, Sex::Female, age));
        ages().sum()
    };
    let (mut low, mut high) = (0.0, 64.0);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if total(middle) < count as f64 { low = middle } else { high = middle }
    }
    let mut heads = Pool([[0; OLDEST + 1]; 2]);
    let mut sum = rng.unit();
    let mut taken = 0;
    for sex in [Sex::Male, Sex::Female] {
        for age in 0..=OLDEST {
            sum += expected(high, sex, age);
            let take = ((sum as usize).min(count) - taken).min(pool.0[sex as usize][age] as usize);
            heads.0[sex as usize][age] = take as u32;
            taken += take;
        }
    }
    // Rounding may leave one head short; anybody in the prime of life will do.
    while taken < count {
        let free = |age: &usize| pool.0[0][*age] > heads.0[0][*age];
        let Some(age) = (ADULT..=OLDEST).rev().find(free) else { break };
        heads.0[0][age] += 1;
        taken += 1;
    }
    for sex in 0..2 {
        for age in 0..=OLDEST {
            pool.0[sex][age] -= heads.0[sex][age];
        }
    }
    heads
}

/// A head of the age usual for a household of that size; small ones take who is left.
fn take_head(heads: &mut Pool, size: u16, rng: &mut Rng) -> (Sex, usize) {
    let wish = match size {
        5.. => rng.bell(53.0, 12.0),
        4 => rng.bell(45.0, 10.0),
        3 => rng.bell(46.0, 13.0),
        2 => rng.bell(52.0, 17.0),
        _ => rng.bell(55.0, 22.0),
    };
    let whole = (ADULT, OLDEST);
    let (man, woman) = (heads.nearest(Sex::Male, wish, whole), heads.nearest(Sex::Female, wish, whole));
    let (sex, age) = match (man, woman) {
        (Some(m), Some(w)) => {
            let gap = |age: usize| (age as f64 - wish).abs();
            let women = f64::from(heads.0[1][w]);
            let women_share = women / (women + f64::from(heads.0[0][m]));
            match gap(m) - gap(w) {
                d if d > 2.0 => (Sex::Female, w),
                d if d < -2.0 => (Sex::Male, m),
                _ if rng.chance(women_share) => (Sex::Female, w),
                _ => (Sex::Male, m),
            }
        }
        (Some(m), None) => (Sex::Male, m),
        (None, Some(w)) => (Sex::Female, w),
        (None, None) => unreachable!("as many heads were chosen as there are households"),
    };
    heads.take(sex, age);
    (sex, age)
}

/// Wife or husband of a head, where there is one within twelve years.
fn spouse(pool: &mut Pool, head: Sex, age: usize, size: u16, rng: &mut Rng) -> Option<(Sex, usize)> {
    let married = match (head, size) {
        (_, 1) => 0.0,
        (Sex::Male, 2) => 0.78,
        (Sex::Male, _) => 0.94,
        (Sex::Female, 2) => 0.22,
        (Sex::Female, _) => 0.32,
    };
    if !rng.chance(married) {
        return None;
    }
    let (partner, older) = if head == Sex::Male { (Sex::Female, -3.0) } else { (Sex::Male, 3.0) };
    let range = (age.saturating_sub(12).max(ADULT), (age + 12).min(OLDEST));
    let found = pool.nearest(partner, age as f64 + rng.bell(older, 3.0), range)?;
    pool.take(partner, found);
    Some((partner, found))
}

/// Homes with places left, by the age of the mother.
struct Places {
    by_age: Vec<Vec<u32>>,
}

impl Places {
    fn new(homes: &[Home]) -> Self {
        let mut by_age = vec![Vec::new(); OLDEST + 1];
        for (i, home) in homes.iter().enumerate() {
            if home.filled < home.size {
                by_age[usize::from(home.mother_age)].push(i as u32);
            }
        }
        Self { by_age }
    }

    /// (age, position) of a home whose mother's age is nearest to `wish`.
    fn nearest(&self, wish: f64, rng: &mut Rng) -> Option<(usize, usize)> {
        let wish = (wish.max(0.0) as usize).min(OLDEST);
        let open = |age: &usize| self.by_age.get(*age).is_some_and(|homes| !homes.is_empty());
        let age = (0..=OLDEST)
            .find_map(|gap| Some(wish + gap).filter(open).or_else(|| wish.checked_sub(gap).filter(open)))?;
        Some((age, rng.index(self.by_age[age].len())))
    }
}

fn place_others(pool: &Pool, homes: &mut [Home], drafts: &mut [Draft], rng: &mut Rng) {
    let mut others: Vec<(Sex, u8)> = Vec::with_capacity(drafts.len());
    for sex in [Sex::Male, Sex::Female] {
        for (age, count) in pool.0[sex as usize].iter().enumerate() {
            others.extend(std::iter::repeat_n((sex, age as u8), *count as usize));
        }
    }
    rng.shuffle(&mut others);
    // The old have the fewest homes that suit them.
    others.sort_by_key(|(_, age)| *age < 60);
    let mut places = Places::new(homes);
    for (sex, age) in others {
        let years = f64::from(age);
        let wish = match age {
            60.. => years - rng.bell(28.0, 5.0),
            45.. if rng.chance(0.5) => years + rng.bell(0.0, 7.0),
            _ => years + rng.bell(27.0, 5.0).max(17.0),
        };
        let (mother_age, position) = places.nearest(wish, rng).expect("a place for everyone");
        let number = places.by_age[mother_age][position];
        let home = &mut homes[number as usize];
        let members = &mut drafts[home.start as usize..][..usize::from(home.filled) + 1];
        let relation = relation(sex, age, home, members, rng);
        if let Some(place) = members.last_mut() {
            *place = Draft { sex, age, relation };
        }
        home.filled += 1;
        if home.filled == home.size {
            places.by_age[mother_age].swap_remove(position);
        }
    }
}

/// What the newcomer is to the head, by the difference of their ages. `members` ends with the free place.
fn relation(sex: Sex, age: u8, home: &mut Home, members: &[Draft], rng: &mut Rng) -> Relation {
    let older = i32::from(members[0].age) - i32::from(age);
    match older {
        ..=-16 => Relation::Parent,
        -15..=15 => {
            if rng.chance(0.6) {
                Relation::Sibling
            } else {
                Relation::OtherRelative
            }
        }
        49.. => Relation::Grandchild,
        16..=48 if age < 20 => {
            // Young enough to be the child of a grown child who lives here with wife or husband.
            let parents_here = members[..members.len() - 1]
                .iter()
                .any(|m| m.relation == Relation::ChildInLaw && m.age >= age + 17);
            if parents_here && older > 36 { Relation::Grandchild } else { Relation::Child }
        }
        16..=48 => {
            let partner = home.unpaired.map(|i| members[usize::from(i)]);
            if partner.is_some_and(|p| p.sex != sex && p.age.abs_diff(age) <= 8) && rng.chance(0.7) {
                home.unpaired = None;
                return Relation::ChildInLaw;
            }
            home.unpaired = home.unpaired.or(Some(home.filled));
            Relation::Child
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures;
    use crate::rng::Rng;
    use proptest::prelude::*;

    #[test]
    fn every_commune_is_housed_with_nobody_left_over() {
        for (i, commune) in figures::communes().iter().enumerate() {
            let homes = compose(&commune.cells, &commune.sizes, &mut Rng::new(1, i as u64));
            let mut cells = [0; CELLS];
            let mut sizes = [0; 7];
            for home in &homes {
                sizes[home.len().min(7) - 1] += 1;
                for m in home {
                    cells[m.sex as usize * AGE_GROUPS + usize::from(m.age / 5).min(AGE_GROUPS - 1)] += 1;
                }
            }
            assert_eq!((cells, sizes), (commune.cells, commune.sizes), "{}", commune.unit.name);
        }
    }

    #[test]
    fn families_look_like_families() {
        let commune = &figures::communes()[20];
        let homes = compose(&commune.cells, &commune.sizes, &mut Rng::new(1, 20));
        for home in &homes {
            let head = home[0];
            assert_eq!(head.relation, Relation::Head);
            assert!(head.age >= 18);
            for m in &home[1..] {
                match m.relation {
                    Relation::Head => panic!("two heads"),
                    Relation::Spouse => assert!(m.sex != head.sex && m.age >= 18),
                    Relation::Child | Relation::ChildInLaw => assert!(head.age >= m.age + 16),
                    Relation::Parent => assert!(m.age >= head.age + 16),
                    Relation::Grandchild => assert!(head.age >= m.age + 30),
                    _ => {}
                }
            }
        }
        let share = |test: &dyn Fn(&&Vec<Draft>) -> bool| {
            homes.iter().filter(test).count() as f64 / homes.len() as f64
        };
        let with_child_alone = share(&|home| home.iter().all(|m| m.age < 18));
        let couples = share(&|home| home.iter().any(|m| m.relation == Relation::Spouse));
        assert!(with_child_alone == 0.0 && (0.45..0.8).contains(&couples), "couples {couples}");
    }

    proptest! {
        #[test]
        fn extra_people_of_large_households_all_find_a_place(large in 1_u32..50, extra in 0_u32..400, ones in 0_u32..9) {
            let counts = [ones, 0, 3, 0, 0, 0, large];
            let people = ones + 9 + 7 * large + extra;
            let sizes = household_sizes(&counts, people, &mut Rng::new(3, 3));
            prop_assert_eq!(sizes.iter().map(|s| u32::from(*s)).sum::<u32>(), people);
            prop_assert!(sizes.is_sorted_by(|a, b| a >= b));
            prop_assert_eq!(sizes.iter().filter(|s| **s >= 7).count(), large as usize);
        }
    }
}
