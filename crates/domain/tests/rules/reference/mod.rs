//! The law once more, said as plainly as it can be: no indexes, no order, every question answered by looking at all the
//! facts. It shares with the program the vocabulary and, for arrays and nested pools, the decoder; Dorfman pools and single
//! tubes it decides itself.

mod tubes;

use greenfort_domain::conclusions::{
    Basis, Facts, FieldState, Person, PlaceId, Policy, Recall, Released, Specimen, Withheld,
};
use greenfort_kernel::OutcomeKind as O;
use greenfort_kernel::{Method, PersonId, ReachKind, SpecimenId};
use jiff::{SignedDuration, Timestamp};
use tubes::Tube;

/// What the reference says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    pub reach: ReachKind,
    pub outcome: O,
    pub withheld: Option<Withheld>,
    /// Of a clearing outcome: the swab and how it speaks.
    pub rests_on: Option<(SpecimenId, Basis)>,
}

pub struct Reference<'a> {
    pub facts: &'a Facts,
    pub policy: &'a Policy,
    standing: Vec<Released>,
    tubes: Vec<(Specimen, Tube)>,
}

impl<'a> Reference<'a> {
    pub fn new(facts: &'a Facts, policy: &'a Policy) -> Self {
        let mut new = Self { facts, policy, standing: Vec::new(), tubes: Vec::new() };
        new.standing = facts.readings.iter().copied().filter(|r| new.stands(r)).collect();
        new.standing.sort_by_key(|r| r.reaction);
        new.standing.dedup();
        let mut specimens = facts.specimens.clone();
        specimens.sort_by_key(|s| s.id);
        specimens.dedup();
        new.tubes = specimens.into_iter().map(|s| (s, new.tube(&s))).collect();
        new
    }

    /// A reading counts if nothing corrected it and nothing recalled it.
    fn stands(&self, r: &Released) -> bool {
        let corrected = self.facts.readings.iter().any(|o| o.reaction == r.reaction && o.version > r.version);
        let recalled = self.facts.recalls.iter().any(|recall| match recall {
            Recall::Reading { reaction, version } => *reaction == r.reaction && *version >= r.version,
            Recall::Run(run) => *run == r.run,
            Recall::Lot(lot) => self.facts.lot_uses.contains(&(r.run, *lot)),
        });
        !corrected && !recalled
    }

    pub fn standing(&self) -> &[Released] {
        &self.standing
    }

    fn donors(&self, tube: SpecimenId) -> Vec<PersonId> {
        let mut donors: Vec<_> =
            self.facts.donors.iter().filter(|(s, _)| *s == tube).map(|(_, p)| *p).collect();
        donors.sort_unstable();
        donors.dedup();
        donors
    }

    fn gave(&self, person: PersonId, tube: SpecimenId) -> bool {
        self.facts.donors.contains(&(tube, person))
    }

    fn is_named(&self, person: PersonId, tube: SpecimenId) -> bool {
        self.facts.represented.contains(&(tube, person)) && !self.gave(person, tube)
    }

    fn lives(&self, person: PersonId, place: PlaceId) -> bool {
        self.facts.members.contains(&(place, person))
    }

    /// Sampled after what was seen, by a method that sees as much; or the tube alone out of the same pool.
    fn answers(&self, n: &(Specimen, Tube), s: &(Specimen, Tube)) -> bool {
        let (Tube::Negative { alone, by }, Tube::Suspicious { by: seen, .. }) = (n.1, s.1) else {
            return false;
        };
        let sees_as_much = by.examined.sensitivity >= seen.examined.sensitivity;
        let after = n.0.sampled_at > latest(&s.0) && n.0.time_confirmed;
        sees_as_much && by.examined.verified && (after || (alone && by.scheme == seen.scheme))
    }

