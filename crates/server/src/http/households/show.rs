//! `GET /households/{id}`: who lives there, and who once did.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::people::{PersonItem, UnitOfPerson};
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::restrictions::Restriction;
use crate::http::version::tagged;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_kernel::{HouseholdId, UnitId};
use greenfort_store::registry::{household, restriction};
use greenfort_store::{Tx, tx};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// A household with its people.
#[derive(Debug, Serialize, ToSchema)]
pub struct HouseholdRecord {
    pub id: HouseholdId,
    #[schema(example = "Số 12, đường liên ấp")]
    pub address: String,
    pub unit: UnitOfPerson,
    /// Place on the walking route of the hamlet.
    pub walk_order: i32,
    /// True once it was dissolved.
    pub ended: bool,
    /// What holds the whole household now: its own, or of a place around it.
    pub restrictions: Vec<Restriction>,
    /// Who lives there, the head first.
    pub members: Vec<HouseholdMember>,
    /// Who once lived there and is of the area, or died or left the province; latest first.
    pub former: Vec<HouseholdMember>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HouseholdMember {
    #[serde(flatten)]
    pub person: PersonItem,
    /// Day of joining, or of leaving for who left; null where it is not known.
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
    /// moved, died, merged, erased.
    pub removed: Option<String>,
}

impl From<household::Member> for HouseholdMember {
    fn from(member: household::Member) -> Self {
        Self { since: member.since, removed: member.removed.clone(), person: member.into() }
    }
}

/// A household with its members.
#[utoipa::path(
    get,
    path = "/households/{id}",
    tag = "households",
    params(("id" = HouseholdId, Path)),
    responses(
        (status = 200, body = HouseholdRecord, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_household(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HouseholdId>,
) -> Result<(HeaderMap, Json<HouseholdRecord>), Refusal> {
    let scope = caller.scope_of_persons()?;
    let (version, household) =
        tx!(app.db, "show_household", scope, |tx| -> Result<(i32, HouseholdRecord), Refusal> {
            let record = household::get(tx, id).await?;
            audited(tx, &caller, "registry.read_household", id, record.unit, serde_json::json!({})).await?;
            Ok((record.version, whole(tx, record).await?))
        })?;
    Ok(tagged(version, household))
}

pub(super) async fn whole(tx: &mut Tx, record: household::Record) -> Result<HouseholdRecord, Refusal> {
    let now = tx.world.now();
    let restrictions = restriction::of_household(tx, record.id, now).await?;
    let (members, former) = household::members(tx, record.id).await?;
    Ok(HouseholdRecord {
        id: record.id,
        address: record.address,
        unit: UnitOfPerson { id: UnitId(record.unit), name: record.unit_name },
        walk_order: record.walk_order,
        ended: record.ended,
        restrictions: restrictions.into_iter().map(Into::into).collect(),
        members: members.into_iter().map(Into::into).collect(),
        former: former.into_iter().map(Into::into).collect(),
    })
}
