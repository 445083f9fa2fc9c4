//! Loading facts: everything the conclusions of some people and places depend on, in a fixed number of statements.

use super::Seeds;
use crate::campaign::Round;
use crate::lab::pools::scheme_of;
use crate::{Result, StoreError, Tx};
use greenfort_domain::conclusions::{
    Examined, Facts, Fate, FieldState, Judgement, Person, PlaceId, Recall, Released, SchemeFacts, Specimen,
};
use greenfort_kernel::{
    AssayId, ExemptReason, GroupId, HouseholdId, LotId, Method, PersonId, ReactionId, ReleaseId, RunId,
    SchemeId, SpecimenId,
};
use greenfort_pooling::decode::Reading;
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Facts, and whom they are complete for.
pub struct Gathered {
    pub facts: Facts,
    /// To be concluded; everybody else among the facts is there because these depend on them.
    pub people: BTreeSet<PersonId>,
    pub places: BTreeSet<PlaceId>,
}

type Members = Vec<(PlaceId, PersonId)>;

pub async fn gather(tx: &mut Tx, round: &Round, seeds: &Seeds) -> Result<Gathered> {
    let touched = with_scheme_mates(tx, round, &seeds.specimens).await?;
    let mut people: BTreeSet<PersonId> = seeds.people.clone();
    people.extend(people_of(tx, round, &touched).await?);
    let stood_for: BTreeSet<PlaceId> =
        stands_for(tx, round, &touched).await?.into_iter().map(|(_, p)| p).collect();
    let mut places = stood_for;
    places.extend(places_of(tx, round, &people).await?);
    // A place reads off all its members, and each member off all their places: two steps outwards, then it is closed.
    let inner = members_of(tx, round, &places).await?;
    people.extend(inner.iter().map(|(_, person)| *person));
    let mut outer_places = places.clone();
    outer_places.extend(places_of(tx, round, &people).await?);
    let members = if outer_places == places { inner } else { members_of(tx, round, &outer_places).await? };
    let mut outer_people = people.clone();
    outer_people.extend(members.iter().map(|(_, person)| *person));

    let mut ids = touched;
    ids.extend(specimens_of(tx, round, &outer_people, &outer_places).await?);
    let ids = with_scheme_mates(tx, round, &ids).await?;
    let facts = load(tx, round, members, &outer_people, &ids).await?;
    Ok(Gathered { facts, people, places })
}

fn uuids<Id: Copy + Into<Uuid>>(ids: &BTreeSet<Id>) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// Households and groups apart, as the database wants them.
fn split(places: &BTreeSet<PlaceId>) -> (Vec<Uuid>, Vec<Uuid>) {
    let (mut households, mut groups) = (Vec::new(), Vec::new());
    for place in places {
        match place {
            PlaceId::Household(id) => households.push(id.0),
            PlaceId::Group(id) => groups.push(id.0),
        }
    }
    (households, groups)
}

fn place(household: Option<Uuid>, group: Option<Uuid>) -> Option<PlaceId> {
    household
        .map(|id| PlaceId::Household(HouseholdId(id)))
        .or_else(|| group.map(|id| PlaceId::Group(GroupId(id))))
}

