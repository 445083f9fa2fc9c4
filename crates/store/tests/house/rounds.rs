//! What the tables of a round promise, whatever the program does.

use crate::people;
use greenfort_kernel::{PersonId, RoundId, UnitId};
use greenfort_store::{DbRole, Result, Scope, tx};
use greenfort_testkit::TestDb;

/// A standing round in unit 1.
async fn round(db: &TestDb, days_from_now: i32) -> RoundId {
    let id: RoundId = db.world.id();
    db.execute(&format!(
        "insert into round (id, province, kind, starts_at, ends_at, created_at) values ('{id}', 1, 'standing',
         now() + interval '{days_from_now} days', now() + interval '{} days', now())",
        days_from_now + 30
    ))
    .await;
    id
}

async fn expect_subject(db: &TestDb, round: RoundId, person: PersonId) {
    db.execute(&format!(
        "insert into round_subject (province, round, person, unit, expected, choice, planned_at)
         values (1, '{round}', '{person}', 1, 'swab', 1, now())"
    ))
    .await;
}

#[tokio::test]
async fn a_round_has_its_partitions_from_the_statement_that_creates_it() {
    let db = TestDb::new().await;
    people::household(&db).await;
    round(&db, 0).await;
    round(&db, 30).await;
    let without: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
         where c.relkind = 'p' and (select count(*) from pg_inherits where inhparent = c.oid) <> 2",
    )
    .fetch_all(&mut db.owner().await)
    .await
    .unwrap();
    assert!(without.is_empty(), "not two partitions: {without:?}");
}

#[tokio::test]
async fn who_is_expected_is_seen_only_inside_the_area() -> Result<()> {
    let db = TestDb::new().await;
    let home = people::household(&db).await;
    let person = people::person(&db, home, "Nguyễn Văn A").await;
    let id = round(&db, 0).await;
    expect_subject(&db, id, person).await;
    let app = db.db(DbRole::App);
    let seen = async |scope: Scope| {
        tx!(app, "count", scope, |tx| -> Result<i64> {
            Ok(sqlx::query_scalar("select count(*) from round_subject").fetch_one(tx.conn()).await?)
        })
    };
    assert_eq!(seen(Scope::area([UnitId(1)])).await?, 1);
    assert_eq!(seen(Scope::persons([person])).await?, 1);
    assert_eq!(seen(Scope::nobody()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_program_cannot_reach_past_the_policies_through_a_partition() -> Result<()> {
    let db = TestDb::new().await;
    people::household(&db).await;
    let id = round(&db, 0).await;
    let app = db.db(DbRole::App);
    let partition = format!("specimen_donor_{}", id.0.simple());
    let outcome = tx!(app, "count", Scope::nobody(), |tx| -> Result<i64> {
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {partition}")))
            .fetch_one(tx.conn())
            .await?)
    });
    assert!(outcome.unwrap_err().to_string().contains("permission denied"));
    Ok(())
}
