//! `POST /accounts`: a new member of staff, and the link that lets them set a password.

use super::{Account, NewGrant, grants};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::first_run::{check_login, check_name};
use crate::http::problem::{Problem, ProblemBody, Refusal, text};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use greenfort_domain::access::Permission;
use greenfort_kernel::AccountKind;
use greenfort_store::access::accounts::NewAccount;
use greenfort_store::access::change;
use greenfort_store::access::invitations::Invitation as Made;
use greenfort_store::{Scope, StoreError, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateAccount {
    #[schema(example = "lan.tran")]
    pub login: String,
    #[schema(example = "Trần Thị Lan")]
    pub name: String,
    /// office or field; citizens make theirs themselves.
    pub kind: AccountKind,
    /// At least one; the first says whose administrators look after the account.
    pub grants: Vec<NewGrant>,
}

/// A one-time link, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    #[schema(example = "https://greenfort.example/invitation#…")]
    pub invitation_url: String,
    #[schema(value_type = String, format = DateTime)]
    pub invitation_expires_at: Timestamp,
}

impl Invitation {
    /// The token stands behind `#`, which browsers send to no server and write to no log.
    pub(super) fn of(app: &App, made: &Made) -> Self {
        Self {
            invitation_url: format!("{}/invitation#{}", app.config.public_url, made.token.reveal()),
            invitation_expires_at: made.expires_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AccountInvited {
    pub account: Account,
    #[serde(flatten)]
    pub invitation: Invitation,
}

/// A new member of staff, and the link that lets them set a password.
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "accounts",
    request_body = CreateAccount,
    responses(
        (status = 201, description = "The account, and the link to hand over", body = AccountInvited),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no accounts", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Login taken, or a role that reaches further than the caller's", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn create_account(
    State(app): State<App>,
    caller: Caller,
    Json(given): Json<CreateAccount>,
) -> Result<(StatusCode, Json<AccountInvited>), Refusal> {
    caller.must(Permission::ManageAccounts)?;
    caller.session()?;
    let login = check_login("login", &given.login)?;
    let name = check_name("name", &given.name)?;
    if given.kind == AccountKind::Citizen {
        return Err(Problem::field(
            "kind",
            "kind",
            text("Chọn văn phòng hoặc hiện trường.", "Choose office or field."),
        )
        .into());
    }
    if given.grants.is_empty() {
        return Err(Problem::field(
            "grants",
            "required",
            text("Chọn ít nhất một vai trò và địa bàn.", "Choose at least one role and area."),
        )
        .into());
    }
    let new = NewAccount { kind: given.kind, ..NewAccount::office(&login, &name, None) };
    let made = tx!(app.db, "create_account", Scope::nobody(), |tx| -> Result<_, Refusal> {
        let wanted = grants::granted(tx, &caller, &given.grants).await?;
        match change::create(tx, &new, &wanted, caller.account).await {
            Err(StoreError::Conflict("login")) => Err(Problem::field(
                "login",
                "taken",
                text("Tên đăng nhập này đã có người dùng.", "This login is taken."),
            )
            .into()),
            made => Ok(made?),
        }
    })?;
    let (account, invitation) = made;
    let answer = AccountInvited { account: account.into(), invitation: Invitation::of(&app, &invitation) };
    Ok((StatusCode::CREATED, Json(answer)))
}
