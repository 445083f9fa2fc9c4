//! `POST /laboratories/{id}/pools`: tubes that share reactions.

use super::{audited, laboratory_of, words};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_domain::lab::{Remark, Severity};
use greenfort_kernel::{AssayId, LaboratoryId, RoundId, SchemeId, SpecimenId};
use greenfort_pooling::decode::{Material, Scheme};
use greenfort_pooling::{Algorithm, Array, Design, Hierarchy};
use greenfort_store::lab::pools::{self, Checked, NewScheme};
use greenfort_store::lab::runs;
use greenfort_store::{campaign, tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

const MOST_TUBES: usize = 400;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewPool {
    /// In the order of the design: down a tree of pools, or along the rows of an array.
    #[schema(example = json!(["GF00000000017", "GF00000000025"]))]
    pub barcodes: Vec<String>,
    /// Kit it is for: no reaction holds more tubes than it is validated for.
    pub assay_id: AssayId,
    /// `D2` (all together, then singles), `D3`, `D4` (nested), `A2` (array), `A2M` (array with a master pool)
    #[serde(default = "dorfman")]
    #[schema(example = "D2", default = "D2")]
    pub algorithm: String,
    /// Sizes as the planner writes them, e.g. `20|5+5+5+5` or `8x12`; none: all tubes together.
    #[serde(default)]
    #[schema(example = "10")]
    pub design: Option<String>,
    /// What is written on the pool; none: a label is made.
    #[serde(default)]
    #[schema(example = "P-0412")]
    pub label: Option<String>,
    /// Makes it in spite of warnings.
    #[serde(default)]
    pub confirm: bool,
}

fn dorfman() -> String {
    "D2".into()
}

/// What a guard found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolRemark {
    /// `over_validated`, `over_planned`, `same_tube_twice`, `not_received`, `rejected`, `already_pooled`, `duplicate_donor`,
    /// `wrong_round`, `expired_lot` or `household_split`
    #[schema(value_type = String, example = "household_split")]
    pub guard: greenfort_domain::lab::Guard,
    /// `note` or `warn`
    #[schema(value_type = String, example = "warn")]
    pub severity: Severity,
    pub barcode: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PoolMade {
    pub scheme_id: SchemeId,
    pub round_id: RoundId,
    /// What the guards said and was confirmed.
    pub remarks: Vec<PoolRemark>,
}

/// Put tubes into a pool.
#[utoipa::path(
    post,
    path = "/laboratories/{id}/pools",
    tag = "laboratory",
    params(("id" = LaboratoryId, Path)),
    request_body = NewPool,
    responses(
        (status = 201, body = PoolMade),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such laboratory in the area, or no such assay", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A tube was pooled meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A guard refuses, or warns and was not confirmed; nothing was made", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn make_pool(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LaboratoryId>,
    Json(given): Json<NewPool>,
) -> Result<(StatusCode, Json<PoolMade>), Refusal> {
    let (lab, scope) = laboratory_of(&app, &caller, Permission::WorkInLaboratory, id).await?;
    let barcodes: Vec<String> =
        given.barcodes.iter().map(|b| b.trim().to_owned()).filter(|b| !b.is_empty()).collect();
    let (algorithm, design) = design_of(&given, barcodes.len())?;
    let together = together(&design);
    let made = tx!(app.db, "make_pool", scope, |tx| -> Result<PoolMade, Refusal> {
        let kit = runs::assay(tx, given.assay_id).await?;
        // The guard counts tubes: a design of several pools is measured by its largest reaction.
        let spare = barcodes.len().saturating_sub(together);
        let validated = kit.largest_pool.saturating_add(u16::try_from(spare).unwrap_or(u16::MAX));
        let checked = pools::check(tx, &lab, &barcodes, validated).await?;
        refuse(&checked, given.confirm)?;
        let round = checked.tubes.first().map(|t| t.round).ok_or_else(Problem::not_found)?;
        let round = campaign::round(tx, round).await?;
        let new = NewScheme {
            algorithm,
            design: design.clone(),
            tubes: checked.tubes.iter().map(|t| t.specimen).collect(),
            barcodes: checked.tubes.iter().map(|t| t.barcode.clone()).collect(),
            label: given.label.as_deref().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned),
        };
        let scheme = pools::make(tx, &round, Some(lab.id), lab.unit, &[new], Some(caller.account)).await?;
        let scheme_id = scheme.first().copied().ok_or_else(Problem::not_found)?;
        let detail = json!({ "tubes": barcodes.len(), "design": design.to_string(), "remarks": checked.remarks.len() });
        audited(tx, &caller, "lab.pool", ("scheme", scheme_id.to_string()), lab.unit, detail).await?;
        let remarks = checked
            .remarks
            .iter()
            .map(|r| PoolRemark {
                guard: r.guard,
                severity: r.severity,
                barcode: r.specimen.and_then(|s| barcode(&checked, s)),
            })
            .collect();
        Ok(PoolMade { scheme_id, round_id: round.id, remarks })
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// The most tubes that share a reaction.
fn together(design: &Design) -> usize {
    let scheme = Scheme::new(design, Material::Media);
    (0..scheme.tests()).map(|test| scheme.specimens_in(test).count()).max().unwrap_or(0)
}

fn design_of(given: &NewPool, tubes: usize) -> Result<(Algorithm, Design), Box<Problem>> {
    let wrong = |field: &'static str, why: String| {
        Problem::field(
            field,
            "design",
            text(format!("Cách gộp không dùng được: {why}."), format!("This design does not work: {why}.")),
        )
    };
    if tubes == 0 || tubes > MOST_TUBES {
        return Err(Problem::field(
            "barcodes",
            "barcodes",
            text(format!("Quét từ 1 đến {MOST_TUBES} ống."), format!("Scan 1 to {MOST_TUBES} tubes.")),
        ));
    }
    let algorithm: Algorithm =
        given.algorithm.parse().map_err(|e: greenfort_pooling::Error| wrong("algorithm", e.to_string()))?;
    let design = match given.design.as_deref().map(str::trim).filter(|d| !d.is_empty()) {
        None if algorithm.is_array() => return Err(wrong("design", "8x12".into())),
        None => Design::dorfman(tubes),
        Some(text) if algorithm.is_array() => {
            Array::parse(text, algorithm == Algorithm::A2M).map(Design::Array)
        }
        Some(text) => Hierarchy::parse(text).map(Design::Hierarchy),
    }
    .map_err(|e| wrong("design", e.to_string()))?;
    if design.members() == tubes {
        return Ok((algorithm, design));
    }
    Err(Problem::field(
        "barcodes",
        "count",
        text(
            format!("Cách gộp {design} cần {} ống, đã quét {tubes}.", design.members()),
            format!("The design {design} takes {} tubes, {tubes} were scanned.", design.members()),
        ),
    ))
}

fn barcode(checked: &Checked, specimen: SpecimenId) -> Option<String> {
    checked.tubes.iter().find(|t| t.specimen == specimen).map(|t| t.barcode.clone())
}

/// Refuses what a guard refuses, and what it warns of unless confirmed.
fn refuse(checked: &Checked, confirmed: bool) -> Result<(), Box<Problem>> {
    let mut errors: Vec<FieldError> = checked
        .unknown
        .iter()
        .map(|barcode| FieldError {
            field: format!("barcodes[{barcode}]"),
            code: "unknown",
            message: text(
                format!("{barcode}: không danh sách nào có ống này."),
                format!("{barcode}: no list names this tube."),
            ),
        })
        .collect();
    let stops = |r: &&Remark| r.severity == Severity::Refuse || (r.severity == Severity::Warn && !confirmed);
    errors.extend(checked.remarks.iter().filter(stops).map(|remark| {
        let said = words::guard(remark.guard);
        let (field, message) = match remark.specimen.and_then(|s| barcode(checked, s)) {
            Some(code) => (
                format!("barcodes[{code}]"),
                text(format!("{code}: {}", said.vi), format!("{code}: {}", said.en)),
            ),
            None => ("barcodes".to_owned(), said),
        };
        let code = if remark.severity == Severity::Refuse { "refused" } else { "confirm" };
        FieldError { field, code, message }
    }));
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
