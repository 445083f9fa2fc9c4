//! `GET /runs/{id}`: a plate with everything its wells have shown.

use super::runs::RunItem;
use super::{run_of, words};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_domain::lab::{Anomaly, RunVerdict};
use greenfort_kernel::{LaboratoryId, RoundId, RunId, SchemeId};
use greenfort_store::lab::readings::{self, Cts, Sheet};
use greenfort_store::tx;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A well with its newest reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunWell {
    #[schema(example = "A1")]
    pub well: String,
    #[schema(example = "P0A1B2C3D")]
    pub label: Option<String>,
    /// `no_template`, `extraction_blank` or `positive`; none: a sample
    pub control: Option<&'static str>,
    pub round_id: Option<RoundId>,
    pub scheme_id: Option<SchemeId>,
    pub stage: i16,
    /// Tubes in it.
    pub tubes: usize,
    /// `detected`, `not_detected`, `inconclusive` or `invalid`; none: not read yet
    #[schema(example = "not_detected")]
    pub reading: Option<&'static str>,
    /// Ct by target; none: it never rose.
    #[schema(example = json!({ "E": "31.25", "RdRP": null }))]
    pub cts: BTreeMap<String, Option<String>>,
    /// From the instrument's file.
    pub verified: bool,
    pub version: i16,
    /// This version was released.
    pub released: bool,
}

/// Why the run is invalid as a whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct ControlFault {
    #[schema(example = "Giếng H12: E không lên trong chứng dương.")]
    pub vi: String,
    #[schema(example = "well H12: E did not rise in the positive control.")]
    pub en: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Run {
    #[serde(flatten)]
    pub run: RunItem,
    pub laboratory_id: Option<LaboratoryId>,
    /// Names of the targets, the internal control last.
    #[schema(example = json!(["E", "RdRP", "IC"]))]
    pub targets: Vec<String>,
    pub void_reason: Option<String>,
    /// The laboratory was authorised to confirm a case.
    pub authorised: bool,
    pub complete: bool,
    pub valid: bool,
    /// Failed controls: nothing of the run is released.
    pub faults: Vec<ControlFault>,
    /// What a person should see before releasing.
    #[schema(value_type = Vec<Object>, example = json!([{ "anomaly": "typed", "wells": 94 }]))]
    pub anomalies: Vec<Anomaly>,
    pub wells: Vec<RunWell>,
}

/// A run with all its wells.
#[utoipa::path(
    get,
    path = "/runs/{id}",
    tag = "laboratory",
    params(("id" = RunId, Path)),
    responses(
        (status = 200, body = Run),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such run in the area", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn show_run(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RunId>,
) -> Result<Json<Run>, Refusal> {
    let (row, scope) = run_of(&app, &caller, Permission::SeeLaboratory, id).await?;
    let sheet = tx!(app.db, "show_run", scope, |tx| readings::sheet(tx, row.clone()).await)?;
    Ok(Json(sheet.into()))
}

fn texts(cts: &Cts) -> BTreeMap<String, Option<String>> {
    cts.iter().map(|(name, ct)| (name.clone(), ct.map(|c| c.to_string()))).collect()
}

impl From<Sheet> for Run {
    fn from(sheet: Sheet) -> Self {
        let samples = sheet.samples.iter().map(|s| RunWell {
            well: s.well.clone(),
            label: Some(s.label.clone()),
            control: None,
            round_id: Some(s.round),
            scheme_id: Some(s.scheme),
            stage: s.stage,
            tubes: s.tubes,
            reading: s.newest.as_ref().map(|n| readings::word(n.reading)),
            cts: s.newest.as_ref().map(|n| texts(&n.cts)).unwrap_or_default(),
            verified: s.newest.as_ref().is_some_and(|n| n.verified),
            version: s.newest.as_ref().map_or(0, |n| n.version),
            released: s.newest.as_ref().is_some_and(|n| n.released),
        });
        let controls = sheet.controls.iter().map(|c| RunWell {
            well: c.well.clone(),
            label: None,
            control: Some(greenfort_store::lab::runs::control_word(c.kind)),
            round_id: None,
            scheme_id: None,
            stage: 0,
            tubes: 0,
            reading: None,
            cts: c.cts.as_ref().map(texts).unwrap_or_default(),
            verified: false,
            version: c.version,
            released: false,
        });
        let wells = samples.chain(controls).collect();
        let targets = sheet.assay.targets.iter().map(|t| t.name.clone());
        let internal = sheet.assay.internal_control.iter().map(|c| c.name.clone());
        let faults = match &sheet.verdict {
            // Controls nobody has read yet are no fault.
            RunVerdict::Invalid(faults) if sheet.complete => faults
                .iter()
                .map(|f| {
                    let said = words::fault(f);
                    ControlFault { vi: said.vi.into_owned(), en: said.en.into_owned() }
                })
                .collect(),
            _ => Vec::new(),
        };
        Self {
            laboratory_id: sheet.run.laboratory,
            targets: targets.chain(internal).collect(),
            void_reason: sheet.run.void_reason.clone(),
            authorised: sheet.run.authorised,
            complete: sheet.complete,
            valid: sheet.verdict == RunVerdict::Valid,
            faults,
            anomalies: sheet.anomalies,
            wells,
            run: sheet.run.into(),
        }
    }
}
