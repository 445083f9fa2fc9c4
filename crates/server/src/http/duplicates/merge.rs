//! `POST /merges`: two records become one.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::people::must_be_open;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::duplicate;
use greenfort_store::registry::merge::{self, FIELDS};
use greenfort_store::registry::person::{self, Event, record_event};
use greenfort_store::{Scope, StoreError, tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which record stays, and what it takes from the other.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMerge {
    pub kept: PersonId,
    pub dropped: PersonId,
    /// Fields taken from the dropped record: name, birth, sex, id_number, phone, insurance_number, relation, vaccine_doses.
    #[serde(default)]
    pub take: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MergeMade {
    /// `DELETE /merges/{id}` undoes it.
    pub id: Uuid,
}

/// Merges two records of one person.
#[utoipa::path(
    post,
    path = "/merges",
    tag = "duplicates",
    request_body = NewMerge,
    responses(
        (status = 201, body = MergeMade),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "One of them is not in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "One of them is no longer on the list, or stands still at the person's request", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed by somebody else meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "One record with itself, or no such field", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn merge_people(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewMerge>,
) -> Result<(StatusCode, Json<MergeMade>), Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    if given.kept == given.dropped {
        return Err(Problem::field(
            "dropped",
            "same",
            text("Một hồ sơ không gộp với chính nó.", "A record is not merged with itself."),
        )
        .into());
    }
    if let Some(unknown) = given.take.iter().find(|f| !FIELDS.contains(&f.as_str())) {
        let (vi, en) = (format!("Không có mục “{unknown}”."), format!("There is no field “{unknown}”."));
        return Err(Problem::field("take", "choice", text(vi, en)).into());
    }
    let on = app.world().today();
    let id = tx!(app.db, "merge_people", scope, |tx| -> Result<Uuid, Refusal> {
        let both = person::many(tx, &[given.kept, given.dropped]).await?;
        let of = |id: PersonId| both.iter().find(|p| p.id == id).ok_or_else(Problem::not_found);
        let (kept, dropped) = (of(given.kept)?, of(given.dropped)?);
        must_be_open(kept)?;
        must_be_open(dropped)?;
        if kept.removed.is_some() || dropped.removed.is_some() {
            return Err(Problem::conflict(text(
                "Một trong hai người không còn trong danh sách: tải lại.",
                "One of the two is no longer on the list: reload.",
            ))
            .into());
        }
        let id = match merge::merge(tx, kept, dropped, &given.take, caller.account).await {
            Err(StoreError::Conflict(_)) => return Err(Problem::changed_meanwhile().into()),
            done => done?,
        };
        match duplicate::decide(tx, kept.id, dropped.id, Some("merged"), caller.account).await {
            // Two records may be merged that no search had found.
            Ok(()) | Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        for (person, other) in [(kept, dropped), (dropped, kept)] {
            let detail = json!({ "merge": id, "other": other.id, "fields": given.take });
            let event = Event {
                person: person.id,
                kind: "merged",
                on,
                from: None,
                to: None,
                detail: json!({ "fields": given.take }),
                by: caller.account,
            };
            record_event(tx, &event).await?;
            let entry = Entry {
                actor: caller.actor(),
                action: "registry.merge",
                object_kind: "person",
                object_id: person.id.to_string(),
                unit: Some(UnitId(person.unit)),
                detail,
            };
            record(tx, entry).await?;
        }
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(MergeMade { id })))
}