/// The specimens and all that share a scheme with them.
async fn with_scheme_mates(
    tx: &mut Tx,
    round: &Round,
    specimens: &BTreeSet<SpecimenId>,
) -> Result<BTreeSet<SpecimenId>> {
    let mates = sqlx::query_scalar!(
        "select distinct o.specimen from scheme_specimen s
         join scheme_specimen o on (o.province, o.round, o.scheme) = (s.province, s.round, s.scheme)
         where s.province = $1 and s.round = $2 and s.specimen = any ($3)",
        round.province.0,
        round.id.0,
        &uuids(specimens)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(specimens.iter().copied().chain(mates.into_iter().map(SpecimenId)).collect())
}

/// Donors, and whoever is ticked.
async fn people_of(tx: &mut Tx, round: &Round, ids: &BTreeSet<SpecimenId>) -> Result<Vec<PersonId>> {
    let people = sqlx::query_scalar!(
        r#"select person as "person!" from specimen_donor where province = $1 and round = $2 and specimen = any ($3)
           union
           select m.person from specimen_represents s
           join represented_member m on (m.province, m.round, m.represents) = (s.province, s.round, s.id)
           where s.province = $1 and s.round = $2 and s.specimen = any ($3)"#,
        round.province.0,
        round.id.0,
        &uuids(ids)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(people.into_iter().map(PersonId).collect())
}

async fn stands_for(
    tx: &mut Tx,
    round: &Round,
    ids: &BTreeSet<SpecimenId>,
) -> Result<Vec<(SpecimenId, PlaceId)>> {
    let rows = sqlx::query!(
        "select distinct specimen, household, resident_group from specimen_represents
         where province = $1 and round = $2 and specimen = any ($3)",
        round.province.0,
        round.id.0,
        &uuids(ids)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|r| place(r.household, r.resident_group).map(|p| (SpecimenId(r.specimen), p)))
        .collect())
}

async fn places_of(tx: &mut Tx, round: &Round, people: &BTreeSet<PersonId>) -> Result<Vec<PlaceId>> {
    let day = greenfort_kernel::local_date(round.window.starts_at);
    let rows = sqlx::query!(
        "select distinct household, null::uuid as resident_group from round_subject
         where province = $1 and round = $2 and person = any ($3) and household is not null
         union
         select null, g.resident_group from resident_group_member g
         where g.person = any ($3) and g.from_date <= $4 and coalesce(g.to_date, 'infinity') >= $4",
        round.province.0,
        round.id.0,
        &uuids(people),
        day.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().filter_map(|r| place(r.household, r.resident_group)).collect())
}

/// Members who are expected in the round: of a household as planned, of a group as listed when the round began.
async fn members_of(tx: &mut Tx, round: &Round, places: &BTreeSet<PlaceId>) -> Result<Members> {
    let (households, groups) = split(places);
    let day = greenfort_kernel::local_date(round.window.starts_at);
    let rows = sqlx::query!(
        r#"select household, null::uuid as resident_group, person as "person!" from round_subject
           where province = $1 and round = $2 and household = any ($3)
           union
           select null, g.resident_group, g.person from resident_group_member g
           join round_subject s on s.province = $1 and s.round = $2 and s.person = g.person
           where g.resident_group = any ($4) and g.from_date <= $5 and coalesce(g.to_date, 'infinity') >= $5"#,
        round.province.0,
        round.id.0,
        &households,
        &groups,
        day.to_sqlx() as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|r| place(r.household, r.resident_group).map(|p| (p, PersonId(r.person))))
        .collect())
}

/// Specimens people gave, that name them, or that stand for one of the places.
async fn specimens_of(
    tx: &mut Tx,
    round: &Round,
    people: &BTreeSet<PersonId>,
    places: &BTreeSet<PlaceId>,
) -> Result<Vec<SpecimenId>> {
    let (households, groups) = split(places);
    let ids = sqlx::query_scalar!(
        r#"select specimen as "specimen!" from specimen_donor where province = $1 and round = $2 and person = any ($3)
           union
           select s.specimen from represented_member m
           join specimen_represents s on (s.province, s.round, s.id) = (m.province, m.round, m.represents)
           where m.province = $1 and m.round = $2 and m.person = any ($3)
           union
           select specimen from specimen_represents
           where province = $1 and round = $2 and (household = any ($4) or resident_group = any ($5))"#,
        round.province.0,
        round.id.0,
        &uuids(people),
        &households,
        &groups
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(SpecimenId).collect())
}

async fn load(
    tx: &mut Tx,
    round: &Round,
    members: Members,
    people: &BTreeSet<PersonId>,
    ids: &BTreeSet<SpecimenId>,
) -> Result<Facts> {
    let (specimens, live) = load_specimens(tx, round, ids).await?;
    let (donors, represented) = load_names(tx, round, &live).await?;
    let stands_for = stands_for(tx, round, &live).await?;
    let named = donors.iter().chain(&represented).map(|(_, person)| *person);
    let everybody: BTreeSet<PersonId> = people.iter().copied().chain(named).collect();
    let schemes = load_schemes(tx, round, ids).await?;
    let (readings, lot_uses) = load_readings(tx, round, &schemes).await?;
    let recalls = load_recalls(tx, &readings, &lot_uses).await?;
    let judgements = load_judgements(tx, round, &schemes).await?;
    Ok(Facts {
        closed: round.closed_at.is_some(),
        people: load_people(tx, round, &everybody).await?,
        members,
        specimens,
        donors,
        represented,
        stands_for,
        schemes,
        readings,
        recalls,
        lot_uses,
        judgements,
    })
}

