//! How it serves: over TLS, as another user, as separate processes, to the last request, and without telling in its log.

use crate::server::{Process, Server, greenfort, run, text};
use greenfort_testkit::TestDb;
use nix::sys::signal::Signal;
use sqlx::Row as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn serve(data: &Path, settings: &str) -> Server {
    let file = data.with_extension("toml");
    fs::write(&file, settings).unwrap();
    Server::of(Process::start(greenfort(data).arg("--config").arg(&file).arg("serve")))
}

#[tokio::test]
async fn with_a_certificate_everything_is_served_over_tls_and_nothing_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let settings = format!(
        "listen = \"127.0.0.1:0\"\npublic_url = \"https://localhost\"\n[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n"
    );
    let server = serve(&data, &settings);

    let trusted = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([trusted]).build().unwrap();
    let url = format!("https://localhost:{}/api/v1/about", server.address.port());
    let answer = client.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    assert!(server.get("/api/v1/about").is_none_or(|(status, _)| status != 200), "it answers in clear");
    server.signal(Signal::SIGTERM);
    assert!(server.wait().success());

    fs::write(&certificate, "no certificate").unwrap();
    let refused =
        greenfort(&data).arg("--config").arg(data.with_extension("toml")).arg("serve").output().unwrap();
    assert!(!refused.status.success() && text(&refused).contains("TLS certificate"), "{}", text(&refused));
}

#[test]
fn a_request_in_flight_is_finished_when_the_server_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let body = br#"{ "login": "nobody.here", "password": "not the password" }"#;
    let (first, second) = body.split_at(20);
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = "POST /api/v1/session/password HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
    // The server says so when a handler waits for the body: from then on the request is in flight.
    write!(stream, "{head}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
    let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut said = vec![0; go_on.len()];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(said, go_on);
    stream.write_all(first).unwrap();
    server.signal(Signal::SIGTERM);
    server.wait_for("web stops");
    let refused = || TcpStream::connect(server.address).is_err();
    let closed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        refused()
    });
    assert!(closed, "nothing new begins");
    stream.write_all(second).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 401 ") && answer.contains("urn:greenfort:problem:credentials"),
        "{answer}"
    );
    assert!(server.wait().success());
}

#[test]
fn the_log_tells_machines_what_happened_and_nobody_who_it_was_about() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = data.with_extension("toml");
    fs::write(&file, "listen = \"127.0.0.1:0\"\n[log]\nformat = \"json\"\nfilter = \"debug\"\n").unwrap();
    let process = Process::start(greenfort(&data).arg("--config").arg(&file).arg("serve"));
    let listen = process.wait_for("\"message\":\"serving\",\"listen\":\"");
    let address = listen.split('"').next().unwrap().parse().unwrap();
    let server = Server { process, address, web: 0, worker: 0 };
    let told = ["0912345678", "Nguyễn Thị Bí Mật", "bi.mat", "mật khẩu của tôi", "079301001234"];
    let bodies = [
        ("session/otp", format!(r#"{{ "phone": "{}" }}"#, told[0])),
        ("session/otp/verify", format!(r#"{{ "phone": "{}", "code": "123456" }}"#, told[0])),
        ("session/password", format!(r#"{{ "login": "{}", "password": "{}" }}"#, told[2], told[3])),
        ("first-run", format!(r#"{{ "token": "x", "name": "{}", "login": 7 }}"#, told[1])),
        ("tokens", format!(r#"{{ "label": "{}" }}"#, told[4])),
    ];
    for (path, body) in &bodies {
        let status = server.post(&format!("/api/v1/{path}"), body).unwrap().0;
        assert!(status < 500, "{path}: {status}");
    }
    let query = format!("/api/v1/people?q={}&id_tail={}", "Nguy%E1%BB%85n%20Th%E1%BB%8B", told[4]);
    assert_eq!(server.get(&query).unwrap().0, 401);
    server.signal(Signal::SIGTERM);
    let lines = server.process.log_to_the_end();
    for line in lines.iter().filter(|line| !line.starts_with("No administrator") && !line.starts_with("http"))
    {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(entry["timestamp"].is_string() && entry["level"].is_string(), "{line}");
    }
    let log = lines.join("\n");
    assert!(log.contains("/api/v1/people"), "requests are in the log");
    for secret in told.iter().chain(&["Nguy%E1", "Nguyễn"]) {
        assert!(!log.contains(secret), "the log tells `{secret}`");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn web_and_worker_run_as_separate_processes_on_a_server_of_ones_own() {
    let db = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let socket = db.address.owner.get_socket().unwrap().to_string_lossy().replace('/', "%2F");
    let url = format!("postgres://postgres@{socket}:5432/{}", db.name);
    let command = |arguments: &[&str]| {
        let mut command = greenfort(&data);
        command.env("DATABASE_URL", &url).args(arguments);
        command
    };
    let alone = run(&data, &["worker"]);
    assert!(!alone.status.success() && text(&alone).contains("DATABASE_URL"), "{}", text(&alone));
    let migrated = command(&["migrate"]).output().unwrap();
    assert!(migrated.status.success(), "{}", text(&migrated));

    let web = Process::start(&mut command(&["web", "--listen", "127.0.0.1:0"]));
    let address: SocketAddr = web.wait_for("serving listen=").parse().unwrap();
    let worker = Process::start(&mut command(&["worker"]));
    let client = reqwest::Client::new();
    let ready = client.get(format!("http://{address}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(client.get(format!("http://{address}/api/v1/about")).send().await.unwrap().status(), 200);
    let metrics = client.get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("# TYPE greenfort_jobs_due gauge"), "{metrics}");
    assert!(metrics.contains("greenfort_http_seconds_bucket{route=\"/api/v1/about\""), "{metrics}");
    let documented = include_str!("../../../../docs/operations/running.md");
    for metric in metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        assert!(documented.contains(&format!("`{metric}")), "{metric} is not in docs/operations/running.md");
    }

    // What the web does is sealed by the worker.
    db.execute(
        "insert into audit (id, at, actor_kind, action, object_kind, object_id)
         values (gen_random_uuid(), now(), 'system', 'test.act', 'thing', '1')",
    )
    .await;
    let mut conn = db.owner().await;
    let sealed = async || {
        let row = sqlx::query("select count(*) from audit_seal_entry").fetch_one(&mut conn).await.unwrap();
        row.get::<i64, _>(0)
    };
    let mut sealed = sealed;
    while sealed().await == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for process in [web, worker] {
        process.signal(Signal::SIGTERM);
        assert!(process.wait().success());
    }
}

#[test]
fn an_ordinary_user_needs_no_rights_of_root() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: every other test here already runs as an ordinary user");
        return;
    }
    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir().unwrap();
    // The build folder may lie where only root may go.
    let program = folder.path().join("greenfort");
    fs::copy(env!("CARGO_BIN_EXE_greenfort"), &program).unwrap();
    chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new(&program);
    command
        .env_remove("DATABASE_URL")
        .env("NO_COLOR", "1")
        .current_dir(folder.path())
        .uid(NOBODY)
        .gid(NOBODY);
    command.arg("--data").arg(&data).args(["serve", "--listen", "127.0.0.1:0"]);
    let server = Server::of(Process::start(&mut command));
    server.until("/readyz", 200);
    server.signal(Signal::SIGINT);
    assert!(server.wait().success());
    assert!(!data.join("pg/postmaster.pid").exists());

    // Root, who comes later, runs PostgreSQL as `postgres`: that one does not own the folder, and it is said so.
    let root = run(&data, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!root.status.success() && text(&root).contains("made by another user"), "{}", text(&root));
}
