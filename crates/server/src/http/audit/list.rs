//! `GET /audit`: who did or read what in the caller's area, newest first.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Query, State};
use greenfort_domain::access::Permission;
use greenfort_kernel::{AccountId, AuditId, UnitId};
use greenfort_store::audit::{self, EntryRow, Filter};
use greenfort_store::tx;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One entry: ids and facts, never the name of a person concerned.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    pub id: AuditId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub actor: AuditActor,
    #[schema(example = "registry.read_person")]
    pub action: String,
    #[schema(example = "person")]
    pub object_kind: String,
    #[schema(example = "01856aa0-c800-7000-8000-0000000000a1")]
    pub object_id: String,
    pub unit: Option<AuditUnit>,
    pub detail: serde_json::Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActor {
    /// Account; null for the system itself.
    pub id: Option<AccountId>,
    #[schema(example = "account")]
    pub kind: String,
    /// Name of the staff account; null for citizens, for the system, and where it was erased.
    #[schema(example = "Trần Thị Lan")]
    pub name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditUnit {
    pub id: UnitId,
    #[schema(example = "Xã An Phước")]
    pub name: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    actor: Option<AccountId>,
    /// A whole action, or a room with its dot: `registry.`
    #[param(example = "registry.")]
    action: Option<String>,
    /// Id of the thing it was done to.
    object: Option<String>,
    /// Not before.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// Who did or read what in the caller's area, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    tag = "audit",
    params(AuditQuery, PageQuery),
    responses(
        (status = 200, description = "Entries about units of the caller's area, newest first", body = Page<AuditEntry>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Role without the audit", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn list_audit(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<AuditEntry>>, Refusal> {
    let scope = caller.scope(Permission::ReadAudit)?;
    let filter = Filter {
        actor: query.actor,
        action: query.action,
        object: query.object,
        from: query.from,
        to: query.to,
        before: page.cursor()?,
        limit: page.limit() + 1,
    };
    let rows = tx!(app.db, "list_audit", scope, |tx| audit::list(tx, &filter).await)?;
    Ok(Json(Page::of(rows, page.limit(), |r| (r.at.to_jiff(), r.id), AuditEntry::from)))
}

impl From<EntryRow> for AuditEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            id: row.id,
            at: row.at.to_jiff(),
            actor: AuditActor { id: row.actor, kind: row.actor_kind, name: row.actor_name },
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            unit: row.unit.zip(row.unit_name).map(|(id, name)| AuditUnit { id: UnitId(id), name }),
            detail: row.detail,
        }
    }
}
