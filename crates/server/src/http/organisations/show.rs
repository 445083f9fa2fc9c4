//! `GET /organisations/{id}`: an organisation with its parts and what happened to it.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{BodyEvent, OrganisationRef, history, sizes};
use crate::http::people::UnitOfPerson;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_domain::access::Permission;
use greenfort_kernel::{OrganisationId, PartId, UnitId};
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::organisation;
use greenfort_store::{Tx, tx};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// An organisation as its page shows it. It names no person: members have a list of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organisation {
    pub id: OrganisationId,
    /// park, enterprise, market, agency, household_business, carrier.
    #[schema(example = "enterprise")]
    pub kind: String,
    #[schema(example = "Công ty TNHH Dừa Xanh")]
    pub name: String,
    pub unit: UnitOfPerson,
    /// Industrial park it stands in.
    pub parent: Option<OrganisationRef>,
    #[schema(example = "1300123456")]
    pub tax_code: Option<String>,
    #[schema(example = "Lô A3, KCN Giao Long")]
    pub address: Option<String>,
    /// Last day of work.
    #[schema(value_type = Option<String>, format = Date)]
    pub ended_on: Option<Date>,
    /// Present members, wherever they live.
    pub members: i64,
    /// Those of them who live beyond the caller's area and are not listed.
    pub members_elsewhere: i64,
    pub parts: Vec<OrganisationPart>,
    /// Newest first.
    pub history: Vec<BodyEvent>,
}

/// A shift or workshop.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationPart {
    pub id: PartId,
    /// shift, workshop.
    #[schema(example = "shift")]
    pub kind: String,
    #[schema(example = "Ca 1")]
    pub name: String,
    /// First day; null: as long as the organisation.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// Last day; null: still there.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
    /// Present members, wherever they live.
    pub members: i64,
}

impl From<organisation::Part> for OrganisationPart {
    fn from(p: organisation::Part) -> Self {
        Self { id: p.id, kind: p.kind, name: p.name, from: p.from, to: p.to, members: p.members }
    }
}

/// An organisation with its parts.
#[utoipa::path(
    get,
    path = "/organisations/{id}",
    tag = "organisations",
    params(("id" = OrganisationId, Path)),
    responses(
        (status = 200, body = Organisation, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_organisation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
) -> Result<(HeaderMap, Json<Organisation>), Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let (version, shown) = tx!(app.db, "show_organisation", scope, |tx| whole(tx, id).await)?;
    Ok(tagged(version, shown))
}

/// A record with what hangs on it, and its version.
pub(super) async fn whole(tx: &mut Tx, id: OrganisationId) -> Result<(i32, Organisation), Refusal> {
    let record = organisation::get(tx, id).await?;
    let body = Body::Organisation(id);
    let (members, members_elsewhere) = sizes(tx, body).await?;
    let content = record.content;
    let shown = Organisation {
        id,
        kind: content.kind,
        name: content.name,
        unit: UnitOfPerson { id: UnitId(content.unit), name: record.unit_name },
        parent: OrganisationRef::of(content.parent, record.parent_name),
        tax_code: content.tax_code,
        address: content.address,
        ended_on: record.ended_on,
        members,
        members_elsewhere,
        parts: organisation::parts(tx, id).await?.into_iter().map(Into::into).collect(),
        history: history(tx, body).await?,
    };
    Ok((record.version, shown))
}
