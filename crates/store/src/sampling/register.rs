//! What a phone carries to know people by: the list of a hamlet, whom nobody may stand for, and the numbers on their cards.

use super::known::barred;
use super::lists::{SubjectLine, subjects};
use crate::campaign::Round;
use crate::registry::{PERSON_SEALED, PersonSecret};
use crate::{Result, Tx};
use greenfort_domain::sampling::Bar;
use greenfort_kernel::{GroupId, PersonId, UnitId};
use std::collections::HashMap;
use uuid::Uuid;

/// Somebody of the list, with what tells them apart.
#[derive(Debug, Clone)]
pub struct RegisterLine {
    pub subject: SubjectLine,
    /// Group they are sampled with.
    pub group: Option<GroupId>,
    pub bar: Option<Bar>,
    /// Numbers of their papers: ID, health insurance, code of the commune.
    pub numbers: Vec<String>,
}

/// Everybody expected in a hamlet, in walking order.
///
/// # Errors
/// When the database refuses or a sealed row does not open.
pub async fn register(tx: &mut Tx, round: &Round, hamlet: UnitId) -> Result<Vec<RegisterLine>> {
    let lines = subjects(tx, round, hamlet).await?;
    let people: Vec<Uuid> = lines.iter().map(|l| l.person.0).collect();
    let bars = barred(tx, round, &people).await?;
    let rows = sqlx::query!(
        "select p.id, p.code, p.sealed, s.resident_group from round_subject s join person p on p.id = s.person
         where s.province = $1 and s.round = $2 and s.unit = $3",
        round.province.0,
        round.id.0,
        hamlet.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut known: HashMap<PersonId, (Option<GroupId>, Vec<String>)> = HashMap::with_capacity(rows.len());
    for row in rows {
        let secret: PersonSecret = match &row.sealed {
            Some(sealed) => tx.keys.open(PERSON_SEALED, row.id.as_bytes(), sealed)?,
            None => PersonSecret::default(),
        };
        let numbers = [secret.id_number, secret.insurance, row.code].into_iter().flatten().collect();
        known.insert(PersonId(row.id), (row.resident_group.map(GroupId), numbers));
    }
    Ok(lines
        .into_iter()
        .map(|subject| {
            let (group, numbers) = known.remove(&subject.person).unwrap_or_default();
            RegisterLine { bar: bars.get(&subject.person).copied(), subject, group, numbers }
        })
        .collect())
}
