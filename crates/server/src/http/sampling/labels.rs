//! `POST /labels`: new labels for tubes. Printed or not, from now on they are tubes of this installation.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_store::audit::{Entry, record};
use greenfort_store::sampling::intake::print_labels;
use greenfort_store::{Scope, tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Labels to a request: a carton of tubes.
const MOST: u32 = 5_000;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewLabels {
    /// From 1 to 5,000.
    #[schema(example = 65, minimum = 1, maximum = 5000)]
    pub count: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Labels {
    /// In the order of their numbers; each stands on two equal stickers.
    #[schema(example = json!(["GF0000000014"]))]
    pub items: Vec<String>,
}

/// New labels for tubes.
#[utoipa::path(
    post,
    path = "/labels",
    tag = "sampling",
    request_body = NewLabels,
    responses(
        (status = 201, description = "Numbers that no label had before", body = Labels),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "None or too many", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn make_labels(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewLabels>,
) -> Result<(StatusCode, Json<Labels>), Refusal> {
    let area = caller.area(Permission::Sample)?;
    if !(1..=MOST).contains(&given.count) {
        return Err(Problem::field(
            "count",
            "range",
            text(format!("Mỗi lần in từ 1 đến {MOST} nhãn."), format!("From 1 to {MOST} labels at a time.")),
        )
        .into());
    }
    let items = tx!(app.db, "make_labels", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let items = print_labels(tx, given.count).await?;
        let entry = Entry {
            actor: caller.actor(),
            action: "sampling.make_labels",
            object_kind: "tube",
            object_id: "list".to_owned(),
            unit: area.first().copied(),
            detail: json!({ "count": given.count, "first": items.first(), "last": items.last() }),
        };
        record(tx, entry).await?;
        Ok(items)
    })?;
    Ok((StatusCode::CREATED, Json(Labels { items })))
}
