//! From everything that arrived to what is true. Pure, and a function of the set of events: the order in which they arrived,
//! how often, and through which phone makes no difference.

use super::barcode::{Tube, UNKNOWN_ISSUER};
use super::event::{
    Added, Collected, Donor, IdentifiedBy, NotSwabbed, Received, StandsFor, Visited, What, Whose,
};
use super::represent::{Bar, NotRepresented, represented};
use super::time::{Flag, doubts};
use crate::campaign::Window;
use greenfort_kernel::{
    AccountId, AssayId, DeviceId, GroupId, HouseholdId, IntakeId, LotId, PersonId, SiteId, SpecimenId, UnitId,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Where somebody of the register lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    pub unit: UnitId,
    pub household: Option<HouseholdId>,
}

/// What the office knows, apart from the events.
#[derive(Debug, Clone)]
pub struct Known {
    pub window: Window,
    /// Labels that are on a list or follow the pattern of a maker.
    pub tubes: BTreeSet<Tube>,
    /// Tubes that hold a live specimen of another round.
    pub used_elsewhere: BTreeSet<Tube>,
    pub register: BTreeMap<PersonId, Registered>,
    pub barred: BTreeMap<PersonId, Bar>,
    /// Most donors to a tube.
    pub assays: BTreeMap<AssayId, u16>,
    pub units: BTreeSet<UnitId>,
    pub sites: BTreeSet<SiteId>,
    pub lots: BTreeSet<LotId>,
    /// Events recorded after a later time, from [`super::backwards`].
    pub backwards: BTreeSet<(DeviceId, i64)>,
}

/// What follows from a set of events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Truth {
    pub specimens: BTreeMap<SpecimenId, Specimen>,
    /// Which live specimen a tube holds; of several the earliest, and all are flagged.
    pub tubes: BTreeMap<Tube, SpecimenId>,
    pub visits: BTreeMap<IntakeId, Visit>,
    pub cassettes: BTreeMap<IntakeId, Cassette>,
    /// Persons to be entered in the register.
    pub people: BTreeMap<PersonId, Added>,
    pub problems: BTreeSet<(IntakeId, Problem, Option<PersonId>)>,
}

/// The content of one tube.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specimen {
    pub tube: Tube,
    pub unit: UnitId,
    pub site: Option<SiteId>,
    pub assay: AssayId,
    pub lot: Option<LotId>,
    /// Each donor once, in the order of swabbing, with the hamlet where they live.
    pub donors: Vec<(PersonId, UnitId, IdentifiedBy)>,
    pub represents: Vec<Represents>,
    pub sampled_at: Timestamp,
    /// Entered later from paper.
    pub late_entry: bool,
    pub follows: Option<SpecimenId>,
    pub device: DeviceId,
    pub account: AccountId,
    pub flags: BTreeSet<Flag>,
    pub voided_at: Option<Timestamp>,
}

/// A household or group that a specimen stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Represents {
    pub representative: PersonId,
    pub household: Option<HouseholdId>,
    pub group: Option<GroupId>,
    pub unit: UnitId,
    pub present: u16,
    /// By name, with the hamlet where they live.
    pub members: Vec<(PersonId, UnitId)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub person: PersonId,
    pub unit: UnitId,
    pub reach: NotSwabbed,
    pub reason: String,
    pub occurred_at: Timestamp,
}

/// One look at a cassette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cassette {
    pub specimen: SpecimenId,
    pub drops_at: Timestamp,
    pub read_at: Timestamp,
    pub control_line: bool,
    pub test_line: bool,
}

/// What an event says that cannot be so. The event is kept; somebody has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Problem {
    Flag(Flag),
    /// Named twice in one tube; counted once.
    DonorTwice,
    /// Ticked as represented although swabbed into the same tube; counted as donor.
    MemberIsDonor,
    /// Ticked as represented, neither in the register nor described; not counted.
    MemberUnknown,
    /// Ticked as represented, but needs a swab of their own; not counted.
    MemberBarred(Bar),
    /// More names ticked than people counted.
    CountBelowNames,
    /// Neither a household nor a group, or both.
    StandsForNothing,
    AssayUnknown,
    /// Looked for, but not in the register.
    PersonUnknown,
}

