//! Lists of a hamlet: who is expected, in walking order, and how far the round got.

use crate::campaign::Round;
use crate::registry::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
use crate::{Result, Tx};
use greenfort_domain::sampling::Issuer;
use greenfort_kernel::{HouseholdId, PersonId, SpecimenId, UnitId};
use jiff_sqlx::ToSqlx as _;
use std::collections::HashMap;

/// Somebody expected in a round.
#[derive(Debug, Clone)]
pub struct SubjectLine {
    pub person: PersonId,
    pub household: Option<HouseholdId>,
    pub walk_order: i32,
    pub address: String,
    pub name: String,
    pub birth_year: i16,
    pub female: bool,
    pub relation: String,
    pub expected: String,
    pub choice: i16,
    pub reasons: Vec<String>,
    pub severity: Option<String>,
    /// `collected`, `represented`, or the latest visit's word; none: not yet reached.
    pub reach: Option<String>,
    pub reason: Option<String>,
    /// Live specimen they gave, or that names them.
    pub specimen: Option<SpecimenId>,
}

/// Everybody expected in a hamlet, in walking order.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn subjects(tx: &mut Tx, round: &Round, hamlet: UnitId) -> Result<Vec<SubjectLine>> {
    let rows = sqlx::query!(
        r#"select s.person, s.household, s.walk_order, s.expected, s.choice, s.reasons, s.severity, p.birth_year, p.sex,
                  p.relation, p.sealed, d.specimen as "donated?", m.specimen as "named?", v.reach as "visited?",
                  v.reason as "reason?"
           from round_subject s
           join person p on p.id = s.person
           left join lateral (
               select d.specimen from specimen_donor d
               join specimen t on (t.province, t.round, t.id) = (d.province, d.round, d.specimen)
               where d.person = s.person and d.province = $1 and d.round = $2 and t.voided_at is null
               order by t.sampled_at limit 1) d on true
           left join lateral (
               select r.specimen from represented_member m
               join specimen_represents r on (r.province, r.round, r.id) = (m.province, m.round, m.represents)
               join specimen t on (t.province, t.round, t.id) = (r.province, r.round, r.specimen)
               where m.person = s.person and m.province = $1 and m.round = $2 and t.voided_at is null
               order by t.sampled_at limit 1) m on true
           left join lateral (
               select v.reach, v.reason from visit v
               where v.person = s.person and v.province = $1 and v.round = $2
               order by v.occurred_at desc, v.id limit 1) v on true
           where s.province = $1 and s.round = $2 and s.unit = $3
           order by s.walk_order, s.household, s.choice = 0, s.choice, s.person"#,
        round.province.0,
        round.id.0,
        hamlet.0
    )
    .fetch_all(tx.conn())
    .await?;
    let addresses = addresses(tx, hamlet).await?;
    rows.into_iter()
        .map(|r| {
            let secret: PersonSecret = match &r.sealed {
                Some(sealed) => tx.keys.open(PERSON_SEALED, r.person.as_bytes(), sealed)?,
                None => PersonSecret::default(),
            };
            let reach = match (r.donated, r.named, r.visited.as_deref()) {
                (Some(_), ..) => Some("collected".to_owned()),
                (None, _, Some(strong @ ("removed" | "exempt"))) => Some(strong.to_owned()),
                (None, Some(_), _) => Some("represented".to_owned()),
                (None, None, Some(visited)) => Some(visited.to_owned()),
                (None, None, None) => (r.expected == "exempt").then(|| "exempt".to_owned()),
            };
            Ok(SubjectLine {
                person: PersonId(r.person),
                household: r.household.map(HouseholdId),
                walk_order: r.walk_order,
                address: r
                    .household
                    .and_then(|h| addresses.get(&HouseholdId(h)).cloned())
                    .unwrap_or_default(),
                name: secret.name,
                birth_year: r.birth_year,
                female: r.sex == "female",
                relation: r.relation,
                expected: r.expected,
                choice: r.choice,
                reasons: r.reasons,
                severity: r.severity,
                reach,
                reason: r.reason,
                specimen: r.donated.or(r.named).map(SpecimenId),
            })
        })
        .collect()
}

async fn addresses(tx: &mut Tx, hamlet: UnitId) -> Result<HashMap<HouseholdId, String>> {
    let rows =
        sqlx::query!("select id, sealed from household where unit = $1 and ended_at is null", hamlet.0)
            .fetch_all(tx.conn())
            .await?;
    rows.into_iter()
        .map(|r| {
            let secret: HouseholdSecret = match &r.sealed {
                Some(sealed) => tx.keys.open(HOUSEHOLD_SEALED, r.id.as_bytes(), sealed)?,
                None => HouseholdSecret::default(),
            };
            Ok((HouseholdId(r.id), secret.address))
        })
        .collect()
}

