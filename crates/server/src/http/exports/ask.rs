//! `POST /exports`: a list of the people of a unit, written by a job.

use super::show::ExportItem;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, language_of};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use greenfort_domain::access::Permission;
use greenfort_kernel::UnitId;
use greenfort_store::access::unit_ref;
use greenfort_store::registry::export::{self, Export};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    Csv,
    Xlsx,
}

/// What a list is taken out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportPurpose {
    SamplingList,
    Vaccination,
    Report,
    Handover,
    Other,
}

impl ExportPurpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::SamplingList => "sampling_list",
            Self::Vaccination => "vaccination",
            Self::Report => "report",
            Self::Handover => "handover",
            Self::Other => "other",
        }
    }
}

/// A list of people.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewExport {
    /// Everybody registered in this unit and below.
    pub unit_id: UnitId,
    pub format: ExportFormat,
    /// Stands in the audit log.
    pub purpose: ExportPurpose,
    /// False: ID, insurance and phone numbers are masked.
    #[serde(default)]
    pub full_numbers: bool,
}

/// Ask for a list of people.
#[utoipa::path(
    post,
    path = "/exports",
    tag = "exports",
    request_body = NewExport,
    responses(
        (status = 202, description = "Ask `GET /exports/{id}` how far it is", body = ExportItem),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn ask_export(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewExport>,
) -> Result<(StatusCode, Json<ExportItem>), Refusal> {
    let scope = caller.scope(Permission::ExportPeople)?;
    let asked = export::NewExport {
        account: caller.account,
        unit: new.unit_id,
        language: language_of(&headers),
        format: if new.format == ExportFormat::Csv { "csv" } else { "xlsx" },
        purpose: new.purpose.as_str(),
        full_numbers: new.full_numbers,
    };
    let export = tx!(app.db, "ask_export", scope, |tx| -> Result<Export, Refusal> {
        let inside = unit_ref::inside(tx, &[new.unit_id], &scope.area).await?;
        if !scope.area.iter().any(|root| inside.holds(new.unit_id, *root)) {
            return Err(Problem::not_found().into());
        }
        let id = export::ask(tx, &asked, &scope).await?;
        Ok(export::find(tx, id, Some(caller.account)).await?)
    })?;
    Ok((StatusCode::ACCEPTED, Json(ExportItem::of(export, app.world().now()))))
}
