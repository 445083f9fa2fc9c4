//! `POST /restrictions`: a decision is entered, with everybody and every place it names.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{HouseholdId, PartId, PersonId, RestrictionId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::restriction::{self, New, Target};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most persons, households, parts and places one decision names.
const MOST: usize = 2_000;
const KINDS: [&str; 4] = ["isolation", "quarantine", "lockdown", "hold"];

/// A decision. All it names must lie in the caller's area; nothing is saved otherwise.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewRestriction {
    /// Unit whose authorities keep it.
    pub unit_id: UnitId,
    /// isolation, quarantine, lockdown, hold.
    #[schema(example = "quarantine")]
    pub kind: String,
    /// Now unless told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    #[schema(example = "123/QĐ-UBND")]
    pub document: String,
    #[schema(example = "Trần Văn Tám, Phó Chủ tịch UBND xã")]
    pub signer: String,
    #[serde(default)]
    pub persons: Vec<PersonId>,
    #[serde(default)]
    pub households: Vec<HouseholdId>,
    /// Shifts or workshops.
    #[serde(default)]
    pub parts: Vec<PartId>,
    #[serde(default)]
    pub places: Vec<UnitId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RestrictionCreated {
    pub id: RestrictionId,
}

/// Imposes a restriction.
#[utoipa::path(
    post,
    path = "/restrictions",
    tag = "restrictions",
    request_body = NewRestriction,
    responses(
        (status = 201, body = RestrictionCreated),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Something it names is not in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_restriction(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewRestriction>,
) -> Result<(StatusCode, Json<RestrictionCreated>), Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let starts_at = given.starts_at.unwrap_or(app.world().now());
    let (document, signer) = check(&given, starts_at)?;
    let mut targets: Vec<Target> = given.persons.iter().copied().map(Target::Person).collect();
    targets.extend(given.households.iter().copied().map(Target::Household));
    targets.extend(given.parts.iter().copied().map(Target::Part));
    targets.extend(given.places.iter().copied().map(Target::Place));
    let unit = given.unit_id;
    let id = tx!(app.db, "create_restriction", scope, |tx| -> Result<RestrictionId, Refusal> {
        let mut must_see = targets.clone();
        must_see.push(Target::Place(unit));
        if !restriction::all_visible(tx, &must_see).await? {
            return Err(Problem::not_found().into());
        }
        let new = New {
            unit: unit.0,
            kind: &given.kind,
            starts_at,
            ends_at: given.ends_at,
            document: &document,
            signer: &signer,
            by: caller.account,
        };
        let id = restriction::create(tx, &new, &targets).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "registry.restrict",
            object_kind: "restriction",
            object_id: id.to_string(),
            unit: Some(unit),
            detail: serde_json::json!({ "kind": given.kind, "named": targets.len() }),
        };
        record(tx, entry).await?;
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(RestrictionCreated { id })))
}

/// Document and signer as they are stored.
fn check(given: &NewRestriction, starts_at: Timestamp) -> Result<(String, String), Refusal> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: &'static str, vi: &'static str, en: &'static str| {
        errors.push(FieldError { field: field.to_owned(), code, message: text(vi, en) });
    };
    if !KINDS.contains(&given.kind.as_str()) {
        wrong("kind", "choice", "Chọn loại hạn chế.", "Choose what kind of restriction it is.");
    }
    let line = |typed: &str, most: usize| {
        let line = greenfort_kernel::text::nfc(typed);
        (!line.is_empty() && line.chars().count() <= most && !line.chars().any(char::is_control))
            .then_some(line)
    };
    let document = line(&given.document, 200);
    if document.is_none() {
        wrong(
            "document",
            "required",
            "Nhập số quyết định, tối đa 200 chữ.",
            "Type the number of the decision, at most 200 letters.",
        );
    }
    let signer = line(&given.signer, 100);
    if signer.is_none() {
        wrong(
            "signer",
            "required",
            "Nhập người ký và chức vụ, tối đa 100 chữ.",
            "Type who signed it, with office, at most 100 letters.",
        );
    }
    if given.ends_at.is_some_and(|end| end <= starts_at) {
        wrong("ends_at", "order", "Kết thúc phải sau lúc bắt đầu.", "The end must come after the beginning.");
    }
    let named = given.persons.len() + given.households.len() + given.parts.len() + given.places.len();
    if named == 0 || named > MOST {
        wrong(
            "targets",
            "count",
            "Chọn từ 1 đến 2.000 người, hộ, bộ phận hoặc địa bàn.",
            "Name 1 to 2,000 persons, households, parts or places.",
        );
    }
    match (document, signer) {
        (Some(document), Some(signer)) if errors.is_empty() => Ok((document, signer)),
        _ => Err(Problem::invalid(errors).into()),
    }
}
