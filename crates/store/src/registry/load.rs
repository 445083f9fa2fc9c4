//! Loading the register in sets, as the owner: the demonstration's province and later large imports.

use super::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
use crate::copy::CopyRows;
use crate::crypt::{KeyRing, id_tail, name_row_keys};
use crate::{Result, Tx};
use greenfort_kernel::text;
use jiff::civil::Date;
use std::collections::HashMap;
use uuid::Uuid;

/// A household to load.
#[derive(Debug)]
pub struct NewHousehold {
    pub id: Uuid,
    pub unit: i32,
    pub walk_order: i32,
    pub secret: HouseholdSecret,
}

/// A person to load.
#[derive(Debug)]
pub struct NewPerson {
    pub id: Uuid,
    pub unit: i32,
    pub household: Option<Uuid>,
    pub birth_year: i16,
    pub sex: &'static str,
    pub relation: &'static str,
    pub vaccine_doses: i16,
    pub exposure: &'static str,
    pub secret: PersonSecret,
}

#[derive(Debug)]
pub struct NewOrganisation {
    pub id: Uuid,
    pub parent: Option<Uuid>,
    pub unit: i32,
    pub kind: &'static str,
    pub name: String,
}

#[derive(Debug)]
pub struct NewPart {
    pub id: Uuid,
    pub organisation: Uuid,
    pub name: String,
}

/// Membership of an organisation, a group or a vehicle's crew, from a day on.
#[derive(Debug)]
pub struct NewMember {
    pub of: Uuid,
    pub person: Uuid,
    /// Part of an organisation; none for groups and vehicles.
    pub part: Option<Uuid>,
    pub role: &'static str,
}

#[derive(Debug)]
pub struct NewGroup {
    pub id: Uuid,
    pub unit: i32,
    pub organisation: Option<Uuid>,
    pub kind: &'static str,
    pub name: String,
    pub owner: Option<Uuid>,
    pub sample_share: f32,
}

#[derive(Debug)]
pub struct NewVehicle {
    pub id: Uuid,
    pub organisation: Option<Uuid>,
    pub unit: i32,
    pub plate: String,
    pub kind: &'static str,
}

/// Organisations with everything that hangs on them.
#[derive(Debug, Default)]
pub struct NewEconomy {
    /// Parents before their children.
    pub organisations: Vec<NewOrganisation>,
    pub parts: Vec<NewPart>,
    pub members: Vec<NewMember>,
    pub groups: Vec<NewGroup>,
    pub group_members: Vec<NewMember>,
    pub vehicles: Vec<NewVehicle>,
    pub drivers: Vec<NewMember>,
}

/// Rows ready for COPY: sealing and hashing cost more than storing, so they are made before the transaction.
pub struct SealedPeople {
    households: CopyRows,
    people: CopyRows,
}

/// Search hashes of words met before; a province has few thousand different ones.
#[derive(Default)]
pub struct NameKeys(HashMap<String, Vec<i64>>);

