//! `PATCH /households/{id}`: another address, another place on the walking route.

use super::show::{HouseholdRecord, whole};
use super::{audited, check_address};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::version::{must_match, tagged};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use greenfort_domain::access::Permission;
use greenfort_kernel::HouseholdId;
use greenfort_store::registry::household;
use greenfort_store::{Scope, StoreError, tx};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HouseholdChange {
    pub address: Option<String>,
    /// From 0.
    pub walk_order: Option<i32>,
}

/// Changes a household.
#[utoipa::path(
    patch,
    path = "/households/{id}",
    tag = "households",
    params(
        ("id" = HouseholdId, Path),
        ("If-Match" = Option<String>, Header, description = "ETag of the household as read; without it the latest is changed"),
    ),
    request_body = HouseholdChange,
    responses(
        (status = 200, body = HouseholdRecord, headers(("ETag" = String, description = "Give it back as If-Match"))),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed since it was read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No address, or no place on the route", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn change_household(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<HouseholdId>,
    headers: HeaderMap,
    Json(given): Json<HouseholdChange>,
) -> Result<(HeaderMap, Json<HouseholdRecord>), Refusal> {
    let scope = Scope::area(caller.area(Permission::EditPeople)?);
    let address = given.address.as_deref().map(check_address).transpose()?;
    if given.walk_order.is_some_and(|n| !(0..=1_000_000).contains(&n)) {
        return Err(Problem::field(
            "walk_order",
            "range",
            text("Thứ tự đi là số từ 0 trở lên.", "The place on the route is a number from 0."),
        )
        .into());
    }
    let (version, changed) =
        tx!(app.db, "change_household", scope, |tx| -> Result<(i32, HouseholdRecord), Refusal> {
            let before = household::get(tx, id).await?;
            must_match(&headers, before.version)?;
            let address = address.as_deref().unwrap_or(&before.address);
            match household::update(tx, &before, address, given.walk_order.unwrap_or(before.walk_order)).await
            {
                Err(StoreError::Conflict(_)) => return Err(Problem::changed_meanwhile().into()),
                done => done?,
            }
            let fields =
                serde_json::json!({ "address": given.address.is_some(), "walk_order": given.walk_order });
            audited(tx, &caller, "registry.change_household", id, before.unit, fields).await?;
            let record = household::get(tx, id).await?;
            Ok((record.version, whole(tx, record).await?))
        })?;
    Ok(tagged(version, changed))
}