/// The specimens, and which of them say something about people: a tube taken back by its sampler keeps its place in a pool
/// but is nobody's. One whose lot of swabs or medium was recalled counts as rejected.
async fn load_specimens(
    tx: &mut Tx,
    round: &Round,
    ids: &BTreeSet<SpecimenId>,
) -> Result<(Vec<Specimen>, BTreeSet<SpecimenId>)> {
    let rows = sqlx::query!(
        r#"select s.id, s.sampled_at, s.sound as "sound!", s.voided_at, a.at as "received_at?", a.outcome as "outcome?",
                  exists (select from result_recall c join lot l on l.id = c.lot
                          where l.kind in ('vtm', 'swab') and l.id in (s.lot, t.lot)) as "bad_lot!"
           from specimen s
           join tube t on (t.issuer, t.barcode) = (s.issuer, s.barcode)
           left join lateral (select outcome, at from accession a
                              where (a.province, a.round, a.specimen) = (s.province, s.round, s.id)
                              order by version desc limit 1) a on true
           where s.province = $1 and s.round = $2 and s.id = any ($3)"#,
        round.province.0,
        round.id.0,
        &uuids(ids)
    )
    .fetch_all(tx.conn())
    .await?;
    let live = rows.iter().filter(|r| r.voided_at.is_none()).map(|r| SpecimenId(r.id)).collect();
    let specimens = rows
        .into_iter()
        .map(|r| Specimen {
            id: SpecimenId(r.id),
            sampled_at: r.sampled_at.to_jiff(),
            received_at: r.received_at.map(|t| t.to_jiff()),
            time_confirmed: r.sound,
            fate: match r.outcome.as_deref() {
                Some("rejected") => Fate::Rejected,
                Some("lost") => Fate::Lost,
                _ if r.bad_lot => Fate::Rejected,
                _ => Fate::InHand,
            },
        })
        .collect();
    Ok((specimens, live))
}

type Names = Vec<(SpecimenId, PersonId)>;

async fn load_names(tx: &mut Tx, round: &Round, ids: &BTreeSet<SpecimenId>) -> Result<(Names, Names)> {
    let rows = sqlx::query!(
        r#"select specimen as "specimen!", person as "person!", true as "gave!" from specimen_donor
           where province = $1 and round = $2 and specimen = any ($3)
           union all
           select s.specimen, m.person, false from specimen_represents s
           join represented_member m on (m.province, m.round, m.represents) = (s.province, s.round, s.id)
           where s.province = $1 and s.round = $2 and s.specimen = any ($3)"#,
        round.province.0,
        round.id.0,
        &uuids(ids)
    )
    .fetch_all(tx.conn())
    .await?;
    let (gave, named): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| r.gave);
    let pairs = |rows: Vec<_>, of: fn(_) -> (SpecimenId, PersonId)| rows.into_iter().map(of).collect();
    Ok((
        pairs(gave, |r| (SpecimenId(r.specimen), PersonId(r.person))),
        pairs(named, |r| (SpecimenId(r.specimen), PersonId(r.person))),
    ))
}

async fn load_schemes(tx: &mut Tx, round: &Round, ids: &BTreeSet<SpecimenId>) -> Result<Vec<SchemeFacts>> {
    let rows = sqlx::query!(
        r#"select c.id, c.algorithm, c.design, c.material, array_agg(s.specimen order by s.position) as "specimens!"
           from scheme c join scheme_specimen s on (s.province, s.round, s.scheme) = (c.province, c.round, c.id)
           where c.province = $1 and c.round = $2 and c.id in (
               select scheme from scheme_specimen where province = $1 and round = $2 and specimen = any ($3))
           group by c.id, c.algorithm, c.design, c.material"#,
        round.province.0,
        round.id.0,
        &uuids(ids)
    )
    .fetch_all(tx.conn())
    .await?;
    let mut schemes = Vec::with_capacity(rows.len());
    for r in rows {
        schemes.push(SchemeFacts {
            id: SchemeId(r.id),
            scheme: scheme_of(&r.algorithm, &r.design, &r.material)?,
            specimens: r.specimens.into_iter().map(SpecimenId).collect(),
        });
    }
    Ok(schemes)
}