/// Who prints labels of tubes.
///
/// # Errors
/// When the database refuses.
pub async fn issuers(tx: &mut Tx) -> Result<Vec<Issuer>> {
    super::known::issuers(tx).await
}

/// How far the round got in a hamlet: people, each counted once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub unit: UnitId,
    pub unit_name: String,
    pub expected: i64,
    pub collected: i64,
    pub represented: i64,
    pub absent: i64,
    pub refused: i64,
    pub exempt: i64,
    pub removed: i64,
    pub not_yet_reached: i64,
    pub tubes: i64,
}

/// Progress of every planned hamlet inside a unit, in the order of the round. Reads the round's rows of these hamlets.
///
/// # Errors
/// When the database refuses.
pub async fn progress(tx: &mut Tx, round: &Round, unit: UnitId) -> Result<Vec<Progress>> {
    let today = tx.world.today();
    let rows = sqlx::query!(
        r#"with hamlet as (
               select p.unit, u.name, p.hamlet_order from round_plan p join unit u on u.id = p.unit
               where p.round = $2 and p.unit in (
                   select descendant from unit_ancestor where ancestor = $3 and $4 between valid_from and valid_to)
           ), donor as (
               select distinct d.person from specimen_donor d
               join specimen t on (t.province, t.round, t.id) = (d.province, d.round, d.specimen)
               where d.province = $1 and d.round = $2 and d.unit in (select unit from hamlet) and t.voided_at is null
           ), named as (
               select distinct m.person from represented_member m
               join specimen_represents r on (r.province, r.round, r.id) = (m.province, m.round, m.represents)
               join specimen t on (t.province, t.round, t.id) = (r.province, r.round, r.specimen)
               where m.province = $1 and m.round = $2 and m.unit in (select unit from hamlet) and t.voided_at is null
           ), latest as (
               select distinct on (v.person) v.person, v.reach from visit v
               where v.province = $1 and v.round = $2 and v.unit in (select unit from hamlet)
               order by v.person, v.occurred_at desc, v.id
           ), reached as (
               select s.unit, case when d.person is not null then 'collected'
                                   when v.reach in ('removed', 'exempt') then v.reach
                                   when n.person is not null then 'represented'
                                   when v.reach is not null then v.reach
                                   when s.expected = 'exempt' then 'exempt' end as reach
               from round_subject s left join donor d using (person) left join named n using (person)
               left join latest v using (person)
               where s.province = $1 and s.round = $2 and s.unit in (select unit from hamlet)
           ), counted as (
               select unit, count(*) as expected, count(*) filter (where reach = 'collected') as collected,
                      count(*) filter (where reach = 'represented') as represented,
                      count(*) filter (where reach = 'absent') as absent,
                      count(*) filter (where reach = 'refused') as refused,
                      count(*) filter (where reach = 'exempt') as exempt,
                      count(*) filter (where reach = 'removed') as removed,
                      count(*) filter (where reach is null) as not_yet
               from reached group by unit
           ), tubes as (
               select unit, count(*) as n from specimen
               where province = $1 and round = $2 and voided_at is null and unit in (select unit from hamlet) group by unit
           )
           select h.unit, h.name, coalesce(c.expected, 0) as "expected!", coalesce(c.collected, 0) as "collected!",
                  coalesce(c.represented, 0) as "represented!", coalesce(c.absent, 0) as "absent!",
                  coalesce(c.refused, 0) as "refused!", coalesce(c.exempt, 0) as "exempt!",
                  coalesce(c.removed, 0) as "removed!", coalesce(c.not_yet, 0) as "not_yet!", coalesce(t.n, 0) as "tubes!"
           from hamlet h left join counted c on c.unit = h.unit left join tubes t on t.unit = h.unit
           order by h.hamlet_order"#,
        round.province.0,
        round.id.0,
        unit.0,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Progress {
            unit: UnitId(r.unit),
            unit_name: r.name,
            expected: r.expected,
            collected: r.collected,
            represented: r.represented,
            absent: r.absent,
            refused: r.refused,
            exempt: r.exempt,
            removed: r.removed,
            not_yet_reached: r.not_yet,
            tubes: r.tubes,
        })
        .collect())
}
