//! `POST /people/{id}/result-slip`: the newest result of a person on paper.

use super::audited;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use crate::print::slips::{self, Slip};
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use greenfort_domain::access::Permission;
use greenfort_kernel::{PersonId, TIME_ZONE};
use greenfort_store::conclusions::history::{self, Entry};
use greenfort_store::registry::people;
use greenfort_store::tx;
use jiff::Timestamp;

/// Prints the newest released result of a person.
#[utoipa::path(
    post,
    path = "/people/{id}/result-slip",
    tag = "people",
    params(("id" = PersonId, Path)),
    responses(
        (status = 200, description = "One page, Vietnamese and English, with place for signature and stamp", content_type = "application/pdf", body = Vec<u8>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "No result to print: none released, or held until a new swab", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn print_slip(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<([(HeaderName, String); 2], Vec<u8>), Refusal> {
    let scope = caller.scope(Permission::EditPeople)?;
    caller.session()?;
    let now = app.world().now();
    let slip = tx!(app.db, "print_slip", scope, |tx| -> Result<Slip, Refusal> {
        let person = people::find(tx, id).await?;
        let entries = history::of_person(tx, id).await?;
        let entry = entries.iter().find(|e| e.current && printable(&e.outcome).is_some());
        let entry = entry.ok_or_else(nothing)?;
        audited(tx, &caller, "results.print", id, person.unit, serde_json::json!({ "round": entry.round }))
            .await?;
        slip_of(&person, entry, now).ok_or_else(|| nothing().into())
    })?;
    let hotline = app.config.hotline.clone();
    let drawn = tokio::task::spawn_blocking(move || slips::pdf(&slip, &hotline)).await;
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a slip could not be drawn");
        Problem::internal()
    };
    let pdf = drawn.map_err(|e| failed(&e))?.map_err(|e| failed(&e))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"phieu-ket-qua.pdf\"".to_owned()),
    ];
    Ok((headers, pdf))
}

fn nothing() -> Box<Problem> {
    Problem::new(
        StatusCode::CONFLICT,
        "no-result",
        text("Chưa có kết quả để in", "No result to print"),
        text(
            "Chưa có kết quả đã duyệt, hoặc đang tạm giữ chờ mẫu mới. In sau khi có kết luận.",
            "No result was released, or it is held until a new swab. Print once there is a conclusion.",
        ),
    )
}

/// Words of results that a slip may carry: final ones.
fn printable(outcome: &str) -> Option<(&'static str, &'static str)> {
    match outcome {
        "negative" | "negative_pooled" => Some(("ÂM TÍNH", "NEGATIVE")),
        "represented_negative" => {
            Some(("ĐƯỢC ĐẠI DIỆN, ÂM TÍNH (không xét nghiệm riêng)", "REPRESENTED, NEGATIVE (not tested)"))
        }
        "positive" => Some(("DƯƠNG TÍNH", "POSITIVE")),
        _ => None,
    }
}

fn basis(entry: &Entry) -> (&'static str, &'static str) {
    match (entry.outcome.as_str(), entry.basis.as_deref()) {
        (_, Some("represented")) => ("mẫu của người đại diện hộ, nhóm", "sample of a representative"),
        (_, Some("tested_in_pool")) => ("mẫu gộp có mẫu của người này", "pooled sample including their own"),
        _ => ("mẫu riêng", "own sample"),
    }
}

fn slip_of(person: &people::PersonLine, entry: &Entry, now: Timestamp) -> Option<Slip> {
    let rapid = entry.method.as_deref() == Some("rapid_antigen");
    Some(Slip {
        laboratory: entry
            .laboratory
            .clone()
            .unwrap_or_else(|| "Điểm xét nghiệm nhanh / Rapid test site".into()),
        name: person.secret.name.clone(),
        birth_year: person.birth_year.to_string(),
        sex: if person.sex == "female" { ("Nữ", "Female") } else { ("Nam", "Male") },
        unit: person.unit_name.clone(),
        barcode: entry.barcode.clone()?,
        sampled_at: local(entry.swabbed_at?),
        released_at: local(entry.released_at?),
        kit: entry.kit.clone().unwrap_or_default(),
        method: if rapid {
            ("Test nhanh kháng nguyên", "Rapid antigen test")
        } else {
            ("RT-PCR", "RT-PCR")
        },
        result: printable(&entry.outcome)?,
        basis: basis(entry),
        printed_at: local(now),
    })
}

fn local(at: Timestamp) -> String {
    TIME_ZONE.to_datetime(at).strftime("%H:%M %d/%m/%Y").to_string()
}