impl NameKeys {
    pub(super) fn of(&mut self, keys: &KeyRing, name: &str) -> Vec<i64> {
        let mut all = Vec::with_capacity(12);
        for word in text::fold(name).split(' ') {
            let known = self.0.entry(word.to_owned()).or_insert_with_key(|word| name_row_keys(keys, word));
            all.extend_from_slice(known);
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Seals people and households for [`store_people`].
pub fn seal_people(
    keys: &KeyRing,
    names: &mut NameKeys,
    now: jiff::Timestamp,
    households: &[NewHousehold],
    people: &[NewPerson],
) -> SealedPeople {
    let mut rows = SealedPeople { households: CopyRows::new(), people: CopyRows::new() };
    for h in households {
        let sealed = keys.seal(HOUSEHOLD_SEALED, h.id.as_bytes(), &h.secret);
        rows.households.row(5).uuid(h.id).int4(h.unit).int4(h.walk_order).bytes(&sealed).timestamp(now);
    }
    for p in people {
        let sealed = keys.seal(PERSON_SEALED, p.id.as_bytes(), &p.secret);
        let id_key = p.secret.id_number.as_deref().map(|n| keys.search_key("person.id", n));
        let tail_key = p
            .secret
            .id_number
            .as_deref()
            .and_then(id_tail)
            .map(|tail| keys.search_key("person.id_tail", tail));
        let phone_key = p.secret.phone.as_deref().map(|n| keys.search_key("person.phone", n));
        rows.people
            .row(14)
            .uuid(p.id)
            .int4(p.unit)
            .option(p.household, CopyRows::uuid)
            .int2(p.birth_year)
            .text(p.sex)
            .text(p.relation)
            .int2(p.vaccine_doses)
            .text(p.exposure)
            .bytes(&sealed)
            .int8_array(&names.of(keys, &p.secret.name))
            .option(id_key, |row, key| row.bytes(&key))
            .option(tail_key, |row, key| row.bytes(&key))
            .option(phone_key, |row, key| row.bytes(&key))
            .timestamp(now);
    }
    rows
}

/// Stores sealed people and their households; figures follow by trigger.
///
/// # Errors
/// When the database refuses; nothing is stored then.
pub async fn store_people(tx: &mut Tx, rows: &SealedPeople) -> Result<()> {
    rows.households.send(tx.conn(), "household (id, unit, walk_order, sealed, created_at)").await?;
    rows.people
        .send(
            tx.conn(),
            "person (id, unit, household, birth_year, sex, relation, vaccine_doses, exposure, sealed, name_keys, \
             id_key, id_tail_key, phone_key, created_at)",
        )
        .await?;
    Ok(())
}

/// Stores organisations, parts, groups, vehicles and who belongs to them.
///
/// # Errors
/// When the database refuses; nothing is stored then.
pub async fn store_economy(tx: &mut Tx, economy: &NewEconomy, from: Date) -> Result<()> {
    let now = tx.world.now();
    let mut rows = CopyRows::new();
    for o in &economy.organisations {
        rows.row(7).uuid(o.id).option(o.parent, CopyRows::uuid).int4(o.unit).text(o.kind).text(&o.name);
        rows.text(&text::fold(&o.name)).timestamp(now);
    }
    rows.send(tx.conn(), "organisation (id, parent, unit, kind, name, folded_name, created_at)").await?;

    let mut rows = CopyRows::new();
    for p in &economy.parts {
        rows.row(3).uuid(p.id).uuid(p.organisation).text(&p.name);
    }
    rows.send(tx.conn(), "organisation_part (id, organisation, name)").await?;

    let mut rows = CopyRows::new();
    for m in &economy.members {
        rows.row(5).uuid(m.of).uuid(m.person).option(m.part, CopyRows::uuid).text(m.role).date(from);
    }
    rows.send(tx.conn(), "organisation_member (organisation, person, part, role, from_date)").await?;

    let mut rows = CopyRows::new();
    for g in &economy.groups {
        rows.row(9).uuid(g.id).int4(g.unit).option(g.organisation, CopyRows::uuid).text(g.kind).text(&g.name);
        rows.text(&text::fold(&g.name));
        rows.option(g.owner, CopyRows::uuid).real(g.sample_share).timestamp(now);
    }
    rows.send(
        tx.conn(),
        "resident_group (id, unit, organisation, kind, name, folded_name, owner, sample_share, created_at)",
    )
    .await?;

    let mut rows = CopyRows::new();
    for m in &economy.group_members {
        rows.row(3).uuid(m.of).uuid(m.person).date(from);
    }
    rows.send(tx.conn(), "resident_group_member (resident_group, person, from_date)").await?;

    let mut rows = CopyRows::new();
    for v in &economy.vehicles {
        rows.row(6)
            .uuid(v.id)
            .option(v.organisation, CopyRows::uuid)
            .int4(v.unit)
            .text(&v.plate)
            .text(v.kind);
        rows.timestamp(now);
    }
    rows.send(tx.conn(), "vehicle (id, organisation, unit, plate, kind, created_at)").await?;

    let mut rows = CopyRows::new();
    for m in &economy.drivers {
        rows.row(3).uuid(m.of).uuid(m.person).date(from);
    }
    rows.send(tx.conn(), "vehicle_driver (vehicle, person, from_date)").await?;
    Ok(())
}

/// Before a first large load: the name index is cheaper to build once than to keep during the load.
///
/// # Errors
/// When the database refuses.
pub async fn before_first_load(tx: &mut Tx) -> Result<()> {
    sqlx::query!("drop index if exists person_name_keys").execute(tx.conn()).await?;
    Ok(())
}

/// After it: the name index, and statistics for the planner.
///
/// # Errors
/// When the database refuses.
pub async fn after_first_load(tx: &mut Tx) -> Result<()> {
    sqlx::query!("create index if not exists person_name_keys on person using gin (name_keys)")
        .execute(tx.conn())
        .await?;
    for table in
        ["analyze person", "analyze household", "analyze organisation_member", "analyze unit_ancestor"]
    {
        sqlx::query(table).execute(tx.conn()).await?;
    }
    Ok(())
}

/// True when nobody is registered yet.
///
/// # Errors
/// When the database refuses.
pub async fn is_empty(tx: &mut Tx) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select not exists (select from person) as "is!""#).fetch_one(tx.conn()).await?)
}

/// # Errors
/// When the database refuses.
pub async fn has_organisations(tx: &mut Tx) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select from organisation) as "is!""#)
        .fetch_one(tx.conn())
        .await?)
}
