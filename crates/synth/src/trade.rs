//! Markets with their traders' groups, and carriers with vehicles and drivers.

use crate::csv;
use crate::model::{
    Group, GroupKind, Member, Organisation, OrganisationKind, PersonRef, Roster, Vehicle, VehicleKind,
};
use crate::rng::Rng;
use crate::units::distance_km;
use crate::{Economy, Plan};

/// Sections of a market: each is a group of traders.
const SECTIONS: [&str; 6] = ["Thủy sản", "Rau củ", "Trái cây", "Thịt", "Tạp hóa", "Ăn uống"];
const FISH_SECTIONS: [&str; 2] = ["Thủy sản", "Thu mua"];
const ROUTES: [&str; 6] = [
    "Bến Tre – TP. Hồ Chí Minh",
    "Bến Tre – Tiền Giang",
    "Bến Tre – Vĩnh Long",
    "Bến Tre – Trà Vinh",
    "Nội tỉnh Bến Tre",
    "Bến Tre – Cần Thơ",
];
const TRADERS_PER_STALL: f64 = 1.4;
const DRIVERS_PER_CARRIER: usize = 16;

/// Traders come from the market's own commune first, then from the nearest ones of those given.
pub(crate) fn markets(plan: &Plan, rosters: &[Roster], rng: &mut Rng, economy: &mut Economy) {
    let mut free: Vec<(u16, Vec<u32>)> = rosters.iter().map(|r| (r.commune, r.traders.clone())).collect();
    for (_, traders) in &mut free {
        rng.shuffle(traders);
    }
    for row in csv::rows(include_str!("../data/markets.csv")) {
        let Some(commune) = plan.number(row.text(1)).filter(|n| free.iter().any(|(c, _)| c == n)) else {
            continue;
        };
        let place = plan.communes[usize::from(commune)].position();
        let away = |number: u16| distance_km(plan.communes[usize::from(number)].position(), place);
        free.sort_by(|a, b| away(a.0).total_cmp(&away(b.0)));
        let stalls: u16 = row.number(2);
        let mut wanted = (f64::from(stalls) * TRADERS_PER_STALL) as usize;
        let mut traders = Vec::with_capacity(wanted);
        for (home, people) in &mut free {
            let taken = people.split_off(people.len() - wanted.min(people.len() * 2 / 3));
            wanted -= taken.len();
            traders.extend(taken.into_iter().map(|person| PersonRef { commune: *home, person }));
        }
        let organisation = economy.organisations.len() as u32;
        let name = row.text(0);
        let port = name.starts_with("Cảng cá");
        let sections: &[&str] = if port { &FISH_SECTIONS } else { &SECTIONS };
        for (members, section) in traders.chunks(traders.len().div_ceil(sections.len()).max(1)).zip(sections)
        {
            economy.groups.push(Group {
                kind: GroupKind::Traders,
                name: format!("{name} – {section}"),
                commune,
                hamlet: None,
                organisation: Some(organisation),
                part: None,
                owner: members.first().copied(),
                sample_percent: 20,
                members: members.to_vec(),
            });
        }
        economy.organisations.push(Organisation {
            kind: OrganisationKind::Market,
            name: name.to_owned(),
            trade: if port { "Cảng cá" } else { "Chợ" },
            parent: None,
            commune,
            hamlet: None,
            area_ha: None,
            stalls: Some(stalls),
            busy_hours: Some((row.number(3), row.number(4))),
            owner: None,
            parts: Vec::new(),
            members: traders.into_iter().map(|person| Member { person, part: None }).collect(),
        });
    }
}

/// Drivers of neighbouring communes drive for the same carrier; nine of ten drive trucks.
pub(crate) fn carriers(rosters: &[Roster], rng: &mut Rng, economy: &mut Economy) {
    let drivers: Vec<PersonRef> = rosters
        .iter()
        .flat_map(|r| r.drivers.iter().map(|person| PersonRef { commune: r.commune, person: *person }))
        .collect();
    let (mut trucks, mut coaches) = (0_u32, 0_u32);
    let mut rest = drivers.as_slice();
    let mut number = 0;
    while !rest.is_empty() {
        let size = (DRIVERS_PER_CARRIER / 2 + rng.index(DRIVERS_PER_CARRIER)).min(rest.len());
        let (staff, others) = rest.split_at(size);
        rest = others;
        number += 1;
        let carrier = economy.organisations.len() as u32;
        let passengers = rng.chance(0.1);
        let mut crews = staff;
        while !crews.is_empty() {
            let (crew, others) = crews.split_at(if rng.chance(0.4) { 2.min(crews.len()) } else { 1 });
            crews = others;
            let (kind, series, count) = if passengers {
                (VehicleKind::Coach, 'B', &mut coaches)
            } else {
                (VehicleKind::Truck, 'C', &mut trucks)
            };
            *count += 1;
            economy.vehicles.push(Vehicle {
                plate: format!("71{series}-{:03}.{:02}", *count / 100, *count % 100),
                kind,
                carrier,
                route: ROUTES[rng.index(ROUTES.len())],
                drivers: crew.to_vec(),
            });
        }
        economy.organisations.push(Organisation {
            kind: OrganisationKind::Carrier,
            name: format!("Vận tải mẫu VT-{number:03}"),
            trade: if passengers { "Vận tải hành khách" } else { "Vận tải hàng hóa" },
            parent: None,
            commune: staff[0].commune,
            hamlet: None,
            area_ha: None,
            stalls: None,
            busy_hours: None,
            owner: staff.first().copied(),
            parts: Vec::new(),
            members: staff.iter().map(|person| Member { person: *person, part: None }).collect(),
        });
    }
}
