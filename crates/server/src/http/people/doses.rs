//! `PUT` and `DELETE /people/{id}/doses/{dose}`: a vaccination with its day.

use super::fields::past_day;
use super::{audited, must_be_open, scope_of_edits};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use greenfort_kernel::PersonId;
use greenfort_store::registry::{dose as doses, person};
use greenfort_store::tx;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A dose as the card shows it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDose {
    #[schema(value_type = String, format = Date)]
    pub given_on: Date,
    #[schema(example = "Vero Cell")]
    pub product: String,
}

/// Records a dose.
#[utoipa::path(
    put,
    path = "/people/{id}/doses/{dose}",
    tag = "people",
    params(("id" = PersonId, Path), ("dose" = i16, Path, description = "1 to 9")),
    request_body = NewDose,
    responses(
        (status = 204, description = "Entered, or corrected"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A day to come, no vaccine, or no such dose", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn record_dose(
    State(app): State<App>,
    caller: Caller,
    Path((id, dose)): Path<(PersonId, i16)>,
    Json(given): Json<NewDose>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    let today = app.world().today();
    let given_on = past_day("given_on", given.given_on, today)?;
    let product = greenfort_kernel::text::nfc(&given.product);
    if product.is_empty() || product.chars().count() > 80 || product.chars().any(char::is_control) {
        return Err(Problem::field(
            "product",
            "required",
            text("Nhập tên vắc-xin, tối đa 80 chữ.", "Type the vaccine, at most 80 letters."),
        )
        .into());
    }
    if !(1..=9).contains(&dose) {
        return Err(Problem::field("dose", "range", text("Mũi tiêm từ 1 đến 9.", "Doses are 1 to 9.")).into());
    }
    tx!(app.db, "record_dose", scope, |tx| -> Result<(), Refusal> {
        let record = person::get(tx, id).await?;
        must_be_open(&record)?;
        let entered = doses::list(tx, id).await?;
        let disorder = entered.iter().any(|other| {
            (other.dose < dose && other.given_on > given_on)
                || (other.dose > dose && other.given_on < given_on)
        });
        if disorder || given_on.year() < record.birth_year {
            return Err(Problem::field(
                "given_on",
                "order",
                text(
                    "Ngày tiêm không đúng thứ tự với mũi khác hoặc năm sinh: kiểm tra lại.",
                    "The day does not fit the other doses or the year of birth: check it.",
                ),
            )
            .into());
        }
        let new = doses::Dose { dose, given_on, product: product.clone() };
        doses::set(tx, id, &new, caller.account).await?;
        audited(tx, &caller, "registry.record_dose", id, record.unit, json!({ "dose": dose })).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws a dose.
#[utoipa::path(
    delete,
    path = "/people/{id}/doses/{dose}",
    tag = "people",
    params(("id" = PersonId, Path), ("dose" = i16, Path, description = "1 to 9")),
    responses(
        (status = 204, description = "Taken back"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that id in the area, or no such dose", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A later dose is entered: take that back first", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn withdraw_dose(
    State(app): State<App>,
    caller: Caller,
    Path((id, dose)): Path<(PersonId, i16)>,
) -> Result<StatusCode, Refusal> {
    let scope = scope_of_edits(&caller)?;
    tx!(app.db, "withdraw_dose", scope, |tx| -> Result<(), Refusal> {
        let record = person::get(tx, id).await?;
        must_be_open(&record)?;
        doses::withdraw(tx, id, dose).await?;
        audited(tx, &caller, "registry.withdraw_dose", id, record.unit, json!({ "dose": dose })).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
