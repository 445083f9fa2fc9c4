//! `POST /rounds`: the next round of a campaign.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_domain::campaign::{Window, WindowError};
use greenfort_kernel::{CampaignId, RoundId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::campaign;
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewRound {
    pub campaign_id: CampaignId,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// 72 unless told.
    #[serde(default = "default_hours")]
    #[schema(default = 72, minimum = 1, maximum = 336)]
    pub hours: i32,
}

fn default_hours() -> i32 {
    Window::DEFAULT_HOURS
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RoundOpened {
    pub id: RoundId,
}

/// The next round of a campaign.
#[utoipa::path(
    post,
    path = "/rounds",
    tag = "rounds",
    request_body = NewRound,
    responses(
        (status = 201, body = RoundOpened),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such campaign in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Overlaps a round, or has no sensible length", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn open_round(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewRound>,
) -> Result<(StatusCode, Json<RoundOpened>), Refusal> {
    let areas = caller.area(Permission::PlanRounds)?;
    let window = Window::new(given.starts_at, given.hours).map_err(refuse)?;
    let id = tx!(app.db, "open_round", Scope::nobody(), |tx| -> Result<RoundId, Refusal> {
        let mine = campaign::list(tx, &areas).await?;
        let campaign = mine.into_iter().find(|c| c.id == given.campaign_id).ok_or_else(Problem::not_found)?;
        super::must_hold(tx, campaign.unit, &areas).await?;
        let others: Vec<(i32, Window)> = campaign::rounds(tx, campaign.id)
            .await?
            .into_iter()
            .map(|r| (r.number.unwrap_or(0), r.window))
            .collect();
        window.after_all(&others).map_err(refuse)?;
        let id = campaign::open_round(tx, campaign.id, window, caller.account).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "campaign.open_round",
            object_kind: "round",
            object_id: id.to_string(),
            unit: Some(campaign.unit),
            detail: json!({ "hours": given.hours }),
        };
        record(tx, entry).await?;
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(RoundOpened { id })))
}

fn refuse(error: WindowError) -> Box<Problem> {
    let (field, vi) = match error {
        WindowError::Length => ("hours", "Một vòng kéo dài từ 1 đến 336 giờ.".to_owned()),
        WindowError::Overlap(number) => {
            ("starts_at", format!("Vòng này bắt đầu khi vòng {number} chưa hết. Chọn giờ bắt đầu muộn hơn."))
        }
        WindowError::Calendar => ("starts_at", "Ngày này không có trong lịch.".to_owned()),
    };
    Problem::field(field, "window", text(vi, error.to_string()))
}
