//! What roles are held over, by name and by the unit it lies in.

use super::unit_ref::{self, Inside, UnitRef};
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{LaboratoryId, OrganisationId, Over, UnitId, text};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What a role is held over, with its name.
#[derive(Debug, Clone)]
pub enum Place {
    LinkedPersons,
    Area(UnitRef),
    Organisation(OrganisationId, String),
    Laboratory(LaboratoryId, String),
}

impl Place {
    pub fn over(&self) -> Over {
        match self {
            Self::LinkedPersons => Over::LinkedPersons,
            Self::Area(unit) => Over::Area(unit.id),
            Self::Organisation(id, _) => Over::Organisation(*id),
            Self::Laboratory(id, _) => Over::Laboratory(*id),
        }
    }

    /// The name people know it by; None for linked persons.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::LinkedPersons => None,
            Self::Area(unit) => Some(&unit.name),
            Self::Organisation(_, name) | Self::Laboratory(_, name) => Some(name),
        }
    }
}

/// `Over` as the columns of `account_grant`: unit, organisation, laboratory.
pub(super) fn columns(over: Over) -> (Option<i32>, Option<Uuid>, Option<Uuid>) {
    match over {
        Over::LinkedPersons => (None, None, None),
        Over::Area(unit) => (Some(unit.0), None, None),
        Over::Organisation(id) => (None, Some(id.0), None),
        Over::Laboratory(id) => (None, None, Some(id.0)),
    }
}

/// The columns as `Over`; a check holds that at most one is there.
pub(super) fn of_columns(unit: Option<i32>, organisation: Option<Uuid>, laboratory: Option<Uuid>) -> Over {
    unit.map(|id| Over::Area(UnitId(id)))
        .or_else(|| organisation.map(|id| Over::Organisation(OrganisationId(id))))
        .or_else(|| laboratory.map(|id| Over::Laboratory(LaboratoryId(id))))
        .unwrap_or(Over::LinkedPersons)
}

/// A place that is no unit.
struct Row {
    over: Over,
    name: String,
    unit: UnitId,
}

async fn rows(tx: &mut Tx, overs: &[Over]) -> Result<Vec<Row>> {
    let (mut organisations, mut laboratories) = (Vec::new(), Vec::new());
    for over in overs {
        match over {
            Over::Organisation(id) => organisations.push(id.0),
            Over::Laboratory(id) => laboratories.push(id.0),
            Over::LinkedPersons | Over::Area(_) => {}
        }
    }
    if organisations.is_empty() && laboratories.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select id as "organisation", null::uuid as "laboratory", name as "name!", unit as "unit!"
           from organisation where id = any ($1)
           union all select null, id, name, unit from laboratory where id = any ($2)"#,
        &organisations,
        &laboratories
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Row {
            over: of_columns(None, r.organisation, r.laboratory),
            name: r.name,
            unit: UnitId(r.unit),
        })
        .collect())
}

/// These places with their names.
///
/// # Errors
/// When the database refuses.
pub(super) async fn by_over(tx: &mut Tx, overs: &[Over]) -> Result<HashMap<Over, Place>> {
    let units = overs.iter().filter_map(|over| match over {
        Over::Area(unit) => Some(*unit),
        _ => None,
    });
    let units = unit_ref::by_ids(tx, units).await?;
    let mut places: HashMap<Over, Place> =
        units.into_values().map(|unit| (Over::Area(unit.id), Place::Area(unit))).collect();
    for row in rows(tx, overs).await? {
        let place = match row.over {
            Over::Organisation(id) => Place::Organisation(id, row.name),
            Over::Laboratory(id) => Place::Laboratory(id, row.name),
            Over::LinkedPersons | Over::Area(_) => continue,
        };
        places.insert(row.over, place);
    }
    places.insert(Over::LinkedPersons, Place::LinkedPersons);
    Ok(places)
}

/// The unit a place is or lies in: its administrators look after whoever holds a role over it.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such place, and for linked persons.
pub async fn home(tx: &mut Tx, over: Over) -> Result<UnitId> {
    if let Over::Area(unit) = over {
        return Ok(unit);
    }
    rows(tx, &[over]).await?.pop().map(|row| row.unit).ok_or(StoreError::NotFound("place"))
}

/// How places lie to the roots of areas.
#[derive(Debug, Default)]
pub struct Lying {
    homes: HashMap<Over, UnitId>,
    inside: Inside,
}

impl Lying {
    pub fn lies_in(&self, over: Over, root: UnitId) -> bool {
        self.homes.get(&over).is_some_and(|unit| self.inside.holds(*unit, root))
    }
}

/// Which of these places lie in which of these areas today.
///
/// # Errors
/// When the database refuses.
pub async fn lying(tx: &mut Tx, overs: &[Over], roots: &[UnitId]) -> Result<Lying> {
    let mut homes: HashMap<Over, UnitId> =
        rows(tx, overs).await?.into_iter().map(|row| (row.over, row.unit)).collect();
    homes.extend(overs.iter().filter_map(|over| match over {
        Over::Area(unit) => Some((*over, *unit)),
        _ => None,
    }));
    let units: Vec<UnitId> = homes.values().copied().collect::<HashSet<_>>().into_iter().collect();
    let inside = unit_ref::inside(tx, &units, roots).await?;
    Ok(Lying { homes, inside })
}

/// Which places that are no unit to offer for a role; all conditions together.
#[derive(Debug, Clone)]
pub struct PlaceFilter {
    pub kind: PlaceKind,
    /// Roots of the areas they lie in.
    pub area: Vec<UnitId>,
    /// Folded words of the name.
    pub query: Option<String>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    Organisation,
    Laboratory,
}

/// Organisations or laboratories of the areas that are still at work, by id.
///
/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, filter: &PlaceFilter) -> Result<Vec<Place>> {
    let area: Vec<i32> = filter.area.iter().map(|u| u.0).collect();
    let today = jiff_sqlx::Date::from(tx.world.today());
    match filter.kind {
        PlaceKind::Organisation => {
            let rows = sqlx::query!(
                "select id, name from organisation
                 where ended_at is null and unit_lies_in(unit, $1, $2)
                   and ($3::text is null or folded_name like '%' || $3 || '%') and ($4::uuid is null or id > $4)
                 order by id limit $5",
                &area,
                today as _,
                filter.query,
                filter.after,
                filter.limit
            )
            .fetch_all(tx.conn())
            .await?;
            Ok(rows.into_iter().map(|r| Place::Organisation(OrganisationId(r.id), r.name)).collect())
        }
        PlaceKind::Laboratory => {
            let rows = sqlx::query!(
                "select id, name from laboratory
                 where ended_at is null and unit_lies_in(unit, $1, $2) and ($3::uuid is null or id > $3) order by id",
                &area,
                today as _,
                filter.after
            )
            .fetch_all(tx.conn())
            .await?;
            // A province has a dozen laboratories; their names are not kept folded.
            let named =
                |name: &str| filter.query.as_ref().is_none_or(|q| text::fold(name).contains(q.as_str()));
            Ok(rows
                .into_iter()
                .filter(|r| named(&r.name))
                .take(usize::try_from(filter.limit).unwrap_or(0))
                .map(|r| Place::Laboratory(LaboratoryId(r.id), r.name))
                .collect())
        }
    }
}
