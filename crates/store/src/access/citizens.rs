//! Citizens: an account for a phone or a card, and the links through which it sees persons. Nothing else lets a phone
//! see anybody: a number in the register is an address for messages, never an authorisation.

use super::accounts::{self, NewAccount};
use super::cards::{self, Answer};
use crate::audit::{self, Actor, Entry};
use crate::{Result, StoreError, Tx, expect_rows};
use greenfort_domain::access::{Code, Held};
use greenfort_kernel::{AccountId, PersonId, Role, UnitId};
use jiff::Timestamp;
use serde_json::json;

pub use greenfort_kernel::Relation;

/// Why the link is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Staff saw the identity paper.
    IdSeen { by: AccountId },
    /// The printed card's code and the year of birth.
    Card,
    /// Said by a guardian or household head who is linked already.
    Confirmed { by: AccountId },
}

impl Proof {
    fn word(self) -> &'static str {
        match self {
            Self::IdSeen { .. } => "id_seen",
            Self::Card => "card",
            Self::Confirmed { .. } => "confirmed",
        }
    }

    fn by(self) -> Option<AccountId> {
        match self {
            Self::IdSeen { by } | Self::Confirmed { by } => Some(by),
            Self::Card => None,
        }
    }
}

/// A citizen's account, seeing nobody yet.
pub(super) async fn make(tx: &mut Tx, phone_key: Option<Vec<u8>>) -> Result<AccountId> {
    let account = accounts::create(tx, &NewAccount::citizen(phone_key)).await?;
    accounts::grant(tx, account, Held::linked(Role::Citizen), None, None).await?;
    Ok(account)
}

/// The account of a phone that has just proved itself, made at its first sign-in. None when it is suspended.
///
/// # Errors
/// When the database refuses.
pub async fn by_phone(tx: &mut Tx, phone_key: &[u8]) -> Result<Option<AccountId>> {
    let known = sqlx::query!(
        r#"select id, suspended_at is not null as "suspended!" from account where phone_key = $1"#,
        phone_key
    )
    .fetch_optional(tx.conn())
    .await?;
    match known {
        Some(row) => Ok((!row.suspended).then_some(AccountId(row.id))),
        None => Ok(Some(make(tx, Some(phone_key.to_vec())).await?)),
    }
}

/// The unit of a person in the transaction's sight.
///
/// # Errors
/// [`StoreError::NotFound`] when row security shows no such person.
pub(super) async fn home(tx: &mut Tx, person: PersonId) -> Result<UnitId> {
    let unit = sqlx::query_scalar!("select unit from person where id = $1 and removed is null", person.0)
        .fetch_optional(tx.conn())
        .await?;
    unit.map(UnitId).ok_or(StoreError::NotFound("person"))
}

/// Links an account to a person in sight; a head of household also gets that role. Linking again changes nothing.
pub(super) async fn link(
    tx: &mut Tx,
    account: AccountId,
    person: PersonId,
    relation: Relation,
    proof: Proof,
) -> Result<()> {
    let unit = home(tx, person).await?;
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let linked = sqlx::query!(
        "insert into account_person (account, person, relation, proof, by, at)
         select id, $2, $3, $4, $5, $6 from account where id = $1 and kind = 'citizen'
         on conflict (account, person) where ended_at is null do nothing",
        account.0,
        person.0,
        relation.as_str(),
        proof.word(),
        proof.by().map(|a| a.0),
        now as _
    )
    .execute(tx.conn())
    .await?;
    if linked.rows_affected() == 0 {
        return Ok(());
    }
    if relation == Relation::HouseholdHead {
        let held = Held::linked(Role::HouseholdHead);
        let holds = sqlx::query_scalar!(
            r#"select exists (select from account_grant where account = $1 and role = 'household_head'
                              and ended_at is null) as "holds!""#,
            account.0
        )
        .fetch_one(tx.conn())
        .await?;
        if !holds {
            accounts::grant(tx, account, held, None, proof.by()).await?;
        }
    }
    let actor = match proof {
        Proof::IdSeen { by } => Actor::Account(by),
        Proof::Confirmed { by } => Actor::Citizen(by),
        Proof::Card => Actor::Citizen(account),
    };
    record(tx, actor, "access.link_person", account, person, unit, relation.as_str()).await
}

/// Staff saw the identity paper of the account's owner. The transaction must see the person (its area).
///
/// # Errors
/// [`StoreError::NotFound`] when the person is not in sight.
pub async fn link_by_staff(
    tx: &mut Tx,
    account: AccountId,
    person: PersonId,
    relation: Relation,
    by: AccountId,
) -> Result<()> {
    link(tx, account, person, relation, Proof::IdSeen { by }).await
}

