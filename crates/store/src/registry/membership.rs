//! Who belongs to an organisation, a group or a vehicle, and on which days.

use super::{PERSON_SEALED, PersonSecret};
use crate::error::expect_rows;
use crate::{Result, StoreError, Tx};
use greenfort_domain::registry::organisation::Stay;
use greenfort_kernel::{GroupId, OrganisationId, PartId, PersonId, VehicleId};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use std::collections::HashMap;
use uuid::Uuid;

/// What somebody belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    Organisation(OrganisationId),
    Group(GroupId),
    Vehicle(VehicleId),
}

impl Body {
    pub fn id(self) -> Uuid {
        match self {
            Self::Organisation(id) => id.0,
            Self::Group(id) => id.0,
            Self::Vehicle(id) => id.0,
        }
    }
}

/// One stay of a member.
#[derive(Debug)]
pub struct Member {
    pub person: PersonId,
    pub name: String,
    pub birth_year: i16,
    pub sex: String,
    pub unit: i32,
    pub unit_name: String,
    pub part: Option<PartId>,
    pub part_name: Option<String>,
    pub role: String,
    pub from: Date,
    pub to: Option<Date>,
}

/// Which members to list.
#[derive(Debug, Clone, Default)]
pub struct Which {
    pub part: Option<PartId>,
    /// Also those who left.
    pub all: bool,
    /// Last member of the page before.
    pub after: Option<(PersonId, Date)>,
    pub limit: i64,
}

/// Members of the area, in the order of their ids: a list of a whole factory has no cheap order by name.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn page(tx: &mut Tx, body: Body, on: Date, which: &Which) -> Result<Vec<Member>> {
    let (after, after_from) = which.after.unzip();
    let rows = sqlx::query!(
        r#"select m.person as "person!: PersonId", p.birth_year, p.sex, p.unit, u.name as unit_name, p.sealed,
                  m.part as "part: PartId", part.name as "part_name?", m.role as "role!",
                  m.from_date as "from!: jiff_sqlx::Date", m.to_date as "to: jiff_sqlx::Date"
           from membership m join person p on p.id = m.person join unit u on u.id = p.unit
           left join organisation_part part on part.id = m.part
           where m.body = $1 and ($2::uuid is null or m.part = $2)
             and ($3 or (p.removed is null and m.from_date <= $4 and (m.to_date is null or m.to_date >= $4)))
             and ($5::uuid is null or (m.person, m.from_date) > ($5, $6))
           order by m.person, m.from_date limit $7"#,
        body.id(),
        which.part.map(|p| p.0),
        which.all,
        on.to_sqlx() as _,
        after.map(|p| p.0),
        after_from.map(|d| d.to_sqlx()) as _,
        which.limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|r| {
            let name = match &r.sealed {
                Some(sealed) => {
                    tx.keys.open::<PersonSecret>(PERSON_SEALED, r.person.0.as_bytes(), sealed)?.name
                }
                None => String::new(),
            };
            Ok(Member {
                person: r.person,
                name,
                birth_year: r.birth_year,
                sex: r.sex,
                unit: r.unit,
                unit_name: r.unit_name,
                part: r.part,
                part_name: r.part_name,
                role: r.role,
                from: r.from.to_jiff(),
                to: r.to.map(jiff_sqlx::Date::to_jiff),
            })
        })
        .collect()
}

/// Present members of each body, wherever they live.
///
/// # Errors
/// When the database refuses.
pub async fn counts(tx: &mut Tx, bodies: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let rows = sqlx::query!(
        r#"select body as "body!", sum(members)::bigint as "members!" from count_members($1) group by 1"#,
        bodies
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|r| (r.body, r.members)).collect())
}

