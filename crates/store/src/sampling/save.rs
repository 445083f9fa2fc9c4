//! Saving what follows from events. What a tube holds is written once; what is doubtful about it may change.

use crate::campaign::Round;
use crate::crypt::name_row_keys;
use crate::registry::{PERSON_SEALED, PersonSecret};
use crate::{Result, Tx};
use greenfort_domain::sampling::{Known, Received, Specimen, Stay, Truth, Tube};
use greenfort_kernel::{IntakeId, RepresentsId, SpecimenId, text};
use jiff_sqlx::ToSqlx as _;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

pub(super) async fn save(
    tx: &mut Tx,
    round: &Round,
    tubes: &BTreeSet<Tube>,
    events: &[Received],
    known: &Known,
    truth: &Truth,
) -> Result<()> {
    save_people(tx, truth).await?;
    let new = save_specimens(tx, round, truth).await?;
    save_content(tx, round, truth, &new).await?;
    save_tubes(tx, round, tubes, truth).await?;
    save_visits(tx, round, truth).await?;
    save_cassettes(tx, round, truth).await?;
    let units: BTreeMap<IntakeId, i32> = events.iter().map(|e| (e.event.id, e.unit.0)).collect();
    save_problems(tx, round, &units, known, truth).await
}

/// Enters who was added on the spot.
async fn save_people(tx: &mut Tx, truth: &Truth) -> Result<()> {
    if truth.people.is_empty() {
        return Ok(());
    }
    let (now, today) = (tx.world.now(), tx.world.today());
    let (mut ids, mut people, mut kinds): (Vec<Uuid>, Vec<Uuid>, Vec<&str>) = Default::default();
    for (id, added) in &truth.people {
        let secret = PersonSecret { name: added.name.trim().to_owned(), ..PersonSecret::default() };
        let keys = name_row_keys(&tx.keys, &text::fold(&secret.name));
        let sealed = tx.keys.seal(PERSON_SEALED, id.0.as_bytes(), &secret);
        // One by one: a household has a lodger or a newborn now and then, and arrays of arrays do not unnest.
        let entered = sqlx::query!(
            "insert into person (id, unit, household, birth_year, sex, relation, sealed, name_keys, created_at)
             values ($1, $2, (select id from household where id = $3), $4, $5, $6, $7, $8, $9) on conflict do nothing",
            id.0,
            added.unit.0,
            added.household.map(|h| h.0),
            added.birth_year.clamp(1880, 2200),
            if added.female { "female" } else { "male" },
            added.stay.as_str(),
            sealed,
            &keys,
            now.to_sqlx() as _
        )
        .execute(tx.conn())
        .await?;
        if entered.rows_affected() == 1 {
            ids.push(tx.world.id());
            people.push(id.0);
            kinds.push(if added.stay == Stay::Newborn { "born" } else { "arrived" });
        }
    }
    // A history without an account: whoever swabbed is named by the event of the swab.
    sqlx::query!(
        "insert into person_event (id, person, kind, on_date, to_unit, to_household, detail, at)
         select e.id, p.id, e.kind, $4, p.unit, p.household, '{\"at_sampling\": true}', $5
         from unnest($1::uuid[], $2::uuid[], $3::text[]) e (id, person, kind) join person p on p.id = e.person",
        &ids,
        &people,
        &kinds as _,
        today.to_sqlx() as _,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes new specimens and what changed about known ones. Answers the new ones.
async fn save_specimens(tx: &mut Tx, round: &Round, truth: &Truth) -> Result<HashSet<Uuid>> {
    let all: Vec<(&SpecimenId, &Specimen)> = truth.specimens.iter().collect();
    let now = tx.world.now();
    let ids: Vec<Uuid> = all.iter().map(|(id, _)| id.0).collect();
    let issuer: Vec<String> = all.iter().map(|(_, s)| s.tube.issuer.clone()).collect();
    let barcode: Vec<String> = all.iter().map(|(_, s)| s.tube.barcode.clone()).collect();
    let unit: Vec<i32> = all.iter().map(|(_, s)| s.unit.0).collect();
    let site: Vec<Option<Uuid>> = all.iter().map(|(_, s)| s.site.map(|x| x.0)).collect();
    let assay: Vec<Uuid> = all.iter().map(|(_, s)| s.assay.0).collect();
    let lot: Vec<Option<Uuid>> = all.iter().map(|(_, s)| s.lot.map(|x| x.0)).collect();
    let donors: Vec<i16> =
        all.iter().map(|(_, s)| i16::try_from(s.donors.len()).unwrap_or(i16::MAX)).collect();
    let sampled_at: Vec<_> = all.iter().map(|(_, s)| s.sampled_at.to_sqlx()).collect();
    let late: Vec<bool> = all.iter().map(|(_, s)| s.late_entry).collect();
    let follows: Vec<Option<Uuid>> = all.iter().map(|(_, s)| s.follows.map(|x| x.0)).collect();
    let device: Vec<Uuid> = all.iter().map(|(_, s)| s.device.0).collect();
    let account: Vec<Uuid> = all.iter().map(|(_, s)| s.account.0).collect();
    let flags: Vec<String> =
        all.iter().map(|(_, s)| s.flags.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(",")).collect();
    let voided: Vec<_> = all.iter().map(|(_, s)| s.voided_at.map(|t| t.to_sqlx())).collect();
    let new = sqlx::query_scalar!(
        "insert into specimen (province, round, id, issuer, barcode, unit, site, assay, lot, pooling, donors, sampled_at,
             late_entry, follows, device, collected_by, flags, voided_at, created_at)
         select $1, $2, s.id, s.issuer, s.barcode, s.unit, s.site, s.assay, s.lot,
                case when s.donors > 1 then 'swab' else 'none' end, s.donors, s.sampled_at, s.late, s.follows, s.device, a.id,
                string_to_array(s.flags, ','), s.voided_at, $3
         from unnest($4::uuid[], $5::text[], $6::text[], $7::int[], $8::uuid[], $9::uuid[], $10::uuid[], $11::int2[],
                     $12::timestamptz[], $13::bool[], $14::uuid[], $15::uuid[], $16::uuid[], $17::text[], $18::timestamptz[])
              s (id, issuer, barcode, unit, site, assay, lot, donors, sampled_at, late, follows, device, account, flags, voided_at)
         left join account a on a.id = s.account
         on conflict do nothing returning id",
        round.province.0,
        round.id.0,
        now.to_sqlx() as _,
        &ids,
        &issuer,
        &barcode,
        &unit,
        &site as _,
        &assay,
        &lot as _,
        &donors,
        &sampled_at as _,
        &late,
        &follows as _,
        &device,
        &account,
        &flags,
        &voided as _
    )
    .fetch_all(tx.conn())
    .await?;
    // A new doubt opens again what a site lead had settled.
    sqlx::query!(
        "update specimen s set flags = string_to_array(n.flags, ','), voided_at = n.voided_at,
             settled_by = case when string_to_array(n.flags, ',') <@ s.flags then s.settled_by end,
             settled_at = case when string_to_array(n.flags, ',') <@ s.flags then s.settled_at end
         from unnest($3::uuid[], $4::text[], $5::timestamptz[]) n (id, flags, voided_at)
         where s.province = $1 and s.round = $2 and s.id = n.id
           and (s.flags, s.voided_at) is distinct from (string_to_array(n.flags, ','), n.voided_at)",
        round.province.0,
        round.id.0,
        &ids,
        &flags,
        &voided as _
    )
    .execute(tx.conn())
    .await?;
    Ok(new.into_iter().collect())
}

#[derive(Default)]
struct Content {
    donor_specimen: Vec<Uuid>,
    donor_person: Vec<Uuid>,
    donor_unit: Vec<i32>,
    donor_position: Vec<i16>,
    donor_identified: Vec<String>,
    stands_id: Vec<Uuid>,
    stands_specimen: Vec<Uuid>,
    stands_representative: Vec<Uuid>,
    stands_household: Vec<Option<Uuid>>,
    stands_group: Vec<Option<Uuid>>,
    stands_unit: Vec<i32>,
    stands_present: Vec<i16>,
    member_stands: Vec<Uuid>,
    member_person: Vec<Uuid>,
    member_unit: Vec<i32>,
}

/// Writes donors, representations and their members of new specimens, and notes everybody added on the spot as expected.
async fn save_content(tx: &mut Tx, round: &Round, truth: &Truth, new: &HashSet<Uuid>) -> Result<()> {
    let mut c = Content::default();
    for (id, specimen) in truth.specimens.iter().filter(|(id, _)| new.contains(&id.0)) {
        for (at, (person, unit, how)) in (1_i16..).zip(&specimen.donors) {
            c.donor_specimen.push(id.0);
            c.donor_person.push(person.0);
            c.donor_unit.push(unit.0);
            c.donor_position.push(at);
            c.donor_identified.push(how.as_str().to_owned());
        }
        for represents in &specimen.represents {
            let stands: RepresentsId = tx.world.id();
            c.stands_id.push(stands.0);
            c.stands_specimen.push(id.0);
            c.stands_representative.push(represents.representative.0);
            c.stands_household.push(represents.household.map(|h| h.0));
            c.stands_group.push(represents.group.map(|g| g.0));
            c.stands_unit.push(represents.unit.0);
            c.stands_present.push(i16::try_from(represents.present).unwrap_or(i16::MAX));
            for (person, unit) in &represents.members {
                c.member_stands.push(stands.0);
                c.member_person.push(person.0);
                c.member_unit.push(unit.0);
            }
        }
    }
    let (province, id) = (round.province.0, round.id.0);
    sqlx::query!(
        "insert into specimen_donor (province, round, specimen, person, unit, position, identified_by)
         select $1, $2, * from unnest($3::uuid[], $4::uuid[], $5::int[], $6::int2[], $7::text[])",
        province,
        id,
        &c.donor_specimen,
        &c.donor_person,
        &c.donor_unit,
        &c.donor_position,
        &c.donor_identified
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into specimen_represents (province, round, id, specimen, representative, household, resident_group, unit, present)
         select $1, $2, * from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::int[], $9::int2[])",
        province,
        id,
        &c.stands_id,
        &c.stands_specimen,
        &c.stands_representative,
        &c.stands_household as _,
        &c.stands_group as _,
        &c.stands_unit,
        &c.stands_present
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into represented_member (province, round, represents, person, unit)
         select $1, $2, * from unnest($3::uuid[], $4::uuid[], $5::int[])",
        province,
        id,
        &c.member_stands,
        &c.member_person,
        &c.member_unit
    )
    .execute(tx.conn())
    .await?;
    expect_newcomers(tx, round, &c).await
}

