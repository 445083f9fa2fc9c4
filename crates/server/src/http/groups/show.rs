//! `GET /groups/{id}`: a group with its owner and what happened to it.

use super::list::percent;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{BodyEvent, OrganisationRef, audited, history, sizes};
use crate::http::people::UnitOfPerson;
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_domain::access::Permission;
use greenfort_kernel::{GroupId, PersonId, UnitId};
use greenfort_store::registry::group;
use greenfort_store::registry::membership::Body;
use greenfort_store::{Tx, tx};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// A group as its page shows it. Members have a list of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    pub id: GroupId,
    /// block, boarding_row, market_traders, shift, other.
    #[schema(example = "boarding_row")]
    pub kind: String,
    #[schema(example = "Dãy trọ Bà Năm")]
    pub name: String,
    pub unit: UnitOfPerson,
    pub organisation: Option<OrganisationRef>,
    /// Who answers for the list; null also when the owner lives beyond the caller's area.
    pub owner: Option<GroupOwner>,
    /// Share of the members to be sampled each round, 1 to 100.
    #[schema(example = 25)]
    pub sample_percent: i16,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub ended_on: Option<Date>,
    /// Present members, wherever they live.
    pub members: i64,
    /// Those of them who live beyond the caller's area and are not listed.
    pub members_elsewhere: i64,
    /// Newest first.
    pub history: Vec<BodyEvent>,
}

/// Who answers for the list of a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupOwner {
    pub id: PersonId,
    #[schema(example = "Nguyễn Thị Năm")]
    pub name: String,
}

/// A group of residents.
#[utoipa::path(
    get,
    path = "/groups/{id}",
    tag = "groups",
    params(("id" = GroupId, Path)),
    responses(
        (status = 200, body = Group, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_group(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<GroupId>,
) -> Result<(HeaderMap, Json<Group>), Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let (version, shown) = tx!(app.db, "show_group", scope, |tx| -> Result<(i32, Group), Refusal> {
        let (version, shown) = whole(tx, id).await?;
        let unit = shown.unit.id.0;
        audited(tx, &caller, "registry.read_group", Body::Group(id), unit, json!({})).await?;
        Ok((version, shown))
    })?;
    Ok(tagged(version, shown))
}

/// A record with what hangs on it, and its version.
pub(super) async fn whole(tx: &mut Tx, id: GroupId) -> Result<(i32, Group), Refusal> {
    let record = group::get(tx, id).await?;
    let body = Body::Group(id);
    let (members, members_elsewhere) = sizes(tx, body).await?;
    let content = record.content;
    let shown = Group {
        id,
        kind: content.kind,
        name: content.name,
        unit: UnitOfPerson { id: UnitId(content.unit), name: record.unit_name },
        organisation: OrganisationRef::of(content.organisation, record.organisation_name),
        owner: content.owner.zip(record.owner_name).map(|(id, name)| GroupOwner { id, name }),
        sample_percent: percent(content.sample_share),
        ended_on: record.ended_on,
        members,
        members_elsewhere,
        history: history(tx, body).await?,
    };
    Ok((record.version, shown))
}
