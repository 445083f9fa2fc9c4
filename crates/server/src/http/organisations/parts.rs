//! `/organisations/{id}/parts`: shifts and workshops are added, renamed, ended.

use super::show::OrganisationPart;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::bodies::{LastDay, audited, must_stand, scope_of_edits, standing};
use crate::http::fields::{chosen, kept};
use crate::http::people::past_day;
use crate::http::problem::{Problem, ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::registry::organisation::{PART_KINDS, may_leave, name};
use greenfort_kernel::{OrganisationId, PartId};
use greenfort_store::registry::membership::Body;
use greenfort_store::registry::organisation;
use greenfort_store::tx;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A new shift or workshop.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPart {
    /// shift, workshop.
    #[schema(example = "shift")]
    pub kind: String,
    #[schema(example = "Ca 1")]
    pub name: String,
    /// First day; today unless told.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PartChange {
    /// shift, workshop.
    #[schema(example = "shift")]
    pub kind: Option<String>,
    #[schema(example = "Ca 1")]
    pub name: Option<String>,
}

fn checked(kind: &str, typed: &str) -> Result<(String, String), Refusal> {
    let mut faults = Vec::new();
    let kind = chosen("kind", Some(kind), None, &PART_KINDS, &mut faults);
    let name = kept(name(typed), &mut faults);
    if faults.is_empty() { Ok((kind, name)) } else { Err(Problem::invalid(faults).into()) }
}

/// Adds a part.
#[utoipa::path(
    post,
    path = "/organisations/{id}/parts",
    tag = "organisations",
    params(("id" = OrganisationId, Path)),
    request_body = NewPart,
    responses(
        (status = 201, body = OrganisationPart),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "None of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The organisation has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn add_organisation_part(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrganisationId>,
    Json(given): Json<NewPart>,
) -> Result<(StatusCode, Json<OrganisationPart>), Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let (kind, name) = checked(&given.kind, &given.name)?;
    let from = past_day("from", given.from.unwrap_or(today), today)?;
    let body = Body::Organisation(id);
    let part = tx!(app.db, "add_part", scope, |tx| -> Result<OrganisationPart, Refusal> {
        let place = standing(tx, body).await?;
        must_stand(place.ended)?;
        let part = organisation::add_part(tx, id, &kind, &name, from).await?;
        audited(tx, &caller, "registry.add_part", body, place.unit, json!({ "part": part })).await?;
        Ok(organisation::part(tx, id, part).await?.into())
    })?;
    Ok((StatusCode::CREATED, Json(part)))
}

/// Renames a part.
#[utoipa::path(
    patch,
    path = "/organisations/{id}/parts/{part}",
    tag = "organisations",
    params(("id" = OrganisationId, Path), ("part" = PartId, Path)),
    request_body = PartChange,
    responses(
        (status = 204, description = "Changed"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such part of an organisation of the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The organisation has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Fields that are wrong, each by name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn change_organisation_part(
    State(app): State<App>,
    caller: Caller,
    Path((id, part)): Path<(OrganisationId, PartId)>,
    Json(given): Json<PartChange>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let body = Body::Organisation(id);
    tx!(app.db, "change_part", scope, |tx| -> Result<(), Refusal> {
        let place = standing(tx, body).await?;
        must_stand(place.ended)?;
        let before = organisation::part(tx, id, part).await?;
        let (kind, name) = checked(
            given.kind.as_deref().unwrap_or(&before.kind),
            given.name.as_deref().unwrap_or(&before.name),
        )?;
        organisation::rename_part(tx, part, &kind, &name).await?;
        audited(tx, &caller, "registry.change_part", body, place.unit, json!({ "part": part })).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a part; its people stay in the organisation.
#[utoipa::path(
    post,
    path = "/organisations/{id}/parts/{part}/end",
    tag = "organisations",
    params(("id" = OrganisationId, Path), ("part" = PartId, Path)),
    request_body = LastDay,
    responses(
        (status = 204, description = "Ended"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such part of an organisation of the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A day to come, or before the first", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn end_organisation_part(
    State(app): State<App>,
    caller: Caller,
    Path((id, part)): Path<(OrganisationId, PartId)>,
    Json(given): Json<LastDay>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let on = past_day("on", given.on.unwrap_or(today), today)?;
    let body = Body::Organisation(id);
    tx!(app.db, "end_part", scope, |tx| -> Result<(), Refusal> {
        let place = standing(tx, body).await?;
        let before = organisation::part(tx, id, part).await?;
        if let Some(first) = before.from {
            may_leave(on, first)?;
        }
        organisation::end_part(tx, part, on).await?;
        audited(tx, &caller, "registry.end_part", body, place.unit, json!({ "part": part })).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