    /// The suspicious tubes that open a place: those that stand for it; for a household also those by which a member is
    /// presumptive or positive.
    fn opens(&self, s: &(Specimen, Tube), place: PlaceId) -> bool {
        let Tube::Suspicious { what, .. } = s.1 else { return false };
        let member = self.donors(s.0.id).iter().any(|p| self.lives(*p, place));
        self.facts.stands_for.contains(&(s.0.id, place))
            || (matches!(place, PlaceId::Household(_))
                && member
                && matches!(what, O::Presumptive | O::Positive))
    }

    fn places(&self, person: PersonId) -> Vec<PlaceId> {
        self.facts.members.iter().filter(|(_, p)| *p == person).map(|(place, _)| *place).collect()
    }

    pub fn says(&self, person: &Person) -> Said {
        let (mut said, before_closing) = self.says_open(person);
        if self.facts.closed
            && matches!(before_closing, O::Awaiting | O::Inconclusive | O::Invalid | O::Resample)
        {
            said.outcome = O::Unresolved;
        }
        said
    }

    fn says_open(&self, person: &Person) -> (Said, O) {
        let gave: Vec<&(Specimen, Tube)> =
            self.tubes.iter().filter(|t| self.gave(person.id, t.0.id)).collect();
        let named: Vec<&(Specimen, Tube)> =
            self.tubes.iter().filter(|t| self.is_named(person.id, t.0.id)).collect();
        let reach = match person.field {
            _ if !gave.is_empty() => ReachKind::Collected,
            FieldState::Removed => ReachKind::Removed,
            FieldState::Exempt(_) => ReachKind::Exempt,
            _ if !named.is_empty() => ReachKind::Represented,
            FieldState::NotYetReached => ReachKind::NotYetReached,
            FieldState::Appointed => ReachKind::Appointed,
            FieldState::Absent => ReachKind::Absent,
            FieldState::Refused => ReachKind::Refused,
        };
        let openings: Vec<&(Specimen, Tube)> = self
            .tubes
            .iter()
            .filter(|s| {
                let by_place = self.places(person.id).iter().any(|place| self.opens(s, *place));
                let by_name = self.is_named(person.id, s.0.id) && matches!(s.1, Tube::Suspicious { .. });
                (by_place || by_name) && !self.gave(person.id, s.0.id)
            })
            .collect();
        let mut all: Vec<O> = Vec::new();
        let excused = matches!(person.field, FieldState::Exempt(r) if self.policy.excused.contains(&r));
        match reach {
            ReachKind::Removed => {}
            ReachKind::Exempt if excused => {}
            ReachKind::Collected => {
                all.extend(gave.iter().filter_map(|t| self.own(t, &gave)));
                let unanswered = openings.iter().any(|s| !gave.iter().any(|n| self.answers(n, s)));
                all.extend(unanswered.then_some(O::Opened));
            }
            _ => {
                all.extend((!openings.is_empty()).then_some(O::Opened));
                if reach == ReachKind::Represented {
                    all.extend(named.iter().filter_map(|t| match t.1 {
                        Tube::Awaiting => Some(O::Awaiting),
                        Tube::Invalid | Tube::Resample if !self.replaced(t, &named) => Some(O::Awaiting),
                        _ => None,
                    }));
                }
            }
        }
        let rests_on = match reach {
            ReachKind::Collected => self.rests_on(&gave, &openings),
            ReachKind::Represented => {
                let negatives = || named.iter().filter(|t| matches!(t.1, Tube::Negative { .. }));
                let newest = negatives().map(|t| t.0.sampled_at).max();
                negatives()
                    .filter(|t| Some(t.0.sampled_at) >= newest.map(|n| n - SignedDuration::from_hours(72)))
                    .min_by_key(|t| (t.0.sampled_at, t.0.id))
                    .map(|t| (t.0.id, Basis::Represented))
            }
            _ => None,
        };
        // The graver wins; who has nothing grave has the negative, if there is one.
        let outcome = all.into_iter().max().unwrap_or(match rests_on {
            Some((_, Basis::Tested)) => O::Negative,
            Some((_, Basis::TestedInPool)) => O::NegativePooled,
            Some((_, Basis::Represented)) => O::RepresentedNegative,
            None => O::None,
        });
        let shown = rests_on.filter(|_| outcome.clears() || outcome == O::Awaiting);
        let withheld = shown.and_then(|(specimen, _)| self.withheld(person.id, specimen));
        let rests_on = rests_on.filter(|_| outcome.clears());
        (Said { reach, outcome, withheld, rests_on }, outcome)
    }

