use greenfort_store::idempotency::{self, Answer, Claim};
use greenfort_store::{Db, DbRole, Result, Scope, tx};
use greenfort_testkit::TestDb;
use jiff::SignedDuration;
use uuid::Uuid;

const KEY: Uuid = Uuid::from_u128(7);

async fn claim(app: &Db, actor: &str, hash: [u8; 32]) -> Result<Claim> {
    tx!(app, "claim", Scope::nobody(), |tx| idempotency::claim(tx, actor, KEY, &hash).await)
}

fn answer() -> Answer {
    Answer {
        status: 201,
        headers: vec![("content-type".into(), b"application/json".to_vec())],
        body: b"Tr\xe1\xba\xa7n Th\xe1\xbb\x8b B".to_vec(),
    }
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_another_request_is_refused() -> Result<()> {
    let db = TestDb::new().await;
    let app = db.db(DbRole::App);
    assert_eq!(claim(&app, "a", [1; 32]).await?, Claim::Mine);
    assert_eq!(claim(&app, "a", [1; 32]).await?, Claim::Open(SignedDuration::ZERO));
    tx!(app, "answer", Scope::nobody(), |tx| idempotency::answer(tx, "a", KEY, &answer()).await)?;
    assert_eq!(claim(&app, "a", [1; 32]).await?, Claim::Answered(answer()));
    assert_eq!(claim(&app, "a", [2; 32]).await?, Claim::OtherRequest);
    assert_eq!(claim(&app, "b", [2; 32]).await?, Claim::Mine, "keys of different accounts do not meet");
    Ok(())
}

#[tokio::test]
async fn a_kept_answer_is_not_readable_in_a_dump() -> Result<()> {
    let db = TestDb::new().await;
    let app = db.db(DbRole::App);
    claim(&app, "a", [1; 32]).await?;
    tx!(app, "answer", Scope::nobody(), |tx| idempotency::answer(tx, "a", KEY, &answer()).await)?;
    let needle = b"Tr\xe1\xba\xa7n";
    let dump = db.dump();
    assert!(!dump.windows(needle.len()).any(|w| w == needle));
    assert!(!String::from_utf8_lossy(&dump).contains("5472e1baa76e"), "nor as hexadecimal");
    Ok(())
}

#[tokio::test]
async fn a_released_key_is_new_again_and_an_answered_one_cannot_be_released() -> Result<()> {
    let db = TestDb::new().await;
    let app = db.db(DbRole::App);
    claim(&app, "a", [1; 32]).await?;
    tx!(app, "release", Scope::nobody(), |tx| idempotency::release(tx, "a", KEY).await)?;
    assert_eq!(claim(&app, "a", [9; 32]).await?, Claim::Mine);
    tx!(app, "answer", Scope::nobody(), |tx| idempotency::answer(tx, "a", KEY, &answer()).await)?;
    tx!(app, "release", Scope::nobody(), |tx| idempotency::release(tx, "a", KEY).await)?;
    assert_eq!(claim(&app, "a", [9; 32]).await?, Claim::Answered(answer()));
    Ok(())
}

#[tokio::test]
async fn of_many_claims_at_once_one_is_the_first() -> Result<()> {
    let db = TestDb::new().await;
    let app = db.db(DbRole::App);
    let claims: Vec<_> = (0..12)
        .map(|_| {
            tokio::spawn({
                let app = app.clone();
                async move { claim(&app, "a", [1; 32]).await }
            })
        })
        .collect();
    let mut mine = 0;
    for task in claims {
        mine += usize::from(task.await.unwrap()? == Claim::Mine);
    }
    assert_eq!(mine, 1);
    Ok(())
}

#[tokio::test]
async fn answers_are_forgotten_after_a_week() -> Result<()> {
    let db = TestDb::new().await;
    let (app, worker) = (db.db(DbRole::App), db.db(DbRole::Worker));
    claim(&app, "a", [1; 32]).await?;
    assert_eq!(tx!(worker, "forget", Scope::nobody(), |tx| idempotency::forget_old(tx).await)?, 0);
    db.clock.advance(idempotency::KEPT + SignedDuration::from_secs(1));
    assert_eq!(tx!(worker, "forget", Scope::nobody(), |tx| idempotency::forget_old(tx).await)?, 1);
    assert_eq!(claim(&app, "a", [1; 32]).await?, Claim::Mine);
    Ok(())
}
