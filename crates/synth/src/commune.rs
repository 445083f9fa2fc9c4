//! One commune: its households in walking order, boarding rows, household businesses.

use crate::compose::{self, Draft};
use crate::figures::Figures;
use crate::model::{
    Address, Commune, Day, Exposure, Group, GroupKind, Household, Member, Organisation, OrganisationKind,
    Person, PersonRef, Relation, Roster,
};
use crate::people::Registrar;
use crate::rng::Rng;
use crate::units;
use crate::{Plan, parks};

const HOUSES_PER_NEIGHBOURHOOD: usize = 35;
/// Trades of household businesses, the commonest first.
const TRADES: [&str; 8] =
    ["Tạp hóa", "Quán ăn", "Cà phê", "Sửa xe", "May vá", "Vật tư nông nghiệp", "Cắt tóc", "Thu mua dừa"];

/// One house, or a boarding row of several rooms.
enum Door {
    House(Vec<Draft>),
    Row(Vec<Vec<Draft>>),
}

impl Door {
    fn people(&self) -> usize {
        match self {
            Self::House(members) => members.len(),
            Self::Row(rooms) => rooms.iter().map(Vec::len).sum(),
        }
    }
}

pub(crate) fn generate(plan: &Plan, number: u16) -> Commune {
    let figures = &plan.communes[usize::from(number)];
    let mut rng = Rng::new(plan.seed, 1 + u64::from(number));
    let homes = compose::compose(&figures.cells, &figures.sizes, &mut rng);
    let doors = walk(homes, parks::boarding_share(&figures.unit.code), &mut rng);
    let mut commune = Commune {
        number,
        unit: figures.unit.clone(),
        hamlets: units::hamlets_of(&figures.unit),
        households: Vec::with_capacity(figures.unit.households_2019.unwrap_or(0) as usize),
        people: Vec::with_capacity(figures.people() as usize),
        groups: Vec::new(),
        organisations: Vec::new(),
        roster: Roster { commune: number, ..Roster::default() },
    };
    let identity = (number, figures.people_before, figures.people());
    let worker_chance = parks::worker_chance(plan, figures);
    let mut registrar = Registrar::new(&mut rng, plan.as_of, identity, plan.shift, worker_chance);
    settle(&mut commune, doors, figures, &mut registrar);
    open_businesses(&mut commune, plan.businesses[usize::from(number)], plan.as_of, &mut rng);
    commune.roster = roster(&commune);
    commune
}

/// Mixes the households into a walk; a share of the small young ones moves into boarding rows.
fn walk(homes: Vec<Vec<Draft>>, boarding_share: f64, rng: &mut Rng) -> Vec<Door> {
    let young_and_few = |home: &[Draft]| home.len() <= 3 && (18..40).contains(&home[0].age);
    let (mut rooms, mut doors) = (Vec::new(), Vec::new());
    for mut home in homes {
        if boarding_share > 0.0 && young_and_few(&home) && rng.chance(boarding_share) {
            for member in &mut home {
                if matches!(member.relation, Relation::Sibling | Relation::OtherRelative) {
                    member.relation = Relation::Lodger;
                }
            }
            rooms.push(home);
        } else {
            doors.push(Door::House(home));
        }
    }
    rng.shuffle(&mut rooms);
    while !rooms.is_empty() {
        let length = (8 + rng.index(9)).min(rooms.len());
        doors.push(Door::Row(rooms.split_off(rooms.len() - length)));
    }
    rng.shuffle(&mut doors);
    doors
}

/// Walks the doors into hamlets of about equal population.
fn settle(commune: &mut Commune, doors: Vec<Door>, figures: &Figures, registrar: &mut Registrar<'_>) {
    let hamlets = commune.hamlets.len();
    let (mut seen, mut hamlet, mut house, mut row) = (0, 0, 0_u16, 0_u16);
    for door in doors {
        let due = seen * hamlets / figures.people().max(1) as usize;
        if due.min(hamlets - 1) > hamlet {
            hamlet += 1;
            house = 0;
        }
        seen += door.people();
        house += 1;
        let neighbourhood = (1 + usize::from(house - 1) / HOUSES_PER_NEIGHBOURHOOD).min(255) as u8;
        let place = (hamlet as u16, Address { house, neighbourhood, room: None });
        match door {
            Door::House(members) => move_in(commune, place, &members, registrar),
            Door::Row(rooms) => {
                row += 1;
                let first = commune.people.len() as u32;
                for (members, room) in rooms.iter().zip(1..) {
                    let address = Address { room: Some((row, room)), ..place.1 };
                    move_in(commune, (place.0, address), members, registrar);
                }
                board(commune, place.0, row, first);
            }
        }
    }
}

