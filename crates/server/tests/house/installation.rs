//! Keys, backup and audit of a whole installation, through the command line.

use crate::process::connect;
use crate::server::{Server, greenfort, run, text};
use greenfort_kernel::{PersonId, World};
use greenfort_store::crypt::RingFile;
use nix::sys::signal::Signal;
use sqlx::{Executor as _, PgConnection};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

const PEOPLE: i64 = 5000;

fn ring(data: &Path) -> RingFile {
    RingFile::read(&data.join("keys/ring.json")).unwrap()
}

async fn fill(conn: &mut PgConnection, data: &Path) {
    conn.execute(
        "insert into unit (code, valid_from, level, kind, name, folded_name)
         values ('83', '2021-01-01', 'province', 'Tỉnh', 'Tỉnh Bến Tre', 'tinh ben tre')",
    )
    .await
    .unwrap();
    let world = World::system();
    let keys = ring(data).load(world.clone()).unwrap();
    let (mut ids, mut sealed) = (Vec::new(), Vec::new());
    for n in 0..PEOPLE {
        let id: PersonId = world.id();
        sealed.push(keys.seal("person.sealed", id.0.as_bytes(), &format!("Người {n}")));
        ids.push(id.0);
    }
    sqlx::query(
        "insert into person (id, unit, birth_year, sex, sealed, created_at)
         select i, 1, 1980, 'male', s, now() from unnest($1::uuid[], $2::bytea[]) as u (i, s)",
    )
    .bind(&ids)
    .bind(&sealed)
    .execute(&mut *conn)
    .await
    .unwrap();
    conn.execute(
        "insert into audit (id, at, actor_kind, action, object_kind, object_id)
         select gen_random_uuid(), now(), 'system', 'demo.load', 'person', id::text from person limit 25",
    )
    .await
    .unwrap();
}

/// Every name opens with the ring as it lies there now.
async fn assert_all_open(data: &Path) {
    let keys = ring(data).load(World::system()).unwrap();
    let rows: Vec<(uuid::Uuid, Vec<u8>)> =
        sqlx::query_as("select id, sealed from person").fetch_all(&mut connect(data).await).await.unwrap();
    assert_eq!(rows.len() as i64, PEOPLE);
    for (id, sealed) in rows {
        let name: String = keys.open("person.sealed", id.as_bytes(), &sealed).unwrap();
        assert!(name.starts_with("Người "));
    }
}

#[tokio::test]
async fn a_rotation_killed_in_the_middle_goes_on_and_a_backup_restores_it_all() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    fill(&mut connect(&data).await, &data).await;

    let refused = run(&data, &["key", "rotate"]);
    assert!(!refused.status.success() && text(&refused).contains("is in use"), "{}", text(&refused));
    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());

    // Killed after the first batch: both keys are in the ring, some values have the new one.
    let mut rotation = greenfort(&data).args(["key", "rotate"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(rotation.stdout.take().unwrap()).lines();
    let first_batch = lines.map_while(Result::ok).find(|line| line.starts_with("person.sealed: "));
    assert_eq!(first_batch.as_deref(), Some("person.sealed: 2000"));
    rotation.kill().unwrap();
    rotation.wait().unwrap();
    assert_eq!(ring(&data).numbers(), (2, vec![1, 2]));

    let resumed = run(&data, &["key", "rotate"]);
    assert!(resumed.status.success(), "{}", text(&resumed));
    assert!(text(&resumed).contains("going on with a rotation that was cut"));
    assert_eq!(ring(&data).numbers(), (2, vec![2]));
    assert!(text(&run(&data, &["key", "list"])).contains("key 2  current"));

    let server = Server::start(&data);
    assert_all_open(&data).await;
    let file = folder.path().join("backup.tar");
    let backup = run(&data, &["backup", file.to_str().unwrap()]);
    assert!(backup.status.success(), "{}", text(&backup));

    let full = run(&data, &["restore", file.to_str().unwrap()]);
    assert!(!full.status.success() && text(&full).contains("is not empty"), "{}", text(&full));
    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());

    let other = folder.path().join("other");
    let restored = run(&other, &["restore", file.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", text(&restored));
    let server = Server::start(&other);
    assert_all_open(&other).await;

    // The sealer has had its second by the time the entries verify.
    let mut verified = String::new();
    for _ in 0..100 {
        verified = text(&run(&other, &["audit", "verify"]));
        if !verified.contains("not sealed yet") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert!(verified.starts_with("25 entries in "), "{verified}");
    connect(&other)
        .await
        .execute(
            "update audit set action = 'demo.nothing' where id = (select min(id::text)::uuid from audit)",
        )
        .await
        .unwrap();
    let tampered = run(&other, &["audit", "verify"]);
    assert!(
        !tampered.status.success() && text(&tampered).contains("was changed after it was sealed"),
        "{}",
        text(&tampered)
    );
    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_no_half_installation() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("backup.tar");
    let backup = run(&data, &["backup", file.to_str().unwrap()]);
    assert!(backup.status.success(), "{}", text(&backup));
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let other = folder.path().join("other");
    let restored = run(&other, &["restore", file.to_str().unwrap()]);
    assert!(!restored.status.success(), "{}", text(&restored));
    assert!(!other.exists());
}
