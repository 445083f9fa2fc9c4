//! What a round does in a hamlet.

use super::Round;
use crate::{Result, StoreError, Tx};
use greenfort_domain::campaign::SamplingRule;
use greenfort_kernel::{AccountId, AssayId, LaboratoryId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;

/// What to do in every hamlet of a unit.
#[derive(Debug, Clone)]
pub struct Wish {
    /// everyone, `household_representatives` or `group_representatives`
    pub whom: &'static str,
    pub assay: AssayId,
    pub pool_size: i16,
    /// none, swab or media
    pub pooling: &'static str,
    pub laboratory: Option<LaboratoryId>,
}

/// The plan of one hamlet.
#[derive(Debug, Clone)]
pub struct PlanRow {
    pub unit: UnitId,
    pub unit_name: String,
    pub whom: String,
    pub assay: AssayId,
    pub assay_kit: String,
    pub method: String,
    pub pool_size: i16,
    pub pooling: String,
    pub hamlet_order: i32,
    pub laboratory: Option<LaboratoryId>,
    pub version: i32,
}

/// The rule in force, with its key.
#[derive(Debug, Clone)]
pub struct RuleInForce {
    pub code: String,
    pub version: i32,
    pub rule: SamplingRule,
}

/// The sampling rule that is in force now.
///
/// # Errors
/// `Inconsistent` when none is, or it does not read.
pub async fn rule_in_force(tx: &mut Tx, code: &str) -> Result<RuleInForce> {
    let now = tx.world.now();
    let row = sqlx::query!(
        "select version, body from sampling_rule
         where code = $1 and effective_from <= $2 and coalesce(effective_until, 'infinity') > $2
         order by version desc limit 1",
        code,
        now.to_sqlx() as _
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| StoreError::Inconsistent(format!("no version of sampling rule {code} is in force")))?;
    let rule = SamplingRule::parse(&row.body.to_string())
        .map_err(|e| StoreError::Inconsistent(format!("sampling rule {code}: {e}")))?;
    Ok(RuleInForce { code: code.to_owned(), version: row.version, rule })
}

/// The hamlets of a unit today, by their order in the round before, then by code.
///
/// # Errors
/// When the database refuses.
pub async fn hamlets(tx: &mut Tx, unit: UnitId) -> Result<Vec<UnitId>> {
    let today = tx.world.today();
    Ok(sqlx::query_scalar!(
        r#"select u.id from unit_ancestor a join unit u on u.id = a.descendant and u.level = 'hamlet'
           where a.ancestor = $1 and $2 between a.valid_from and a.valid_to
             and $2 between u.valid_from and coalesce(u.valid_to, 'infinity')
           order by u.code, u.id"#,
        unit.0,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(UnitId)
    .collect())
}

/// Plans hamlets, or plans them anew. A new hamlet keeps its place of the round before, else it comes last; a planned one
/// keeps its place.
///
/// # Errors
/// `NotFound` for an assay or laboratory that is not there.
pub async fn save(
    tx: &mut Tx,
    round: &Round,
    hamlets: &[UnitId],
    wish: &Wish,
    rule: &RuleInForce,
    by: AccountId,
) -> Result<()> {
    let units: Vec<i32> = hamlets.iter().map(|u| u.0).collect();
    let now = tx.world.now();
    // One planner at a time gives out places.
    sqlx::query!("select id from round where id = $1 for update", round.id.0).fetch_one(tx.conn()).await?;
    let saved = sqlx::query!(
        "with before as (
             select p.unit, p.hamlet_order from round_plan p join round r on r.id = p.round
             where r.campaign = $3 and r.number = $4 - 1
         ), wanted as (
             select h.unit, row_number() over (order by b.hamlet_order nulls last, h.place) as place, b.hamlet_order
             from unnest($5::int[]) with ordinality h (unit, place) left join before b using (unit)
         ), taken as (select coalesce(max(hamlet_order), 0) as most from round_plan where round = $1)
         insert into round_plan (round, province, unit, whom, assay, pool_size, pooling, hamlet_order, laboratory,
             rule_code, rule_version, changed_by, changed_at)
         select $1, $2, w.unit, $6, $7, $8, $9, taken.most + w.place::int, $10, $11, $12, $13, $14
         from wanted w, taken
         on conflict (round, unit) do update set whom = $6, assay = $7, pool_size = $8, pooling = $9, laboratory = $10,
             rule_code = $11, rule_version = $12, changed_by = $13, changed_at = $14, version = round_plan.version + 1",
        round.id.0,
        round.province.0,
        round.campaign.map(|c| c.0),
        round.number,
        &units,
        wish.whom,
        wish.assay.0,
        wish.pool_size,
        wish.pooling,
        wish.laboratory.map(|l| l.0),
        rule.code,
        rule.version,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await
    .map_err(|e| match StoreError::from(e) {
        e if e.constraint() == Some("round_plan_assay_fkey") => StoreError::NotFound("assay"),
        e if e.constraint() == Some("round_plan_laboratory_fkey") => StoreError::NotFound("laboratory"),
        other => other,
    })?;
    crate::expect_rows("round_plan", saved.rows_affected(), u64::try_from(units.len()).unwrap_or(0))
}

/// The plan of a round inside a unit, in the order of the hamlets.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, round: &Round, unit: UnitId) -> Result<Vec<PlanRow>> {
    let today = tx.world.today();
    let rows = sqlx::query!(
        "select p.unit, u.name as unit_name, p.whom, p.assay, a.kit, a.method, p.pool_size, p.pooling, p.hamlet_order,
                p.laboratory, p.version
         from round_plan p join unit u on u.id = p.unit join assay a on a.id = p.assay
         where p.round = $1 and p.unit in (
             select descendant from unit_ancestor where ancestor = $2 and $3 between valid_from and valid_to)
         order by p.hamlet_order",
        round.id.0,
        unit.0,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| PlanRow {
            unit: UnitId(r.unit),
            unit_name: r.unit_name,
            whom: r.whom,
            assay: AssayId(r.assay),
            assay_kit: r.kit,
            method: r.method,
            pool_size: r.pool_size,
            pooling: r.pooling,
            hamlet_order: r.hamlet_order,
            laboratory: r.laboratory.map(LaboratoryId),
            version: r.version,
        })
        .collect())
}

/// An assay version in force.
#[derive(Debug, Clone)]
pub struct AssayRow {
    pub id: AssayId,
    pub code: String,
    pub version: i32,
    pub method: String,
    pub kit: String,
    pub most_donors: i16,
    pub read_after_s: Option<i32>,
    pub read_until_s: Option<i32>,
    pub certain: bool,
}

/// Assays in force, the latest version of each.
///
/// # Errors
/// When the database refuses.
pub async fn assays(tx: &mut Tx, at: Timestamp) -> Result<Vec<AssayRow>> {
    let rows = sqlx::query!(
        r#"select distinct on (code) id, code, version, method, kit, most_donors, read_after_s, read_until_s, certain
           from assay where effective_from <= $1 and coalesce(effective_until, 'infinity') > $1
           order by code, version desc"#,
        at.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| AssayRow {
            id: AssayId(r.id),
            code: r.code,
            version: r.version,
            method: r.method,
            kit: r.kit,
            most_donors: r.most_donors,
            read_after_s: r.read_after_s,
            read_until_s: r.read_until_s,
            certain: r.certain,
        })
        .collect())
}
