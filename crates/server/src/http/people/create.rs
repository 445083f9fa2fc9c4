//! `POST /people`: somebody is registered, born or arrives from elsewhere.

use super::fields::{PersonFields, past_day};
use super::show::{Person, whole};
use super::{audited, scope_of_edits};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::version::tagged;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_kernel::{HouseholdId, UnitId};
use greenfort_store::registry::person::{self, Event, Home, record_event};
use greenfort_store::registry::{PersonSecret, household};
use greenfort_store::{Tx, tx};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Somebody new. Either the household or the hamlet says where the person lives.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPerson {
    #[serde(flatten)]
    pub fields: PersonFields,
    pub household_id: Option<HouseholdId>,
    /// For who lives in no household.
    pub unit_id: Option<UnitId>,
    /// Why the person is entered now.
    #[serde(default)]
    pub reason: Reason,
    /// Since when; today unless told. For a birth: its day.
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Lived here before, was not on the list.
    #[default]
    Registered,
    Born,
    /// Came from elsewhere.
    Arrived,
}

/// Enters a person.
#[utoipa::path(
    post,
    path = "/people",
    tag = "people",
    request_body = NewPerson,
    responses(
        (status = 201, body = Person, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such household or hamlet in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody of the area has this number already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_person(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewPerson>,
) -> Result<(StatusCode, HeaderMap, Json<Person>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let content = given.fields.checked(None, today)?;
    let on = past_day("on", given.on.unwrap_or(today), today)?;
    let (version, person) = tx!(app.db, "create_person", scope, |tx| -> Result<(i32, Person), Refusal> {
        let home = home(tx, given.household_id, given.unit_id).await?;
        must_be_new(tx, &content.secret, None).await?;
        let id = person::create(tx, &content, home).await?;
        let kind = match given.reason {
            Reason::Registered => "registered",
            Reason::Born => "born",
            Reason::Arrived => "arrived",
        };
        let event =
            Event { person: id, kind, on, from: None, to: Some(home), detail: json!({}), by: caller.account };
        record_event(tx, &event).await?;
        audited(tx, &caller, "registry.create_person", id, home.unit, json!({ "reason": kind })).await?;
        let record = person::get(tx, id).await?;
        Ok((record.version, whole(tx, record).await?))
    })?;
    let (headers, body) = tagged(version, person);
    Ok((StatusCode::CREATED, headers, body))
}

/// Where the person lives: the household's hamlet, or the hamlet itself.
pub(super) async fn home(
    tx: &mut Tx,
    household_id: Option<HouseholdId>,
    unit: Option<UnitId>,
) -> Result<Home, Refusal> {
    let home = match (household_id, unit) {
        (Some(id), _) => {
            let place = household::get(tx, id).await?;
            if place.ended {
                return Err(Problem::field(
                    "household_id",
                    "ended",
                    text(
                        "Hộ này đã giải thể: chọn hộ khác.",
                        "This household was dissolved: choose another.",
                    ),
                )
                .into());
            }
            Home { unit: place.unit, household: Some(id) }
        }
        (None, Some(unit)) => Home { unit: unit.0, household: None },
        (None, None) => {
            return Err(Problem::field(
                "unit_id",
                "required",
                text("Chọn hộ hoặc ấp nơi ở.", "Choose the household or the hamlet."),
            )
            .into());
        }
    };
    if household::may_live_in(tx, home.unit, false).await? {
        Ok(home)
    } else {
        Err(Problem::not_found().into())
    }
}

/// Refuses a number that somebody else of the area has. Who is beyond the area is not told: candidates for merging are
/// found across the province.
pub(super) async fn must_be_new(
    tx: &mut Tx,
    secret: &PersonSecret,
    own: Option<greenfort_kernel::PersonId>,
) -> Result<(), Refusal> {
    let ids: Vec<String> = secret.id_number.clone().into_iter().collect();
    let others = person::by_number(tx, &ids, secret.insurance.as_deref()).await?;
    match others.into_iter().find(|id| Some(*id) != own) {
        None => Ok(()),
        Some(other) => Err(Problem::conflict(text(
            format!("Đã có người mang số này trong danh sách: mở hồ sơ {other} để xem, đừng nhập lần nữa."),
            format!(
                "Somebody on the list has this number already: open record {other}, do not enter it again."
            ),
        ))
        .into()),
    }
}
