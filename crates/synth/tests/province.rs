//! The whole province, held against the census.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use greenfort_kernel::personal_id::{PersonalId, PersonalIdKind, Sex};
use greenfort_kernel::phone::{Phone, PhoneKind};
use greenfort_kernel::text::nfc;
use greenfort_synth::{
    AGE_GROUPS, Commune, Economy, Exposure, GroupKind, Options, OrganisationKind, PersonRef, Province,
    Relation, Roster, district_cells, surname_shares,
};

const SEED: u64 = 2021;
const CHAU_THANH: &str = "831";

fn province(seed: u64, district: Option<&str>) -> Province {
    Province::generate(seed, &Options { district, ..Options::default() }).expect("a district")
}

/// Generates and looks at each commune; gives back what crosses their borders.
fn walk(province: &Province, mut look: impl FnMut(&Commune)) -> Economy {
    let rosters: Vec<Roster> = province
        .communes()
        .map(|commune| {
            look(&commune);
            commune.roster
        })
        .collect();
    province.economy(&rosters)
}

fn fingerprint(commune: &Commune) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&commune.people, &commune.households, &commune.roster).hash(&mut hasher);
    format!("{:?}{:?}", commune.groups, commune.organisations).hash(&mut hasher);
    hasher.finish()
}

/// Everything counted in one walk through 1.3 million people, since the walk is what takes the time.
#[test]
fn the_province_is_that_of_the_census() {
    let started = Instant::now();
    let province = province(SEED, None);
    let mut seconds = 0.0;
    let as_of = Options::default().as_of;
    let (mut people, mut households) = (0, 0);
    let mut cells: HashMap<String, [u32; 2 * AGE_GROUPS]> = HashMap::new();
    let (mut ids, mut phones) = (HashSet::new(), HashSet::new());
    let mut surnames: HashMap<&str, u32> = HashMap::new();
    let mut words = [0_u32; 6];
    let mut exposed: HashMap<Exposure, u32> = HashMap::new();
    let mut doses = [0_u32; 3];
    let (mut adults, mut rows, mut businesses) = (0_u32, 0, 0);
    let mut generating = Instant::now();
    let economy = walk(&province, |commune| {
        seconds += generating.elapsed().as_secs_f64();
        let name = &commune.unit.name;
        assert_eq!(Some(commune.people.len() as u32), commune.unit.pop_2019, "{name}");
        assert_eq!(Some(commune.households.len() as u32), commune.unit.households_2019, "{name}");
        people += commune.people.len();
        households += commune.households.len();
        rows += commune.groups.len();
        businesses += commune.organisations.len();
        check_hamlets(commune);
        check_sizes(commune, include_str!("../data/household-sizes.csv"));
        let district = commune.unit.parent_code.clone().unwrap();
        let cells = cells.entry(district).or_insert([0; 2 * AGE_GROUPS]);
        for person in &commune.people {
            let age = person.birth.age_on(as_of);
            let group = (age as usize / 5).min(AGE_GROUPS - 1);
            cells[person.sex as usize * AGE_GROUPS + group] += 1;
            *surnames.entry(person.name.surname).or_default() += 1;
            words[person.name.to_string().split(' ').count()] += 1;
            *exposed.entry(person.exposure).or_default() += 1;
            adults += u32::from(age >= 18);
            doses[usize::from(person.doses)] += 1;
            if let Some(id) = person.id {
                let text = id.to_string();
                let id = PersonalId::parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
                assert_eq!(id.check(Some(person.sex), Some(person.birth.year)), Ok(()));
                assert!(age >= 14 && ids.insert(text), "twice or a child: {id:?}");
            }
            if let Some(phone) = person.phone {
                let text = phone.to_string();
                let phone = Phone::parse_or_demonstration(&text).unwrap();
                assert_eq!(phone.kind(), PhoneKind::Demonstration);
                assert!(age >= 14 && phones.insert(text), "twice or a child");
            }
        }
        generating = Instant::now();
    });
    seconds += generating.elapsed().as_secs_f64();
    println!(
        "{people} people in {households} households, {} organisations, {} groups, {} vehicles: generated in \
         {seconds:.2} s on one core ({:.2} s with the checks); {} ids, {} phones, exposures {exposed:?}, \
         doses {doses:?} of {adults} adults",
        economy.organisations.len() + businesses,
        economy.groups.len() + rows,
        economy.vehicles.len(),
        started.elapsed().as_secs_f64(),
        ids.len(),
        phones.len(),
    );
    assert_eq!((people, households), (1_288_463, 402_860));
    assert_eq!(cells.len(), 9);
    for (district, counted) in cells {
        let census = district_cells(&district).unwrap();
        for (made, wanted) in counted.iter().zip(census) {
            assert!(made.abs_diff(wanted) * 100 <= wanted, "district {district}: {made} for {wanted}");
        }
    }
    for (surname, share) in surname_shares() {
        let made = f64::from(surnames.get(surname).copied().unwrap_or(0)) / people as f64;
        assert!((made - share).abs() < 0.03 * share + 0.0005, "{surname}: {made:.4} for {share:.4}");
    }
    assert!(words[3] > words[4] && words[4] > words[2] && words[0] + words[1] == 0, "{words:?}");
    assert!(ids.len() > 900_000 && phones.len() > 650_000);
    assert!(doses[1] > 5 * doses[2] / 2 && f64::from(doses[1] + doses[2]) < 0.35 * f64::from(adults));
    assert_eq!(businesses, 2000);
    check_economy(&economy, &province);
}

