//! `POST /tokens`: a key for another program, shown once.

use super::list::ApiToken;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::first_run::check_name;
use crate::http::problem::{FieldError, Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::{Permission, may_scope_token};
use greenfort_kernel::{Over, UnitId};
use greenfort_store::access::{place, tokens};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewToken {
    #[schema(example = "Cổng thông tin của Sở")]
    pub label: String,
    /// What it may do, as few as possible.
    #[schema(example = json!(["figures:read"]))]
    pub scopes: Vec<String>,
    /// Root of the area it sees.
    #[schema(example = 1)]
    pub unit_id: UnitId,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TokenCreated {
    #[serde(flatten)]
    pub row: ApiToken,
    /// Goes into `Authorization: Bearer …`; shown this once.
    #[schema(example = "gft_…")]
    pub token: String,
}

/// A key for another program, shown once.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "tokens",
    request_body = NewToken,
    responses(
        (status = 201, description = "The key", body = TokenCreated),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no accounts", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A permission or unit beyond the caller, or an end in the past", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_token(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<NewToken>,
) -> Result<(StatusCode, Json<TokenCreated>), Refusal> {
    caller.must(Permission::ManageAccounts)?;
    let label = check_name("label", &given.label)?;
    if given.until <= app.world().now() {
        return Err(Problem::field(
            "until",
            "past",
            text("Ngày hết hạn đã qua.", "The end lies in the past."),
        )
        .into());
    }
    let (token, row) = tx!(app.db, "create_token", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let places = place::lying(tx, &[Over::Area(given.unit_id)], &caller.areas()).await?;
        let scopes = scopes(&caller, &given, |over, root| places.lies_in(over, root))?;
        Ok(tokens::create(tx, &label, &scopes, given.unit_id, given.until, caller.account).await?)
    })?;
    let token = token.reveal().to_owned();
    Ok((StatusCode::CREATED, Json(TokenCreated { row: row.into(), token })))
}

/// The permissions asked for, each once, when the caller could have granted them there.
fn scopes(
    caller: &Caller,
    given: &NewToken,
    lies_in: impl Fn(Over, UnitId) -> bool,
) -> Result<Vec<Permission>, Box<Problem>> {
    let mut scopes: Vec<Permission> = Vec::new();
    let mut errors = Vec::new();
    for (at, word) in given.scopes.iter().enumerate() {
        match word.parse::<Permission>() {
            Ok(scope) if may_scope_token(&caller.grants, scope, given.unit_id, &lies_in) => {
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                }
            }
            _ => errors.push(FieldError {
                field: format!("scopes[{at}]"),
                code: "scope",
                message: text(
                    "Không cấp được phạm vi này cho khóa ở đơn vị này.",
                    "A key for this unit cannot carry this permission.",
                ),
            }),
        }
    }
    if given.scopes.is_empty() {
        errors.push(FieldError {
            field: "scopes".into(),
            code: "required",
            message: text("Chọn ít nhất một phạm vi.", "Choose at least one permission."),
        });
    }
    if errors.is_empty() { Ok(scopes) } else { Err(Problem::invalid(errors)) }
}
