//! `POST /data-requests`: a request is entered, and its clock runs.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_domain::registry::request::due;
use greenfort_kernel::{PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::{person, subject};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDataRequest {
    pub person_id: PersonId,
    /// access, correct, restrict, resume (end a restriction), erase.
    #[schema(example = "access")]
    pub kind: String,
    /// Who asked, how, and what exactly; at most 1,000 letters.
    pub asked: String,
    /// Now unless told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub received_at: Option<Timestamp>,
    /// 72 hours after it was received unless told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DataRequestCreated {
    pub id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
}

/// Takes a request of a person about their data.
#[utoipa::path(
    post,
    path = "/data-requests",
    tag = "data requests",
    request_body = NewDataRequest,
    responses(
        (status = 201, body = DataRequestCreated),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_data_request(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewDataRequest>,
) -> Result<(StatusCode, Json<DataRequestCreated>), Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let now = app.world().now();
    let received_at = given.received_at.unwrap_or(now);
    let due_at = given.due_at.unwrap_or_else(|| due(received_at));
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: &'static str, vi: &'static str, en: &'static str| {
        errors.push(FieldError { field: field.to_owned(), code, message: text(vi, en) });
    };
    if !["access", "correct", "restrict", "resume", "erase"].contains(&given.kind.as_str()) {
        wrong("kind", "choice", "Chọn loại yêu cầu.", "Choose what is asked for.");
    }
    let asked = given.asked.trim();
    if asked.is_empty() || asked.chars().count() > 1_000 {
        wrong(
            "asked",
            "required",
            "Ghi ai yêu cầu và yêu cầu gì, tối đa 1.000 chữ.",
            "Write who asked and for what, at most 1,000 letters.",
        );
    }
    if received_at > now {
        wrong(
            "received_at",
            "future",
            "Lúc nhận ở tương lai.",
            "It cannot have been received in the future.",
        );
    }
    if due_at <= received_at {
        wrong("due_at", "order", "Hạn phải sau lúc nhận.", "The deadline must come after the receipt.");
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors).into());
    }
    let id = tx!(app.db, "create_data_request", scope, |tx| -> Result<Uuid, Refusal> {
        let person = person::get(tx, given.person_id).await?;
        let id =
            subject::create(tx, person.id, &given.kind, asked, (received_at, due_at), caller.account).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.enter_data_request",
            object_kind: "person",
            object_id: person.id.to_string(),
            unit: Some(UnitId(person.unit)),
            detail: serde_json::json!({ "request": id, "kind": given.kind }),
        };
        record(tx, entry).await?;
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(DataRequestCreated { id, due_at })))
}
