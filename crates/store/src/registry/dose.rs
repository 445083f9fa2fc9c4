//! Vaccinations of a person.

use crate::error::expect_rows;
use crate::{Result, StoreError, Tx};
use greenfort_kernel::{AccountId, PersonId};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;

/// A dose with its day.
#[derive(Debug, Clone)]
pub struct Dose {
    pub dose: i16,
    pub given_on: Date,
    pub product: String,
}

/// # Errors
/// When the database refuses.
pub async fn list(tx: &mut Tx, id: PersonId) -> Result<Vec<Dose>> {
    let rows = sqlx::query!(
        r#"select dose, given_on as "given_on: jiff_sqlx::Date", product from vaccination where person = $1 order by dose"#,
        id.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Dose { dose: r.dose, given_on: r.given_on.to_jiff(), product: r.product })
        .collect())
}

/// Enters a dose, or its correction; the number of doses follows.
///
/// # Errors
/// When the database refuses.
pub async fn set(tx: &mut Tx, id: PersonId, dose: &Dose, by: AccountId) -> Result<()> {
    let now = tx.world.now();
    sqlx::query!(
        "insert into vaccination (person, dose, given_on, product, at, by) values ($1, $2, $3, $4, $5, $6)
         on conflict (person, dose) do update set given_on = excluded.given_on, product = excluded.product,
             at = excluded.at, by = excluded.by",
        id.0,
        dose.dose,
        dose.given_on.to_sqlx() as _,
        dose.product,
        now.to_sqlx() as _,
        by.0
    )
    .execute(tx.conn())
    .await?;
    let done = sqlx::query!(
        "update person set vaccine_doses = greatest(vaccine_doses, $2) where id = $1",
        id.0,
        dose.dose
    )
    .execute(tx.conn())
    .await?;
    expect_rows("person", done.rows_affected(), 1)
}

/// Takes back the last dose, entered by mistake.
///
/// # Errors
/// `NotFound` when it is not entered, `Conflict` when a later one is.
pub async fn withdraw(tx: &mut Tx, id: PersonId, dose: i16) -> Result<()> {
    let later = sqlx::query_scalar!(
        r#"select exists (select from vaccination where person = $1 and dose > $2) as "later!""#,
        id.0,
        dose
    )
    .fetch_one(tx.conn())
    .await?;
    if later {
        return Err(StoreError::Conflict("dose"));
    }
    let gone = sqlx::query!("delete from vaccination where person = $1 and dose = $2", id.0, dose)
        .execute(tx.conn())
        .await?;
    expect_rows("dose", gone.rows_affected(), 1)?;
    sqlx::query!("update person set vaccine_doses = $2 where id = $1", id.0, dose - 1)
        .execute(tx.conn())
        .await?;
    Ok(())
}
