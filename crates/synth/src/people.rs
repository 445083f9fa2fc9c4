//! Gives the composed people names, birthdays, papers, phones, vaccine doses and work.

use greenfort_kernel::personal_id::Sex;

use crate::compose::Draft;
use crate::model::{BirthDate, Day, DemoPhone, Exposure, IdNumber, Person, Relation};
use crate::names::{self, Name};
use crate::rng::Rng;

/// Communes of the province: numbers that must be unique in it are handed out in steps of this.
const COMMUNES: u32 = 157;
const PHONES: u64 = 1_000_000;
const PROVINCE_PEOPLE: u64 = 1_288_463;
/// Serials from 900,000 up.
const SERIALS: u64 = 100_000;
const FIRST_SERIAL: u64 = 900_000;
const CMND_RANGE: u64 = 10_000_000;

/// What people of one commune draw from.
pub(crate) struct Registrar<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) as_of: Day,
    commune: u32,
    /// Papers handed out, by century-and-sex digit and year.
    serials: Box<[[u16; 100]; 4]>,
    cmnds: u32,
    phones: std::ops::Range<u64>,
    /// The same for all communes of a seed: permutes phones and serials without collisions.
    shift: u64,
    worker_chance: f64,
}

impl<'a> Registrar<'a> {
    pub(crate) fn new(
        rng: &'a mut Rng,
        as_of: Day,
        (commune, people_before, people): (u16, u32, u32),
        shift: u64,
        worker_chance: f64,
    ) -> Self {
        let phone = |people: u32| u64::from(people) * PHONES / PROVINCE_PEOPLE;
        Self {
            rng,
            as_of,
            commune: u32::from(commune),
            serials: Box::new([[0; 100]; 4]),
            cmnds: 0,
            phones: phone(people_before)..phone(people_before + people),
            shift,
            worker_chance,
        }
    }

    /// The people of a household, in the order given (head first).
    pub(crate) fn register(&mut self, household: u32, members: &[Draft], out: &mut Vec<Person>) {
        let first = out.len();
        let family = Family::draw(members, self.rng);
        for draft in members {
            let birth = self.birth(draft.age);
            let name = self.name(draft, birth.year, &family, &out[first..]);
            let exposure = self.exposure(draft);
            let person = Person {
                household,
                relation: draft.relation,
                sex: draft.sex,
                birth,
                name,
                id: self.id(draft, birth.year),
                phone: self.phone(draft.age),
                doses: self.doses(draft.age, exposure),
                exposure,
            };
            out.push(person);
        }
    }

