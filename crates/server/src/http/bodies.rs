//! What organisations, groups and vehicles have in common: they lie in a unit, have members with their days, a history, and
//! an end. They are public things; their members are people, and every list of those is in the audit log.

use crate::app::App;
use crate::http::auth::Caller;
use crate::http::page::{Page, PageQuery};
use crate::http::people::{UnitOfPerson, must_be_open, past_day};
use crate::http::problem::{Problem, Refusal, text};
use greenfort_domain::access::Permission;
use greenfort_domain::registry::organisation::{may_join, may_leave};
use greenfort_kernel::{OrganisationId, PartId, PersonId, UnitId};
use greenfort_store::audit::{Entry, record};
use greenfort_store::registry::membership::{self, Body, HistoryLine, Which};
use greenfort_store::registry::{group, household, organisation, person, vehicle};
use greenfort_store::{Scope, Tx, tx};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

/// An organisation by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationRef {
    pub id: OrganisationId,
    #[schema(example = "Khu công nghiệp Giao Long")]
    pub name: String,
}

impl OrganisationRef {
    pub fn of(id: Option<OrganisationId>, name: Option<String>) -> Option<Self> {
        id.zip(name).map(|(id, name)| Self { id, name })
    }
}

/// Somebody who belongs, and since when.
#[derive(Debug, Serialize, ToSchema)]
pub struct BodyMember {
    pub person_id: PersonId,
    #[schema(example = "Nguyễn Thị Bích Ngọc")]
    pub name: String,
    pub birth_year: i16,
    #[schema(example = "female")]
    pub sex: String,
    /// Where the member lives.
    pub unit: UnitOfPerson,
    /// Shift or workshop of an organisation.
    pub part_id: Option<PartId>,
    #[schema(example = "Ca 1")]
    pub part: Option<String>,
    /// worker, manager, trader, driver, other; of a group: member.
    #[schema(example = "worker")]
    pub role: String,
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Last day; null: still there.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
}

impl From<membership::Member> for BodyMember {
    fn from(m: membership::Member) -> Self {
        Self {
            person_id: m.person,
            name: m.name,
            birth_year: m.birth_year,
            sex: m.sex,
            unit: UnitOfPerson { id: UnitId(m.unit), name: m.unit_name },
            part_id: m.part,
            part: m.part_name,
            role: m.role,
            from: m.from,
            to: m.to,
        }
    }
}

/// Something that happened to an organisation, a group or a vehicle.
#[derive(Debug, Serialize, ToSchema)]
pub struct BodyEvent {
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// registered, ended, part, part_ended, joined, left, vehicle, group, restricted, released.
    #[schema(example = "joined")]
    pub kind: String,
    /// Of the part, the group, the plate or the decision.
    #[schema(example = "Ca 1")]
    pub name: Option<String>,
    /// How many joined or left.
    pub count: Option<i64>,
}

impl From<HistoryLine> for BodyEvent {
    fn from(line: HistoryLine) -> Self {
        Self { on: line.on, kind: line.kind, name: line.name, count: line.count }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MembersQuery {
    /// Only those of this shift or workshop.
    pub part: Option<PartId>,
    /// Also those who left.
    #[serde(default)]
    pub all: bool,
}

/// Somebody joins.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMember {
    /// Somebody of the area.
    pub person_id: PersonId,
    /// First day; today unless told.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
}

/// When something ends: its last day.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LastDay {
    /// Today unless told.
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
}

/// Where a body lies, and whether it ended.
pub struct Standing {
    pub unit: i32,
    pub ended: bool,
}

/// # Errors
/// 404 when there is none in the area.
pub async fn standing(tx: &mut Tx, body: Body) -> Result<Standing, Refusal> {
    Ok(match body {
        Body::Organisation(id) => {
            let r = organisation::get(tx, id).await?;
            Standing { unit: r.content.unit, ended: r.ended_on.is_some() }
        }
        Body::Group(id) => {
            let r = group::get(tx, id).await?;
            Standing { unit: r.content.unit, ended: r.ended_on.is_some() }
        }
        Body::Vehicle(id) => {
            let r = vehicle::get(tx, id).await?;
            Standing { unit: r.content.unit, ended: r.ended_on.is_some() }
        }
    })
}

/// Refuses a change of what has ended.
///
/// # Errors
/// 409 when it ended.
pub fn must_stand(ended: bool) -> Result<(), Refusal> {
    if ended {
        return Err(Problem::conflict(text(
            "Mục này đã kết thúc, chỉ còn để xem.",
            "This has ended and can only be read.",
        ))
        .into());
    }
    Ok(())
}

/// What a change may see: the area of those who keep the register.
pub fn scope_of_edits(caller: &Caller) -> Result<Scope, Refusal> {
    Ok(Scope::area(caller.area(Permission::EditPeople)?))
}

fn kind_of(body: Body) -> &'static str {
    match body {
        Body::Organisation(_) => "organisation",
        Body::Group(_) => "group",
        Body::Vehicle(_) => "vehicle",
    }
}

