//! Figures of the register: sums over the tree of a date, from counters that were kept with the fact.

use crate::{Result, Tx};
use jiff::civil::Date;

/// Totals of a unit and everything below it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    pub persons: i64,
    pub households: i64,
    pub organisations: i64,
    pub groups: i64,
    pub vehicles: i64,
}

/// Persons by year of birth and sex.
#[derive(Debug)]
pub struct BirthYearRow {
    pub birth_year: i16,
    pub sex: String,
    pub persons: i64,
}

/// Households by size.
#[derive(Debug)]
pub struct SizeRow {
    pub members: i32,
    pub households: i64,
}

/// Totals of a direct child.
#[derive(Debug)]
pub struct ChildRow {
    pub id: i32,
    pub code: String,
    pub name: String,
    pub kind: String,
    pub level: String,
    pub persons: i64,
    pub households: i64,
}

/// # Errors
/// When the database refuses.
pub async fn totals(tx: &mut Tx, unit: i32, on: Date) -> Result<Totals> {
    Ok(sqlx::query_as!(
        Totals,
        r#"with below as materialized (
               select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)
           select
               (select coalesce(sum(persons), 0)::bigint from (
                   select persons from register_figure where unit in (select descendant from below)
                   union all
                   select persons from register_figure_delta where unit in (select descendant from below)) f) as "persons!",
               (select coalesce(sum(households), 0)::bigint from (
                   select households from household_figure where unit in (select descendant from below)
                   union all
                   select households from household_figure_delta where unit in (select descendant from below)) f)
                   as "households!",
               (select count(*) from organisation where ended_at is null and unit in (select descendant from below))
                   as "organisations!",
               (select count(*) from resident_group where ended_at is null and unit in (select descendant from below))
                   as "groups!",
               (select count(*) from vehicle where ended_at is null and unit in (select descendant from below))
                   as "vehicles!""#,
        unit,
        jiff_sqlx::Date::from(on) as _
    )
    .fetch_one(tx.conn())
    .await?)
}

/// # Errors
/// When the database refuses.
pub async fn birth_years(tx: &mut Tx, unit: i32, on: Date) -> Result<Vec<BirthYearRow>> {
    Ok(sqlx::query_as!(
        BirthYearRow,
        r#"with below as materialized (
               select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)
           select birth_year as "birth_year!", sex as "sex!", sum(persons)::bigint as "persons!"
           from (select birth_year, sex, persons from register_figure where unit in (select descendant from below)
                 union all
                 select birth_year, sex, persons from register_figure_delta
                 where unit in (select descendant from below)) f
           group by 1, 2 order by 1 desc, 2"#,
        unit,
        jiff_sqlx::Date::from(on) as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// # Errors
/// When the database refuses.
pub async fn household_sizes(tx: &mut Tx, unit: i32, on: Date) -> Result<Vec<SizeRow>> {
    Ok(sqlx::query_as!(
        SizeRow,
        r#"with below as materialized (
               select descendant from unit_ancestor where ancestor = $1 and $2 between valid_from and valid_to)
           select members as "members!", sum(households)::bigint as "households!"
           from (select members, households from household_figure where unit in (select descendant from below)
                 union all
                 select members, households from household_figure_delta
                 where unit in (select descendant from below)) f
           group by 1 having sum(households) <> 0 order by 1"#,
        unit,
        jiff_sqlx::Date::from(on) as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Totals of each unit directly below, in the order of their codes.
///
/// # Errors
/// When the database refuses.
pub async fn children(tx: &mut Tx, unit: i32, on: Date) -> Result<Vec<ChildRow>> {
    Ok(sqlx::query_as!(
        ChildRow,
        r#"with child as materialized (
               select u.id, u.code, u.name, u.kind, u.level from unit_edge e join unit u on u.id = e.child
               where e.parent = $1 and $2 between e.valid_from and coalesce(e.valid_to, 'infinity')),
           below as materialized (
               select a.ancestor, a.descendant from unit_ancestor a join child on child.id = a.ancestor
               where $2 between a.valid_from and a.valid_to),
           persons as (
               select b.ancestor, sum(f.persons) n
               from below b join (select unit, persons from register_figure
                                  union all select unit, persons from register_figure_delta) f on f.unit = b.descendant
               group by 1),
           households as (
               select b.ancestor, sum(f.households) n
               from below b join (select unit, households from household_figure
                                  union all select unit, households from household_figure_delta) f
                   on f.unit = b.descendant
               group by 1)
           select child.id, child.code, child.name, child.kind, child.level,
                  coalesce(persons.n, 0)::bigint as "persons!", coalesce(households.n, 0)::bigint as "households!"
           from child left join persons on persons.ancestor = child.id
                      left join households on households.ancestor = child.id
           order by child.code"#,
        unit,
        jiff_sqlx::Date::from(on) as _
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The newest value of an indicator on or before a day.
///
/// # Errors
/// When the database refuses.
pub async fn indicator(tx: &mut Tx, unit: i32, indicator: &str, on: Date) -> Result<Option<(f64, String)>> {
    Ok(sqlx::query!(
        "select value, source from unit_indicator where unit = $1 and indicator = $2 and day <= $3
         order by day desc limit 1",
        unit,
        indicator,
        jiff_sqlx::Date::from(on) as _
    )
    .fetch_optional(tx.conn())
    .await?
    .map(|r| (r.value, r.source)))
}