fn check_sizes(commune: &Commune, census: &str) {
    let mut sizes = [0_u32; 7];
    for household in &commune.households {
        sizes[usize::from(household.size).min(7) - 1] += 1;
    }
    let row = census.lines().find(|line| line.starts_with(&commune.unit.code));
    let row = row.unwrap_or_else(|| panic!("{} is not in the census", commune.unit.name));
    let made = sizes.map(|n| n.to_string()).join(",");
    assert_eq!(row, format!("{},{made}", commune.unit.code), "households of 1, 2, … 6, 7 and more");
}

fn check_hamlets(commune: &Commune) {
    let mut people = vec![0; commune.hamlets.len()];
    let mut next = 0;
    for household in &commune.households {
        assert_eq!(household.first_person, next, "households lie end to end");
        next += u32::from(household.size);
        people[usize::from(household.hamlet)] += usize::from(household.size);
        let members = &commune.people[household.first_person as usize..next as usize];
        assert_eq!(members[0].relation, Relation::Head);
        assert_eq!(members.iter().filter(|m| m.relation == Relation::Head).count(), 1);
        assert!(members.iter().filter(|m| m.relation == Relation::Spouse).count() <= 1);
        for member in members.iter().filter(|m| m.relation == Relation::Child) {
            let father = members.iter().find(|m| m.relation <= Relation::Spouse && m.sex == Sex::Male);
            assert!(father.is_none_or(|f| f.name.surname == member.name.surname), "children bear his name");
        }
    }
    assert!(commune.households.is_sorted_by_key(|h| h.hamlet), "the walk goes hamlet by hamlet");
    let addresses: HashSet<String> =
        commune.households.iter().map(|h| format!("{} {}", h.hamlet, h.address)).collect();
    assert_eq!(
        addresses.len(),
        commune.households.len(),
        "one address, one household: {}",
        commune.unit.name
    );
    for size in people {
        assert!((900..2000).contains(&size), "{} has a hamlet of {size}", commune.unit.name);
    }
}

fn check_economy(economy: &Economy, province: &Province) {
    let count = |kind| economy.organisations.iter().filter(|o| o.kind == kind).count();
    assert_eq!((count(OrganisationKind::IndustrialPark), count(OrganisationKind::Market)), (2, 16));
    assert!(count(OrganisationKind::Enterprise) > 40 && count(OrganisationKind::Carrier) > 50);
    let wholesale =
        economy.organisations.iter().find(|o| o.stalls == Some(168)).expect("the wholesale market");
    assert_eq!((wholesale.busy_hours, wholesale.members.len()), (Some((0, 4)), 235));
    let mut employed = HashSet::new();
    for organisation in &economy.organisations {
        assert!(organisation.members.iter().all(|m| employed.insert(m.person)), "two employers");
        if let Some(parent) = organisation.parent {
            assert_eq!(economy.organisations[parent as usize].kind, OrganisationKind::IndustrialPark);
        }
        for member in &organisation.members {
            assert!(member.part.is_none_or(|p| usize::from(p) < organisation.parts.len()));
        }
    }
    let in_shifts: usize =
        economy.groups.iter().filter(|g| g.kind == GroupKind::Shift).map(|g| g.members.len()).sum();
    let enterprises = economy.organisations.iter().filter(|o| o.kind == OrganisationKind::Enterprise);
    assert_eq!(in_shifts, enterprises.map(|o| o.members.len()).sum::<usize>(), "every worker has one shift");
    let plates: HashSet<&str> = economy.vehicles.iter().map(|v| v.plate.as_str()).collect();
    assert_eq!(plates.len(), economy.vehicles.len());
    assert!(plates.contains("71C-000.01") && economy.vehicles.iter().all(|v| !v.drivers.is_empty()));
    let people: Vec<u32> = province.units().filter_map(|unit| unit.pop_2019).collect();
    assert!(employed.iter().all(|r| r.person < people[usize::from(r.commune)]));
}