    /// What an own tube demands, unless a later one settles it.
    fn own(&self, t: &(Specimen, Tube), gave: &[&(Specimen, Tube)]) -> Option<O> {
        let later = gave.iter().any(|o| o.0.sampled_at > t.0.sampled_at);
        let answered = gave.iter().any(|n| self.answers(n, t));
        match t.1 {
            Tube::Negative { .. } => None,
            Tube::Awaiting => Some(O::Awaiting),
            Tube::Invalid => (!later).then_some(O::Invalid),
            Tube::Resample => (!later).then_some(O::Resample),
            Tube::Suspicious { what: O::Positive, .. } => Some(O::Positive),
            Tube::Suspicious { what: O::Presumptive, .. } => self.presumptive(t, gave).err(),
            Tube::Suspicious { what: O::Discordant, .. } => {
                self.discordant_answer(t, gave).is_none().then_some(O::Discordant)
            }
            Tube::Suspicious { what, .. } => (!answered).then_some(what),
        }
    }

    /// When the second confirming negative was taken, or what the person is without it.
    fn presumptive(&self, t: &(Specimen, Tube), gave: &[&(Specimen, Tube)]) -> Result<Timestamp, O> {
        let confirming = || {
            gave.iter().filter(|n| match n.1 {
                Tube::Negative { by, .. } => {
                    let e = by.examined;
                    e.method == Method::Pcr && e.authorised && e.verified && n.0.time_confirmed
                }
                _ => false,
            })
        };
        let first = confirming()
            .map(|n| n.0.sampled_at)
            .filter(|at| *at >= latest(&t.0))
            .min()
            .ok_or(O::Presumptive)?;
        let second =
            confirming().map(|n| n.0.sampled_at).filter(|at| *at >= first + SignedDuration::from_hours(24));
        second.min().ok_or(O::Held)
    }

    fn discordant_answer(&self, t: &(Specimen, Tube), gave: &[&(Specimen, Tube)]) -> Option<Timestamp> {
        let answers = gave.iter().filter(|n| self.answers(n, t)).map(|n| n.0.sampled_at);
        answers.filter(|at| *at >= latest(&t.0) + SignedDuration::from_hours(24)).min()
    }

    /// The negative somebody's conclusion rests on: not older than any answer it needed.
    fn rests_on(
        &self,
        gave: &[&(Specimen, Tube)],
        openings: &[&(Specimen, Tube)],
    ) -> Option<(SpecimenId, Basis)> {
        let first =
            |s: &(Specimen, Tube)| gave.iter().filter(|n| self.answers(n, s)).map(|n| n.0.sampled_at).min();
        let needed = gave.iter().filter_map(|t| match t.1 {
            Tube::Suspicious { what: O::Positive, .. } => None,
            Tube::Suspicious { what: O::Presumptive, .. } => self.presumptive(t, gave).ok(),
            Tube::Suspicious { what: O::Discordant, .. } => self.discordant_answer(t, gave),
            Tube::Suspicious { .. } => first(t),
            _ => None,
        });
        let since = needed.chain(openings.iter().filter_map(|s| first(s))).max();
        let negatives: Vec<(Timestamp, SpecimenId, bool)> = gave
            .iter()
            .filter_map(|n| match n.1 {
                Tube::Negative { alone, .. } => Some((n.0.sampled_at, n.0.id, alone)),
                _ => None,
            })
            .filter(|(at, ..)| Some(*at) >= since)
            .collect();
        let newest = negatives.iter().map(|(at, ..)| *at).max()?;
        let (_, specimen, alone) = negatives
            .into_iter()
            .filter(|(at, ..)| *at >= newest - SignedDuration::from_hours(72))
            .max_by_key(|(at, id, alone)| (*alone, *at, *id))?;
        Some((specimen, if alone { Basis::Tested } else { Basis::TestedInPool }))
    }

