//! `GET /rounds`: the rounds of a campaign.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{CampaignId, RoundId, UnitId};
use greenfort_store::campaign;
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A window of time in which an area is swabbed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Round {
    pub id: RoundId,
    pub campaign_id: Option<CampaignId>,
    /// Area of its campaign.
    pub unit_id: UnitId,
    /// Position in its campaign, from 1.
    pub number: Option<i32>,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// First instant after the window.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
}

impl From<campaign::Round> for Round {
    fn from(r: campaign::Round) -> Self {
        Self {
            id: r.id,
            campaign_id: r.campaign,
            unit_id: r.unit,
            number: r.number,
            starts_at: r.window.starts_at,
            ends_at: r.window.ends_at,
            closed_at: r.closed_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Rounds {
    /// Latest first.
    pub items: Vec<Round>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RoundsQuery {
    campaign: CampaignId,
}

/// The rounds of a campaign.
#[utoipa::path(
    get,
    path = "/rounds",
    tag = "rounds",
    params(RoundsQuery),
    responses(
        (status = 200, description = "Empty for a campaign outside the caller's area", body = Rounds),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_rounds(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<RoundsQuery>,
) -> Result<Json<Rounds>, Refusal> {
    let areas = caller.area(Permission::SeeRounds)?;
    let rows = tx!(app.db, "list_rounds", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let mine = campaign::list(tx, &areas).await?.into_iter().any(|c| c.id == query.campaign);
        Ok(if mine { campaign::rounds(tx, query.campaign).await? } else { Vec::new() })
    })?;
    Ok(Json(Rounds { items: rows.into_iter().map(Into::into).collect() }))
}