#[test]
fn a_seed_gives_the_same_people_in_any_order_and_another_seed_others() {
    let whole = province(SEED, None);
    let again = province(SEED, Some("829"));
    let other = province(SEED + 1, Some("829"));
    assert_eq!((whole.numbers().len(), again.numbers().len()), (157, 14));
    for number in again.numbers().iter().rev() {
        let print = fingerprint(&whole.commune(*number));
        assert_eq!(print, fingerprint(&again.commune(*number)));
        assert_ne!(print, fingerprint(&other.commune(*number)));
    }
    let rosters: Vec<Roster> = again.communes().map(|c| c.roster).collect();
    let reversed: Vec<Roster> = rosters.iter().rev().cloned().collect();
    assert_eq!(again.economy(&rosters), again.economy(&reversed));
    assert!(Province::generate(1, &Options { district: Some("830"), ..Options::default() }).is_err());
}

#[test]
fn workers_board_beside_the_parks_and_members_are_who_they_should_be() {
    let province = province(SEED, Some(CHAU_THANH));
    let mut communes = HashMap::new();
    let economy = walk(&province, |commune| {
        communes.insert(commune.number, commune.clone());
    });
    let person = |r: &PersonRef| &communes[&r.commune].people[r.person as usize];
    for organisation in &economy.organisations {
        let exposure = match organisation.kind {
            OrganisationKind::Enterprise => Exposure::Worker,
            OrganisationKind::Carrier => Exposure::Driver,
            _ => Exposure::Trader,
        };
        assert!(organisation.members.iter().all(|m| person(&m.person).exposure == exposure));
    }
    let mut boarding = HashSet::new();
    for commune in communes.values() {
        for business in &commune.organisations {
            assert!(business.members.iter().any(|m| Some(m.person) == business.owner));
            assert!(business.members.iter().all(|m| person(&m.person).exposure == Exposure::Trader));
            let homes: HashSet<u32> = business.members.iter().map(|m| person(&m.person).household).collect();
            assert_eq!(homes.len(), 1, "run by one household");
        }
        for row in &commune.groups {
            boarding.insert(commune.unit.code.as_str());
            assert_eq!((row.kind, row.members.is_empty()), (GroupKind::BoardingRow, false));
            let hamlets: HashSet<u16> =
                row.members.iter().map(|m| commune.households[person(m).household as usize].hamlet).collect();
            assert_eq!(hamlets, HashSet::from([row.hamlet.unwrap()]));
        }
    }
    assert_eq!(boarding.len(), 8, "eight communes beside the parks");
    println!(
        "{} people board in rows",
        communes.values().flat_map(|c| &c.groups).map(|g| g.members.len()).sum::<usize>()
    );
}

#[test]
fn names_are_written_as_vietnamese_are_and_papers_suit_the_age() {
    let _ = walk(&province(SEED, Some("838")), |commune| {
        for p in &commune.people {
            let name = p.name.to_string();
            assert_eq!(nfc(&name), name);
            assert!(!p.name.surname.is_empty() && !p.name.given.is_empty());
            assert!(p.sex == Sex::Female || !p.name.middle.starts_with("Thị"), "{name}");
            let kind = p.id.map(|id| PersonalId::parse(&id.to_string()).unwrap().kind());
            let age = p.birth.age_on(Options::default().as_of);
            assert!(kind != Some(PersonalIdKind::Cmnd) || age >= 18);
        }
        let tails: Vec<u64> = commune
            .people
            .iter()
            .filter_map(|p| p.id)
            .filter_map(|id| id.to_string()[8..].parse().ok())
            .collect();
        let distinct: HashSet<&u64> = tails.iter().collect();
        assert!(distinct.len() * 2 > tails.len(), "the last four digits must find few: {}", distinct.len());
        let given: Vec<HashSet<&str>> = commune
            .households
            .iter()
            .map(|h| {
                commune.people[h.first_person as usize..][..h.size.into()]
                    .iter()
                    .map(|p| p.name.given)
                    .collect()
            })
            .collect();
        let namesakes =
            given.iter().zip(&commune.households).filter(|(g, h)| g.len() < h.size.into()).count();
        assert!(namesakes * 500 < commune.households.len(), "{namesakes} homes with namesakes");
    });
}
