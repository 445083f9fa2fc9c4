//! Printed cards, for people without a phone of their own: a code of at least 60 random bits and the year of birth.

use super::citizens::{self, Proof, Relation};
use super::secret;
use crate::audit::{self, Actor, Entry};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::Code;
use greenfort_kernel::{AccountId, PersonId, UnitId};
use serde_json::json;
use uuid::Uuid;

const PURPOSE: &str = "person.card";
/// Wrong years after which a card is worthless, from wherever they came.
pub const MOST_MISSES: i32 = 10;

/// A card that exists; whose it is says nothing yet about who holds it.
#[derive(Debug, Clone, Copy)]
pub struct Card {
    pub id: Uuid,
    pub person: PersonId,
}

/// The live card with this code.
///
/// # Errors
/// When the database refuses.
pub async fn find(tx: &mut Tx, code: &Code) -> Result<Option<Card>> {
    let row = sqlx::query!(
        r#"select id as "id!", person as "person!" from card_by_code($1)"#,
        secret::keyed(&tx.keys, PURPOSE, code.as_str())
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|r| Card { id: r.id, person: PersonId(r.person) }))
}

/// How a year was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Right,
    Wrong,
    /// Ten wrong years: staff issue another card.
    Locked,
}

/// Compares the year with the person's, counting wrong ones. The transaction must see the card's person
/// (`Scope::persons`).
///
/// # Errors
/// [`StoreError::NotFound`] when the card is struck off or its person not in sight.
pub async fn answer(tx: &mut Tx, card: Card, birth_year: i16) -> Result<Answer> {
    let row = sqlx::query!(
        r#"select c.misses, c.locked_at as "locked_at?: jiff_sqlx::Timestamp", p.birth_year
           from person_card c join person p on p.id = c.person
           where c.id = $1 and c.revoked_at is null and p.removed is null for update of c"#,
        card.id
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound("card"))?;
    if row.locked_at.is_some() {
        return Ok(Answer::Locked);
    }
    if row.birth_year == birth_year {
        return Ok(Answer::Right);
    }
    let locks = row.misses + 1 >= MOST_MISSES;
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let counted = sqlx::query!(
        "update person_card set misses = misses + 1, locked_at = $2 where id = $1",
        card.id,
        locks.then_some(now) as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("card", counted.rows_affected(), 1)?;
    if locks {
        record(tx, Actor::System, "access.lock_card", card).await?;
    }
    Ok(Answer::Wrong)
}

/// The account that signs in with this card, made and linked at its first use.
///
/// # Errors
/// When the database refuses.
pub async fn account(tx: &mut Tx, card: Card) -> Result<AccountId> {
    if let Some(id) = sqlx::query_scalar!("select id from account where card = $1", card.id)
        .fetch_optional(tx.conn())
        .await?
    {
        return Ok(AccountId(id));
    }
    let account = citizens::make(tx, None).await?;
    let set = sqlx::query!("update account set card = $2 where id = $1", account.0, card.id)
        .execute(tx.conn())
        .await?;
    expect_rows("account", set.rows_affected(), 1)?;
    citizens::link(tx, account, card.person, Relation::Own, Proof::Card).await?;
    Ok(account)
}

/// Issues a card to a person in sight; earlier cards of the person, and who is signed in with them, are struck off.
/// The code is shown once.
///
/// # Errors
/// [`StoreError::NotFound`] when the person is not in the transaction's sight.
pub async fn issue(tx: &mut Tx, person: PersonId, by: AccountId) -> Result<Code> {
    citizens::home(tx, person).await?;
    let code = Code::generate(&tx.world, Code::CARD);
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    sqlx::query!(
        "with old as (update person_card set revoked_at = $2 where person = $1 and revoked_at is null returning id)
         update session s set ended_at = $2 from account a, old
         where a.card = old.id and s.account = a.id and s.ended_at is null",
        person.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    let card = Card { id: tx.world.id(), person };
    sqlx::query!(
        "insert into person_card (id, person, code_key, issued_by, issued_at) values ($1, $2, $3, $4, $5)",
        card.id,
        person.0,
        secret::keyed(&tx.keys, PURPOSE, code.as_str()),
        by.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    record(tx, Actor::Account(by), "access.issue_card", card).await?;
    Ok(code)
}

async fn record(tx: &mut Tx, actor: Actor, action: &str, card: Card) -> Result<()> {
    let unit = sqlx::query_scalar!("select unit from person where id = $1", card.person.0)
        .fetch_optional(tx.conn())
        .await?;
    let entry = Entry {
        actor,
        action,
        object_kind: "person_card",
        object_id: card.id.to_string(),
        unit: unit.map(UnitId),
        detail: json!({ "person": card.person }),
    };
    audit::record(tx, entry).await.map(drop)
}
