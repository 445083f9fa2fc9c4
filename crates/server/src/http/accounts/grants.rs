//! Roles over areas, as they are shown and as they are asked for.

use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, Refusal, Text, text};
use crate::http::units::UnitRef;
use greenfort_domain::access::{self, GrantRefusal, Held, may_grant};
use greenfort_kernel::{Role, UnitId};
use greenfort_store::Tx;
use greenfort_store::access::accounts::GrantRow;
use greenfort_store::access::change::Wanted;
use greenfort_store::access::unit_ref::{self, Inside};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role held now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grant {
    pub role: Role,
    /// The area: this unit and all below it; null for roles held over linked persons only.
    #[schema(required)]
    pub unit: Option<UnitRef>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl From<GrantRow> for Grant {
    fn from(grant: GrantRow) -> Self {
        Self { role: grant.role, unit: grant.unit.map(Into::into), until: grant.until }
    }
}

/// A role to be held.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewGrant {
    pub role: Role,
    /// Root of the area.
    #[schema(example = 1)]
    pub unit_id: UnitId,
    /// Ends then; until taken away unless told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl NewGrant {
    pub(super) fn held(&self) -> Held {
        Held { role: self.role, unit: Some(self.unit_id) }
    }
}

/// What `wanted` asks for, once the caller may hand out all of it.
///
/// # Errors
/// 422 naming each grant that reaches further than the caller's own, ends in the past, or is named twice.
pub(super) async fn granted(
    tx: &mut Tx,
    caller: &Caller,
    wanted: &[NewGrant],
) -> Result<Vec<Wanted>, Refusal> {
    let inside = places(tx, caller, wanted.iter().map(|g| g.unit_id)).await?;
    let now = tx.world.now();
    let mut errors = Vec::new();
    for (at, grant) in wanted.iter().enumerate() {
        let mut refuse = |column: &str, code: &'static str, message: Text| {
            errors.push(FieldError { field: format!("grants[{at}].{column}"), code, message });
        };
        if let Err(refusal) = may_grant(&caller.grants, grant.held(), |u, r| inside.holds(u, r)) {
            let (column, message) = describe(refusal);
            refuse(column, "grant", message);
        }
        if grant.until.is_some_and(|until| until <= now) {
            refuse("until", "past", text("Ngày hết hạn đã qua.", "The end lies in the past."));
        }
        if wanted.iter().take(at).any(|earlier| earlier.held() == grant.held()) {
            refuse(
                "role",
                "twice",
                text("Vai trò này đã ghi ở dòng trên.", "This role stands above already."),
            );
        }
    }
    if errors.is_empty() {
        Ok(wanted.iter().map(|g| Wanted { held: g.held(), until: g.until }).collect())
    } else {
        Err(Problem::invalid(errors).into())
    }
}

/// # Errors
/// 403 when the account holds what the caller could not have handed out.
pub(super) async fn may_manage(tx: &mut Tx, caller: &Caller, theirs: &[Held]) -> Result<(), Refusal> {
    let inside = places(tx, caller, theirs.iter().filter_map(|h| h.unit)).await?;
    access::may_manage(&caller.grants, theirs, |u, r| inside.holds(u, r)).map_err(|_| {
        let mut problem = Problem::forbidden();
        problem.detail = text(
            "Tài khoản này có quyền vượt quá quyền của Anh/Chị. Nhờ quản trị viên cấp trên.",
            "This account reaches further than yours. Ask an administrator above you.",
        );
        Refusal(problem)
    })
}

/// How these units lie to the caller's own areas.
pub(super) async fn places(
    tx: &mut Tx,
    caller: &Caller,
    units: impl Iterator<Item = UnitId>,
) -> Result<Inside, Refusal> {
    let units: Vec<UnitId> = units.collect();
    let roots: Vec<UnitId> = caller.grants.iter().filter_map(|g| g.unit).collect();
    Ok(unit_ref::inside(tx, &units, &roots).await?)
}

/// The column that is wrong, and why.
pub(super) fn describe(refusal: GrantRefusal) -> (&'static str, Text) {
    match refusal {
        GrantRefusal::OutsideArea => (
            "unit_id",
            text("Đơn vị này nằm ngoài địa bàn của Anh/Chị.", "This unit lies outside your area."),
        ),
        GrantRefusal::NotGrantable => (
            "role",
            text(
                "Vai trò này có được khi liên kết với một người, không cấp được ở đây.",
                "This role comes with a link to a person; it is not handed out here.",
            ),
        ),
        GrantRefusal::NotAManager | GrantRefusal::RoleTooHigh => {
            ("role", text("Anh/Chị không cấp được vai trò này.", "You cannot hand out this role."))
        }
    }
}
