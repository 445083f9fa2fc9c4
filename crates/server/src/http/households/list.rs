//! `GET /households`: the households of a unit along the walking route.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::people::UnitOfPerson;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{HouseholdId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::household;
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A household as lists show one.
#[derive(Debug, Serialize, ToSchema)]
pub struct HouseholdItem {
    pub id: HouseholdId,
    #[schema(example = "Số 12, đường liên ấp")]
    pub address: String,
    pub unit: UnitOfPerson,
    /// Place on the walking route of the hamlet.
    pub walk_order: i32,
    pub members: i32,
    /// Name of the head, if one is named.
    pub head: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HouseholdsQuery {
    /// Hamlet, or a unit above it.
    unit: UnitId,
}

/// Households of a hamlet.
#[utoipa::path(
    get,
    path = "/households",
    tag = "households",
    params(HouseholdsQuery, PageQuery),
    responses(
        (status = 200, body = Page<HouseholdItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_households(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<HouseholdsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<HouseholdItem>>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let on = app.world().today();
    let after: Option<(i32, i32, HouseholdId)> = page.cursor()?;
    let rows = tx!(app.db, "list_households", scope, |tx| -> Result<Vec<household::Line>, Refusal> {
        let rows = household::page(tx, query.unit.0, on, after, page.limit() + 1).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.list_households",
            object_kind: "household",
            object_id: "list".to_owned(),
            unit: Some(query.unit).filter(|_| !rows.is_empty()),
            detail: serde_json::json!({ "shown": rows.len(), "asked": query.unit }),
        };
        record(tx, entry).await?;
        Ok(rows)
    })?;
    Ok(Json(Page::of(
        rows,
        page.limit(),
        |h| (h.unit, h.walk_order, h.id),
        |h| HouseholdItem {
            id: h.id,
            address: h.address,
            unit: UnitOfPerson { id: UnitId(h.unit), name: h.unit_name },
            walk_order: h.walk_order,
            members: h.members,
            head: h.head,
        },
    )))
}
