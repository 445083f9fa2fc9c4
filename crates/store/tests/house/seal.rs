use greenfort_kernel::AuditId;
use greenfort_store::audit::{self, Actor, Entry};
use greenfort_store::seal::{self, Finding, Report, SealKey};
use greenfort_store::{Db, DbRole, Result, Scope, tx};
use greenfort_testkit::TestDb;
use jiff::SignedDuration;
use serde_json::json;

fn key(db: &TestDb) -> SealKey {
    SealKey::generate(&db.world).unwrap().0
}

fn entry(n: u32) -> Entry<'static> {
    Entry {
        actor: Actor::System,
        action: "registry.read_person",
        object_kind: "person",
        object_id: n.to_string(),
        unit: None,
        detail: json!({ "n": n, "why": "thử" }),
    }
}

async fn record(db: &TestDb, numbers: std::ops::Range<u32>) -> Result<Vec<AuditId>> {
    let app = db.db(DbRole::App);
    tx!(app, "record", Scope::nobody(), |tx| -> Result<Vec<AuditId>> {
        let mut ids = Vec::new();
        for n in numbers.clone() {
            ids.push(audit::record(tx, entry(n)).await?);
        }
        Ok(ids)
    })
}

async fn seal(worker: &Db, key: &SealKey) -> Result<usize> {
    tx!(worker, "seal", Scope::nobody(), |tx| seal::seal_batch(tx, key).await)
}

async fn verify(worker: &Db, key: &SealKey) -> Result<Report> {
    let verifier = key.verifier();
    tx!(worker, "verify", Scope::nobody(), |tx| seal::verify(tx, &verifier).await)
}

/// Three seals of three entries each.
async fn sealed() -> Result<(TestDb, Db, SealKey, Vec<AuditId>)> {
    let db = TestDb::new().await;
    let key = key(&db);
    let worker = db.db(DbRole::Worker);
    let mut ids = Vec::new();
    for batch in 0..3 {
        ids.extend(record(&db, batch * 3..batch * 3 + 3).await?);
        assert_eq!(seal(&worker, &key).await?, 3);
        db.clock.advance(SignedDuration::from_mins(40));
    }
    Ok((db, worker, key, ids))
}

#[tokio::test]
async fn an_untouched_trail_verifies_and_is_signed_every_hour() -> Result<()> {
    let (_db, worker, key, _) = sealed().await?;
    let report = verify(&worker, &key).await?;
    assert_eq!(report.findings, []);
    assert_eq!((report.seals, report.entries, report.unsealed.len()), (3, 9, 0));
    // Sealed at 0, 40 and 80 minutes: signed at 0 and at 80.
    assert_eq!((report.signatures, report.signed_up_to), (2, 3));
    Ok(())
}

#[tokio::test]
async fn an_entry_changed_by_the_owner_of_the_database_is_named() -> Result<()> {
    let (db, worker, key, ids) = sealed().await?;
    db.execute(&format!("update audit set detail = '{{}}' where id = '{}'", ids[4])).await;
    let report = verify(&worker, &key).await?;
    assert_eq!(report.findings, [Finding::Changed { entry: ids[4].0, seq: 2 }]);
    Ok(())
}

#[tokio::test]
async fn changing_an_entry_and_its_leaf_breaks_the_batch() -> Result<()> {
    let (db, worker, key, ids) = sealed().await?;
    db.execute(&format!("update audit_seal_entry set leaf = sha256('something') where audit = '{}'", ids[4]))
        .await;
    let findings = verify(&worker, &key).await?.findings;
    assert!(findings.contains(&Finding::Batch { seq: 2, sealed: 3, found: 3 }), "{findings:?}");
    Ok(())
}

#[tokio::test]
async fn an_entry_removed_with_its_seal_row_leaves_a_batch_that_is_too_small() -> Result<()> {
    let (db, worker, key, ids) = sealed().await?;
    db.execute(&format!(
        "delete from audit_seal_entry where audit = '{0}'; delete from audit where id = '{0}'",
        ids[0]
    ))
    .await;
    let report = verify(&worker, &key).await?;
    assert_eq!(report.findings, [Finding::Batch { seq: 1, sealed: 3, found: 2 }]);
    Ok(())
}

#[tokio::test]
async fn a_removed_seal_leaves_a_gap_and_unsealed_entries() -> Result<()> {
    let (db, worker, key, ids) = sealed().await?;
    db.execute("delete from audit_seal_entry where seq = 2; delete from audit_seal where seq = 2").await;
    let report = verify(&worker, &key).await?;
    assert_eq!(report.findings, [Finding::Gap { seq: 2 }, Finding::Chain { seq: 3 }]);
    let mut unsealed: Vec<_> = ids[3..6].iter().map(|id| id.0).collect();
    unsealed.sort_unstable();
    assert_eq!(report.unsealed, unsealed);
    Ok(())
}

#[tokio::test]
async fn a_chain_made_anew_with_another_key_is_not_ours() -> Result<()> {
    let (db, worker, key, _) = sealed().await?;
    db.execute(
        "insert into audit_pending select id from audit; delete from audit_seal_entry; delete from audit_seal",
    )
    .await;
    let forged = SealKey::generate(&db.world).unwrap().0;
    assert_eq!(seal(&worker, &forged).await?, 9);
    assert_eq!(verify(&worker, &key).await?.findings, [Finding::Signature { seq: 1 }]);
    Ok(())
}

#[tokio::test]
async fn an_entry_committed_late_with_an_earlier_id_is_sealed_with_the_next_batch() -> Result<()> {
    let db = TestDb::new().await;
    let key = key(&db);
    let worker = db.db(DbRole::Worker);
    let app = db.db(DbRole::App);
    let slow = tx!(app, "slow", Scope::nobody(), |tx| -> Result<AuditId> {
        let id = audit::record(tx, entry(1)).await?;
        db.clock.advance(SignedDuration::from_secs(2));
        record(&db, 2..4).await?;
        assert_eq!(seal(&worker, &key).await?, 2, "the slow one is not committed yet");
        Ok(id)
    })?;
    assert_eq!(verify(&worker, &key).await?.unsealed, [slow.0]);
    assert_eq!(seal(&worker, &key).await?, 1);
    let report = verify(&worker, &key).await?;
    assert_eq!((report.findings.len(), report.unsealed.len(), report.entries), (0, 0, 3));
    Ok(())
}

#[tokio::test]
async fn the_key_file_is_made_once_and_only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let db = TestDb::new().await;
    let folder = std::env::temp_dir().join(format!("greenfort-seal-{}-{}", std::process::id(), db.name));
    let path = folder.join("keys/seal.json");
    let first = SealKey::open_or_make(&path, &db.world).unwrap().verifier().fingerprint();
    let second = SealKey::open_or_make(&path, &db.world).unwrap().verifier().fingerprint();
    assert_eq!(first, second);
    assert_eq!(seal::SealVerifier::read(&path).unwrap().fingerprint(), first);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_dir_all(folder).unwrap();
}
