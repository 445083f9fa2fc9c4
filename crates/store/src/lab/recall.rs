//! Taking back: readings, runs and lots that count no more, and the lead's word on discordant pools. Everything that rested
//! on them is derived again in the same transaction; nothing is overwritten.

use crate::campaign;
use crate::conclusions::{self, Concluded, Seeds};
use crate::{Result, StoreError, Tx};
use greenfort_domain::conclusions::{Finding, Suspicion};
use greenfort_kernel::{
    AccountId, LotId, ReactionId, RecallId, RoundId, RunId, SchemeId, SpecimenId, UnitId,
};
use jiff_sqlx::ToSqlx as _;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The readings of a reaction up to the newest released one; a later one stands again.
    Reading {
        round: RoundId,
        reaction: ReactionId,
    },
    Run(RunId),
    /// Every run the lot was used in, those that arrive later too.
    Lot(LotId),
}

/// What a recall did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recalled {
    pub id: RecallId,
    /// Readings that count no more.
    pub readings: usize,
    pub concluded: Concluded,
}

/// Takes back and derives everybody concerned again. Twice writes a second recall and changes nothing more.
///
/// # Errors
/// `NotFound` when there is nothing of it in the province.
pub async fn recall(
    tx: &mut Tx,
    province: UnitId,
    scope: Scope,
    reason: &str,
    by: AccountId,
) -> Result<Recalled> {
    let concerned = concerned(tx, province, scope).await?;
    let version = match scope {
        Scope::Reading { .. } => Some(concerned.version.ok_or(StoreError::NotFound("released reading"))?),
        Scope::Run(_) => None,
        Scope::Lot(lot) => {
            let known = sqlx::query_scalar!("select id from lot where id = $1", lot.0)
                .fetch_optional(tx.conn())
                .await?;
            known.ok_or(StoreError::NotFound("lot"))?;
            None
        }
    };
    for round in concerned.specimens.keys() {
        conclusions::take_turn(tx, *round).await?;
    }
    let id: RecallId = tx.world.id();
    let now = tx.world.now();
    let (word, round, reaction, run, lot) = match scope {
        Scope::Reading { round, reaction } => ("reading", Some(round.0), Some(reaction.0), None, None),
        Scope::Run(run) => ("run", None, None, Some(run.0), None),
        Scope::Lot(lot) => ("lot", None, None, None, Some(lot.0)),
    };
    sqlx::query!(
        "insert into result_recall (id, province, scope, round, reaction, version, run, lot, reason, by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id.0,
        province.0,
        word,
        round,
        reaction,
        version,
        run,
        lot,
        reason,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    if let Scope::Lot(lot) = scope {
        sqlx::query!(
            "update lot set blocked_at = coalesce(blocked_at, $2) where id = $1",
            lot.0,
            now.to_sqlx() as _
        )
        .execute(tx.conn())
        .await?;
    }
    let mut total = Concluded::default();
    for (round, specimens) in concerned.specimens {
        let round = campaign::round(tx, round).await?;
        let concluded = conclusions::conclude(tx, &round, &Seeds::specimens(specimens)).await?;
        total.people += concluded.people;
        total.places += concluded.places;
        total.changed += concluded.changed;
        total.taken_back += concluded.taken_back;
    }
    Ok(Recalled { id, readings: concerned.readings, concluded: total })
}

#[derive(Default)]
struct Concerned {
    readings: usize,
    version: Option<i16>,
    specimens: BTreeMap<RoundId, Vec<SpecimenId>>,
}

/// Released readings and the specimens they speak of; of a lot of swabs or medium, the tubes it was used for.
async fn concerned(tx: &mut Tx, province: UnitId, scope: Scope) -> Result<Concerned> {
    let (reaction, run, lot) = match scope {
        Scope::Reading { reaction, .. } => (Some(reaction.0), None, None),
        Scope::Run(run) => (None, Some(run.0), None),
        Scope::Lot(lot) => (None, None, Some(lot.0)),
    };
    let rows = sqlx::query!(
        r#"select r.round as "round!", r.id as "reaction?", max(v.version) as "version?", m.specimen as "specimen!"
           from reaction r
           join released_reading v on (v.province, v.round, v.reaction) = (r.province, r.round, r.id)
           join scheme_specimen m on (m.province, m.round, m.scheme) = (r.province, r.round, r.scheme)
           where r.province = $1 and (r.id = $2 or r.run = $3 or r.run in (select run from run_lot where lot = $4))
           group by r.round, r.id, m.specimen
           union all
           select s.round, null, null, s.id from specimen s join tube t on (t.issuer, t.barcode) = (s.issuer, s.barcode)
           where s.province = $1 and $4 in (s.lot, t.lot)"#,
        province.0,
        reaction,
        run,
        lot
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = Concerned::default();
    let mut reactions = std::collections::BTreeSet::new();
    for r in rows {
        found.specimens.entry(RoundId(r.round)).or_default().push(SpecimenId(r.specimen));
        found.version = found.version.max(r.version);
        reactions.extend(r.reaction);
    }
    found.readings = reactions.len();
    Ok(found)
}

/// The laboratory lead decides that a discordant pool clears, and everybody in it is derived again.
///
/// # Errors
/// `Conflict` when the pool is not discordant (any more), or was judged before.
pub async fn judge(
    tx: &mut Tx,
    round: RoundId,
    scheme: SchemeId,
    reason: &str,
    by: AccountId,
) -> Result<Concluded> {
    let round = campaign::round(tx, round).await?;
    conclusions::take_turn(tx, round.id).await?;
    let tubes: Vec<Uuid> = sqlx::query_scalar!(
        "select specimen from scheme_specimen where province = $1 and round = $2 and scheme = $3",
        round.province.0,
        round.id.0,
        scheme.0
    )
    .fetch_all(tx.conn())
    .await?;
    let seeds = Seeds::specimens(tubes.iter().copied().map(SpecimenId));
    let (_, derived, _) = conclusions::look(tx, &round, &seeds).await?;
    let test = derived
        .specimens
        .iter()
        .filter(|(id, _)| tubes.contains(&id.0))
        .find_map(|(_, finding)| match finding {
            Finding::Suspicious(Suspicion::Discordant(_), by) => Some(by.released.test),
            _ => None,
        })
        .ok_or(StoreError::Conflict("pool is not discordant"))?;
    let now = tx.world.now();
    sqlx::query!(
        "insert into judgement (province, round, scheme, test, reason, by, at) values ($1, $2, $3, $4, $5, $6, $7)",
        round.province.0,
        round.id.0,
        scheme.0,
        i16::try_from(test).unwrap_or(i16::MAX),
        reason,
        by.0,
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await
    .map_err(|e| match StoreError::from(e) {
        twice if twice.is_unique_violation() => StoreError::Conflict("pool was judged before"),
        other => other,
    })?;
    conclusions::conclude(tx, &round, &seeds).await
}
