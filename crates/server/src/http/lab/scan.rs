//! `POST /laboratories/{id}/scans`: tubes at the door.

use super::{audited, laboratory_of};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenfort_domain::access::Permission;
use greenfort_kernel::LaboratoryId;
use greenfort_store::lab::accession::{self, Rejection, Scanned};
use greenfort_store::tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

const MOST_TUBES: usize = 500;
const MOST_PHOTO: usize = 500_000;

/// Why a tube is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    Leak,
    Volume,
    Label,
    WrongTube,
    TooLate,
    TooWarm,
    Other,
}

impl RejectReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Volume => "volume",
            Self::Label => "label",
            Self::WrongTube => "wrong_tube",
            Self::TooLate => "too_late",
            Self::TooWarm => "too_warm",
            Self::Other => "other",
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct TubeScan {
    /// In the order scanned, at most 500.
    #[schema(example = json!(["GF00000000017"]))]
    pub barcodes: Vec<String>,
    /// Rejects them all for this reason; without it they are received.
    #[serde(default)]
    pub reject: Option<RejectReason>,
    /// JPEG or PNG of what is wrong, base64, at most 500 kB.
    #[serde(default)]
    pub photo: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ScanAnswer {
    #[schema(example = "GF00000000017")]
    pub barcode: String,
    /// `received`, `again` (had been), `rejected`, `parked` (no list names it), `two_lists` (a site lead settles whose)
    #[schema(example = "received")]
    pub how: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ScanAnswers {
    pub tubes: Vec<ScanAnswer>,
}

/// Receive tubes, or reject them with the reason. Scanning again changes nothing.
#[utoipa::path(
    post,
    path = "/laboratories/{id}/scans",
    tag = "laboratory",
    params(("id" = LaboratoryId, Path)),
    request_body = TubeScan,
    responses(
        (status = 200, body = ScanAnswers),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such laboratory in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody scanned one of them at the same moment", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "No barcode, too many, or a photo that does not read", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn scan_tubes(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LaboratoryId>,
    Json(given): Json<TubeScan>,
) -> Result<Json<ScanAnswers>, Refusal> {
    let (lab, scope) = laboratory_of(&app, &caller, Permission::WorkInLaboratory, id).await?;
    let barcodes: Vec<String> =
        given.barcodes.iter().map(|b| b.trim().to_owned()).filter(|b| !b.is_empty()).collect();
    if barcodes.is_empty() || barcodes.len() > MOST_TUBES || barcodes.iter().any(|b| b.chars().count() > 64) {
        return Err(Problem::field(
            "barcodes",
            "barcodes",
            text(
                format!("Quét từ 1 đến {MOST_TUBES} ống một lần; mã dài tối đa 64 ký tự."),
                format!("Scan 1 to {MOST_TUBES} tubes at a time; a barcode has at most 64 characters."),
            ),
        )
        .into());
    }
    let photo = given.photo.as_deref().map(photo).transpose()?;
    let rejection = given.reject.map(|reason| Rejection { reason: reason.as_str(), photo: photo.as_deref() });
    let tubes = tx!(app.db, "scan_tubes", scope, |tx| -> Result<_, Refusal> {
        let tubes = accession::scan(tx, &lab, &barcodes, rejection, caller.account).await?;
        let detail = json!({ "tubes": tubes.len(), "reject": given.reject });
        audited(tx, &caller, "lab.scan", ("laboratory", id.to_string()), lab.unit, detail).await?;
        Ok(tubes)
    })?;
    let tubes = tubes.into_iter().map(|(barcode, how)| ScanAnswer { barcode, how: word(how) }).collect();
    Ok(Json(ScanAnswers { tubes }))
}

fn word(scanned: Scanned) -> &'static str {
    match scanned {
        Scanned::Received => "received",
        Scanned::Again => "again",
        Scanned::Rejected => "rejected",
        Scanned::Parked => "parked",
        Scanned::TwoLists => "two_lists",
    }
}

fn photo(base64: &str) -> Result<Vec<u8>, Box<Problem>> {
    let bytes = STANDARD.decode(base64.trim()).unwrap_or_default();
    let is_picture = bytes.starts_with(&[0xFF, 0xD8, 0xFF]) || bytes.starts_with(b"\x89PNG");
    if is_picture && bytes.len() <= MOST_PHOTO {
        return Ok(bytes);
    }
    Err(Problem::field(
        "photo",
        "photo",
        text("Ảnh phải là JPEG hoặc PNG, tối đa 500 kB.", "The photo is a JPEG or PNG of at most 500 kB."),
    ))
}
