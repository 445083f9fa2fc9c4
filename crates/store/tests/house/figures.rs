use crate::people;
use greenfort_store::{DbRole, Result, Scope, figures, tx};
use greenfort_testkit::TestDb;

async fn count(db: &TestDb, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut db.owner().await).await.unwrap()
}

const FOLDED: &str = "select coalesce(sum(persons), 0)::bigint from register_figure";
const WAITING: &str = "select count(*) from register_figure_delta";

#[tokio::test]
async fn folding_moves_waiting_changes_into_the_figures_and_loses_none() -> Result<()> {
    let db = TestDb::new().await;
    let home = people::household(&db).await;
    for n in 0..5 {
        people::person(&db, home, &format!("Người {n}")).await;
    }
    let worker = db.db(DbRole::Worker);
    assert_eq!(tx!(worker, "fold", Scope::nobody(), |tx| figures::fold_register(tx).await)?, 5);
    assert_eq!((count(&db, FOLDED).await, count(&db, WAITING).await), (5, 0));
    db.execute("update person set removed = 'moved', removed_on = '2021-09-01' where id in (select id from person limit 2)")
        .await;
    tx!(worker, "fold", Scope::nobody(), |tx| figures::fold_register(tx).await)?;
    assert_eq!((count(&db, FOLDED).await, count(&db, WAITING).await), (3, 0));
    assert_eq!(count(&db, "select members::bigint from household").await, 3);
    Ok(())
}

#[tokio::test]
async fn a_change_that_moves_nobody_queues_no_figure_and_touches_no_household() -> Result<()> {
    let db = TestDb::new().await;
    let home = people::household(&db).await;
    people::person(&db, home, "Người ở yên").await;
    db.execute("delete from register_figure_delta").await;
    db.execute("update person set vaccine_doses = 2").await;
    assert_eq!(count(&db, WAITING).await, 0);
    assert_eq!(count(&db, "select members::bigint from household").await, 1);
    Ok(())
}
