//! `greenfort doctor`: each thing that can be wrong is named, with what to do about it.

use crate::process::connect;
use crate::server::{Server, greenfort, run, text};
use greenfort_kernel::{PersonId, World};
use greenfort_store::crypt::RingFile;
use nix::sys::signal::Signal;
use sqlx::Executor as _;
use std::fs;
use std::path::Path;

fn doctor(data: &Path, settings: &str) -> (bool, String) {
    let file = data.with_extension("toml");
    fs::write(&file, settings).unwrap();
    let output = greenfort(data).arg("--config").arg(&file).arg("doctor").output().unwrap();
    (output.status.success(), text(&output))
}

#[test]
fn before_the_first_start_the_doctor_finds_nothing_wrong_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (fine, said) = doctor(&data, "listen = \"127.0.0.1:0\"");
    assert!(fine, "{said}");
    assert!(said.contains("the first start makes it"), "{said}");
    assert!(!data.exists());
}

#[test]
fn what_is_wrong_with_settings_and_files_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (fine, said) = doctor(&data, &format!("listen = \"{address}\""));
    assert!(!fine && said.contains(&format!("WRONG  {address} cannot be used")), "{said}");

    let tls = "listen = \"127.0.0.1:0\"\n[tls]\ncertificate = \"missing.pem\"\nkey = \"missing.key\"";
    let (fine, said) = doctor(&data, tls);
    assert!(!fine && said.contains("WRONG  missing.pem cannot be read"), "{said}");

    fs::create_dir_all(data.join("keys")).unwrap();
    fs::write(data.join("keys/ring.json"), "{}").unwrap();
    let (fine, said) = doctor(&data, "listen = \"127.0.0.1:0\"");
    assert!(!fine && said.contains("ring.json"), "{said}");

    let (fine, said) = doctor(&data, "listne = \"127.0.0.1:0\"");
    assert!(!fine && said.contains("listne"), "a slip of the pen is named: {said}");
}

#[tokio::test]
async fn what_is_wrong_inside_the_database_is_named_beside_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let mut conn = connect(&data).await;
    let fine = run(&data, &["doctor"]);
    assert!(fine.status.success() && text(&fine).contains("none given up"), "{}", text(&fine));

    conn.execute(
        "insert into job (id, kind, unique_key, run_at, failed_at, last_error)
         values (gen_random_uuid(), 'test.broken', '1', now(), now(), 'broken')",
    )
    .await
    .unwrap();
    let output = run(&data, &["doctor"]);
    assert!(!output.status.success() && text(&output).contains("1 jobs were given up"), "{}", text(&output));
    conn.execute("delete from job where kind = 'test.broken'").await.unwrap();

    conn.execute("insert into load_progress (id, step, done, total, started_at) values ('demo-province', 'people', 3, 11, now())")
        .await
        .unwrap();
    let output = run(&data, &["doctor"]);
    assert!(output.status.success() && text(&output).contains("people: 3 of 11"), "{}", text(&output));

    // Somebody put the keys of another installation there.
    let world = World::system();
    let path = data.join("keys/ring.json");
    let keys = RingFile::read(&path).unwrap().load(world.clone()).unwrap();
    let id: PersonId = world.id();
    let sealed = keys.seal("person.sealed", id.0.as_bytes(), &"Người lạ");
    conn.execute("insert into unit (code, valid_from, level, kind, name, folded_name) values ('83', '2021-01-01', 'province', 'Tỉnh', 'Tỉnh Bến Tre', 'tinh ben tre')").await.unwrap();
    sqlx::query(
        "insert into person (id, unit, birth_year, sex, sealed, created_at) values ($1, 1, 1980, 'male', $2, now())",
    )
    .bind(id.0)
    .bind(sealed)
    .execute(&mut conn)
    .await
    .unwrap();
    let output = run(&data, &["doctor"]);
    assert!(output.status.success() && text(&output).contains("(1 of "), "{}", text(&output));
    let own = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    RingFile::generate(&world).write(&path).unwrap();
    let output = run(&data, &["doctor"]);
    let said = text(&output);
    assert!(
        !output.status.success() && said.contains("restore the `keys` folder that belongs to this database"),
        "{said}"
    );
    fs::write(&path, own).unwrap();

    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());
    let stopped = run(&data, &["doctor"]);
    assert!(
        stopped.status.success() && text(&stopped).contains("the database is not running"),
        "{}",
        text(&stopped)
    );
}
