//! A small round to which random things happen. The facts are the log: what is delivered twice stands in it twice.

use crate::scene::{examined, hours, household, lot, person, run, scheme, tube};
use greenfort_domain::conclusions::{
    Examined, Facts, Fate, FieldState, Judgement, Person, PlaceId, Recall, Released, SchemeFacts, Specimen,
};
use greenfort_kernel::{ExemptReason, Method, ReactionId, ReleaseId};
use greenfort_pooling::decode::{Material, Reading, Scheme};
use greenfort_pooling::{Array, Design, Hierarchy};
use uuid::Uuid;

/// Households 1 {1,2,3}, 2 {4,5}, 3 {6}; the group {1,4,6,7}; person 7 lives alone outside any household.
const PEOPLE: u128 = 7;
const TUBES: u128 = 9;
const SCHEMES: usize = 6;
/// Reactions a case may hold: beyond, readings become corrections.
const REACTIONS: usize = 24;

/// Four random numbers that mean something in the world they meet.
pub type Event = [u16; 4];

pub struct World {
    pub facts: Facts,
    next_scheme: u128,
}

fn pick<T: Copy>(from: &[T], n: u16) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(n) % from.len()])
}

fn toggle<T: PartialEq>(rows: &mut Vec<T>, row: T) {
    let before = rows.len();
    rows.retain(|r| *r != row);
    if rows.len() == before {
        rows.push(row);
    }
}

impl World {
    pub fn new() -> Self {
        let mut facts = Facts::default();
        for n in 1..=PEOPLE {
            let recovered_on = (n == 2).then(|| "2021-08-20".parse().unwrap());
            facts.people.push(Person { id: person(n), field: FieldState::NotYetReached, recovered_on });
        }
        let places = [
            (household(1), &[1, 2, 3][..]),
            (household(2), &[4, 5]),
            (household(3), &[6]),
            (crate::scene::group(1), &[1, 4, 6, 7]),
        ];
        for (place, members) in places {
            facts.members.extend(members.iter().map(|n| (place, person(*n))));
        }
        facts.lot_uses.extend((1..=4).map(|n| (run(n), lot(n % 3))));
        Self { facts, next_scheme: 1 }
    }

    pub fn happens(&mut self, [what, a, b, c]: Event) {
        match what % 32 {
            0..=5 => self.capture(a, b, c),
            6..=8 => self.pool(a, b),
            9..=18 => self.read(a, b, c),
            19 | 20 => self.correct(a, b),
            21 => self.recall(a, b),
            22 => self.fate(a, b),
            23 => self.field(a, b),
            24 => self.late_list(a, b, c),
            25 => self.wrong_tube(a, b),
            26 => self.time(a),
            27 => self.judge(a),
            28 => self.move_house(a, b),
            29 => self.facts.closed = a.is_multiple_of(4),
            _ => self.deliver_again(a, b),
        }
    }

    fn some_tube(&self, n: u16) -> Option<Specimen> {
        pick(&self.facts.specimens, n)
    }

    /// A tube is swabbed, with or without its list; a tube that is there is delivered again and changes nothing.
    fn capture(&mut self, a: u16, b: u16, c: u16) {
        let id = tube(u128::from(a) % TUBES + 1);
        if self.facts.specimens.iter().any(|s| s.id == id) {
            return;
        }
        let sampled_at = hours(i64::from(b % 60));
        let fate = Fate::InHand;
        self.facts.specimens.push(Specimen { id, sampled_at, received_at: None, time_confirmed: true, fate });
        if !c.is_multiple_of(8) {
            self.list(id, b, c);
        }
    }

    fn list(&mut self, id: greenfort_kernel::SpecimenId, b: u16, c: u16) {
        let donors = if b.is_multiple_of(5) { 2 } else { 1 };
        for n in 0..donors {
            self.facts.donors.push((id, person((u128::from(c) + n) % PEOPLE + 1)));
        }
        let donor = person(u128::from(c) % PEOPLE + 1);
        let places: Vec<PlaceId> =
            self.facts.members.iter().filter(|(_, p)| *p == donor).map(|(p, _)| *p).collect();
        if let Some(place) = pick(&places, b / 5)
            && !b.is_multiple_of(3)
        {
            self.facts.stands_for.push((id, place));
            let members = self.facts.members.iter().filter(|(p, m)| *p == place && *m != donor);
            let ticked: Vec<_> =
                members.filter(|(_, m)| !(m.0.as_u128() + u128::from(b)).is_multiple_of(4)).collect();
            self.facts.represented.extend(ticked.iter().map(|(_, m)| (id, *m)));
        }
    }