impl Problem {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flag(flag) => flag.as_str(),
            Self::DonorTwice => "donor_twice",
            Self::MemberIsDonor => "member_is_donor",
            Self::MemberUnknown => "member_unknown",
            Self::MemberBarred(Bar::Away) => "member_barred_away",
            Self::MemberBarred(Bar::Symptomatic) => "member_barred_symptomatic",
            Self::MemberBarred(Bar::Contact) => "member_barred_contact",
            Self::MemberBarred(Bar::FromAnotherProvince) => "member_barred_from_another_province",
            Self::MemberBarred(Bar::Positive) => "member_barred_positive",
            Self::CountBelowNames => "count_below_names",
            Self::StandsForNothing => "stands_for_nothing",
            Self::AssayUnknown => "assay_unknown",
            Self::PersonUnknown => "person_unknown",
        }
    }
}

/// What is true when exactly `events` have arrived. An event given twice counts once.
pub fn reduce(events: &[Received], known: &Known) -> Truth {
    let mut by_id: BTreeMap<IntakeId, &Received> = BTreeMap::new();
    for received in events {
        by_id.entry(received.event.id).or_insert(received);
    }
    let mut truth = Truth::default();
    for received in by_id.values() {
        match &received.event.what {
            What::Collected(collected) => collect(&mut truth, received, collected, known),
            What::Visited(visited) => visit(&mut truth, received, visited, known),
            What::CassetteRead { specimen, drops_at, control_line, test_line, .. } => {
                let cassette = Cassette {
                    specimen: *specimen,
                    drops_at: super::event::correct(*drops_at, received.event.offset_ms),
                    read_at: received.event.occurred_at(),
                    control_line: *control_line,
                    test_line: *test_line,
                };
                truth.cassettes.insert(received.event.id, cassette);
            }
            What::Voided { .. } => {}
        }
    }
    void(&mut truth, &by_id);
    claim_tubes(&mut truth, known);
    let mut doubtful: Vec<_> = Vec::new();
    for (id, specimen) in &truth.specimens {
        doubtful.extend(specimen.flags.iter().map(|flag| (IntakeId(id.0), Problem::Flag(*flag), None)));
    }
    truth.problems.extend(doubtful);
    truth
}

fn collect(truth: &mut Truth, received: &Received, collected: &Collected, known: &Known) {
    let event = &received.event;
    let problem = |truth: &mut Truth, problem, person| {
        truth.problems.insert((event.id, problem, person));
    };
    let Some(most_donors) = known.assays.get(&collected.assay) else {
        problem(truth, Problem::AssayUnknown, None);
        return;
    };
    let sampled_at = match collected.written_at {
        Some(written) => super::event::correct(written, event.offset_ms),
        None => event.occurred_at(),
    };
    let mut flags: BTreeSet<Flag> = doubts(received, sampled_at, known.window).into_iter().collect();
    if known.backwards.contains(&(received.device, event.seq)) {
        flags.insert(Flag::TimeBackwards);
    }
    if collected.tube.issuer == UNKNOWN_ISSUER || !known.tubes.contains(&collected.tube) {
        flags.insert(Flag::TubeUnknown);
    }

    let mut donors: Vec<(PersonId, UnitId, IdentifiedBy)> = Vec::new();
    for donor in &collected.donors {
        if donors.iter().any(|(person, ..)| *person == donor.whose.person) {
            problem(truth, Problem::DonorTwice, Some(donor.whose.person));
        } else if let Some(unit) = home(truth, &donor.whose, known) {
            donors.push((donor.whose.person, unit, donor.identified_by));
        } else {
            flags.insert(Flag::DonorUnknown);
        }
    }
    if donors.is_empty() {
        flags.insert(Flag::NoDonor);
    }
    if donors.len() > usize::from(*most_donors) {
        flags.insert(Flag::TooManyDonors);
    }

    let swabbed: BTreeSet<PersonId> = donors.iter().map(|(person, ..)| *person).collect();
    let mut represents: Vec<Represents> = Vec::new();
    for donor in &collected.donors {
        let Some(stands_for) = &donor.stands_for else { continue };
        if !swabbed.contains(&donor.whose.person) {
            continue;
        }
        if let Some(found) = stand(truth, event.id, donor, stands_for, &swabbed, known)
            && !represents.iter().any(|r| r.household == found.household && r.group == found.group)
        {
            represents.push(found);
        }
    }

    let specimen = Specimen {
        tube: collected.tube.clone(),
        unit: if known.units.contains(&collected.unit) { collected.unit } else { received.unit },
        site: collected.site.filter(|site| known.sites.contains(site)),
        assay: collected.assay,
        lot: collected.lot.filter(|lot| known.lots.contains(lot)),
        donors,
        represents,
        sampled_at,
        late_entry: collected.written_at.is_some(),
        follows: collected.follows,
        device: received.device,
        account: event.account,
        flags,
        voided_at: None,
    };
    truth.specimens.insert(SpecimenId(event.id.0), specimen);
}