/// Writes an act about a body into the audit trail.
pub async fn audited(
    tx: &mut Tx,
    caller: &Caller,
    action: &str,
    body: Body,
    unit: i32,
    detail: Value,
) -> Result<(), Refusal> {
    let entry = Entry {
        actor: caller.actor(),
        action,
        object_kind: kind_of(body),
        object_id: body.id().to_string(),
        unit: Some(UnitId(unit)),
        detail,
    };
    record(tx, entry).await?;
    Ok(())
}

/// How many belong: all, and those who live beyond the caller's area and are not listed.
pub async fn sizes(tx: &mut Tx, body: Body) -> Result<(i64, i64), Refusal> {
    let on = tx.world.today();
    let all = membership::counts(tx, &[body.id()]).await?.get(&body.id()).copied().unwrap_or(0);
    let here = membership::count_in_sight(tx, body, on).await?;
    Ok((all, all - here))
}

/// # Errors
/// When the database refuses.
pub async fn history(tx: &mut Tx, body: Body) -> Result<Vec<BodyEvent>, Refusal> {
    Ok(membership::history(tx, body).await?.into_iter().map(Into::into).collect())
}

/// # Errors
/// 404 when the unit is no hamlet or commune of the area.
pub async fn must_lie_in_area(tx: &mut Tx, unit: i32) -> Result<(), Refusal> {
    if household::may_live_in(tx, unit, false).await? { Ok(()) } else { Err(Problem::not_found().into()) }
}

/// The members of a body, page by page.
pub async fn members(
    app: &App,
    caller: &Caller,
    body: Body,
    query: MembersQuery,
    page: &PageQuery,
) -> Result<Page<BodyMember>, Refusal> {
    let scope = caller.scope(Permission::SeePeople)?;
    let on = app.world().today();
    let which = Which { part: query.part, all: query.all, after: page.cursor()?, limit: page.limit() + 1 };
    let rows = tx!(app.db, "list_members", scope, |tx| -> Result<Vec<membership::Member>, Refusal> {
        let place = standing(tx, body).await?;
        let rows = membership::page(tx, body, on, &which).await?;
        audited(tx, caller, "registry.list_members", body, place.unit, json!({ "shown": rows.len() }))
            .await?;
        Ok(rows)
    })?;
    Ok(Page::of(rows, page.limit(), |m| (m.person, m.from), Into::into))
}

/// Somebody of the area joins a body.
pub async fn join(
    app: &App,
    caller: &Caller,
    body: Body,
    new: &NewMember,
    (part, role): (Option<PartId>, &str),
) -> Result<(), Refusal> {
    let scope = scope_of_edits(caller)?;
    let today = app.world().today();
    let from = past_day("from", new.from.unwrap_or(today), today)?;
    tx!(app.db, "join", scope, |tx| -> Result<(), Refusal> {
        let place = standing(tx, body).await?;
        must_stand(place.ended)?;
        let who = person::get(tx, new.person_id).await?;
        must_be_open(&who)?;
        if who.removed.is_some() {
            return Err(Problem::field(
                "person_id",
                "removed",
                text("Người này không còn trong danh sách.", "This person is no longer on the list."),
            )
            .into());
        }
        if let (Body::Organisation(id), Some(part)) = (body, part) {
            let part = organisation::part(tx, id, part).await?;
            if part.to.is_some() || part.from.is_some_and(|first| first > from) {
                return Err(Problem::field(
                    "part_id",
                    "ended",
                    text(
                        "Bộ phận này chưa có hoặc đã kết thúc vào ngày ấy.",
                        "This part had not begun or had ended by that day.",
                    ),
                )
                .into());
            }
        }
        let stays = membership::stays(tx, body, new.person_id).await?;
        may_join(from, &stays)?;
        membership::join(tx, body, new.person_id, (part, role), from).await?;
        let detail = json!({ "person": new.person_id, "part": part });
        audited(tx, caller, "registry.join", body, place.unit, detail).await
    })
}

/// Somebody of the area leaves a body.
pub async fn leave(
    app: &App,
    caller: &Caller,
    body: Body,
    who: PersonId,
    given: &LastDay,
) -> Result<(), Refusal> {
    let scope = scope_of_edits(caller)?;
    let today = app.world().today();
    let on = past_day("on", given.on.unwrap_or(today), today)?;
    tx!(app.db, "leave", scope, |tx| -> Result<(), Refusal> {
        let place = standing(tx, body).await?;
        must_be_open(&person::get(tx, who).await?)?;
        let stays = membership::stays(tx, body, who).await?;
        let Some(stay) = stays.iter().find(|s| s.to.is_none_or(|to| to > today)) else {
            return Err(Problem::not_found().into());
        };
        may_leave(on, stay.from)?;
        membership::leave(tx, body, who, stay.from, on).await?;
        audited(tx, caller, "registry.leave", body, place.unit, json!({ "person": who })).await
    })
}
