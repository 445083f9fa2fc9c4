//! `GET /data-requests`: open requests of the area, the next deadline first.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::people::PersonItem;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::PersonId;
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::{person, subject};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A request of somebody about their own data.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataRequest {
    pub id: Uuid,
    pub person: PersonItem,
    /// access, correct, restrict, resume (end a restriction), erase.
    #[schema(example = "access")]
    pub kind: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// True when it is open behind its deadline.
    pub late: bool,
    /// Who asked, how, and what exactly.
    pub asked: String,
    /// fulfilled, refused; null while open.
    pub outcome: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    pub answered: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DataRequestsQuery {
    /// All of one person, answered ones too.
    person: Option<PersonId>,
}

/// Requests about own data, by deadline.
#[utoipa::path(
    get,
    path = "/data-requests",
    tag = "data requests",
    params(DataRequestsQuery, PageQuery),
    responses(
        (status = 200, body = Page<DataRequest>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_data_requests(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DataRequestsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<DataRequest>>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let after: Option<(Timestamp, Uuid)> = page.cursor()?;
    let (rows, people) = tx!(app.db, "list_data_requests", scope, |tx| -> Result<_, Refusal> {
        let rows = subject::requests(tx, None, query.person, after, page.limit() + 1).await?;
        let ids: Vec<PersonId> = rows.iter().map(|r| r.person).collect();
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.list_data_requests",
            object_kind: "person",
            object_id: "list".to_owned(),
            unit: None,
            detail: serde_json::json!({ "shown": ids }),
        };
        record(tx, entry).await?;
        Ok((rows, person::many(tx, &ids).await?))
    })?;
    let now = app.world().now();
    let next = Page::of(rows, page.limit(), |r| (r.due_at, r.id), |r| r);
    let items = next
        .items
        .into_iter()
        .filter_map(|r| {
            let person = people.iter().find(|p| p.id == r.person)?.clone();
            Some(DataRequest {
                id: r.id,
                person: person.into(),
                late: r.outcome.is_none() && r.due_at < now,
                kind: r.kind,
                received_at: r.received_at,
                due_at: r.due_at,
                asked: r.text.asked,
                outcome: r.outcome,
                closed_at: r.closed_at,
                answered: r.text.answered,
            })
        })
        .collect();
    Ok(Json(Page { items, next: next.next, total: next.total }))
}
