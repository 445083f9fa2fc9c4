//! `POST /people/search`: finding people by what is typed. A POST, so that no name or number stands in an address or a log.

use super::list::{PersonItem, audit_list};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use greenfort_domain::access::Permission;
use greenfort_domain::registry::Query;
use greenfort_kernel::UnitId;
use greenfort_store::registry::search::{self, Hits};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is looked for.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PeopleSearch {
    /// Words of a name (without or with wrong marks; the last may be cut), the last four of an ID number or the year of
    /// birth beside them; or a whole ID, phone or insurance number, or the barcode of a tube.
    #[schema(example = "nguyen an 2345")]
    pub q: String,
    /// Only people of this unit and below; the whole area unless told.
    #[serde(default)]
    pub unit: Option<UnitId>,
}

/// Everybody found, by given name: at most 200.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeopleFound {
    pub items: Vec<PersonItem>,
    /// True: there are more; a further word narrows it.
    pub more: bool,
}

const LONGEST: usize = 200;

/// Search for people.
#[utoipa::path(
    post,
    path = "/people/search",
    tag = "people",
    request_body = PeopleSearch,
    responses(
        (status = 200, body = PeopleFound),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Nothing to search by", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn search_people(
    State(app): State<App>,
    caller: Caller,
    Json(asked): Json<PeopleSearch>,
) -> Result<Json<PeopleFound>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let query = Query::read(&asked.q);
    if query == Query::default() || asked.q.len() > LONGEST {
        let why = text(
            "Nhập tên, 4 số cuối CCCD, số điện thoại hoặc mã ống mẫu.",
            "Type a name, the last four of an ID, a phone number or the barcode of a tube.",
        );
        return Err(Problem::field("q", "required", why).into());
    }
    let hits = tx!(app.db, "search_people", scope, |tx| -> Result<Hits, Refusal> {
        let hits = search::search(tx, &query, asked.unit.map(|u| u.0)).await?;
        audit_list(tx, &caller, "registry.search_people", asked.unit, hits.people.len()).await?;
        Ok(hits)
    })?;
    Ok(Json(PeopleFound { items: hits.people.into_iter().map(Into::into).collect(), more: hits.cut }))
}
