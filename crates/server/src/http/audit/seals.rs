//! `GET /audit/seals`: the chain that binds the trail, newest first.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_store::seal::{self, SealRow};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// One link of the chain. Hashes are hexadecimal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seal {
    pub seq: i64,
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// Entries bound.
    pub rows: i32,
    #[schema(example = "5b1e…")]
    pub root: String,
    #[schema(example = "9f2c…")]
    pub chain: String,
    pub signed: bool,
    /// True when the entries still are the ones that were sealed. Signatures are verified by `greenfort audit verify`.
    pub verified: bool,
}

/// The chain that binds the trail, newest first.
#[utoipa::path(
    get,
    path = "/audit/seals",
    tag = "audit",
    params(PageQuery),
    responses(
        (status = 200, description = "Seals, newest first, each compared with its entries", body = Page<Seal>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Role without the audit", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_seals(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Seal>>, Refusal> {
    caller.must(Permission::ReadAudit)?;
    let before: Option<i64> = page.cursor()?;
    let rows =
        tx!(app.db, "list_seals", Scope::nobody(), |tx| seal::list(tx, before, page.limit() + 1).await)?;
    Ok(Json(Page::of(rows, page.limit(), |r| r.seq, Seal::from)))
}

impl From<SealRow> for Seal {
    fn from(row: SealRow) -> Self {
        Self {
            seq: row.seq,
            first_at: row.first_at.to_jiff(),
            last_at: row.last_at.to_jiff(),
            rows: row.entries,
            root: hex::encode(row.root),
            chain: hex::encode(row.chain),
            signed: row.signed,
            verified: row.verified,
        }
    }
}
