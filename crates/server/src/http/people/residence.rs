//! `POST /people/{id}/residence`: somebody moves into another household or hamlet.

use super::create::home;
use super::fields::past_day;
use super::{audited, must_be_open, must_not_precede, scope_of_edits};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::registry::person::RELATIONS;
use greenfort_kernel::{HouseholdId, PersonId, UnitId};
use greenfort_store::registry::household;
use greenfort_store::registry::person::{self, Event, Home, record_event};
use greenfort_store::tx;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Where somebody lives from a day on. Leaving a household without joining another: its hamlet as `unit_id`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Residence {
    /// A household of the area.
    pub household_id: Option<HouseholdId>,
    /// A hamlet or commune of the province, also beyond the area: the person is then that place's, and no longer seen here.
    pub unit_id: Option<UnitId>,
    /// Relation to the head of the new household.
    pub relation: Option<String>,
    /// First day there; today unless told.
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
}

/// Moves a person to another household.
#[utoipa::path(
    post,
    path = "/people/{id}/residence",
    tag = "people",
    params(("id" = PersonId, Path)),
    request_body = Residence,
    responses(
        (status = 204, description = "Moved"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area, or no such household or hamlet", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "No longer on the list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Lives there already, a day to come, or before the last move", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn move_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Json(given): Json<Residence>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let on = past_day("on", given.on.unwrap_or(today), today)?;
    let relation = given.relation.as_deref().unwrap_or("member");
    if !RELATIONS.contains(&relation) || relation == "head" {
        return Err(Problem::field(
            "relation",
            "choice",
            text("Chọn quan hệ với chủ hộ.", "Choose the relation to the head of the household."),
        )
        .into());
    }
    tx!(app.db, "move_person", scope, |tx| -> Result<(), Refusal> {
        let before = person::get(tx, id).await?;
        must_be_open(&before)?;
        if before.removed.is_some() {
            return Err(Problem::conflict(text(
                "Người này không còn trong danh sách: ghi nhận trở về trước.",
                "No longer on the list: record the return first.",
            ))
            .into());
        }
        must_not_precede(tx, &before, on).await?;
        let from = Home { unit: before.unit, household: before.household };
        let to = match (given.household_id, given.unit_id) {
            (None, Some(unit)) if household::may_live_in(tx, unit.0, true).await? => {
                Home { unit: unit.0, household: None }
            }
            (household, unit) => home(tx, household, unit).await?,
        };
        if to == from {
            return Err(Problem::field(
                "household_id",
                "same",
                text("Người này đang ở đó rồi.", "The person lives there already."),
            )
            .into());
        }
        let kind = if to.unit == from.unit { "joined" } else { "moved" };
        let event = Event {
            person: id,
            kind,
            on,
            from: Some(from),
            to: Some(to),
            detail: json!({}),
            by: caller.account,
        };
        record_event(tx, &event).await?;
        audited(tx, &caller, "registry.move_person", id, from.unit, json!({ "to": to.unit })).await?;
        person::move_to(tx, id, to, relation).await?;
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}
