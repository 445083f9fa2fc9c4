//! Figures kept with the facts: writers append changes, this folds them. Reading = folded + not yet folded.

use crate::{Result, Tx};

/// Advisory lock of the folder: one worker folds, the others do something else.
const LOCK: i64 = 7_083_003;
/// The same for the figures of rounds.
const OUTCOMES_LOCK: i64 = 7_083_041;
/// Changes folded in one transaction.
const BATCH: i64 = 100_000;

/// Adds waiting changes to the figures of rounds, as one set; answers how many changes were folded.
///
/// # Errors
/// When the database refuses.
pub async fn fold_outcomes(tx: &mut Tx) -> Result<i64> {
    let mine = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "mine!""#, OUTCOMES_LOCK)
        .fetch_one(tx.conn())
        .await?;
    if !mine {
        return Ok(0);
    }
    let folded = sqlx::query_scalar!(
        r#"with taken as (
               delete from outcome_figure_delta
               where id in (select id from outcome_figure_delta order by id limit $1)
               returning round, unit, age_band, sex, assay, reach, outcome, persons),
           added as (
               insert into outcome_figure (round, unit, age_band, sex, assay, reach, outcome, persons)
               select round, unit, age_band, sex, assay, reach, outcome, sum(persons) from taken
               group by 1, 2, 3, 4, 5, 6, 7 having sum(persons) <> 0
               on conflict on constraint outcome_figure_cell
                   do update set persons = outcome_figure.persons + excluded.persons)
           select count(*) as "folded!" from taken"#,
        BATCH
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(folded)
}

/// Adds waiting changes to the register's figures, as one set; answers how many changes were folded.
///
/// # Errors
/// When the database refuses.
pub async fn fold_register(tx: &mut Tx) -> Result<i64> {
    let mine = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "mine!""#, LOCK)
        .fetch_one(tx.conn())
        .await?;
    if !mine {
        return Ok(0);
    }
    let folded = sqlx::query_scalar!(
        r#"with taken as (
               delete from register_figure_delta
               where id in (select id from register_figure_delta order by id limit $1)
               returning unit, birth_year, sex, persons),
           added as (
               insert into register_figure (unit, birth_year, sex, persons)
               select unit, birth_year, sex, sum(persons) from taken group by 1, 2, 3 having sum(persons) <> 0
               on conflict (unit, birth_year, sex)
                   do update set persons = register_figure.persons + excluded.persons)
           select count(*) as "folded!" from taken"#,
        BATCH
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(folded)
}
