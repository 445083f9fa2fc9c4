//! Two communes with a hamlet each, a household of three in the first, an enrolled phone there, and an account a role.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_domain::access::{Held, SessionKind};
use greenfort_kernel::{AccountId, DeviceId, HouseholdId, PersonId, Role, UnitId};
use greenfort_server::access::Access;
use greenfort_server::app::App;
use greenfort_server::config::Config;
use greenfort_server::http;
use greenfort_server::worker::{Context, Registry, Worker};
use greenfort_store::access::accounts::{self, NewAccount};
use greenfort_store::access::session;
use greenfort_store::seal::SealKey;
use greenfort_store::{DbRole, Result, Scope, tx};
use greenfort_testkit::TestDb;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use tower::ServiceExt as _;

pub const PROVINCE: UnitId = UnitId(1);
pub const COMMUNE: UnitId = UnitId(2);
pub const HAMLET: UnitId = UnitId(3);
pub const OTHER_COMMUNE: UnitId = UnitId(4);

pub struct Stage {
    pub db: TestDb,
    site: Router,
    pub home: HouseholdId,
    pub people: Vec<PersonId>,
    pub device: DeviceId,
    key: EcdsaKeyPair,
    pub account: AccountId,
}

impl Stage {
    pub async fn new() -> Self {
        let db = TestDb::new().await;
        db.execute(
            "insert into unit (code, valid_from, level, kind, name, folded_name) values
                 ('83', '2020-01-01', 'province', 'Tỉnh', 'Tỉnh Bến Tre', 'tinh ben tre'),
                 ('1', '2020-01-01', 'commune', 'Xã', 'Xã Một', 'xa mot'),
                 ('1-01', '2020-01-01', 'hamlet', 'Ấp', 'Ấp 3', 'ap 3'),
                 ('2', '2020-01-01', 'commune', 'Xã', 'Xã Hai', 'xa hai');
             insert into unit_ancestor select d, a, n, '2020-01-01', 'infinity' from (values
                 (1, 1, 0), (2, 1, 1), (2, 2, 0), (3, 1, 2), (3, 2, 1), (3, 3, 0), (4, 1, 1), (4, 4, 0)) v (d, a, n)",
        )
        .await;
        let owner = db.db(DbRole::Owner);
        let new = NewAccount::office("lead", "Trần Thị Lan", Some(PROVINCE));
        let account = tx!(owner, "account", Scope::nobody(), |tx| accounts::create(tx, &new).await).unwrap();
        let home: HouseholdId = db.world.id();
        let address = hex::encode(db.keys.seal("household.sealed", home.0.as_bytes(), &json!({"a": "Ấp 3"})));
        db.execute(&format!(
            "insert into household (id, unit, walk_order, sealed, created_at) values ('{home}', 3, 1, '\\x{address}', now())"
        ))
        .await;
        let mut people = Vec::new();
        for (name, born) in [("Nguyễn Văn An", 1960), ("Lê Thị Bưởi", 1962), ("Nguyễn Văn Cam", 1995)]
        {
            let id: PersonId = db.world.id();
            let sealed = hex::encode(db.keys.seal("person.sealed", id.0.as_bytes(), &json!({"n": name})));
            db.execute(&format!(
                "insert into person (id, unit, household, birth_year, sex, sealed, created_at)
                 values ('{id}', 3, '{home}', {born}, 'male', '\\x{sealed}', now())"
            ))
            .await;
            people.push(id);
        }
        let (device, key) =
            (db.world.id::<DeviceId>(), EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());
        db.execute(&format!(
            "insert into device (id, label, unit, public_key, enrolled_by, enrolled_at)
             values ('{device}', 'Máy 1', 2, '\\x{}', '{account}', now());
             insert into tube (issuer, barcode, printed, created_at) values
                 ('own', '{}', true, now()), ('own', '{}', true, now()), ('own', '{}', true, now())",
            hex::encode(key.public_key().as_ref()),
            label(1),
            label(2),
            label(3)
        ))
        .await;
        let mut config = Config { public_url: "http://localhost:8080".into(), ..Config::default() };
        config.access.requests_per_second = NonZeroU32::MAX;
        config.access.request_burst = NonZeroU32::MAX;
        config.data = std::env::temp_dir().join(&db.name);
        let access = Access::new(&config, &db.world).unwrap();
        let app = db.db(DbRole::App);
        let site =
            http::router(App { db: app, config: Arc::new(config), access: Arc::new(access), metrics: None });
        Self { db, site, home, people, device, key, account }
    }

    /// A cookie of somebody who holds the role in the unit.
    pub async fn sign_in(&self, role: Role, unit: UnitId) -> String {
        let owner = self.db.db(DbRole::Owner);
        let opened = tx!(owner, "sign_in", Scope::nobody(), |tx| -> Result<_> {
            let login = format!("{}.{unit}", role.as_str().replace('_', "."));
            let new = NewAccount { active: true, ..NewAccount::office(&login, "Một người", Some(unit)) };
            let id = accounts::create(tx, &new).await?;
            accounts::grant(tx, id, Held::area(role, unit), None, None).await?;
            session::open(tx, id, SessionKind::Office, None).await
        });
        opened.unwrap().token.reveal().to_owned()
    }

    pub async fn ask(&self, method: &str, path: &str, cookie: &str, body: Option<Value>) -> (u16, Value) {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header(header::COOKIE, format!("greenfort_session={cookie}"));
        let request = request.header(header::CONTENT_TYPE, "application/json").header("x-greenfort", "1");
        self.send(request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).unwrap()).await
    }

    /// An upload signed by the phone; `tamper` changes the body afterwards.
    pub async fn upload(&self, round: &str, events: Value, tamper: bool) -> (u16, Value) {
        let mut body = json!({ "sent_at": self.db.world.now(), "events": events }).to_string();
        let signature = self.key.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
        if tamper {
            body.push(' ');
        }
        let request = Request::post(format!("/api/v1/rounds/{round}/intake"))
            .header("greenfort-device", self.device.to_string())
            .header("greenfort-signature", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// What the phone holds, signed by it and handed in by somebody who is signed in.
    pub async fn hand_in(&self, round: &str, events: Value, cookie: &str) -> (u16, Value) {
        let body = json!({ "sent_at": self.db.world.now(), "events": events }).to_string();
        let signature = self.key.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
        let request = Request::post(format!("/api/v1/rounds/{round}/hand-in"))
            .header(header::COOKIE, format!("greenfort_session={cookie}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-greenfort", "1")
            .header("greenfort-device", self.device.to_string())
            .header("greenfort-signature", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Carries out every job that is due.
    pub async fn work(&self) {
        let context = Context { db: self.db.db(DbRole::Worker), config: Arc::new(Config::default()) };
        let key = SealKey::generate(&self.db.world).unwrap().0;
        let worker = Worker::new(context, Registry::of_this_program(), key);
        worker.run_due().await.unwrap();
        worker.fold().await.unwrap();
        self.db.assert_no_job_left().await;
    }

    /// A file as its bytes.
    pub async fn send_file(&self, path: &str, cookie: &str, bytes: &str) -> (u16, Value) {
        let request = Request::post(format!("/api/v1{path}"))
            .header(header::COOKIE, format!("greenfort_session={cookie}"))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("x-greenfort", "1");
        self.send(request.body(Body::from(bytes.to_owned())).unwrap()).await
    }

    async fn send(&self, mut request: Request<Body>) -> (u16, Value) {
        request.headers_mut().insert("accept-language", "en".parse().unwrap());
        let answer = self.site.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

pub fn label(n: u32) -> String {
    greenfort_domain::sampling::own_label(n)
}
