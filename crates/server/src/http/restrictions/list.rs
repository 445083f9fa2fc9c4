//! `GET /restrictions`: those of the area, newest first.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::people::UnitOfPerson;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{RestrictionId, UnitId};
use greenfort_store::registry::restriction::{self, Filter};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A decision that holds somebody or some place apart.
#[derive(Debug, Serialize, ToSchema)]
pub struct Restriction {
    pub id: RestrictionId,
    /// isolation (F0), quarantine (F1), lockdown (place or list of households), hold (after a positive rapid test).
    #[schema(example = "quarantine")]
    pub kind: String,
    /// Whose authorities keep it.
    pub unit: UnitOfPerson,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// Null: until it is lifted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    #[schema(example = "123/QĐ-UBND")]
    pub document: String,
    #[schema(example = "Trần Văn Tám, Phó Chủ tịch UBND xã")]
    pub signer: String,
    /// How many persons, households and parts of organisations it names.
    pub persons: i64,
    pub households: i64,
    pub parts: i64,
    /// Names of the units it closes.
    pub places: Vec<String>,
}

impl From<restriction::Row> for Restriction {
    fn from(row: restriction::Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            unit: UnitOfPerson { id: UnitId(row.unit), name: row.unit_name },
            starts_at: row.starts_at.to_jiff(),
            ends_at: row.ends_at.map(jiff_sqlx::Timestamp::to_jiff),
            document: row.document,
            signer: row.signer,
            persons: row.persons,
            households: row.households,
            parts: row.parts,
            places: row.places,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RestrictionsQuery {
    /// Also those that ended or have not begun.
    #[serde(default)]
    all: bool,
    /// Kept by this unit or one below it.
    unit: Option<UnitId>,
    /// isolation, quarantine, lockdown, hold.
    kind: Option<String>,
}

/// Restrictions of the area.
#[utoipa::path(
    get,
    path = "/restrictions",
    tag = "restrictions",
    params(RestrictionsQuery, PageQuery),
    responses(
        (status = 200, body = Page<Restriction>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_restrictions(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<RestrictionsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Restriction>>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let before: Option<(Timestamp, RestrictionId)> = page.cursor()?;
    let filter = Filter {
        in_force: (!query.all).then(|| app.world().now()),
        unit: query.unit.map(|u| u.0),
        kind: query.kind,
        only: None,
    };
    let rows = tx!(app.db, "list_restrictions", scope, |tx| {
        restriction::page(tx, &filter, before, page.limit() + 1).await
    })?;
    Ok(Json(Page::of(rows, page.limit(), |r| (r.starts_at.to_jiff(), r.id), Into::into)))
}
