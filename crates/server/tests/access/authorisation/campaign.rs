//! Campaigns, rounds, plans, lists, and what phones send.

use super::call::{Ask, At, Call, Case, about, general, id, json, plain};
use crate::stage::{Side, Stage};
use greenfort_domain::campaign::Window;
use greenfort_kernel::{CampaignId, Role, RoundId, UnitId};
use greenfort_store::campaign;
use greenfort_store::{Scope, StoreError, tx};
use serde_json::json as value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// An assay that migrations bring.
const PCR: &str = "00000000-0000-7000-8000-000000000001";

async fn new_campaign(stage: &Stage, side: Side) -> CampaignId {
    let by = stage.accounts[&Role::Administrator];
    tx!(stage.owner, "campaign", Scope::nobody(), |tx| {
        campaign::create(tx, side.commune, "Tháng 9", "Tìm người nhiễm", by).await
    })
    .unwrap()
}

async fn new_round(stage: &Stage, side: Side) -> RoundId {
    let campaign = new_campaign(stage, side).await;
    let by = stage.accounts[&Role::Administrator];
    let window = Window::new(stage.world().now(), Window::DEFAULT_HOURS).unwrap();
    tx!(stage.owner, "round", Scope::nobody(), |tx| -> Result<RoundId, StoreError> {
        campaign::open_round(tx, campaign, window, by).await
    })
    .unwrap()
}

/// One round for each side: opening one makes its partitions, which takes a while.
type Rounds = Arc<Mutex<HashMap<UnitId, RoundId>>>;

/// A round of the side, asked about the side's commune.
fn round(rounds: &Rounds) -> impl Fn(&At<'_>) -> Ask + Send + Sync + 'static {
    let rounds = Arc::clone(rounds);
    move |at| {
        let round = match at.case {
            Case::Nothing => at.stage.world().id(),
            _ => round_of(&rounds, at),
        };
        id(round).query(format!("unit={}", at.unit()))
    }
}

fn round_of(rounds: &Rounds, at: &At<'_>) -> RoundId {
    *rounds.lock().unwrap().entry(at.side().commune).or_insert_with(|| at.run(new_round(at.stage, at.side())))
}

pub fn calls() -> Vec<Call> {
    let rounds = Rounds::default();
    let (planned, sent_to, carried) = (round(&rounds), round(&rounds), Arc::clone(&rounds));
    vec![
        general("GET /api/v1/assays", plain),
        general("GET /api/v1/campaigns", plain),
        about("POST /api/v1/campaigns", |at| {
            json(value!({ "unit_id": at.unit(), "name": "Tháng 9", "purpose": "Tìm người nhiễm" }))
        }),
        about("GET /api/v1/rounds", |at| {
            let campaign: CampaignId = at.fresh(|side| new_campaign(at.stage, side));
            Ask::default().query(format!("campaign={campaign}"))
        })
        .shown_to_all(
            "the list of another area's campaign is empty, as that of a campaign that is not there",
        ),
        about("POST /api/v1/rounds", |at| {
            let campaign: CampaignId = at.fresh(|side| new_campaign(at.stage, side));
            json(value!({ "campaign_id": campaign, "starts_at": at.stage.world().now() }))
        }),
        about("GET /api/v1/rounds/{id}/plan", round(&rounds)),
        about("POST /api/v1/rounds/{id}/plan", move |at| {
            planned(at).json(value!({
                "unit_id": at.unit(), "whom": "everyone", "assay_id": PCR, "pool_size": 1, "pooling": "none",
            }))
        }),
        about("GET /api/v1/rounds/{id}/progress", round(&rounds)),
        about("GET /api/v1/rounds/{id}/subjects", round(&rounds)),
        general("GET /api/v1/sampling/work", plain),
        about("GET /api/v1/sampling/register", move |at| {
            let round = match at.case {
                Case::Nothing => at.stage.world().id(),
                _ => round_of(&carried, at),
            };
            Ask::default().query(format!("round={round}&unit={}", at.unit()))
        }),
        general("POST /api/v1/labels", |_| json(value!({ "count": 1 }))),
        // A device's signature opens this, never a session: everybody here is a stranger to it.
        about("POST /api/v1/rounds/{id}/intake", move |at| {
            sent_to(at).json(value!({ "sent_at": at.stage.world().now(), "events": [] }))
        }),
    ]
}
