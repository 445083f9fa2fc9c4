//! Rules of the laboratory that are data with versions.

use crate::{Result, StoreError, Tx};
use greenfort_domain::conclusions::Policy;
use greenfort_domain::lab::{Guards, ReleasePolicy};
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Hours until something is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// Somebody on the recall list is to be reached within so many hours.
    pub recall_due_hours: u16,
    /// A tube without a list waits so long for it.
    pub parked_due_hours: u16,
    /// A tube on a list is missing when the laboratory has not seen it so long after the swab.
    pub missing_due_hours: u16,
}

impl Clocks {
    pub fn recall_due(self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.recall_due_hours.max(1)))
    }

    pub fn parked_due(self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.parked_due_hours.max(1)))
    }

    pub fn missing_due(self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.missing_due_hours.max(1)))
    }
}

/// The rule in force and its version.
async fn in_force<T: DeserializeOwned>(tx: &mut Tx, code: &str) -> Result<(T, i32)> {
    let now = tx.world.now();
    let row = sqlx::query!(
        "select version, body from laboratory_rule
         where code = $1 and effective_from <= $2 and coalesce(effective_until, 'infinity') > $2
         order by version desc limit 1",
        code,
        now.to_sqlx() as _
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| StoreError::Inconsistent(format!("no version of laboratory rule {code} is in force")))?;
    let rule = serde_json::from_value(row.body)
        .map_err(|e| StoreError::Inconsistent(format!("laboratory rule {code}: {e}")))?;
    Ok((rule, row.version))
}

/// # Errors
/// `Inconsistent` when no version is in force, or it does not read.
pub async fn release(tx: &mut Tx) -> Result<(ReleasePolicy, i32)> {
    in_force(tx, "release").await
}

/// # Errors
/// As for [`release`].
pub async fn conclusions(tx: &mut Tx) -> Result<(Policy, i32)> {
    in_force(tx, "conclusions").await
}

/// # Errors
/// As for [`release`].
pub async fn guards(tx: &mut Tx) -> Result<Guards> {
    Ok(in_force(tx, "guards").await?.0)
}

/// # Errors
/// As for [`release`].
pub async fn clocks(tx: &mut Tx) -> Result<Clocks> {
    Ok(in_force(tx, "clocks").await?.0)
}