/// A signed-in phone adds the person of a printed card. The transaction must see the card's person, and the caller
/// counts attempts as for signing in with the card.
///
/// # Errors
/// [`StoreError::NotFound`] for an unknown card.
pub async fn link_by_card(
    tx: &mut Tx,
    account: AccountId,
    code: &Code,
    birth_year: i16,
    relation: Relation,
) -> Result<Answer> {
    let card = cards::find(tx, code).await?.ok_or(StoreError::NotFound("card"))?;
    let answer = cards::answer(tx, card, birth_year).await?;
    if answer == Answer::Right {
        link(tx, account, card.person, relation, Proof::Card).await?;
    }
    Ok(answer)
}

/// That `by` is linked as guardian of the person or as head of the person's household.
///
/// # Errors
/// [`StoreError::NotFound`] when not, or when the person is not in sight.
pub async fn heads(tx: &mut Tx, by: AccountId, person: PersonId) -> Result<()> {
    let may = sqlx::query_scalar!(
        r#"select exists (
               select from account_person l join person own on own.id = l.person join person p on p.id = $2
               where l.account = $1 and l.ended_at is null
                 and ((l.relation = 'guardian' and own.id = p.id)
                   or (l.relation = 'household_head' and own.household = p.household))) as "may!""#,
        by.0,
        person.0
    )
    .fetch_one(tx.conn())
    .await?;
    if !may {
        return Err(StoreError::NotFound("person"));
    }
    Ok(())
}

/// A guardian or head of household, linked already, lets another account see a person of the same household (or the
/// very person he is guardian of). Only staff and cards make heads and guardians.
///
/// # Errors
/// [`StoreError::NotFound`] when `by` has no such link; the two are not told apart.
pub async fn link_by_head(
    tx: &mut Tx,
    account: AccountId,
    person: PersonId,
    relation: Relation,
    by: AccountId,
) -> Result<()> {
    if !matches!(relation, Relation::Own | Relation::Family) {
        return Err(StoreError::NotFound("person"));
    }
    heads(tx, by, person).await?;
    link(tx, account, person, relation, Proof::Confirmed { by }).await
}

/// A link in force.
#[derive(Debug, Clone)]
pub struct Link {
    pub account: AccountId,
    pub relation: Relation,
    pub proof: String,
    /// True for a phone, false for a printed card.
    pub phone: bool,
    /// Staff or head of household who made it; None for a card.
    pub by: Option<AccountId>,
    pub at: Timestamp,
}

impl Link {
    /// Made by this head of household or guardian, who may end it too.
    pub fn is_shared_by(&self, account: AccountId) -> bool {
        self.proof == "confirmed" && self.by == Some(account)
    }
}

/// The links of a person in sight, oldest first.
///
/// # Errors
/// [`StoreError::NotFound`] when the person is not in sight.
pub async fn links(tx: &mut Tx, person: PersonId) -> Result<Vec<Link>> {
    home(tx, person).await?;
    let rows = sqlx::query!(
        r#"select l.account, l.relation, l.proof, l.by, l.at, a.phone_key is not null as "phone!"
           from account_person l join account a on a.id = l.account
           where l.person = $1 and l.ended_at is null order by l.at, l.account"#,
        person.0
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Link {
                account: AccountId(r.account),
                relation: r.relation.parse().map_err(StoreError::Inconsistent)?,
                proof: r.proof,
                phone: r.phone,
                by: r.by.map(AccountId),
                at: r.at.to_jiff(),
            })
        })
        .collect()
}

/// A head of household or guardian takes back what he shared himself; links that staff or a card made stay.
///
/// # Errors
/// [`StoreError::NotFound`] when `by` does not head the person or has shared nothing with the account.
pub async fn unlink_by_head(tx: &mut Tx, account: AccountId, person: PersonId, by: AccountId) -> Result<()> {
    heads(tx, by, person).await?;
    let links = links(tx, person).await?;
    if !links.iter().any(|link| link.account == account && link.is_shared_by(by)) {
        return Err(StoreError::NotFound("link"));
    }
    unlink(tx, account, person, Actor::Citizen(by)).await
}

/// Ends a link: a number changed hands, a child came of age. The account's sessions end.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none or the person is not in sight.
pub async fn unlink(tx: &mut Tx, account: AccountId, person: PersonId, by: Actor) -> Result<()> {
    let unit = home(tx, person).await?;
    let now = jiff_sqlx::Timestamp::from(tx.world.now());
    let ended = sqlx::query!(
        "update account_person set ended_at = $3 where account = $1 and person = $2 and ended_at is null",
        account.0,
        person.0,
        now as _
    )
    .execute(tx.conn())
    .await?;
    expect_rows("link", ended.rows_affected(), 1)?;
    super::session::end_all(tx, account).await?;
    record(tx, by, "access.unlink_person", account, person, unit, "").await
}

async fn record(
    tx: &mut Tx,
    actor: Actor,
    action: &str,
    account: AccountId,
    person: PersonId,
    unit: UnitId,
    relation: &str,
) -> Result<()> {
    let entry = Entry {
        actor,
        action,
        object_kind: "person",
        object_id: person.to_string(),
        unit: Some(unit),
        detail: json!({ "account": account, "relation": relation }),
    };
    audit::record(tx, entry).await.map(drop)
}
