//! `POST /runs/{id}/readings`: what wells showed, typed by hand.

use super::{audited, run_of, words};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use greenfort_domain::access::Permission;
use greenfort_domain::lab::{Ct, CtError};
use greenfort_kernel::RunId;
use greenfort_store::jobs::{NewJob, enqueue};
use greenfort_store::lab::readings::{self, Cts, Evidence};
use greenfort_store::lab::release;
use greenfort_store::lab::runs::RunRow;
use greenfort_store::{Tx, tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct TypedWell {
    #[schema(example = "A1")]
    pub well: String,
    /// As the instrument shows it: `31.25`, `31,25`, `Undetermined`, `N/A`, `-` or empty.
    #[schema(example = json!({ "E": "31,25", "RdRP": "Undetermined", "IC": "27.1" }))]
    pub cts: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct TypedWells {
    pub wells: Vec<TypedWell>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingsTaken {
    /// New readings; wells that showed the same before are left as they are.
    pub new: usize,
}

/// Enter what the wells showed. Without the instrument's file such a negative opens no pass.
#[utoipa::path(
    post,
    path = "/runs/{id}/readings",
    tag = "laboratory",
    params(("id" = RunId, Path)),
    request_body = TypedWells,
    responses(
        (status = 200, body = ReadingsTaken),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such run in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Given up, or somebody read a well at the same moment", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Wells or numbers that do not fit, each named; nothing was taken", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn enter_readings(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RunId>,
    Json(given): Json<TypedWells>,
) -> Result<Json<ReadingsTaken>, Refusal> {
    let (row, scope) = run_of(&app, &caller, Permission::WorkInLaboratory, id).await?;
    let wells = read(&given)?;
    let new = tx!(app.db, "enter_readings", scope, |tx| enter(tx, &caller, row.clone(), &wells, None).await)?;
    Ok(Json(ReadingsTaken { new }))
}

/// Writes readings, and lets the rule release the plate if it may.
pub(super) async fn enter(
    tx: &mut Tx,
    caller: &Caller,
    row: RunRow,
    wells: &BTreeMap<String, Cts>,
    evidence: Option<Evidence<'_>>,
) -> Result<usize, Refusal> {
    if row.void_at.is_some() {
        return Err(words::held(&release::Held::GivenUp).into());
    }
    let (id, unit) = (row.id, row.unit);
    let sheet = readings::sheet(tx, row.clone()).await?;
    let targets: Vec<&str> = sheet.assay.targets.iter().map(|t| t.name.as_str()).collect();
    known_targets(wells, &targets, sheet.assay.internal_control.as_ref().map(|c| c.name.as_str()))?;
    let new = readings::enter(tx, &sheet, wells, evidence, caller.account)
        .await?
        .map_err(|untaken| Problem::invalid(untaken.iter().flat_map(words::untaken).collect()))?;
    let now = tx.world.now();
    let after = readings::sheet(tx, row).await?;
    if new > 0 && release::might_go_by_rule(&after) {
        let job = NewJob {
            kind: release::JOB,
            unique_key: format!("{id}/{now}"),
            payload: json!({ "run": id }),
            run_at: now,
        };
        enqueue(tx, job).await?;
    }
    let detail = json!({ "new": new, "file": evidence.map(|e| hex::encode(e.sha256)) });
    audited(tx, caller, "lab.enter_readings", ("run", id.to_string()), unit, detail).await?;
    Ok(new)
}

/// A well without one of the targets would read as if the target had been measured.
fn known_targets(
    wells: &BTreeMap<String, Cts>,
    targets: &[&str],
    internal: Option<&str>,
) -> Result<(), Box<Problem>> {
    let wanted: Vec<&str> = targets.iter().copied().chain(internal).collect();
    let errors: Vec<FieldError> = wells
        .iter()
        .flat_map(|(well, cts)| wanted.iter().filter(|t| !cts.contains_key(**t)).map(move |t| (well, *t)))
        .map(|(well, target)| FieldError {
            field: format!("wells[{well}].{target}"),
            code: "target",
            message: text(
                format!("Giếng {well}: thiếu kết quả của {target}."),
                format!("Well {well}: the result of {target} is missing."),
            ),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

fn read(given: &TypedWells) -> Result<BTreeMap<String, Cts>, Box<Problem>> {
    let mut wells: BTreeMap<String, Cts> = BTreeMap::new();
    let mut errors = Vec::new();
    for typed in &given.wells {
        let mut cts = Cts::new();
        for (target, cell) in &typed.cts {
            match Ct::read(cell) {
                Ok(ct) => {
                    cts.insert(target.clone(), ct);
                }
                Err(error) => errors.push(FieldError {
                    field: format!("wells[{}].{target}", typed.well),
                    code: "ct",
                    message: text(
                        format!("Giếng {}, {target}: {}", typed.well, vietnamese(&error)),
                        format!("Well {}, {target}: {error}.", typed.well),
                    ),
                }),
            }
        }
        let name = typed
            .well
            .parse()
            .map_or_else(|_| typed.well.clone(), |w: greenfort_domain::lab::Well| w.to_string());
        wells.insert(name, cts);
    }
    if errors.is_empty() { Ok(wells) } else { Err(Problem::invalid(errors)) }
}

fn vietnamese(error: &CtError) -> String {
    match error {
        CtError::NotANumber(cell) => format!("`{cell}` không phải Ct; ghi số như 31,25 hoặc Undetermined."),
        CtError::Zero => "Ct bằng 0 không thể có; ghi Undetermined khi đường cong không lên.".into(),
        CtError::OutOfRange(cell) => format!("Ct {cell} nằm ngoài 1–60."),
    }
}
