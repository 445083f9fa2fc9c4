//! `GET /groups`: those of the area by name.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::OrganisationRef;
use crate::http::page::{Page, PageQuery};
use crate::http::people::UnitOfPerson;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_domain::registry::organisation::name_patterns;
use greenfort_kernel::{GroupId, OrganisationId, UnitId};
use greenfort_store::registry::group::{self, Filter};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A group as lists show one.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupItem {
    pub id: GroupId,
    /// block, boarding_row, market_traders, shift, other.
    #[schema(example = "boarding_row")]
    pub kind: String,
    #[schema(example = "Dãy trọ Bà Năm")]
    pub name: String,
    pub unit: UnitOfPerson,
    pub organisation: Option<OrganisationRef>,
    /// Share of the members to be sampled each round, 1 to 100.
    #[schema(example = 25)]
    pub sample_percent: i16,
    /// Present members, wherever they live.
    pub members: i64,
    pub ended: bool,
}

impl From<group::Line> for GroupItem {
    fn from(g: group::Line) -> Self {
        Self {
            id: g.id,
            kind: g.kind,
            name: g.name,
            unit: UnitOfPerson { id: UnitId(g.unit), name: g.unit_name },
            organisation: OrganisationRef::of(g.organisation, g.organisation_name),
            sample_percent: percent(g.sample_share),
            members: g.members,
            ended: g.ended,
        }
    }
}

/// A share as whole percent.
pub(super) fn percent(share: f32) -> i16 {
    (1..=100).rev().find(|n| f32::from(*n) <= share * 100.0 + 0.5).unwrap_or(1)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GroupsQuery {
    /// Words of the name, with or without diacritics.
    q: Option<String>,
    /// They lie in this unit or below it.
    unit: Option<UnitId>,
    kind: Option<String>,
    organisation: Option<OrganisationId>,
    /// Also those that ended.
    #[serde(default)]
    ended: bool,
}

/// Groups of the area.
#[utoipa::path(
    get,
    path = "/groups",
    tag = "groups",
    params(GroupsQuery, PageQuery),
    responses(
        (status = 200, body = Page<GroupItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_groups(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<GroupsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<GroupItem>>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let on = app.world().today();
    let filter = Filter {
        unit: query.unit.map(|u| u.0),
        kind: query.kind,
        organisation: query.organisation,
        patterns: name_patterns(query.q.as_deref().unwrap_or_default()),
        ended: query.ended,
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_groups", scope, |tx| group::page(tx, on, &filter).await)?;
    Ok(Json(Page::of(rows, page.limit(), |g| (g.folded_name.clone(), g.id), Into::into)))
}
