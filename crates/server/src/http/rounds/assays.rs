//! `GET /assays`: the assays in force.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::State;
use greenfort_domain::access::Permission;
use greenfort_kernel::AssayId;
use greenfort_store::campaign::plan;
use greenfort_store::{Scope, tx};
use serde::Serialize;
use utoipa::ToSchema;

/// How one kit on one instrument is used.
#[derive(Debug, Serialize, ToSchema)]
pub struct Assay {
    pub id: AssayId,
    #[schema(example = "pcr")]
    pub code: String,
    pub version: i32,
    /// `pcr` or `rapid_antigen`
    #[schema(example = "pcr")]
    pub method: String,
    #[schema(example = "Bộ kit RT-PCR")]
    pub kit: String,
    /// Most people whose swabs one tube may hold.
    pub most_donors: i16,
    /// A cassette is read not before, seconds after the drops …
    pub read_after_s: Option<i32>,
    /// … and not after.
    pub read_until_s: Option<i32>,
    /// False: its numbers are assumed; enter the kit in use as a new version.
    pub certain: bool,
}

impl From<plan::AssayRow> for Assay {
    fn from(a: plan::AssayRow) -> Self {
        Self {
            id: a.id,
            code: a.code,
            version: a.version,
            method: a.method,
            kit: a.kit,
            most_donors: a.most_donors,
            read_after_s: a.read_after_s,
            read_until_s: a.read_until_s,
            certain: a.certain,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Assays {
    pub items: Vec<Assay>,
}

/// The assays in force.
#[utoipa::path(
    get,
    path = "/assays",
    tag = "rounds",
    responses(
        (status = 200, body = Assays),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_assays(State(app): State<App>, caller: Caller) -> Result<Json<Assays>, Refusal> {
    caller.must(Permission::SeeRounds)?;
    let now = app.world().now();
    let rows = tx!(app.db, "list_assays", Scope::nobody(), |tx| plan::assays(tx, now).await)?;
    let items = rows.into_iter().map(Into::into).collect();
    Ok(Json(Assays { items }))
}