    /// The list of a tube that came without one.
    fn late_list(&mut self, a: u16, b: u16, c: u16) {
        if let Some(specimen) = self.some_tube(a)
            && !self.facts.donors.iter().any(|(s, _)| *s == specimen.id)
        {
            self.list(specimen.id, b, c);
        }
    }

    /// The people written for one tube belong to another: their list moves, with the names ticked.
    fn wrong_tube(&mut self, a: u16, b: u16) {
        if let (Some(from), Some(to)) = (self.some_tube(a), self.some_tube(b)) {
            let moved = |s: &mut greenfort_kernel::SpecimenId| {
                if *s == from.id {
                    *s = to.id;
                } else if *s == to.id {
                    *s = from.id;
                }
            };
            self.facts.donors.iter_mut().for_each(|(s, _)| moved(s));
            self.facts.represented.iter_mut().for_each(|(s, _)| moved(s));
            self.facts.stands_for.iter_mut().for_each(|(s, _)| moved(s));
        }
    }

    /// Tubes that are in no scheme go into one: alone, Dorfman, nested, or an array with or without master pool.
    fn pool(&mut self, a: u16, b: u16) {
        if self.facts.schemes.len() >= SCHEMES {
            return;
        }
        let pooled = |s: &Specimen| self.facts.schemes.iter().any(|p| p.specimens.contains(&s.id));
        let mut free: Vec<_> = self.facts.specimens.iter().filter(|s| !pooled(s)).map(|s| s.id).collect();
        free.sort_unstable();
        free.dedup();
        let design = match b % 8 {
            0 if free.len() >= 4 => Design::Array(Array::new(2, 2, b.is_multiple_of(16)).unwrap()),
            1 if free.len() >= 4 => Design::Hierarchy(Hierarchy::new(vec![vec![4], vec![2, 2]]).unwrap()),
            2 | 3 => Design::dorfman(1).unwrap(),
            n => Design::dorfman(usize::from(n).saturating_sub(2).min(free.len()).max(1)).unwrap(),
        };
        if free.len() >= design.members() {
            let turn = usize::from(a) % free.len();
            free.rotate_left(turn);
            free.truncate(design.members());
            let id = scheme(self.next_scheme);
            self.next_scheme += 1;
            let scheme = Scheme::new(&design, Material::Media);
            self.facts.schemes.push(SchemeFacts { id, scheme, specimens: free });
        }
    }

    fn read(&mut self, a: u16, b: u16, c: u16) {
        if self.facts.readings.len() >= REACTIONS {
            return self.correct(a, b);
        }
        let Some(at) = (!self.facts.schemes.is_empty()).then(|| usize::from(a) % self.facts.schemes.len())
        else {
            return;
        };
        let pool = &self.facts.schemes[at];
        // The rapid test is a matter of single tubes; now and then a laboratory may not confirm, or has no file.
        let method =
            if pool.specimens.len() == 1 && c.is_multiple_of(4) { Method::Rapid } else { Method::Pcr };
        let usual = examined(method);
        let examined =
            Examined { authorised: usual.authorised && c % 16 != 1, verified: c % 16 != 2, ..usual };
        let number = self.facts.readings.len() as u128 + 1;
        self.facts.readings.push(Released {
            reaction: ReactionId(Uuid::from_u128(number)),
            version: 1,
            release: ReleaseId(Uuid::from_u128(number)),
            run: run(u128::from(b) % 4 + 1),
            scheme: pool.id,
            test: usize::from(b / 4) % pool.scheme.tests(),
            reading: reading(c / 16),
            examined,
        });
    }

