//! `GET /merges`: merges of the area, newest first, standing or undone.

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
use greenfort_store::registry::{merge, person};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merge {
    pub id: Uuid,
    pub kept: PersonItem,
    pub dropped: PersonItem,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub undone: bool,
}

/// Merges that can be undone.
#[utoipa::path(
    get,
    path = "/merges",
    tag = "duplicates",
    params(PageQuery),
    responses(
        (status = 200, body = Page<Merge>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`after` is no cursor of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_merges(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Merge>>, Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    let before: Option<(Timestamp, Uuid)> = page.cursor()?;
    let (rows, people) = tx!(app.db, "list_merges", scope, |tx| -> Result<_, Refusal> {
        let rows = merge::page(tx, before, page.limit() + 1).await?;
        let ids: Vec<PersonId> = rows.iter().flat_map(|m| [m.kept, m.dropped]).collect();
        let people = person::many(tx, &ids).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.list_merges",
            object_kind: "person",
            object_id: "list".to_owned(),
            unit: None,
            detail: serde_json::json!({ "shown": ids }),
        };
        record(tx, entry).await?;
        Ok((rows, people))
    })?;
    let item = |id: PersonId| people.iter().find(|p| p.id == id).cloned().map(PersonItem::from);
    let next = Page::of(rows, page.limit(), |m| (m.at.to_jiff(), m.id), |m| m);
    let items = next
        .items
        .into_iter()
        .filter_map(|m| {
            Some(Merge {
                id: m.id,
                kept: item(m.kept)?,
                dropped: item(m.dropped)?,
                at: m.at.to_jiff(),
                undone: m.undone,
            })
        })
        .collect();
    Ok(Json(Page { items, next: next.next, total: next.total }))
}
