//! Roles over areas and places, as they are shown and as they are asked for.

use crate::http::auth::Caller;
use crate::http::problem::{FieldError, Problem, Refusal, Text, text};
use crate::http::units::UnitRef;
use greenfort_domain::access::{self, GrantRefusal, Held, may_grant};
use greenfort_kernel::{LaboratoryId, OrganisationId, Over, Role};
use greenfort_store::Tx;
use greenfort_store::access::accounts::GrantRow;
use greenfort_store::access::change::Wanted;
use greenfort_store::access::place::{self, Lying, Place};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role held now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grant {
    pub role: Role,
    pub over: HeldOver,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl From<GrantRow> for Grant {
    fn from(grant: GrantRow) -> Self {
        Self { role: grant.role, over: grant.place.into(), until: grant.until }
    }
}

/// What a role is held over, by name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HeldOver {
    /// This unit and all below it.
    Area(UnitRef),
    /// This organisation and those that belong to it, as the enterprises of a park.
    Organisation(OrganisationRef),
    /// What goes to this laboratory.
    Laboratory(LaboratoryRef),
    /// The persons linked to the account.
    LinkedPersons,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationRef {
    pub id: OrganisationId,
    #[schema(example = "Khu công nghiệp Giao Long")]
    pub name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LaboratoryRef {
    pub id: LaboratoryId,
    #[schema(example = "CDC Bến Tre")]
    pub name: String,
}

impl From<Place> for HeldOver {
    fn from(place: Place) -> Self {
        match place {
            Place::LinkedPersons => Self::LinkedPersons,
            Place::Area(unit) => Self::Area(unit.into()),
            Place::Organisation(id, name) => Self::Organisation(OrganisationRef { id, name }),
            Place::Laboratory(id, name) => Self::Laboratory(LaboratoryRef { id, name }),
        }
    }
}

/// A role to be held.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewGrant {
    pub role: Role,
    /// What it is held over: an organisation for its manager and for a sector viewer, a laboratory for an outside
    /// laboratory, an area for all others.
    #[schema(example = json!({ "kind": "area", "id": 1 }))]
    pub over: Over,
    /// Ends then; until taken away unless told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl NewGrant {
    pub(super) fn held(&self) -> Held {
        Held { role: self.role, over: self.over }
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
    let places = places(tx, caller, wanted.iter().map(|g| g.over)).await?;
    let now = tx.world.now();
    let mut errors = Vec::new();
    for (at, grant) in wanted.iter().enumerate() {
        let mut refuse = |column: &str, code: &'static str, message: Text| {
            errors.push(FieldError { field: format!("grants[{at}].{column}"), code, message });
        };
        if let Err(refusal) = may_grant(&caller.grants, grant.held(), |over, root| places.lies_in(over, root))
        {
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
    let places = places(tx, caller, theirs.iter().map(|h| h.over)).await?;
    access::may_manage(&caller.grants, theirs, |over, root| places.lies_in(over, root)).map_err(|_| {
        let mut problem = Problem::forbidden();
        problem.detail = text(
            "Tài khoản này có quyền vượt quá quyền của Anh/Chị. Nhờ quản trị viên cấp trên.",
            "This account reaches further than yours. Ask an administrator above you.",
        );
        Refusal(problem)
    })
}

/// How these places lie to the caller's own areas.
pub(super) async fn places(
    tx: &mut Tx,
    caller: &Caller,
    overs: impl Iterator<Item = Over>,
) -> Result<Lying, Refusal> {
    let overs: Vec<Over> = overs.collect();
    Ok(place::lying(tx, &overs, &caller.areas()).await?)
}

/// The column that is wrong, and why.
pub(super) fn describe(refusal: GrantRefusal) -> (&'static str, Text) {
    match refusal {
        GrantRefusal::OutsideArea => {
            ("over", text("Nơi này nằm ngoài địa bàn của Anh/Chị.", "This place lies outside your area."))
        }
        GrantRefusal::WrongPlace => (
            "over",
            text(
                "Vai trò này gắn với nơi khác loại: người quản lý và người theo dõi của ngành gắn với tổ chức, phòng xét nghiệm ngoài gắn với phòng xét nghiệm, còn lại gắn với địa bàn.",
                "This role is held over another kind of place: managers and sector viewers over an organisation, outside laboratories over a laboratory, all others over an area.",
            ),
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
