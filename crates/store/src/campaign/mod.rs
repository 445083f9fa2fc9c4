//! Campaigns, rounds, and what a round does in each hamlet.

pub mod plan;
pub mod subjects;

use crate::{Result, StoreError, Tx};
use greenfort_domain::campaign::Window;
use greenfort_kernel::{AccountId, CampaignId, RoundId, UnitId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct Campaign {
    pub id: CampaignId,
    pub province: UnitId,
    pub unit: UnitId,
    pub unit_name: String,
    pub name: String,
    pub purpose: String,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// A campaign over an area; the province is the area's own.
///
/// # Errors
/// `NotFound` when the unit lies in no province today.
pub async fn create(
    tx: &mut Tx,
    unit: UnitId,
    name: &str,
    purpose: &str,
    by: AccountId,
) -> Result<CampaignId> {
    let id: CampaignId = tx.world.id();
    let now = tx.world.now();
    let today = tx.world.today();
    let made = sqlx::query!(
        "insert into campaign (id, province, unit, name, purpose, created_by, created_at)
         select $1, p.id, $2, $3, $4, $5, $6 from unit_ancestor a join unit p on p.id = a.ancestor and p.level = 'province'
         where a.descendant = $2 and $7 between a.valid_from and a.valid_to",
        id.0,
        unit.0,
        name,
        purpose,
        by.0,
        now.to_sqlx() as _,
        today.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    crate::expect_rows("unit", made.rows_affected(), 1)?;
    Ok(id)
}

/// Campaigns whose area meets one of `roots`, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, roots: &[UnitId]) -> Result<Vec<Campaign>> {
    let roots: Vec<i32> = roots.iter().map(|u| u.0).collect();
    let today = tx.world.today();
    let rows = sqlx::query!(
        r#"select c.id, c.province, c.unit, u.name as unit_name, c.name, c.purpose, c.created_at, c.ended_at
           from campaign c join unit u on u.id = c.unit
           where unit_lies_in(c.unit, $1, $2)
              or exists (select from unnest($1::int[]) root where unit_lies_in(root, array[c.unit], $2))
           order by c.created_at desc, c.id desc limit 100"#,
        &roots,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Campaign {
            id: CampaignId(r.id),
            province: UnitId(r.province),
            unit: UnitId(r.unit),
            unit_name: r.unit_name,
            name: r.name,
            purpose: r.purpose,
            created_at: r.created_at.to_jiff(),
            ended_at: r.ended_at.map(|t| t.to_jiff()),
        })
        .collect())
}

/// A window of time in which an area is swabbed.
#[derive(Debug, Clone)]
pub struct Round {
    pub id: RoundId,
    pub province: UnitId,
    /// None for a standing round.
    pub campaign: Option<CampaignId>,
    /// Area of the campaign, or the province.
    pub unit: UnitId,
    pub number: Option<i32>,
    pub window: Window,
    pub closed_at: Option<Timestamp>,
}

/// The next round of a campaign; its number follows the last one's. The row lock on the campaign keeps two planners from
/// making the same number.
///
/// # Errors
/// `NotFound` without the campaign; `Conflict` when it has ended.
pub async fn open_round(tx: &mut Tx, campaign: CampaignId, window: Window, by: AccountId) -> Result<RoundId> {
    let id: RoundId = tx.world.id();
    let now = tx.world.now();
    let found = sqlx::query!("select province, ended_at from campaign where id = $1", campaign.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(StoreError::NotFound("campaign"))?;
    if found.ended_at.is_some() {
        return Err(StoreError::Conflict("campaign has ended"));
    }
    sqlx::query!(
        "insert into round (id, province, campaign, number, kind, starts_at, ends_at, created_by, created_at)
         select $1, $2, $3, coalesce(max(number), 0) + 1, 'campaign', $4, $5, $6, $7 from round where campaign = $3",
        id.0,
        found.province,
        campaign.0,
        window.starts_at.to_sqlx() as _,
        window.ends_at.to_sqlx() as _,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await
    .map_err(|e| match StoreError::from(e) {
        taken if taken.is_unique_violation() => StoreError::Conflict("round was just made"),
        other => other,
    })?;
    Ok(id)
}

/// # Errors
/// `NotFound`.
pub async fn round(tx: &mut Tx, id: RoundId) -> Result<Round> {
    find_rounds(tx, &[id.0], None).await?.pop().ok_or(StoreError::NotFound("round"))
}

/// Rounds of a campaign, latest first.
///
/// # Errors
/// When the database refuses.
pub async fn rounds(tx: &mut Tx, campaign: CampaignId) -> Result<Vec<Round>> {
    find_rounds(tx, &[], Some(campaign)).await
}

async fn find_rounds(tx: &mut Tx, ids: &[Uuid], campaign: Option<CampaignId>) -> Result<Vec<Round>> {
    let rows = sqlx::query!(
        r#"select r.id, r.province, r.campaign, coalesce(c.unit, r.province) as "unit!", r.number, r.starts_at, r.ends_at,
                  r.closed_at
           from round r left join campaign c on c.id = r.campaign
           where r.id = any ($1) or r.campaign = $2
           order by r.starts_at desc, r.id"#,
        ids,
        campaign.map(|c| c.0)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Round {
            id: RoundId(r.id),
            province: UnitId(r.province),
            campaign: r.campaign.map(CampaignId),
            unit: UnitId(r.unit),
            number: r.number,
            window: Window { starts_at: r.starts_at.to_jiff(), ends_at: r.ends_at.to_jiff() },
            closed_at: r.closed_at.map(|t| t.to_jiff()),
        })
        .collect())
}

/// Rounds whose window holds the instant and whose area meets one of `roots`, and standing rounds of that time.
///
/// # Errors
/// When the database refuses.
pub async fn open_at(tx: &mut Tx, roots: &[UnitId], at: Timestamp) -> Result<Vec<Round>> {
    let roots: Vec<i32> = roots.iter().map(|u| u.0).collect();
    let today = tx.world.today();
    let ids = sqlx::query_scalar!(
        "select r.id from round r left join campaign c on c.id = r.campaign
         where r.starts_at <= $2 and r.ends_at > $2 and r.closed_at is null
           and (unit_lies_in(coalesce(c.unit, r.province), $1, $3)
                or exists (select from unnest($1::int[]) root where unit_lies_in(root, array[coalesce(c.unit, r.province)], $3)))
         order by r.starts_at, r.id",
        &roots,
        at.to_sqlx() as _,
        today.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    find_rounds(tx, &ids, None).await
}
