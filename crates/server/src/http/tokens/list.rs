//! `GET /tokens`: the keys of the caller's areas, newest first.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use crate::http::units::UnitRef;
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::ApiTokenId;
use greenfort_store::access::tokens::{self, TokenFilter};
use greenfort_store::{Scope, tx};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A key for another program; the key itself is shown only when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiToken {
    pub id: ApiTokenId,
    #[schema(example = "Cổng thông tin của Sở")]
    pub label: String,
    #[schema(example = json!(["figures:read"]))]
    pub scopes: Vec<String>,
    /// Root of the area it sees.
    #[schema(required)]
    pub unit: Option<UnitRef>,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl From<tokens::ApiToken> for ApiToken {
    fn from(token: tokens::ApiToken) -> Self {
        Self {
            id: token.id,
            label: token.label,
            scopes: token.scopes,
            unit: token.unit.map(Into::into),
            until: token.until,
            created_at: token.created_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// The keys of the caller's areas, newest first.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "tokens",
    params(PageQuery),
    responses(
        (status = 200, description = "Keys in force in the caller's areas, newest first", body = Page<ApiToken>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Manages no accounts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_tokens(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ApiToken>>, Refusal> {
    let filter = TokenFilter {
        area: Some(caller.area(Permission::ManageAccounts)?),
        id: None,
        after: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_tokens", Scope::nobody(), |tx| tokens::list(tx, &filter).await)?;
    Ok(Json(Page::of(rows, page.limit(), |t| t.id, ApiToken::from)))
}
