//! `PATCH /people/{id}`: fields are corrected. Moves, deaths and doses have routes of their own.

use super::create::must_be_new;
use super::fields::PersonFields;
use super::show::{Person, whole};
use super::{audited, must_be_open, scope_of_edits, set_head};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use crate::http::version::{must_match, tagged};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_kernel::PersonId;
use greenfort_store::registry::person::{self, Event, record_event};
use greenfort_store::{StoreError, tx};
use serde_json::json;

/// Changes a person.
#[utoipa::path(
    patch,
    path = "/people/{id}",
    tag = "people",
    params(
        ("id" = PersonId, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the person as read; without it the latest is changed"),
    ),
    request_body = PersonFields,
    responses(
        (status = 200, body = Person, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody of the area has this number, or the person is no longer on the list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn change_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    headers: HeaderMap,
    Json(given): Json<PersonFields>,
) -> Result<(HeaderMap, Json<Person>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let (version, person) = tx!(app.db, "change_person", scope, |tx| -> Result<(i32, Person), Refusal> {
        let before = person::get(tx, id).await?;
        must_be_open(&before)?;
        must_match(&headers, before.version)?;
        let content = given.checked(Some(&before), today)?;
        if given.id_number.is_some() || given.insurance_number.is_some() {
            must_be_new(tx, &content.secret, Some(id)).await?;
        }
        match person::update(tx, id, before.version, &content).await {
            Err(StoreError::Conflict(_)) => return Err(Problem::changed_meanwhile().into()),
            done => done?,
        }
        // A household has one head: naming one here is the same act as on the household's page.
        if let (Some("head"), Some(home)) = (given.relation.as_deref(), before.household) {
            set_head(tx, home, id).await?;
        }
        let fields = json!({ "fields": given.named() });
        let event = Event {
            person: id,
            kind: "corrected",
            on: today,
            from: None,
            to: None,
            detail: fields.clone(),
            by: caller.account,
        };
        record_event(tx, &event).await?;
        audited(tx, &caller, "registry.change_person", id, before.unit, fields).await?;
        let record = person::get(tx, id).await?;
        Ok((record.version, whole(tx, record).await?))
    })?;
    Ok(tagged(version, person))
}