/// Whoever was met and stands on no list of the round is added to it: expected + added − removed = reached.
async fn expect_newcomers(tx: &mut Tx, round: &Round, c: &Content) -> Result<()> {
    let now = tx.world.now();
    sqlx::query!(
        "insert into round_subject (province, round, person, unit, household, expected, choice, walk_order, origin, planned_at)
         select $1, $2, m.person, m.unit, p.household, case when m.swab then 'swab' else 'represented' end,
                case when m.swab then 1 else 0 end, coalesce(h.walk_order, 2147483647), 'on_the_spot', $7
         from (select person, unit, true as swab from unnest($3::uuid[], $4::int[]) d (person, unit)
               union all select person, unit, false from unnest($5::uuid[], $6::int[]) r (person, unit)) m
         join person p on p.id = m.person left join household h on h.id = p.household
         order by m.swab desc on conflict do nothing",
        round.province.0,
        round.id.0,
        &c.donor_person,
        &c.donor_unit,
        &c.member_person,
        &c.member_unit,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A tube holds its live specimen of this round, or none; a tube of another round keeps what it holds.
async fn save_tubes(tx: &mut Tx, round: &Round, tubes: &BTreeSet<Tube>, truth: &Truth) -> Result<()> {
    let now = tx.world.now();
    let issuer: Vec<String> = tubes.iter().map(|t| t.issuer.clone()).collect();
    let barcode: Vec<String> = tubes.iter().map(|t| t.barcode.clone()).collect();
    let specimen: Vec<Option<Uuid>> = tubes.iter().map(|t| truth.tubes.get(t).map(|s| s.0)).collect();
    sqlx::query!(
        "update tube t set specimen = n.specimen, used_at = case when n.specimen is not null then coalesce(t.used_at, $3) end,
             province = case when n.specimen is not null then $1::int end,
             round = case when n.specimen is not null then $2::uuid end
         from unnest($4::text[], $5::text[], $6::uuid[]) n (issuer, barcode, specimen)
         where t.issuer = n.issuer and t.barcode = n.barcode and (t.round is null or t.round = $2)
           and t.specimen is distinct from n.specimen",
        round.province.0,
        round.id.0,
        now.to_sqlx() as _,
        &issuer,
        &barcode,
        &specimen as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn save_visits(tx: &mut Tx, round: &Round, truth: &Truth) -> Result<()> {
    let ids: Vec<Uuid> = truth.visits.keys().map(|id| id.0).collect();
    let person: Vec<Uuid> = truth.visits.values().map(|v| v.person.0).collect();
    let unit: Vec<i32> = truth.visits.values().map(|v| v.unit.0).collect();
    let reach: Vec<String> = truth.visits.values().map(|v| v.reach.as_str().to_owned()).collect();
    let reason: Vec<String> = truth.visits.values().map(|v| v.reason.chars().take(64).collect()).collect();
    let at: Vec<_> = truth.visits.values().map(|v| v.occurred_at.to_sqlx()).collect();
    sqlx::query!(
        "insert into visit (province, round, id, person, unit, reach, reason, occurred_at)
         select $1, $2, v.id, v.person, v.unit, v.reach, coalesce(nullif(v.reason, ''), 'not_said'), v.at
         from unnest($3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::timestamptz[])
              v (id, person, unit, reach, reason, at)
         on conflict do nothing",
        round.province.0,
        round.id.0,
        &ids,
        &person,
        &unit,
        &reach,
        &reason,
        &at as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn save_cassettes(tx: &mut Tx, round: &Round, truth: &Truth) -> Result<()> {
    let ids: Vec<Uuid> = truth.cassettes.keys().map(|id| id.0).collect();
    let specimen: Vec<Uuid> = truth.cassettes.values().map(|c| c.specimen.0).collect();
    let drops_at: Vec<_> = truth.cassettes.values().map(|c| c.drops_at.to_sqlx()).collect();
    let read_at: Vec<_> = truth.cassettes.values().map(|c| c.read_at.to_sqlx()).collect();
    let control: Vec<bool> = truth.cassettes.values().map(|c| c.control_line).collect();
    let test: Vec<bool> = truth.cassettes.values().map(|c| c.test_line).collect();
    sqlx::query!(
        "insert into cassette_reading (province, round, id, specimen, drops_at, read_at, control_line, test_line)
         select $1, $2, * from unnest($3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::bool[], $8::bool[])
         on conflict do nothing",
        round.province.0,
        round.id.0,
        &ids,
        &specimen,
        &drops_at as _,
        &read_at as _,
        &control,
        &test
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Problems that hold now are open, those that no longer hold are gone; what was settled stays settled.
async fn save_problems(
    tx: &mut Tx,
    round: &Round,
    units: &BTreeMap<IntakeId, i32>,
    known: &Known,
    truth: &Truth,
) -> Result<()> {
    let now = tx.world.now();
    let looked_at: Vec<Uuid> = units.keys().map(|id| id.0).collect();
    let intake: Vec<Uuid> = truth.problems.iter().map(|(id, ..)| id.0).collect();
    let code: Vec<String> = truth.problems.iter().map(|(_, p, _)| p.as_str().to_owned()).collect();
    let person: Vec<Option<Uuid>> = truth
        .problems
        .iter()
        .map(|(.., person)| {
            person.filter(|p| known.register.contains_key(p) || truth.people.contains_key(p)).map(|p| p.0)
        })
        .collect();
    let unit: Vec<i32> = truth.problems.iter().map(|(id, ..)| units.get(id).copied().unwrap_or(0)).collect();
    sqlx::query!(
        "insert into intake_problem (province, round, intake, code, person, unit, found_at)
         select $1, $2, p.intake, p.code, p.person, p.unit, $3
         from unnest($4::uuid[], $5::text[], $6::uuid[], $7::int[]) p (intake, code, person, unit)
         on conflict on constraint intake_problem_once do update set gone_at = null where intake_problem.gone_at is not null",
        round.province.0,
        round.id.0,
        now.to_sqlx() as _,
        &intake,
        &code,
        &person as _,
        &unit
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update intake_problem p set gone_at = $3
         where p.province = $1 and p.round = $2 and p.intake = any ($4) and p.gone_at is null
           and not exists (select from unnest($5::uuid[], $6::text[], $7::uuid[]) n (intake, code, person)
                           where n.intake = p.intake and n.code = p.code and n.person is not distinct from p.person)",
        round.province.0,
        round.id.0,
        now.to_sqlx() as _,
        &looked_at,
        &intake,
        &code,
        &person as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
