//! The two industrial parks, their enterprises, workshops and shifts.

use crate::csv;
use crate::figures::Figures;
use crate::model::{
    Group, GroupKind, Member, Organisation, OrganisationKind, Part, PartKind, PersonRef, Roster,
};
use crate::rng::{Alias, Rng};
use crate::units::distance_km;
use crate::{Economy, Plan};

struct Park {
    id: &'static str,
    name: &'static str,
    code: &'static str,
    commune_code: &'static str,
    area_ha: f64,
    enterprises: u32,
    /// Communes beside it, in which its workers board.
    boarding: &'static [&'static str],
}

/// Places and areas are published; the number of enterprises is invented.
const PARKS: [Park; 2] = [
    Park {
        id: "giao-long",
        name: "Khu công nghiệp Giao Long",
        code: "GL",
        commune_code: "28828",
        area_ha: 164.3,
        enterprises: 36,
        boarding: &["28828", "28813", "28807", "28825", "28849"],
    },
    Park {
        id: "an-hiep",
        name: "Khu công nghiệp An Hiệp",
        code: "AH",
        commune_code: "28855",
        area_ha: 72.0,
        enterprises: 16,
        boarding: &["28855", "28864", "28837"],
    },
];

/// Share of the small young households that live in boarding rows.
pub(crate) fn boarding_share(commune_code: &str) -> f64 {
    if PARKS.iter().any(|park| park.boarding.contains(&commune_code)) { 0.6 } else { 0.0 }
}

fn position(plan: &Plan, code: &str) -> Option<(u16, (f64, f64))> {
    let number = plan.number(code)?;
    Some((number, plan.communes[usize::from(number)].position()))
}

/// Chance that somebody of working age works in a park: falls off with the way there.
pub(crate) fn worker_chance(plan: &Plan, figures: &Figures) -> f64 {
    let nearest = PARKS
        .iter()
        .filter_map(|park| position(plan, park.commune_code))
        .map(|(_, there)| distance_km(there, figures.position()))
        .fold(f64::INFINITY, f64::min);
    0.012 + 0.26 * (-nearest / 5.0).exp()
}

pub(crate) fn build(plan: &Plan, rosters: &[Roster], rng: &mut Rng, economy: &mut Economy) {
    let mut hired = hire(plan, rosters, rng);
    for (park, workers) in PARKS.iter().zip(&mut hired) {
        let Some((commune, _)) = position(plan, park.commune_code) else { continue };
        if workers.is_empty() || !rosters.iter().any(|roster| roster.commune == commune) {
            continue;
        }
        rng.shuffle(workers);
        let parent = economy.organisations.len() as u32;
        economy.organisations.push(Organisation {
            kind: OrganisationKind::IndustrialPark,
            name: park.name.to_owned(),
            trade: "Khu công nghiệp",
            parent: None,
            commune,
            hamlet: None,
            area_ha: Some(park.area_ha),
            stalls: None,
            busy_hours: None,
            owner: None,
            parts: Vec::new(),
            members: Vec::new(),
        });
        enterprises(park, (parent, commune), workers, rng, economy);
    }
}

/// Workers by park: the nearer and the larger one draws more.
fn hire(plan: &Plan, rosters: &[Roster], rng: &mut Rng) -> Vec<Vec<PersonRef>> {
    let mut hired = vec![Vec::new(); PARKS.len()];
    for roster in rosters {
        let home = plan.communes[usize::from(roster.commune)].position();
        let pull: Vec<f64> = PARKS
            .iter()
            .map(|park| {
                let km = position(plan, park.commune_code).map_or(1e3, |(_, there)| distance_km(there, home));
                park.area_ha * (-km / 8.0).exp()
            })
            .collect();
        let table = Alias::new(&pull);
        for person in &roster.workers {
            hired[table.draw(rng)].push(PersonRef { commune: roster.commune, person: *person });
        }
    }
    hired
}

fn enterprises(
    park: &Park,
    (parent, commune): (u32, u16),
    workers: &[PersonRef],
    rng: &mut Rng,
    economy: &mut Economy,
) {
    let trades: Vec<(&str, f64)> = csv::rows(include_str!("../data/enterprises.csv"))
        .filter(|row| row.text(0) == park.id)
        .map(|row| (row.text(2), row.number(3)))
        .collect();
    let table = Alias::new(&trades.iter().map(|trade| trade.1).collect::<Vec<_>>());
    // A few large, many small ones: the n-th is 1/n^0.85 of the largest.
    let weights: Vec<f64> = (1..=park.enterprises).map(|n| f64::from(n).powf(-0.85)).collect();
    let total: f64 = weights.iter().sum();
    let (mut reached, mut first) = (0.0, 0);
    for (weight, n) in weights.iter().zip(1..) {
        reached += weight / total;
        let last = ((workers.len() as f64 * reached).round() as usize).min(workers.len());
        let staff = &workers[first..last];
        first = last;
        if staff.is_empty() {
            continue;
        }
        let trade = trades[table.draw(rng)].0;
        let number = economy.organisations.len() as u32;
        let enterprise = enterprise(format!("Công ty mẫu {}-{n:02} {trade}", park.code), trade, staff);
        for (part, p) in enterprise.parts.iter().zip(0_u16..).filter(|(part, _)| part.kind == PartKind::Shift)
        {
            let members: Vec<PersonRef> =
                enterprise.members.iter().filter(|m| m.part == Some(p)).map(|m| m.person).collect();
            let workshop = part.parent.map_or("", |w| enterprise.parts[usize::from(w)].name.as_str());
            economy.groups.push(Group {
                kind: GroupKind::Shift,
                name: format!("{} – {workshop} – {}", enterprise.name, part.name),
                commune,
                hamlet: None,
                organisation: Some(number),
                part: Some(p),
                owner: members.first().copied(),
                sample_percent: 20,
                members,
            });
        }
        economy.organisations.push(Organisation { parent: Some(parent), commune, ..enterprise });
    }
}

/// Workshops of at most 300; shifts of at most 150: two by day and night, three where the workshop is small.
fn enterprise(name: String, trade: &'static str, staff: &[PersonRef]) -> Organisation {
    let workshops = staff.len().div_ceil(300);
    let mut parts = Vec::new();
    let mut members = Vec::with_capacity(staff.len());
    for (staff, w) in staff.chunks(staff.len().div_ceil(workshops)).zip(1..) {
        let workshop = parts.len() as u16;
        parts.push(Part { kind: PartKind::Workshop, name: format!("Xưởng {w}"), parent: None });
        let shifts: &[&str] = if staff.len() < 20 {
            &["Ca ngày"]
        } else if w % 3 == 0 {
            &["Ca 1", "Ca 2", "Ca 3"]
        } else {
            &["Ca ngày", "Ca đêm"]
        };
        for (staff, shift) in staff.chunks(staff.len().div_ceil(shifts.len())).zip(shifts) {
            let part = parts.len() as u16;
            parts.push(Part { kind: PartKind::Shift, name: (*shift).to_owned(), parent: Some(workshop) });
            members.extend(staff.iter().map(|person| Member { person: *person, part: Some(part) }));
        }
    }
    Organisation {
        kind: OrganisationKind::Enterprise,
        name,
        trade,
        parent: None,
        commune: 0,
        hamlet: None,
        area_ha: None,
        stalls: None,
        busy_hours: None,
        owner: members.first().map(|m| m.person),
        parts,
        members,
    }
}