async fn load_readings(
    tx: &mut Tx,
    round: &Round,
    schemes: &[SchemeFacts],
) -> Result<(Vec<Released>, Vec<(RunId, LotId)>)> {
    let ids: Vec<Uuid> = schemes.iter().map(|s| s.id.0).collect();
    let rows = sqlx::query!(
        "select r.id, r.run, r.scheme, r.test, v.version, v.release, g.reading, g.verified, u.authorised, a.id as assay, a.method,
                a.sensitivity
         from reaction r
         join released_reading v on (v.province, v.round, v.reaction) = (r.province, r.round, r.id)
         join reading g on (g.province, g.round, g.reaction, g.version) = (v.province, v.round, v.reaction, v.version)
         join run u on u.id = r.run join assay a on a.id = u.assay
         where r.province = $1 and r.round = $2 and r.scheme = any ($3)",
        round.province.0,
        round.id.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let mut readings = Vec::with_capacity(rows.len());
    for r in rows {
        readings.push(Released {
            reaction: ReactionId(r.id),
            version: u16::try_from(r.version).unwrap_or(0),
            release: ReleaseId(r.release),
            run: RunId(r.run),
            scheme: SchemeId(r.scheme),
            test: usize::try_from(r.test).unwrap_or(usize::MAX),
            reading: reading(&r.reading)?,
            examined: Examined {
                assay: AssayId(r.assay),
                method: r.method.parse::<Method>().map_err(StoreError::Inconsistent)?,
                sensitivity: u8::try_from(r.sensitivity).unwrap_or(1),
                authorised: r.authorised,
                verified: r.verified,
            },
        });
    }
    let runs: BTreeSet<RunId> = readings.iter().map(|r| r.run).collect();
    let uses = sqlx::query!("select run, lot from run_lot where run = any ($1)", &uuids(&runs))
        .fetch_all(tx.conn())
        .await?;
    Ok((readings, uses.into_iter().map(|r| (RunId(r.run), LotId(r.lot))).collect()))
}

/// A reading as the database writes it.
pub fn reading(word: &str) -> Result<Reading> {
    match word {
        "detected" => Ok(Reading::Detected),
        "not_detected" => Ok(Reading::NotDetected),
        "inconclusive" => Ok(Reading::Inconclusive),
        "invalid" => Ok(Reading::Invalid),
        other => Err(StoreError::Inconsistent(format!("`{other}` is no reading"))),
    }
}

async fn load_recalls(tx: &mut Tx, readings: &[Released], lots: &[(RunId, LotId)]) -> Result<Vec<Recall>> {
    let reactions: Vec<Uuid> = readings.iter().map(|r| r.reaction.0).collect();
    let runs: BTreeSet<RunId> = readings.iter().map(|r| r.run).collect();
    let lots: BTreeSet<LotId> = lots.iter().map(|(_, lot)| *lot).collect();
    let rows = sqlx::query!(
        "select scope, reaction, version, run, lot from result_recall
         where reaction = any ($1) or run = any ($2) or lot = any ($3)",
        &reactions,
        &uuids(&runs),
        &uuids(&lots)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|r| match (r.reaction, r.version, r.run, r.lot) {
            (Some(reaction), Some(version), ..) => Some(Recall::Reading {
                reaction: ReactionId(reaction),
                version: u16::try_from(version).unwrap_or(0),
            }),
            (_, _, Some(run), _) => Some(Recall::Run(RunId(run))),
            (_, _, _, Some(lot)) => Some(Recall::Lot(LotId(lot))),
            _ => None,
        })
        .collect())
}

async fn load_judgements(tx: &mut Tx, round: &Round, schemes: &[SchemeFacts]) -> Result<Vec<Judgement>> {
    let ids: Vec<Uuid> = schemes.iter().map(|s| s.id.0).collect();
    let rows = sqlx::query!(
        "select scheme, test from judgement where province = $1 and round = $2 and scheme = any ($3)",
        round.province.0,
        round.id.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Judgement {
            scheme: SchemeId(r.scheme),
            test: usize::try_from(r.test).unwrap_or(usize::MAX),
        })
        .collect())
}

/// What the field recorded: the latest visit, else the plan.
async fn load_people(tx: &mut Tx, round: &Round, people: &BTreeSet<PersonId>) -> Result<Vec<Person>> {
    let ids = uuids(people);
    let planned: BTreeMap<Uuid, Vec<String>> = sqlx::query!(
        "select person, reasons from round_subject
         where province = $1 and round = $2 and person = any ($3) and expected = 'exempt'",
        round.province.0,
        round.id.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|r| (r.person, r.reasons))
    .collect();
    let visits: BTreeMap<Uuid, (String, String)> = sqlx::query!(
        "select distinct on (person) person, reach, reason from visit
         where province = $1 and round = $2 and person = any ($3) order by person, occurred_at desc, id desc",
        round.province.0,
        round.id.0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|r| (r.person, (r.reach, r.reason)))
    .collect();
    Ok(people
        .iter()
        .map(|id| {
            let field = match (visits.get(&id.0), planned.get(&id.0)) {
                (Some((reach, reason)), _) => visited(reach, reason),
                (None, Some(reasons)) => exempt(reasons),
                (None, None) => FieldState::NotYetReached,
            };
            Person { id: *id, field, recovered_on: None }
        })
        .collect())
}

fn visited(reach: &str, reason: &str) -> FieldState {
    match reach {
        "refused" => FieldState::Refused,
        "removed" => FieldState::Removed,
        "exempt" => FieldState::Exempt(reason.parse().unwrap_or(ExemptReason::NotSwabbable)),
        _ => FieldState::Absent,
    }
}

fn exempt(reasons: &[String]) -> FieldState {
    if reasons.iter().any(|r| r == "removed") {
        return FieldState::Removed;
    }
    FieldState::Exempt(reasons.iter().find_map(|r| r.parse().ok()).unwrap_or(ExemptReason::Age))
}