/// Where somebody lives; whoever was added on the spot is noted down for the register.
fn home(truth: &mut Truth, whose: &Whose, known: &Known) -> Option<UnitId> {
    if let Some(registered) = known.register.get(&whose.person) {
        return Some(registered.unit);
    }
    let added =
        whose.added.as_ref().filter(|a| known.units.contains(&a.unit) && !a.name.trim().is_empty())?;
    let entry = truth.people.entry(whose.person).or_insert_with(|| added.clone());
    // Two descriptions of one person: the smaller one, so that it does not matter which came first.
    if *added < *entry {
        *entry = added.clone();
    }
    Some(entry.unit)
}

fn stand(
    truth: &mut Truth,
    event: IntakeId,
    donor: &Donor,
    stands_for: &StandsFor,
    swabbed: &BTreeSet<PersonId>,
    known: &Known,
) -> Option<Represents> {
    if stands_for.household.is_some() == stands_for.group.is_some() || !known.units.contains(&stands_for.unit)
    {
        truth.problems.insert((event, Problem::StandsForNothing, Some(donor.whose.person)));
        return None;
    }
    let ticked: Vec<PersonId> = stands_for.members.iter().map(|m| m.person).collect();
    let (yes, no) = represented(&ticked, swabbed, &known.barred);
    for (person, why) in no {
        match why {
            NotRepresented::Donor => {
                truth.problems.insert((event, Problem::MemberIsDonor, Some(person)));
            }
            NotRepresented::Barred(bar) => {
                truth.problems.insert((event, Problem::MemberBarred(bar), Some(person)));
            }
            // The same tick twice says nothing new.
            NotRepresented::Twice => {}
        }
    }
    let mut members = Vec::new();
    for person in yes {
        let Some(whose) = stands_for.members.iter().find(|m| m.person == person) else { continue };
        match home(truth, whose, known) {
            Some(unit) => members.push((person, unit)),
            None => {
                truth.problems.insert((event, Problem::MemberUnknown, None));
            }
        }
    }
    let named = u16::try_from(members.len() + 1).unwrap_or(u16::MAX);
    if stands_for.present < named {
        truth.problems.insert((event, Problem::CountBelowNames, Some(donor.whose.person)));
    }
    Some(Represents {
        representative: donor.whose.person,
        household: stands_for.household,
        group: stands_for.group,
        unit: stands_for.unit,
        present: stands_for.present.max(named),
        members,
    })
}

fn visit(truth: &mut Truth, received: &Received, visited: &Visited, known: &Known) {
    let Some(registered) = known.register.get(&visited.person) else {
        truth.problems.insert((received.event.id, Problem::PersonUnknown, None));
        return;
    };
    let visit = Visit {
        person: visited.person,
        unit: registered.unit,
        reach: visited.reach,
        reason: visited.reason.clone(),
        occurred_at: received.event.occurred_at(),
    };
    truth.visits.insert(received.event.id, visit);
}

/// A specimen is taken back when anybody took it back, at the earliest such time; tube and specimen must agree.
fn void(truth: &mut Truth, events: &BTreeMap<IntakeId, &Received>) {
    for received in events.values() {
        let What::Voided { specimen, tube, .. } = &received.event.what else { continue };
        let Some(specimen) = truth.specimens.get_mut(specimen).filter(|s| s.tube == *tube) else { continue };
        let at = received.event.occurred_at();
        specimen.voided_at = Some(specimen.voided_at.map_or(at, |earlier| earlier.min(at)));
    }
}

/// A tube holds its one live specimen. When several are claimed nobody can say which it holds: all are doubtful.
fn claim_tubes(truth: &mut Truth, known: &Known) {
    let mut claims: BTreeMap<Tube, Vec<(Timestamp, SpecimenId)>> = BTreeMap::new();
    for (id, specimen) in truth.specimens.iter().filter(|(_, s)| s.voided_at.is_none()) {
        claims.entry(specimen.tube.clone()).or_default().push((specimen.sampled_at, *id));
    }
    for (tube, mut ids) in claims {
        ids.sort_unstable();
        if ids.len() > 1 || known.used_elsewhere.contains(&tube) {
            for (_, id) in &ids {
                if let Some(specimen) = truth.specimens.get_mut(id) {
                    specimen.flags.insert(Flag::TubeTwice);
                }
            }
        }
        if let Some((_, first)) = ids.first() {
            truth.tubes.insert(tube, *first);
        }
    }
}
