//! Organisations, groups and vehicles of the synthetic province in the store's form.

use super::load::{LoadedCommune, unit_id};
use super::{Kind, synthetic_id};
use greenfort_store::registry::load::{
    NewEconomy, NewGroup, NewMember, NewOrganisation, NewPart, NewVehicle,
};
use greenfort_store::units::load::UnitKey;
use greenfort_synth::{
    Economy, Group, GroupKind, Organisation, OrganisationKind, PartKind, PersonRef, Province, VehicleKind,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

type UnitIds = HashMap<UnitKey, i32>;

/// Lists that belong to the province stand under a commune number no commune has.
const PROVINCE: u16 = u16::MAX;

fn person(seed: u64, person: PersonRef) -> Uuid {
    synthetic_id(seed, Kind::Person, person.commune, person.person)
}

/// Parks, enterprises, markets, carriers.
///
/// # Errors
/// When a unit is not loaded.
pub(super) fn of_province(
    seed: u64,
    economy: &Economy,
    province: &Province,
    ids: &UnitIds,
) -> Result<NewEconomy, String> {
    let codes: Vec<String> = province.units().map(|u| u.code.clone()).collect();
    let unit = |commune: u16| unit_id(ids, &codes[usize::from(commune)]);
    let mut new = NewEconomy::default();
    let organisation_id = |index: u32| synthetic_id(seed, Kind::Organisation, PROVINCE, index);
    for (index, o) in (0_u32..).zip(&economy.organisations) {
        let id = organisation_id(index);
        new.organisations.push(NewOrganisation {
            id,
            parent: o.parent.map(organisation_id),
            unit: unit(o.commune)?,
            kind: organisation_kind(o.kind),
            name: o.name.clone(),
        });
        let part_id = |part: u16| synthetic_id(seed, Kind::Part, PROVINCE, index * 256 + u32::from(part));
        add_parts_and_members(seed, &mut new, o, id, part_id);
    }
    for (index, g) in (0_u32..).zip(&economy.groups) {
        let id = synthetic_id(seed, Kind::Group, PROVINCE, index);
        let place = (unit(g.commune)?, g.organisation.map(organisation_id));
        add_group(seed, &mut new, g, id, place);
    }
    for (index, v) in (0_u32..).zip(&economy.vehicles) {
        let id = synthetic_id(seed, Kind::Vehicle, PROVINCE, index);
        let carrier = &economy.organisations[v.carrier as usize];
        new.vehicles.push(NewVehicle {
            id,
            organisation: Some(organisation_id(v.carrier)),
            unit: unit(carrier.commune)?,
            plate: v.plate.clone(),
            kind: match v.kind {
                VehicleKind::Truck => "truck",
                VehicleKind::Coach => "coach",
            },
        });
        new.drivers.extend(distinct(&v.drivers).map(|d| NewMember {
            of: id,
            person: person(seed, d),
            part: None,
            role: "driver",
        }));
    }
    Ok(new)
}

/// Household businesses and boarding rows of one commune.
///
/// # Errors
/// When a unit is not loaded.
pub(super) fn add_commune(
    seed: u64,
    new: &mut NewEconomy,
    commune: &LoadedCommune,
    ids: &UnitIds,
) -> Result<(), String> {
    let place = |hamlet: Option<u16>| {
        let unit = hamlet.and_then(|h| commune.hamlets.get(usize::from(h))).unwrap_or(&commune.unit);
        unit_id(ids, &unit.code)
    };
    for (index, o) in (0_u32..).zip(&commune.organisations) {
        let id = synthetic_id(seed, Kind::CommuneOrganisation, commune.number, index);
        new.organisations.push(NewOrganisation {
            id,
            parent: None,
            unit: place(o.hamlet)?,
            kind: organisation_kind(o.kind),
            name: o.name.clone(),
        });
        let part_id =
            |part: u16| synthetic_id(seed, Kind::Part, commune.number, index * 256 + u32::from(part));
        add_parts_and_members(seed, new, o, id, part_id);
    }
    for (index, g) in (0_u32..).zip(&commune.groups) {
        let id = synthetic_id(seed, Kind::CommuneGroup, commune.number, index);
        add_group(seed, new, g, id, (place(g.hamlet)?, None));
    }
    Ok(())
}

fn add_parts_and_members(
    seed: u64,
    new: &mut NewEconomy,
    o: &Organisation,
    id: Uuid,
    part_id: impl Fn(u16) -> Uuid,
) {
    for (part, p) in (0_u16..).zip(&o.parts) {
        // A shift is named with its workshop: "Xưởng 2, ca 1".
        let name = match (p.kind, p.parent.and_then(|above| o.parts.get(usize::from(above)))) {
            (PartKind::Shift, Some(workshop)) => format!("{}, {}", workshop.name, p.name),
            _ => p.name.clone(),
        };
        new.parts.push(NewPart { id: part_id(part), organisation: id, name });
    }
    let mut seen = HashSet::new();
    for m in o.members.iter().filter(|m| seen.insert((m.person.commune, m.person.person))) {
        new.members.push(NewMember {
            of: id,
            person: person(seed, m.person),
            part: m.part.map(&part_id),
            role: match o.kind {
                OrganisationKind::Market => "trader",
                OrganisationKind::Carrier => "driver",
                _ => "worker",
            },
        });
    }
}

fn add_group(
    seed: u64,
    new: &mut NewEconomy,
    g: &Group,
    id: Uuid,
    (unit, organisation): (i32, Option<Uuid>),
) {
    new.groups.push(NewGroup {
        id,
        unit,
        organisation,
        kind: match g.kind {
            GroupKind::BoardingRow => "boarding_row",
            GroupKind::Traders => "market_traders",
            GroupKind::Shift => "shift",
        },
        name: g.name.clone(),
        owner: g.owner.map(|o| person(seed, o)),
        sample_share: f32::from(g.sample_percent) / 100.0,
    });
    new.group_members.extend(distinct(&g.members).map(|m| NewMember {
        of: id,
        person: person(seed, m),
        part: None,
        role: "member",
    }));
}

fn distinct(people: &[PersonRef]) -> impl Iterator<Item = PersonRef> {
    let mut seen = HashSet::new();
    people.iter().copied().filter(move |p| seen.insert((p.commune, p.person)))
}

fn organisation_kind(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::IndustrialPark => "park",
        OrganisationKind::Enterprise => "enterprise",
        OrganisationKind::Market => "market",
        OrganisationKind::HouseholdBusiness => "household_business",
        OrganisationKind::Carrier => "carrier",
    }
}
