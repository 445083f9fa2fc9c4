//! `GET /campaigns`, `POST /campaigns`.

use super::must_hold;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::first_run::check_name;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{CampaignId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::campaign;
use greenfort_store::{Scope, tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A series of rounds over an area.
#[derive(Debug, Serialize, ToSchema)]
pub struct Campaign {
    pub id: CampaignId,
    pub unit_id: UnitId,
    #[schema(example = "Tỉnh Bến Tre")]
    pub unit_name: String,
    #[schema(example = "Xét nghiệm diện rộng tháng 9")]
    pub name: String,
    /// Shown to people who are swabbed.
    #[schema(example = "Xét nghiệm toàn tỉnh trước khi mở lại")]
    pub purpose: String,
    pub ended: bool,
}

impl From<campaign::Campaign> for Campaign {
    fn from(c: campaign::Campaign) -> Self {
        Self {
            id: c.id,
            unit_id: c.unit,
            unit_name: c.unit_name,
            name: c.name,
            purpose: c.purpose,
            ended: c.ended_at.is_some(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Campaigns {
    /// Newest first.
    pub items: Vec<Campaign>,
}

/// Campaigns of the province.
#[utoipa::path(
    get,
    path = "/campaigns",
    tag = "rounds",
    responses(
        (status = 200, description = "Those that meet the caller's area", body = Campaigns),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_campaigns(State(app): State<App>, caller: Caller) -> Result<Json<Campaigns>, Refusal> {
    let areas = caller.area(Permission::SeeRounds)?;
    let rows = tx!(app.db, "list_campaigns", Scope::nobody(), |tx| campaign::list(tx, &areas).await)?;
    Ok(Json(Campaigns { items: rows.into_iter().map(Into::into).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewCampaign {
    pub unit_id: UnitId,
    #[schema(example = "Xét nghiệm diện rộng tháng 9")]
    pub name: String,
    /// Purpose and legal basis.
    #[schema(example = "Tìm người nhiễm trong cộng đồng theo Kế hoạch của UBND tỉnh")]
    pub purpose: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignCreated {
    pub id: CampaignId,
}

/// A new campaign.
#[utoipa::path(
    post,
    path = "/campaigns",
    tag = "rounds",
    request_body = NewCampaign,
    responses(
        (status = 201, body = CampaignCreated),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_campaign(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewCampaign>,
) -> Result<(StatusCode, Json<CampaignCreated>), Refusal> {
    let areas = caller.area(Permission::PlanRounds)?;
    let name = check_name("name", &given.name)?;
    let purpose = check_name("purpose", &given.purpose)?;
    let id = tx!(app.db, "create_campaign", Scope::nobody(), |tx| -> Result<CampaignId, Refusal> {
        must_hold(tx, given.unit_id, &areas).await?;
        let id = campaign::create(tx, given.unit_id, &name, &purpose, caller.account).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "campaign.create",
            object_kind: "campaign",
            object_id: id.to_string(),
            unit: Some(given.unit_id),
            detail: json!({}),
        };
        record(tx, entry).await?;
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(CampaignCreated { id })))
}