/// Present members of one body by part, wherever they live.
///
/// # Errors
/// When the database refuses.
pub async fn counts_by_part(tx: &mut Tx, body: Body) -> Result<HashMap<Option<Uuid>, i64>> {
    let rows =
        sqlx::query!(r#"select part, members as "members!" from count_members($1)"#, &[body.id()] as &[Uuid])
            .fetch_all(tx.conn())
            .await?;
    Ok(rows.into_iter().map(|r| (r.part, r.members)).collect())
}

/// Present members whom the transaction may see.
///
/// # Errors
/// When the database refuses.
pub async fn count_in_sight(tx: &mut Tx, body: Body, on: Date) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(distinct m.person) as "n!" from membership m join person p on p.id = m.person and p.removed is null
           where m.body = $1 and m.from_date <= $2 and (m.to_date is null or m.to_date >= $2)"#,
        body.id(),
        on.to_sqlx() as _
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The days a person of the area belonged to a body. Whoever asks next waits until this transaction has ended.
///
/// # Errors
/// `NotFound` when there is no such person in the area.
pub async fn stays(tx: &mut Tx, body: Body, person: PersonId) -> Result<Vec<Stay>> {
    sqlx::query_scalar!("select id from person where id = $1 for no key update", person.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(StoreError::NotFound("person"))?;
    let rows = sqlx::query!(
        r#"select from_date as "from!: jiff_sqlx::Date", to_date as "to: jiff_sqlx::Date" from membership
           where body = $1 and person = $2 order by from_date"#,
        body.id(),
        person.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Stay { from: r.from.to_jiff(), to: r.to.map(jiff_sqlx::Date::to_jiff) })
        .collect())
}

/// A person joins; groups and vehicles have neither parts nor roles.
///
/// # Errors
/// When the database refuses.
pub async fn join(
    tx: &mut Tx,
    body: Body,
    person: PersonId,
    (part, role): (Option<PartId>, &str),
    from: Date,
) -> Result<()> {
    let from = from.to_sqlx();
    let done = match body {
        Body::Organisation(id) => {
            sqlx::query!(
                "insert into organisation_member (organisation, person, part, role, from_date) values ($1, $2, $3, $4, $5)",
                id.0,
                person.0,
                part.map(|p| p.0),
                role,
                from as _
            )
            .execute(tx.conn())
            .await?
        }
        Body::Group(id) => {
            sqlx::query!(
                "insert into resident_group_member (resident_group, person, from_date) values ($1, $2, $3)",
                id.0,
                person.0,
                from as _
            )
            .execute(tx.conn())
            .await?
        }
        Body::Vehicle(id) => {
            sqlx::query!(
                "insert into vehicle_driver (vehicle, person, from_date) values ($1, $2, $3)",
                id.0,
                person.0,
                from as _
            )
            .execute(tx.conn())
            .await?
        }
    };
    expect_rows("member", done.rows_affected(), 1)
}

/// A person's stay that began on `from` ends.
///
/// # Errors
/// `NotFound` when there is no such stay of somebody in the area.
pub async fn leave(tx: &mut Tx, body: Body, person: PersonId, from: Date, last: Date) -> Result<()> {
    let (from, last) = (from.to_sqlx(), last.to_sqlx());
    let done = match body {
        Body::Organisation(id) => {
            sqlx::query!(
                "update organisation_member set to_date = $4 where organisation = $1 and person = $2 and from_date = $3",
                id.0,
                person.0,
                from as _,
                last as _
            )
            .execute(tx.conn())
            .await?
        }
        Body::Group(id) => {
            sqlx::query!(
                "update resident_group_member set to_date = $4
                 where resident_group = $1 and person = $2 and from_date = $3",
                id.0,
                person.0,
                from as _,
                last as _
            )
            .execute(tx.conn())
            .await?
        }
        Body::Vehicle(id) => {
            sqlx::query!(
                "update vehicle_driver set to_date = $4 where vehicle = $1 and person = $2 and from_date = $3",
                id.0,
                person.0,
                from as _,
                last as _
            )
            .execute(tx.conn())
            .await?
        }
    };
    expect_rows("member", done.rows_affected(), 1)
}

/// Ends the stays of everybody, also of those beyond the area.
///
/// # Errors
/// When the database refuses.
pub async fn end_all(tx: &mut Tx, body: Body, last: Date) -> Result<()> {
    sqlx::query!("select end_members($1, $2)", body.id(), last.to_sqlx() as _).fetch_one(tx.conn()).await?;
    Ok(())
}

/// One line of the history of an organisation, a group or a vehicle.
#[derive(Debug)]
pub struct HistoryLine {
    pub on: Date,
    /// registered, ended, part, part_ended, joined, left, vehicle, group, restricted, released.
    pub kind: String,
    /// Name of the part, plate, document or the like.
    pub name: Option<String>,
    /// For joined and left: how many.
    pub count: Option<i64>,
}

/// Most lines shown.
const MOST: i64 = 200;

/// What happened to a body, newest first. Members are counted, never named.
///
/// # Errors
/// When the database refuses.
pub async fn history(tx: &mut Tx, body: Body) -> Result<Vec<HistoryLine>> {
    let rows = sqlx::query!(
        r#"select day as "day!: jiff_sqlx::Date", kind as "kind!", name, n from (
             select (b.created_at at time zone 'Asia/Ho_Chi_Minh')::date as day, 'registered' as kind, null as name, null::bigint as n
             from (select id, created_at from organisation union all select id, created_at from resident_group
                   union all select id, created_at from vehicle) b where b.id = $1
             union all
             select b.ended_on, 'ended', null, null
             from (select id, ended_on from organisation union all select id, ended_on from resident_group
                   union all select id, ended_on from vehicle) b where b.id = $1
             union all
             select day, what, p.name, null from organisation_part p
             cross join lateral (values ('part', p.from_date), ('part_ended', p.to_date)) days (what, day)
             where p.organisation = $1
             union all
             select c.day, what, null, n from count_member_days($1) c
             cross join lateral (values ('joined', c.joined), ('left', c.gone)) counts (what, n) where n > 0
             union all
             select (v.created_at at time zone 'Asia/Ho_Chi_Minh')::date, 'vehicle', v.plate, null
             from vehicle v where v.organisation = $1
             union all
             select (g.created_at at time zone 'Asia/Ho_Chi_Minh')::date, 'group', g.name, null
             from resident_group g where g.organisation = $1
             union all
             select (at_time at time zone 'Asia/Ho_Chi_Minh')::date, what, p.name || ', ' || r.document, null
             from organisation_part p join restriction_target t on t.part = p.id join restriction r on r.id = t.restriction
             cross join lateral (values ('restricted', r.starts_at), ('released', r.ends_at)) times (what, at_time)
             where p.organisation = $1
           ) lines where day is not null order by day desc, kind limit $2"#,
        body.id(),
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| HistoryLine { on: r.day.to_jiff(), kind: r.kind, name: r.name, count: r.n })
        .collect())
}
