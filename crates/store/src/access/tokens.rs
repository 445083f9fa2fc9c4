//! Keys for other programs: few permissions, one area, an end date.

use super::secret::{self, Token};
use super::unit_ref::{self, UnitRef};
use crate::audit::{self, Actor, Entry};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::Permission;
use greenfort_kernel::{AccountId, ApiTokenId, UnitId};
use jiff::Timestamp;
use serde_json::json;

/// Makes leaked tokens recognisable to secret scanners.
pub const PREFIX: &str = "gft_";

#[derive(Debug, Clone)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub label: String,
    pub scopes: Vec<String>,
    pub unit: Option<UnitRef>,
    pub until: Timestamp,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// # Errors
/// When the database refuses.
pub async fn create(
    tx: &mut Tx,
    label: &str,
    scopes: &[Permission],
    unit: UnitId,
    until: Timestamp,
    by: AccountId,
) -> Result<(Token, ApiToken)> {
    let token = Token::prefixed(&tx.world, PREFIX);
    let id: ApiTokenId = tx.world.id();
    let scopes: Vec<String> = scopes.iter().map(|p| p.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into api_token (id, token_hash, label, scopes, unit, until, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        token.hash(),
        label,
        &scopes,
        unit.0,
        jiff_sqlx::Timestamp::from(until) as _,
        by.0,
        jiff_sqlx::Timestamp::from(tx.world.now()) as _
    )
    .execute(tx.conn())
    .await?;
    record(tx, by, "access.create_token", id, unit, json!({ "scopes": scopes })).await?;
    let filter = TokenFilter { id: Some(id), limit: 1, ..TokenFilter::default() };
    let row = list(tx, &filter).await?.pop().ok_or(StoreError::NotFound("token"))?;
    Ok((token, row))
}

#[derive(Debug, Clone, Default)]
pub struct TokenFilter {
    /// Roots of the areas whose tokens are seen; None: whatever area.
    pub area: Option<Vec<UnitId>>,
    pub id: Option<ApiTokenId>,
    pub after: Option<ApiTokenId>,
    pub limit: i64,
}

/// Tokens not struck off, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, filter: &TokenFilter) -> Result<Vec<ApiToken>> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let area: Option<Vec<i32>> = filter.area.as_ref().map(|roots| roots.iter().map(|u| u.0).collect());
    let rows = sqlx::query!(
        "select id, label, scopes, unit, until, created_at, last_used_at from api_token
         where revoked_at is null and ($1::int[] is null or unit_lies_in(unit, $1, $2))
           and ($3::uuid is null or id = $3) and ($4::uuid is null or id < $4)
         order by id desc limit $5",
        area.as_deref() as _,
        today as _,
        filter.id.map(|t| t.0),
        filter.after.map(|t| t.0),
        filter.limit
    )
    .fetch_all(tx.conn())
    .await?;
    let units = unit_ref::by_ids(tx, rows.iter().map(|r| UnitId(r.unit))).await?;
    Ok(rows
        .into_iter()
        .map(|r| ApiToken {
            id: ApiTokenId(r.id),
            label: r.label,
            scopes: r.scopes,
            unit: units.get(&UnitId(r.unit)).cloned(),
            until: r.until.to_jiff(),
            created_at: r.created_at.to_jiff(),
            last_used_at: r.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
        .collect())
}

/// Strikes a token of the area off.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not there, elsewhere, or struck off already.
pub async fn revoke(tx: &mut Tx, id: ApiTokenId, area: &[UnitId], by: AccountId) -> Result<()> {
    let filter = TokenFilter { id: Some(id), area: Some(area.to_vec()), limit: 1, ..TokenFilter::default() };
    let token = list(tx, &filter).await?.pop().ok_or(StoreError::NotFound("token"))?;
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let revoked = sqlx::query!(
        "update api_token set revoked_at = $2 where id = $1 and revoked_at is null",
        id.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("token", revoked.rows_affected(), 1)?;
    let unit =
        token.unit.map(|u| u.id).ok_or_else(|| StoreError::Inconsistent("a token without unit".into()))?;
    record(tx, by, "access.revoke_token", id, unit, json!({})).await
}

/// What a bearer token stands for.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub account: AccountId,
    pub scopes: Vec<Permission>,
    pub unit: UnitId,
}

/// A token in force whose maker may still sign in and still administers its unit; in one statement.
///
/// # Errors
/// When the database refuses, or a scope is none of ours.
pub async fn resolve(tx: &mut Tx, token: &str) -> Result<Option<Resolved>> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let today = jiff_sqlx::Date::from(tx.world.today());
    let row = sqlx::query!(
        r#"with live as (
               select t.id, t.created_by, t.scopes, t.unit, t.last_used_at
               from api_token t join account a on a.id = t.created_by
               where t.token_hash = $1 and t.revoked_at is null and t.until > $2
                 and a.suspended_at is null and (a.ends_at is null or a.ends_at > $2)
                 and exists (select from account_grant g where g.account = a.id and g.role = 'administrator'
                     and g.from_at <= $2 and (g.until is null or g.until > $2)
                     and (g.ended_at is null or g.ended_at > $2) and unit_lies_in(t.unit, array[g.unit], $3))
           ), used as (
               update api_token t set last_used_at = $2 from live
               where t.id = live.id
                 and (live.last_used_at is null or live.last_used_at < $2 - interval '1 minute')
           )
           select created_by as "created_by!", scopes as "scopes!", unit as "unit!" from live"#,
        secret::hash(token),
        now as _,
        today as _
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let scopes =
        row.scopes.iter().map(|s| s.parse().map_err(StoreError::Inconsistent)).collect::<Result<Vec<_>>>()?;
    Ok(Some(Resolved { account: AccountId(row.created_by), scopes, unit: UnitId(row.unit) }))
}

async fn record(
    tx: &mut Tx,
    by: AccountId,
    action: &str,
    id: ApiTokenId,
    unit: UnitId,
    detail: serde_json::Value,
) -> Result<()> {
    let entry = Entry {
        actor: Actor::Account(by),
        action,
        object_kind: "api_token",
        object_id: id.to_string(),
        unit: Some(unit),
        detail,
    };
    audit::record(tx, entry).await.map(drop)
}
