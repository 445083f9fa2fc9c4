//! `GET /laboratories`, `POST /laboratories`: where tubes are tested.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::http::rounds::must_hold;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::{LaboratoryId, UnitId};
use greenfort_store::{Scope, lab, tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A place where specimens are tested.
#[derive(Debug, Serialize, ToSchema)]
pub struct LaboratoryItem {
    pub id: LaboratoryId,
    #[schema(example = "Trung tâm Kiểm soát bệnh tật tỉnh")]
    pub name: String,
    pub unit_id: UnitId,
    #[schema(example = "Phường 3")]
    pub unit_name: String,
    /// Works with our tubes, not in this installation.
    pub outside: bool,
    /// Authorised to confirm a case; otherwise its results only screen.
    pub confirms: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Laboratories {
    pub items: Vec<LaboratoryItem>,
}

/// The laboratories of the area.
#[utoipa::path(
    get,
    path = "/laboratories",
    tag = "laboratory",
    responses(
        (status = 200, body = Laboratories),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_laboratories(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Laboratories>, Refusal> {
    let areas = caller.area(Permission::SeeLaboratory)?;
    let rows = tx!(app.db, "list_laboratories", Scope::nobody(), |tx| lab::laboratories(tx, &areas).await)?;
    let items = rows
        .into_iter()
        .map(|l| LaboratoryItem {
            id: l.id,
            name: l.name,
            unit_id: l.unit,
            unit_name: l.unit_name,
            outside: l.outside,
            confirms: l.confirms,
        })
        .collect();
    Ok(Json(Laboratories { items }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewLaboratory {
    pub unit_id: UnitId,
    #[schema(example = "Trung tâm Kiểm soát bệnh tật tỉnh")]
    pub name: String,
    #[serde(default)]
    pub outside: bool,
    #[serde(default)]
    pub confirms: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LaboratoryCreated {
    pub id: LaboratoryId,
}

/// Enter a laboratory.
#[utoipa::path(
    post,
    path = "/laboratories",
    tag = "laboratory",
    request_body = NewLaboratory,
    responses(
        (status = 201, body = LaboratoryCreated),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such unit in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No name", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_laboratory(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewLaboratory>,
) -> Result<(StatusCode, Json<LaboratoryCreated>), Refusal> {
    let areas = caller.area(Permission::ManageLaboratories)?;
    let name = given.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Problem::field(
            "name",
            "required",
            text(
                "Ghi tên phòng xét nghiệm, tối đa 200 ký tự.",
                "Write the name of the laboratory, at most 200 characters.",
            ),
        )
        .into());
    }
    let id = tx!(app.db, "create_laboratory", Scope::nobody(), |tx| -> Result<LaboratoryId, Refusal> {
        must_hold(tx, given.unit_id, &areas).await?;
        let id = lab::create_laboratory(tx, given.unit_id, &name, given.outside, given.confirms).await?;
        let detail = json!({ "confirms": given.confirms, "outside": given.outside });
        audited(tx, &caller, "lab.create", ("laboratory", id.to_string()), given.unit_id, detail).await?;
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(LaboratoryCreated { id })))
}
