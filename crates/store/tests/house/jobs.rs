use greenfort_kernel::JobId;
use greenfort_store::jobs::{self, AfterFailure, Leased, NewJob};
use greenfort_store::{Db, DbRole, Result, Scope, StoreError, tx};
use greenfort_testkit::TestDb;
use jiff::SignedDuration;
use serde_json::json;

const LEASE: SignedDuration = SignedDuration::from_mins(5);

fn job(key: &str, db: &TestDb) -> NewJob<'static> {
    NewJob {
        kind: "test.greet",
        unique_key: key.to_owned(),
        payload: json!({ "n": 1 }),
        run_at: db.world.now(),
    }
}

async fn enqueue(db: &TestDb, key: &str) -> Result<bool> {
    let app = db.db(DbRole::App);
    tx!(app, "enqueue", Scope::nobody(), |tx| jobs::enqueue(tx, job(key, db)).await)
}

async fn lease(worker: &Db) -> Result<Vec<Leased>> {
    let kinds = ["test.greet".to_owned()];
    tx!(worker, "lease", Scope::nobody(), |tx| jobs::lease(tx, &kinds, 10, LEASE).await)
}

async fn fail(worker: &Db, job: &Leased) -> Result<AfterFailure> {
    tx!(worker, "fail", Scope::nobody(), |tx| jobs::fail(tx, job, "gateway away").await)
}

#[tokio::test]
async fn the_same_job_enqueued_twice_is_one_job() -> Result<()> {
    let db = TestDb::new().await;
    assert!(enqueue(&db, "a").await?);
    assert!(!enqueue(&db, "a").await?);
    assert_eq!(lease(&db.db(DbRole::Worker)).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_job_of_a_transaction_that_fails_was_never_enqueued() -> Result<()> {
    let db = TestDb::new().await;
    let app = db.db(DbRole::App);
    let outcome = tx!(app, "enqueue", Scope::nobody(), |tx| -> Result<()> {
        jobs::enqueue(tx, job("a", &db)).await?;
        Err(StoreError::Conflict("something else"))
    });
    assert!(outcome.is_err());
    db.assert_no_job_left().await;
    Ok(())
}

#[tokio::test]
async fn a_leased_job_is_leased_to_nobody_else_until_the_lease_ends() -> Result<()> {
    let db = TestDb::new().await;
    enqueue(&db, "a").await?;
    let worker = db.db(DbRole::Worker);
    let first = lease(&worker).await?;
    assert!(lease(&worker).await?.is_empty());
    db.clock.advance(LEASE);
    let second = lease(&worker).await?;
    assert_eq!((first[0].attempt, second[0].attempt), (1, 2));
    // The first worker comes back late: its word no longer counts.
    let late = tx!(worker, "finish", Scope::nobody(), |tx| jobs::finish(tx, &first[0]).await);
    assert!(matches!(late, Err(StoreError::NotFound(_))));
    tx!(worker, "finish", Scope::nobody(), |tx| jobs::finish(tx, &second[0]).await)?;
    db.assert_no_job_left().await;
    Ok(())
}

#[tokio::test]
async fn workers_that_lease_at_the_same_time_share_the_jobs_out() -> Result<()> {
    let db = TestDb::new().await;
    for n in 0..30 {
        enqueue(&db, &n.to_string()).await?;
    }
    let worker = db.db(DbRole::Worker);
    let (a, b, c) = tokio::join!(lease(&worker), lease(&worker), lease(&worker));
    let mut ids: Vec<JobId> = [a?, b?, c?].iter().flatten().map(|j| j.id).collect();
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!((all, ids.len()), (30, 30));
    Ok(())
}

#[tokio::test]
async fn a_failing_job_waits_longer_each_time_is_given_up_and_can_be_set_back() -> Result<()> {
    let db = TestDb::new().await;
    enqueue(&db, "a").await?;
    let worker = db.db(DbRole::Worker);
    let mut pauses = Vec::new();
    let last = loop {
        let leased = lease(&worker).await?.remove(0);
        match fail(&worker, &leased).await? {
            AfterFailure::AgainAt(at) => {
                assert!(lease(&worker).await?.is_empty(), "not before its time");
                pauses.push(at.duration_since(db.world.now()));
                db.clock.set(at);
            }
            AfterFailure::GivenUp => break leased,
        }
    };
    assert_eq!(last.attempt, jobs::MOST_ATTEMPTS);
    assert!(pauses.is_sorted() && pauses[0] < pauses[3]);
    db.clock.advance(SignedDuration::from_hours(24));
    assert!(lease(&worker).await?.is_empty(), "given up");
    let backlog = tx!(worker, "backlog", Scope::nobody(), |tx| jobs::backlog(tx).await)?;
    assert_eq!((backlog.due, backlog.given_up), (0, 1));
    tx!(worker, "set_back", Scope::nobody(), |tx| jobs::set_back(tx, last.id).await)?;
    assert_eq!(lease(&worker).await?.remove(0).attempt, 1);
    Ok(())
}

#[tokio::test]
#[should_panic(expected = "test.greet a")]
async fn a_job_left_unrun_fails_the_test_that_left_it() {
    let db = TestDb::new().await;
    enqueue(&db, "a").await.unwrap();
    db.assert_no_job_left().await;
}

#[tokio::test]
async fn a_listener_hears_of_a_new_job_when_it_is_committed() -> Result<()> {
    let db = TestDb::new().await;
    let worker = db.db(DbRole::Worker);
    let mut listener = jobs::listen(&worker).await?;
    enqueue(&db, "a").await?;
    assert_eq!(listener.recv().await?.channel(), jobs::CHANNEL);
    Ok(())
}
