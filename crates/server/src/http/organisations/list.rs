//! `GET /organisations`: those of the area by name.

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
use greenfort_kernel::{OrganisationId, UnitId};
use greenfort_store::registry::organisation::{self, Filter};
use greenfort_store::{StoreError, tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An organisation as lists show one.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationItem {
    pub id: OrganisationId,
    /// park, enterprise, market, agency, household_business, carrier.
    #[schema(example = "enterprise")]
    pub kind: String,
    #[schema(example = "Công ty TNHH Dừa Xanh")]
    pub name: String,
    pub unit: UnitOfPerson,
    /// Industrial park it stands in.
    pub parent: Option<OrganisationRef>,
    /// Present members, wherever they live.
    pub members: i64,
    pub ended: bool,
}

impl From<organisation::Line> for OrganisationItem {
    fn from(o: organisation::Line) -> Self {
        Self {
            id: o.id,
            kind: o.kind,
            name: o.name,
            unit: UnitOfPerson { id: UnitId(o.unit), name: o.unit_name },
            parent: OrganisationRef::of(o.parent, o.parent_name),
            members: o.members,
            ended: o.ended,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrganisationsQuery {
    /// Words of the name, with or without diacritics.
    q: Option<String>,
    /// They lie in this unit or below it.
    unit: Option<UnitId>,
    kind: Option<String>,
    /// They stand in this industrial park.
    parent: Option<OrganisationId>,
    /// Also those that ended.
    #[serde(default)]
    ended: bool,
}

/// Organisations of the area.
#[utoipa::path(
    get,
    path = "/organisations",
    tag = "organisations",
    params(OrganisationsQuery, PageQuery),
    responses(
        (status = 200, body = Page<OrganisationItem>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_organisations(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<OrganisationsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<OrganisationItem>>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let on = app.world().today();
    let filter = Filter {
        unit: query.unit.map(|u| u.0),
        kind: query.kind,
        parent: query.parent,
        patterns: name_patterns(query.q.as_deref().unwrap_or_default()),
        ended: query.ended,
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let (rows, total) = tx!(app.db, "list_organisations", scope, |tx| -> Result<_, StoreError> {
        Ok((organisation::page(tx, on, &filter).await?, organisation::count(tx, on, &filter).await?))
    })?;
    let mut list = Page::of(rows, page.limit(), |o| (o.folded_name.clone(), o.id), Into::into);
    list.total = Some(total);
    Ok(Json(list))
}
