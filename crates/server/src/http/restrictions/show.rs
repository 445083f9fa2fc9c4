//! `GET /restrictions/{id}`: a decision with everybody and every place it names.

use super::Restriction;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{RestrictionId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::restriction::{self, Filter};
use greenfort_store::tx;
use serde::Serialize;
use utoipa::ToSchema;

/// A decision with whom it names. Who lives beyond the caller's area is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestrictionRecord {
    #[serde(flatten)]
    pub restriction: Restriction,
    pub named: Vec<RestrictionTarget>,
}

/// Somebody or some place that a decision names.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestrictionTarget {
    /// person, household, part, place.
    #[schema(example = "household")]
    pub kind: String,
    #[schema(example = "01856aa0-c800-7000-8000-0000000000a1")]
    pub id: String,
    /// Name of the person, the place, or the part with its organisation; address of the household.
    #[schema(example = "Số 12, đường liên ấp")]
    pub name: String,
    /// Where it lies.
    #[schema(example = "Ấp 1")]
    pub unit: Option<String>,
}

impl From<restriction::Named> for RestrictionTarget {
    fn from(n: restriction::Named) -> Self {
        Self { kind: n.kind, id: n.id, name: n.name, unit: n.unit_name }
    }
}

/// One restriction, with whom it names.
#[utoipa::path(
    get,
    path = "/restrictions/{id}",
    tag = "restrictions",
    params(("id" = RestrictionId, Path)),
    responses(
        (status = 200, body = RestrictionRecord),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_restriction(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RestrictionId>,
) -> Result<Json<RestrictionRecord>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let filter = Filter { only: Some(id), ..Filter::default() };
    let shown = tx!(app.db, "show_restriction", scope, |tx| -> Result<RestrictionRecord, Refusal> {
        let row = restriction::page(tx, &filter, None, 1).await?.pop().ok_or_else(Problem::not_found)?;
        let named = restriction::named(tx, id).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.read_restriction",
            object_kind: "restriction",
            object_id: id.to_string(),
            unit: Some(UnitId(row.unit)),
            detail: serde_json::json!({ "shown": named.len() }),
        };
        record(tx, entry).await?;
        Ok(RestrictionRecord { restriction: row.into(), named: named.into_iter().map(Into::into).collect() })
    })?;
    Ok(Json(shown))
}
