//! A hamlet with a household and people in it, as the owner loads them.

use greenfort_kernel::{HouseholdId, PersonId};
use greenfort_testkit::TestDb;

/// Makes unit 1 (a province with itself as its whole area) and returns a household in it.
pub async fn household(db: &TestDb) -> HouseholdId {
    let id: HouseholdId = db.world.id();
    let sealed = hex(&db.keys.seal("household.sealed", id.0.as_bytes(), &"Ấp 3, đường liên xã"));
    db.execute(&format!(
        "insert into unit (code, valid_from, level, kind, name, folded_name)
            select '83', '2021-01-01', 'province', 'Tỉnh', 'Tỉnh Bến Tre', 'tinh ben tre'
            where not exists (select from unit);
         insert into unit_ancestor select 1, 1, 0, '2021-01-01', 'infinity' where not exists (select from unit_ancestor);
         insert into household (id, unit, walk_order, sealed, created_at)
            values ('{id}', 1, 1, '\\x{sealed}', now())"
    ))
    .await;
    id
}

/// Adds a person with a sealed name.
pub async fn person(db: &TestDb, household: HouseholdId, name: &str) -> PersonId {
    let id: PersonId = db.world.id();
    let sealed = hex(&db.keys.seal("person.sealed", id.0.as_bytes(), &name));
    db.execute(&format!(
        "insert into person (id, unit, household, birth_year, sex, sealed, created_at)
         values ('{id}', 1, '{household}', 1980, 'female', '\\x{sealed}', now())"
    ))
    .await;
    id
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
