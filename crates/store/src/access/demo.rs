//! One account a role for the demonstration, so that a visitor may look through everybody's eyes.

use super::accounts::{self, NewAccount};
use super::secret;
use crate::{Result, Tx};
use greenfort_domain::access::Held;
use greenfort_kernel::phone::Phone;
use greenfort_kernel::{AccountId, LaboratoryId, OrganisationId, Over, Role, UnitId, UnitLevel};

/// Where each role of the demonstration sits, and the name it carries.
fn cast(role: Role) -> (UnitLevel, &'static str) {
    use Role as R;
    use UnitLevel as L;
    match role {
        R::Citizen => (L::Hamlet, "Người dân"),
        R::HouseholdHead => (L::Hamlet, "Chủ hộ"),
        R::OrganisationManager => (L::Commune, "Quản lý doanh nghiệp"),
        R::CommunityTeam => (L::Hamlet, "Tổ COVID cộng đồng"),
        R::Sampler => (L::Commune, "Nhân viên lấy mẫu"),
        R::SiteLead => (L::Commune, "Trưởng điểm lấy mẫu"),
        R::Courier => (L::District, "Nhân viên chuyển mẫu"),
        R::LabTechnician => (L::Province, "Kỹ thuật viên xét nghiệm"),
        R::LabLead => (L::Province, "Trưởng phòng xét nghiệm"),
        R::OutsideLab => (L::Province, "Phòng xét nghiệm ngoài"),
        R::CommuneStation => (L::Commune, "Trạm y tế xã"),
        R::RecallTeam => (L::District, "Tổ truy vết"),
        R::CheckpointOfficer => (L::District, "Cán bộ chốt kiểm soát"),
        R::DistrictOfficer => (L::District, "Cán bộ y tế huyện"),
        R::ProvinceOfficer => (L::Province, "Cán bộ y tế tỉnh"),
        R::SectorViewer => (L::Province, "Sở ngành theo dõi"),
        R::Leader => (L::Province, "Lãnh đạo tỉnh"),
        R::Administrator => (L::Province, "Quản trị hệ thống"),
        R::Auditor => (L::Province, "Kiểm toán"),
    }
}

/// The chain of units the demonstration plays in: one commune by code, a hamlet of it, its district and province.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    pub hamlet: UnitId,
    pub commune: UnitId,
    pub district: UnitId,
    pub province: UnitId,
}

impl Stage {
    fn at(&self, level: UnitLevel) -> UnitId {
        match level {
            UnitLevel::Hamlet => self.hamlet,
            UnitLevel::Commune => self.commune,
            UnitLevel::District => self.district,
            UnitLevel::Province => self.province,
        }
    }
}

/// Finds the stage around the commune `code` on today's tree. A missing level falls back to the one above it, a commune
/// without hamlets plays its own hamlet.
///
/// # Errors
/// [`crate::StoreError::NotFound`] when there is no such commune today.
pub async fn stage(tx: &mut Tx, commune_code: &str) -> Result<Stage> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let commune = sqlx::query_scalar!(
        "select id from unit where code = $1 and level = 'commune'
           and $2 between valid_from and coalesce(valid_to, 'infinity')",
        commune_code,
        today as _
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(crate::StoreError::NotFound("commune of the demonstration"))?;
    let above = sqlx::query!(
        "select u.id, u.level from unit_ancestor a join unit u on u.id = a.ancestor
         where a.descendant = $1 and a.distance > 0 and $2 between a.valid_from and a.valid_to order by a.distance",
        commune,
        today as _
    )
    .fetch_all(tx.conn())
    .await?;
    let hamlet = sqlx::query_scalar!(
        "select u.id from unit_edge e join unit u on u.id = e.child
         where e.parent = $1 and $2 between e.valid_from and coalesce(e.valid_to, 'infinity') order by u.code limit 1",
        commune,
        today as _
    )
    .fetch_optional(tx.conn())
    .await?;
    let find = |level: &str| above.iter().find(|u| u.level == level).map(|u| u.id);
    let province = find("province").unwrap_or(commune);
    let district = find("district").unwrap_or(province);
    Ok(Stage {
        hamlet: UnitId(hamlet.unwrap_or(commune)),
        commune: UnitId(commune),
        district: UnitId(district),
        province: UnitId(province),
    })
}

/// Makes the demonstration's accounts where they are missing, one for each role. The citizen is linked to one person of
/// the stage's hamlet, the head of household to a whole household. Called by the loader once the province is there.
///
/// # Errors
/// When the database refuses, or the stage holds a unit that does not exist.
pub async fn ensure_demo_accounts(tx: &mut Tx, stage: &Stage) -> Result<()> {
    for role in Role::ALL {
        let exists = sqlx::query_scalar!(
            r#"select exists (select from account where demo_role = $1) as "exists!""#,
            role.as_str()
        )
        .fetch_one(tx.conn())
        .await?;
        if !exists {
            make(tx, *role, stage).await?;
        }
    }
    Ok(())
}