    fn correct(&mut self, a: u16, b: u16) {
        if let Some(one) = pick(&self.facts.readings, a) {
            let of_it = self.facts.readings.iter().filter(|r| r.reaction == one.reaction);
            let version = of_it.map(|r| r.version).max().unwrap_or(0) + 1;
            let release = ReleaseId(Uuid::from_u128(1_000 * u128::from(version) + one.reaction.0.as_u128()));
            self.facts.readings.push(Released { version, release, reading: reading(b), ..one });
        }
    }

    /// Recalls something, or lifts the recall of it.
    fn recall(&mut self, a: u16, b: u16) {
        match a % 6 {
            0 => toggle(&mut self.facts.recalls, Recall::Run(run(u128::from(b) % 4 + 1))),
            1 => toggle(&mut self.facts.recalls, Recall::Lot(lot(u128::from(b) % 3))),
            2 => self.facts.recalls.clear(),
            _ => {
                if let Some(one) = pick(&self.facts.readings, b) {
                    let recall = Recall::Reading { reaction: one.reaction, version: one.version };
                    toggle(&mut self.facts.recalls, recall);
                }
            }
        }
    }

    fn change_tube(&mut self, n: u16, change: impl Fn(&mut Specimen)) {
        if let Some(one) = self.some_tube(n) {
            self.facts.specimens.iter_mut().filter(|s| s.id == one.id).for_each(change);
        }
    }

    fn fate(&mut self, a: u16, b: u16) {
        let fate = [Fate::Rejected, Fate::Lost, Fate::InHand][usize::from(b) % 3];
        self.change_tube(a, |s| s.fate = fate);
    }

    /// The clock of the phone is in doubt, or the site lead confirms the time.
    fn time(&mut self, a: u16) {
        self.change_tube(a, |s| {
            s.time_confirmed = !s.time_confirmed;
            s.received_at = Some(hours(70));
        });
    }

    fn field(&mut self, a: u16, b: u16) {
        use FieldState::{Absent, Appointed, Exempt, NotYetReached, Refused, Removed};
        let states = [
            NotYetReached,
            Appointed,
            Absent,
            Refused,
            Removed,
            Exempt(ExemptReason::Age),
            Exempt(ExemptReason::InQuarantine),
            Exempt(ExemptReason::NotSwabbable),
        ];
        let id = person(u128::from(a) % PEOPLE + 1);
        let state = states[usize::from(b) % states.len()];
        self.facts.people.iter_mut().filter(|p| p.id == id).for_each(|p| p.field = state);
    }

    fn judge(&mut self, a: u16) {
        if let Some(at) = (!self.facts.schemes.is_empty()).then(|| usize::from(a) % self.facts.schemes.len())
        {
            toggle(&mut self.facts.judgements, Judgement { scheme: self.facts.schemes[at].id, test: 0 });
        }
    }

    /// Somebody leaves a household for another.
    fn move_house(&mut self, a: u16, b: u16) {
        let id = person(u128::from(a) % 6 + 1);
        let to = household(u128::from(b) % 3 + 1);
        self.facts.members.retain(|(place, p)| *p != id || !matches!(place, PlaceId::Household(_)));
        self.facts.members.push((to, id));
    }

    /// A network that repeats itself.
    fn deliver_again(&mut self, a: u16, b: u16) {
        let facts = &mut self.facts;
        match a % 7 {
            0 => facts.specimens.extend(pick(&facts.specimens, b)),
            1 => facts.donors.extend(pick(&facts.donors, b)),
            2 => facts.represented.extend(pick(&facts.represented, b)),
            3 => facts.stands_for.extend(pick(&facts.stands_for, b)),
            4 if facts.readings.len() < 2 * REACTIONS => facts.readings.extend(pick(&facts.readings, b)),
            5 => facts.members.extend(pick(&facts.members, b)),
            _ => facts.people.extend(pick(&facts.people, b)),
        }
    }
}

fn reading(n: u16) -> Reading {
    // As in a round: mostly negative.
    match n % 8 {
        0..=3 => Reading::NotDetected,
        4 | 5 => Reading::Detected,
        6 => Reading::Inconclusive,
        _ => Reading::Invalid,
    }
}