    /// A day that makes the person exactly `age` on the day of reference.
    fn birth(&mut self, age: u8) -> BirthDate {
        let year = self.as_of.year - i16::from(age);
        let only_year = match age {
            75.. => 0.35,
            60.. => 0.15,
            _ => 0.0,
        };
        if self.rng.chance(only_year) {
            return BirthDate { year, day: None };
        }
        let month = 1 + self.rng.below(12) as u8;
        let days = match month {
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let day = 1 + self.rng.below(days) as u8;
        let had_birthday = (month, day) <= (self.as_of.month, self.as_of.day);
        BirthDate { year: if had_birthday { year } else { year - 1 }, day: Some((month, day)) }
    }

    fn name(&mut self, draft: &Draft, birth_year: i16, family: &Family, others: &[Person]) -> Name {
        let surname = match draft.relation {
            Relation::Head | Relation::Sibling => family.head,
            Relation::Spouse => family.spouse,
            Relation::Child => family.children,
            Relation::Grandchild if self.rng.chance(0.55) => family.children,
            Relation::Grandchild => family.daughters_children,
            Relation::Parent if draft.sex == Sex::Male => family.head,
            Relation::Parent | Relation::ChildInLaw | Relation::OtherRelative | Relation::Lodger => {
                names::surname(self.rng)
            }
        };
        let middle = names::middle(draft.sex, birth_year, self.rng);
        let mut given = names::given(draft.sex, birth_year, self.rng);
        // Nobody is called as somebody in the same house, nor "Thị Ngọc Ngọc".
        for _ in 0..4 {
            if !middle.ends_with(given) && others.iter().all(|other| other.name.given != given) {
                break;
            }
            given = names::given(draft.sex, birth_year, self.rng);
        }
        Name { surname, middle, given }
    }

    fn exposure(&mut self, draft: &Draft) -> Exposure {
        let male = draft.sex == Sex::Male;
        let draw = self.rng.unit();
        let steps = [
            (Exposure::HealthWorker, 0.006, 22..=60),
            (Exposure::Driver, if male { 0.008 } else { 0.0004 }, 21..=62),
            (Exposure::Trader, if male { 0.018 } else { 0.036 }, 20..=69),
            (Exposure::Worker, self.worker_chance, 18..=52),
        ];
        let mut below = 0.0;
        for (exposure, chance, ages) in steps {
            below += chance;
            if draw < below {
                return if ages.contains(&draft.age) { exposure } else { Exposure::None };
            }
        }
        Exposure::None
    }

    /// September 2021: health staff first, then parks; most had none.
    fn doses(&mut self, age: u8, exposure: Exposure) -> u8 {
        if age < 18 {
            return 0;
        }
        let (one_or_more, two) = match exposure {
            Exposure::HealthWorker => (0.98, 0.90),
            Exposure::Worker | Exposure::Driver => (0.55, 0.08),
            Exposure::Trader => (0.35, 0.04),
            Exposure::None => (0.17, 0.03),
        };
        let draw = self.rng.unit();
        u8::from(draw < one_or_more) + u8::from(draw < two)
    }

    fn id(&mut self, draft: &Draft, birth_year: i16) -> Option<IdNumber> {
        let (cccd, cmnd) = match draft.age {
            0..14 => (0.0, 0.0),
            14..18 => (0.62, 0.0),
            18..60 => (0.93, 0.05),
            _ => (0.70, 0.26),
        };
        let draw = self.rng.unit();
        if draw < cccd {
            self.cccd(draft.sex, birth_year)
        } else if draw < cccd + cmnd {
            let serial = u64::from(self.commune + COMMUNES * self.cmnds);
            self.cmnds += 1;
            Some(IdNumber::Cmnd(990_000_000 + scramble(serial, self.shift, CMND_RANGE) as u32))
        } else {
            None
        }
    }

    fn cccd(&mut self, sex: Sex, birth_year: i16) -> Option<IdNumber> {
        // Births registered elsewhere: neighbours and Hồ Chí Minh City.
        let birthplace: u64 = match self.rng.below(1000) {
            0..925 => 83,
            925..950 => 79,
            950..965 => 82,
            965..978 => 84,
            978..990 => 86,
            _ => 80,
        };
        let digit = (usize::from(birth_year >= 2000) * 2) + sex as usize;
        let year = birth_year.rem_euclid(100) as usize;
        let count = &mut self.serials[digit][year];
        let serial = u64::from(self.commune + COMMUNES * u32::from(*count));
        *count += 1;
        if serial >= SERIALS {
            return None; // a second person with this number would be worse than one without
        }
        // Another permutation for each year, or a commune's numbers would end in the same few digits.
        let cohort = (100 * digit + year) as u64 * 77_773;
        let serial = FIRST_SERIAL + scramble(serial, self.shift + cohort, SERIALS);
        Some(IdNumber::Cccd(((birthplace * 10 + digit as u64) * 100 + year as u64) * 1_000_000 + serial))
    }

    fn phone(&mut self, age: u8) -> Option<DemoPhone> {
        let has_own = match age {
            0..14 => 0.0,
            14..18 => 0.45,
            18..60 => 0.84,
            60..70 => 0.55,
            _ => 0.22,
        };
        if !self.rng.chance(has_own) {
            return None;
        }
        let number = self.phones.next()?;
        Some(DemoPhone(scramble(number, self.shift, PHONES) as u32))
    }
}

/// A permutation of `0..range`, for ranges without other prime factors than 2 and 5.
fn scramble(number: u64, shift: u64, range: u64) -> u64 {
    (number * 387_659_077 + shift) % range
}

/// Surnames of a household.
struct Family {
    head: &'static str,
    spouse: &'static str,
    children: &'static str,
    daughters_children: &'static str,
}

impl Family {
    fn draw(members: &[Draft], rng: &mut Rng) -> Self {
        let head = names::surname(rng);
        let spouse = names::surname(rng);
        let children = match members.first() {
            Some(draft) if draft.sex == Sex::Male => head,
            // With no husband in the house, the children carry the name of one who is not.
            _ => spouse,
        };
        Self { head, spouse, children, daughters_children: names::surname(rng) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn scrambling_never_gives_two_the_same_number() {
        for range in [SERIALS, PHONES] {
            let seen: HashSet<u64> = (0..range).map(|n| scramble(n, 12_345, range)).collect();
            assert_eq!(seen.len() as u64, range);
        }
    }
}