fn move_in(
    commune: &mut Commune,
    (hamlet, address): (u16, Address),
    members: &[Draft],
    registrar: &mut Registrar<'_>,
) {
    let first_person = commune.people.len() as u32;
    let household = commune.households.len() as u32;
    registrar.register(household, members, &mut commune.people);
    commune.households.push(Household { hamlet, address, first_person, size: members.len() as u16 });
}

/// The row as a group; its landlord is the head of the household before it on the walk, or nobody.
fn board(commune: &mut Commune, hamlet: u16, row: u16, first: u32) {
    let reference = |person| PersonRef { commune: commune.number, person };
    let landlord = first.checked_sub(1).map(|person| {
        let household = &commune.households[commune.people[person as usize].household as usize];
        reference(household.first_person)
    });
    let name = format!("Dãy trọ {row}, {}", commune.hamlets[usize::from(hamlet)].name);
    commune.groups.push(Group {
        kind: GroupKind::BoardingRow,
        name,
        commune: commune.number,
        hamlet: Some(hamlet),
        organisation: None,
        part: None,
        owner: landlord,
        sample_percent: 20,
        members: (first..commune.people.len() as u32).map(reference).collect(),
    });
}

/// `count` household businesses, each in a household of its own, run by its head or the head's spouse.
fn open_businesses(commune: &mut Commune, count: u32, as_of: Day, rng: &mut Rng) {
    let free = |p: &Person| matches!(p.exposure, Exposure::None | Exposure::Trader);
    let runs = |p: &Person| matches!(p.relation, Relation::Head | Relation::Spouse);
    let adult = |p: &Person| (22..70).contains(&p.birth.age_on(as_of));
    let mut order: Vec<u32> = (0..commune.households.len() as u32).collect();
    rng.shuffle(&mut order);
    let mut opened = 0;
    for household in order {
        if opened == count {
            break;
        }
        let home = &commune.households[household as usize];
        let range = home.first_person..home.first_person + u32::from(home.size);
        let mut candidates = range.filter(|i| {
            let person = &commune.people[*i as usize];
            home.address.room.is_none() && free(person) && adult(person)
        });
        let Some(owner) = candidates.find(|i| runs(&commune.people[*i as usize])) else { continue };
        let helpers: Vec<u32> = candidates.filter(|_| rng.chance(0.35)).take(2).collect();
        opened += 1;
        let first = rng.index(TRADES.len());
        let trade = TRADES[first.min(rng.index(TRADES.len()))];
        let hamlet = home.hamlet;
        let mut members = Vec::with_capacity(3);
        for person in std::iter::once(owner).chain(helpers) {
            commune.people[person as usize].exposure = Exposure::Trader;
            members.push(Member { person: PersonRef { commune: commune.number, person }, part: None });
        }
        commune.organisations.push(Organisation {
            kind: OrganisationKind::HouseholdBusiness,
            name: format!("Hộ kinh doanh mẫu {trade} {}-{opened:03}", commune.unit.code),
            trade,
            parent: None,
            commune: commune.number,
            hamlet: Some(hamlet),
            area_ha: None,
            stalls: None,
            busy_hours: None,
            owner: Some(PersonRef { commune: commune.number, person: owner }),
            parts: Vec::new(),
            members,
        });
    }
}

fn roster(commune: &Commune) -> Roster {
    let employed: Vec<u32> =
        commune.organisations.iter().flat_map(|o| o.members.iter().map(|m| m.person.person)).collect();
    let of = |exposure| {
        let people = commune.people.iter().zip(0_u32..).filter(move |(p, _)| p.exposure == exposure);
        people.map(|(_, index)| index).collect::<Vec<u32>>()
    };
    let in_business: std::collections::HashSet<u32> = employed.into_iter().collect();
    let mut traders = of(Exposure::Trader);
    traders.retain(|person| !in_business.contains(person));
    Roster {
        commune: commune.number,
        workers: of(Exposure::Worker),
        traders,
        drivers: of(Exposure::Driver),
        health_workers: of(Exposure::HealthWorker),
    }
}
