//! `GET /accounts`: the staff of the caller's areas, newest first.

use super::Grant;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{AccountId, AccountKind, AccountStatus, Role, UnitId, text};
use greenfort_store::access::accounts::{self, AccountFilter};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A staff account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    pub id: AccountId,
    /// What is typed at sign-in; null where a badge is used.
    #[schema(required, example = "lan.tran")]
    pub login: Option<String>,
    #[schema(example = "Trần Thị Lan")]
    pub name: String,
    pub kind: AccountKind,
    pub status: AccountStatus,
    pub grants: Vec<Grant>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
}

impl From<accounts::Account> for Account {
    fn from(account: accounts::Account) -> Self {
        Self {
            id: account.id,
            login: account.login,
            name: account.name,
            kind: account.kind,
            status: account.status,
            grants: account.grants.into_iter().map(Into::into).collect(),
            last_seen_at: account.last_seen_at,
            ends_at: account.ends_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// Words of a name, or the beginning of a login; diacritics do not matter.
    #[param(example = "lan")]
    q: Option<String>,
    /// Who holds this role now.
    role: Option<Role>,
    /// Who holds a role in this unit or below.
    unit: Option<UnitId>,
    status: Option<AccountStatus>,
}

/// The staff of the caller's areas, newest first.
#[utoipa::path(
    get,
    path = "/accounts",
    tag = "accounts",
    params(AccountQuery, PageQuery),
    responses(
        (status = 200, description = "Staff accounts of the caller's areas, newest first", body = Page<Account>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Role without accounts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_accounts(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AccountQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Account>>, Refusal> {
    let area = caller.area(Permission::SeeAccounts)?;
    let filter = AccountFilter {
        area: Some(area),
        id: None,
        query: query.q.as_deref().map(text::fold).filter(|q| !q.is_empty()),
        role: query.role,
        unit: query.unit,
        status: query.status,
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_accounts", Scope::nobody(), |tx| accounts::list(tx, &filter).await)?;
    Ok(Json(Page::of(rows, page.limit(), |a| a.id, Account::from)))
}