async fn make(tx: &mut Tx, role: Role, stage: &Stage) -> Result<()> {
    let (level, name) = cast(role);
    let unit = stage.at(level);
    let over = match role {
        Role::Citizen | Role::HouseholdHead => Over::LinkedPersons,
        Role::OrganisationManager => over_organisation(tx, stage, "enterprise").await?,
        Role::SectorViewer => over_organisation(tx, stage, "park").await?,
        Role::OutsideLab => over_outside_laboratory(tx, stage).await?,
        _ => Over::Area(unit),
    };
    let citizen = over == Over::LinkedPersons;
    let new = NewAccount {
        name: name.to_owned(),
        demo_role: Some(role),
        active: true,
        ..if citizen {
            let phone = Phone::parse_or_demonstration(&format!("00000000{:02}", role as u8)).ok();
            NewAccount::citizen(phone.map(|p| secret::phone_key(&tx.keys, &p)))
        } else {
            NewAccount::office(&format!("demo.{role}"), name, Some(unit))
        }
    };
    let account = accounts::create(tx, &new).await?;
    accounts::grant(tx, account, Held { role, over }, None, None).await?;
    if citizen {
        link_household(tx, account, role, stage.hamlet).await?;
    }
    Ok(())
}

/// The organisation of the stage that suits best: of its commune, of the kind named.
async fn over_organisation(tx: &mut Tx, stage: &Stage, kind: &str) -> Result<Over> {
    let today = jiff_sqlx::Date::from(tx.world.today());
    let id = sqlx::query_scalar!(
        "select id from organisation where ended_at is null and unit_lies_in(unit, array[$1::int], $4)
         order by kind = $3 desc, unit_lies_in(unit, array[$2::int], $4) desc, id limit 1",
        stage.province.0,
        stage.commune.0,
        kind,
        today as _
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(crate::StoreError::NotFound("organisation of the demonstration"))?;
    Ok(Over::Organisation(OrganisationId(id)))
}

/// The outside laboratory of the demonstration; made where there is none.
async fn over_outside_laboratory(tx: &mut Tx, stage: &Stage) -> Result<Over> {
    let (id, now): (LaboratoryId, _) = (tx.world.id(), jiff_sqlx::Timestamp::from(tx.world.now()));
    sqlx::query!(
        "insert into laboratory (id, unit, name, outside, confirms, created_at)
         select $1, $2, 'Phòng xét nghiệm ngoài (trình diễn)', true, true, $3
         where not exists (select from laboratory where outside and ended_at is null)",
        id.0,
        stage.province.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    let id = sqlx::query_scalar!(
        "select id from laboratory where outside and ended_at is null order by id limit 1"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Over::Laboratory(LaboratoryId(id)))
}

/// Links the first person (citizen) or the whole household (head) of the hamlet's first households.
async fn link_household(tx: &mut Tx, account: AccountId, role: Role, hamlet: UnitId) -> Result<()> {
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let head = role == Role::HouseholdHead;
    sqlx::query!(
        "insert into account_person (account, person, relation, proof, at)
         select $1, p.id, case when p.relation = 'head' and $3 then 'household_head' when $3 then 'family' else 'self' end,
                'id_seen', $4
         from person p join (select id from household where unit = $2 order by walk_order, id offset $5 limit 1) h
              on h.id = p.household
         where p.removed is null and p.birth_year < 2003
         order by (p.relation = 'head') desc, p.id limit $6",
        account.0,
        hamlet.0,
        head,
        now as _,
        i64::from(!head),
        if head { 20 } else { 1 }
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A role one may look through.
#[derive(Debug)]
pub struct DemoAccount {
    pub account: AccountId,
    pub role: Role,
    pub name: String,
    /// What the role is held over.
    pub place_name: Option<String>,
}

/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx) -> Result<Vec<DemoAccount>> {
    let rows = sqlx::query!(
        r#"select a.id, a.demo_role as "demo_role!", a.sealed,
               coalesce((select coalesce(o.name, l.name) from account_grant g
                         left join organisation o on o.id = g.organisation left join laboratory l on l.id = g.laboratory
                         where g.account = a.id and g.ended_at is null order by g.id limit 1), u.name) as "place_name?"
           from account a left join unit u on u.id = a.unit
           where a.demo_role is not null and a.suspended_at is null"#
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = rows
        .into_iter()
        .map(|r| {
            let sealed: accounts::Sealed = tx.keys.open(accounts::SEALED, r.id.as_bytes(), &r.sealed)?;
            Ok(DemoAccount {
                account: AccountId(r.id),
                role: r.demo_role.parse().map_err(crate::StoreError::Inconsistent)?,
                name: sealed.name,
                place_name: r.place_name,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|d| d.role);
    Ok(found)
}