    fn replaced(&self, void: &(Specimen, Tube), among: &[&(Specimen, Tube)]) -> bool {
        among.iter().any(|t| {
            t.0.sampled_at > void.0.sampled_at
                && self.donors(t.0.id).iter().any(|d| self.donors(void.0.id).contains(d))
        })
    }

    fn withheld(&self, person: PersonId, on: SpecimenId) -> Option<Withheld> {
        let (specimen, tube) = self.tubes.iter().find(|t| t.0.id == on).unwrap();
        let contact = self.tubes.iter().any(|t| {
            matches!(t.1, Tube::Suspicious { what: O::Positive, .. })
                && self.donors(t.0.id).iter().any(|other| {
                    let mut homes =
                        self.places(person).into_iter().filter(|p| matches!(p, PlaceId::Household(_)));
                    *other != person && homes.any(|home| self.lives(*other, home))
                })
        });
        let verified = matches!(tube, Tube::Negative { by, .. } if by.examined.verified);
        if contact {
            Some(Withheld::Contact)
        } else if !specimen.time_confirmed {
            Some(Withheld::TimeInDoubt)
        } else {
            (!verified).then_some(Withheld::Unverified)
        }
    }

    /// What a household or group is, from what its members are.
    pub fn says_of(&self, place: PlaceId) -> O {
        let mut people = self.facts.people.clone();
        people.sort_by_key(|p| p.id);
        people.dedup();
        let listed: Vec<(PersonId, O)> = people
            .iter()
            .filter(|p| self.lives(p.id, place))
            .map(|p| (p, self.says_open(p)))
            .filter(|(p, (said, _))| match (said.reach, p.field) {
                (ReachKind::Removed, _) => false,
                (ReachKind::Exempt, FieldState::Exempt(reason)) => !self.policy.excused.contains(&reason),
                _ => true,
            })
            .map(|(p, (_, outcome))| (p.id, outcome))
            .collect();
        let any = |kind: O| listed.iter().any(|(_, o)| *o == kind);
        let open = self.tubes.iter().filter(|s| self.opens(s, place)).any(|s| {
            listed.iter().any(|(p, _)| {
                let mut own = self.tubes.iter().filter(|t| self.gave(*p, t.0.id));
                !own.any(|n| self.answers(n, s))
            })
        });
        let standing_for: Vec<&(Specimen, Tube)> =
            self.tubes.iter().filter(|t| self.facts.stands_for.contains(&(t.0.id, place))).collect();
        let missing = standing_for.iter().any(|t| match t.1 {
            Tube::Awaiting => true,
            Tube::Invalid | Tube::Resample => !self.replaced(t, &standing_for),
            _ => false,
        });
        let grave = [O::Held, O::Discordant, O::Inconclusive, O::Invalid, O::Resample, O::Awaiting];
        let kind = if any(O::Positive) {
            O::Positive
        } else if any(O::Presumptive) {
            O::Presumptive
        } else if open || any(O::Opened) {
            O::Opened
        } else if let Some(kind) = grave.into_iter().find(|k| any(*k)) {
            kind
        } else if missing {
            O::Awaiting
        } else {
            // All that is left clears; the weakest names the place.
            listed.iter().map(|(_, o)| *o).filter(|o| o.clears()).min().unwrap_or(O::None)
        };
        let open_end = matches!(kind, O::Awaiting | O::Inconclusive | O::Invalid | O::Resample);
        if self.facts.closed && open_end { O::Unresolved } else { kind }
    }
}

fn latest(specimen: &Specimen) -> Timestamp {
    match specimen.received_at {
        Some(received) if !specimen.time_confirmed => specimen.sampled_at.max(received),
        _ => specimen.sampled_at,
    }
}
