//! A small round told in one line a fact.

use greenfort_domain::conclusions::{
    Conclusion, Derived, Evidence, Examined, Facts, Fate, FieldState, Judgement, Outcome, Person,
    PlaceConclusion, PlaceId, Policy, Recall, Released, SchemeFacts, Specimen, conclude,
};
use greenfort_kernel::{
    AssayId, GroupId, HouseholdId, LotId, Method, OutcomeKind, PersonId, ReactionId, ReleaseId, RunId,
    SchemeId, SpecimenId,
};
use greenfort_pooling::decode::{Material, Reading, Scheme};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub struct Scene {
    pub facts: Facts,
    pub policy: Policy,
    reactions: u128,
}

pub fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

pub fn tube(n: u128) -> SpecimenId {
    SpecimenId(Uuid::from_u128(n))
}

pub fn household(n: u128) -> PlaceId {
    PlaceId::Household(HouseholdId(Uuid::from_u128(n)))
}

pub fn group(n: u128) -> PlaceId {
    PlaceId::Group(GroupId(Uuid::from_u128(n)))
}

pub fn scheme(n: u128) -> SchemeId {
    SchemeId(Uuid::from_u128(n))
}

pub fn run(n: u128) -> RunId {
    RunId(Uuid::from_u128(n))
}

pub fn lot(n: u128) -> LotId {
    LotId(Uuid::from_u128(n))
}

pub fn hours(h: i64) -> Timestamp {
    "2021-09-06T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(h)
}

pub fn examined(method: Method) -> Examined {
    let (assay, sensitivity) = match method {
        Method::Pcr => (1, 2),
        Method::Rapid => (2, 1),
    };
    Examined {
        assay: AssayId(Uuid::from_u128(assay)),
        method,
        sensitivity,
        authorised: method == Method::Pcr,
        verified: true,
    }
}

impl Scene {
    pub fn new() -> Self {
        Self { facts: Facts::default(), policy: Policy::standard(), reactions: 0 }
    }

    pub fn lives(&mut self, place: PlaceId, people: &[u128]) -> &mut Self {
        for n in people {
            self.is(*n, FieldState::NotYetReached);
            self.facts.members.push((place, person(*n)));
        }
        self
    }

    /// Sets what the field recorded; adds the person if new.
    pub fn is(&mut self, n: u128, field: FieldState) -> &mut Self {
        match self.facts.people.iter_mut().find(|p| p.id == person(n)) {
            Some(known) => known.field = field,
            None => self.facts.people.push(Person { id: person(n), field, recovered_on: None }),
        }
        self
    }

    pub fn swab(&mut self, n: u128, at: i64, donors: &[u128]) -> &mut Self {
        self.facts.specimens.push(Specimen {
            id: tube(n),
            sampled_at: hours(at),
            received_at: None,
            time_confirmed: true,
            fate: Fate::InHand,
        });
        for donor in donors {
            if !self.facts.people.iter().any(|p| p.id == person(*donor)) {
                self.is(*donor, FieldState::NotYetReached);
            }
            self.facts.donors.push((tube(n), person(*donor)));
        }
        self
    }

    pub fn stands_for(&mut self, n: u128, place: PlaceId, ticked: &[u128]) -> &mut Self {
        self.facts.stands_for.push((tube(n), place));
        self.facts.represented.extend(ticked.iter().map(|p| (tube(n), person(*p))));
        self
    }

    pub fn tube_mut(&mut self, n: u128) -> &mut Specimen {
        self.facts.specimens.iter_mut().find(|s| s.id == tube(n)).unwrap()
    }

    /// A Dorfman pool in the laboratory; test 0 is the pool, test 1 + x the tube x alone. One tube: test 0 is its own.
    pub fn pool(&mut self, n: u128, tubes: &[u128]) -> &mut Self {
        self.facts.schemes.push(SchemeFacts {
            id: scheme(n),
            scheme: Scheme::dorfman(tubes.len(), Material::Media).unwrap(),
            specimens: tubes.iter().map(|t| tube(*t)).collect(),
        });
        self
    }

    pub fn read(&mut self, pool: u128, test: usize, reading: Reading) -> &mut Self {
        self.read_by(pool, test, reading, examined(Method::Pcr))
    }

    pub fn rapid(&mut self, pool: u128, reading: Reading) -> &mut Self {
        self.read_by(pool, 0, reading, examined(Method::Rapid))
    }

    /// Run and release have the number of the pool.
    pub fn read_by(&mut self, pool: u128, test: usize, reading: Reading, examined: Examined) -> &mut Self {
        self.reactions += 1;
        self.facts.readings.push(Released {
            reaction: ReactionId(Uuid::from_u128(self.reactions)),
            version: 1,
            release: ReleaseId(Uuid::from_u128(pool)),
            run: run(pool),
            scheme: scheme(pool),
            test,
            reading,
            examined,
        });
        self
    }

    /// The newest reading, corrected.
    pub fn correct(&mut self, reading: Reading) -> &mut Self {
        let last = *self.facts.readings.last().unwrap();
        self.facts.readings.push(Released { version: last.version + 1, reading, ..last });
        self
    }

    pub fn recall(&mut self, recall: Recall) -> &mut Self {
        self.facts.recalls.push(recall);
        self
    }

    pub fn judge(&mut self, pool: u128) -> &mut Self {
        self.facts.judgements.push(Judgement { scheme: scheme(pool), test: 0 });
        self
    }

    pub fn derive(&self) -> Derived {
        conclude(&self.facts, &self.policy).unwrap()
    }

    pub fn of(&self, n: u128) -> Conclusion {
        *self.derive().person(person(n)).unwrap()
    }

    pub fn outcome(&self, n: u128) -> Outcome {
        self.of(n).outcome
    }

    pub fn kind(&self, n: u128) -> OutcomeKind {
        self.outcome(n).kind()
    }

    pub fn kinds(&self, people: &[u128]) -> Vec<OutcomeKind> {
        people.iter().map(|n| self.kind(*n)).collect()
    }

    pub fn place(&self, place: PlaceId) -> PlaceConclusion {
        *self.derive().place(place).unwrap()
    }

    pub fn evidence(&self, n: u128) -> Evidence {
        *self.outcome(n).evidence().unwrap()
    }
}
