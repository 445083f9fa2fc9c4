//! The worker against a real queue.

use greenfort_server::config::Config;
use greenfort_server::worker::{Context, JobFailed, Registry, Worker};
use greenfort_store::jobs::{self, NewJob};
use greenfort_store::seal::SealKey;
use greenfort_store::{DbRole, Scope, tx};
use greenfort_testkit::TestDb;
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;

fn worker(db: &TestDb, registry: Registry) -> Worker {
    let context = Context { db: db.db(DbRole::Worker), config: Arc::new(Config::default()) };
    Worker::new(context, registry, SealKey::generate(&db.world).unwrap().0)
}

async fn enqueue(db: &TestDb, keys: std::ops::Range<u32>) {
    let app = db.db(DbRole::App);
    let new = || {
        keys.clone()
            .map(|n| NewJob {
                kind: "test.count",
                unique_key: n.to_string(),
                payload: n.into(),
                run_at: db.world.now(),
            })
            .collect()
    };
    tx!(app, "enqueue", Scope::nobody(), |tx| jobs::enqueue_all(tx, new()).await).unwrap();
}

#[tokio::test]
async fn every_job_is_carried_out_and_a_handler_that_breaks_is_tried_again() {
    let db = TestDb::new().await;
    enqueue(&db, 0..20).await;
    let calls = Arc::new(AtomicU32::new(0));
    let registry = Registry::default().on("test.count", {
        let calls = Arc::clone(&calls);
        move |_, job| {
            let calls = Arc::clone(&calls);
            async move {
                calls.fetch_add(1, Ordering::SeqCst);
                match (job.payload.as_u64(), job.attempt) {
                    (Some(3), 1) => Err(JobFailed("not yet".into())),
                    (Some(4), 1) => panic!("broken"),
                    _ => Ok(()),
                }
            }
        }
    });
    let worker = worker(&db, registry);
    assert_eq!(worker.run_due().await.unwrap(), 20);
    db.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(worker.run_due().await.unwrap(), 2);
    assert_eq!(calls.load(Ordering::SeqCst), 22);
    db.assert_no_job_left().await;
}

#[tokio::test]
async fn a_running_worker_hears_of_new_jobs_seals_the_audit_and_stops_when_told() {
    let db = TestDb::new().await;
    db.execute(
        "insert into audit (id, at, actor_kind, action, object_kind, object_id)
         values (gen_random_uuid(), now(), 'system', 'test.act', 'thing', '1')",
    )
    .await;
    let calls = Arc::new(AtomicU32::new(0));
    let registry = Registry::default().on("test.count", {
        let calls = Arc::clone(&calls);
        move |_, _| {
            calls.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        }
    });
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(worker(&db, registry).run(stopped));
    enqueue(&db, 0..3).await;
    while calls.load(Ordering::SeqCst) < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut owner = db.owner().await;
    loop {
        let sealed: i64 =
            sqlx::query_scalar("select count(*) from audit_seal_entry").fetch_one(&mut owner).await.unwrap();
        if sealed == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
    db.assert_no_job_left().await;
}
