use crate::people;
use greenfort_kernel::PersonId;
use greenfort_store::crypt::{self, KeyRing, RingFile, RowType, SEALED, SealedColumn};
use greenfort_store::{Db, DbRole, Result, Scope, tx};
use greenfort_testkit::TestDb;
use std::sync::Arc;

fn column(name: &str) -> SealedColumn {
    *SEALED.iter().find(|c| c.name == name).unwrap()
}

/// A connection whose ring has the test's old key and a new current one.
fn rotated(db: &TestDb) -> (Db, Arc<KeyRing>, RingFile) {
    let mut file = db.ring.clone();
    file.rotate(&db.world);
    let ring = Arc::new(file.load(db.world.clone()).unwrap());
    (Db::open(&db.address, DbRole::Owner, 4, db.world.clone(), Arc::clone(&ring)), ring, file)
}

async fn sealed_name(db: &TestDb, id: PersonId) -> Vec<u8> {
    sqlx::query_scalar("select sealed from person where id = $1")
        .bind(id.0)
        .fetch_one(&mut db.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn resealing_goes_on_where_it_was_cut_and_then_the_old_key_can_go() -> Result<()> {
    let db = TestDb::new().await;
    let home = people::household(&db).await;
    let mut ids = Vec::new();
    for n in 0..7 {
        ids.push(people::person(&db, home, &format!("Người {n}")).await);
    }
    let (owner, _, mut file) = rotated(&db);
    let person = column("person.sealed");
    let step = async |from: &[u8]| {
        tx!(owner, "reseal", Scope::nobody(), |tx| crypt::reseal_batch(tx, person, from, 3).await)
    };
    // Two batches, then the program is killed: it begins again from the first row and finds only what is left.
    let (last, done) = step(&RowType::Uuid.first_row()).await?.unwrap();
    assert_eq!(done, 3);
    step(&last).await?.unwrap();
    let left = tx!(owner, "count", Scope::nobody(), |tx| crypt::count_old(tx, person).await)?;
    assert_eq!(left, 1);
    let (_, done) = step(&RowType::Uuid.first_row()).await?.unwrap();
    assert_eq!(done, 1);
    assert!(step(&RowType::Uuid.first_row()).await?.is_none());
    file.retire_old();
    let new = file.load(db.world.clone()).unwrap();
    for (n, id) in ids.iter().enumerate() {
        let name: String = new.open("person.sealed", id.0.as_bytes(), &sealed_name(&db, *id).await)?;
        assert_eq!(name, format!("Người {n}"));
    }
    Ok(())
}

#[tokio::test]
async fn a_value_that_does_not_open_stops_the_resealing_and_stays_as_it_is() -> Result<()> {
    let db = TestDb::new().await;
    let home = people::household(&db).await;
    let id = people::person(&db, home, "Người").await;
    db.execute("update person set sealed = set_byte(sealed, 20, (get_byte(sealed, 20) + 1) % 256)").await;
    let before = sealed_name(&db, id).await;
    let (owner, ..) = rotated(&db);
    let person = column("person.sealed");
    let from = RowType::Uuid.first_row();
    let outcome =
        tx!(owner, "reseal", Scope::nobody(), |tx| crypt::reseal_batch(tx, person, &from, 10).await);
    assert!(outcome.is_err());
    assert_eq!(sealed_name(&db, id).await, before);
    Ok(())
}

#[tokio::test]
async fn every_column_that_says_encrypted_is_one_that_rotation_knows() {
    let db = TestDb::new().await;
    let found: Vec<String> = sqlx::query_scalar(
        "select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
         join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
           and a.atttypid = 'bytea'::regtype and col_description(c.oid, a.attnum) like 'Encrypted%' order by 1",
    )
    .fetch_all(&mut db.owner().await)
    .await
    .unwrap();
    let mut known: Vec<&str> = SEALED.iter().map(|c| c.name).collect();
    known.sort_unstable();
    assert_eq!(found, known, "crypt::SEALED and the schema's comments must name the same columns");
}
