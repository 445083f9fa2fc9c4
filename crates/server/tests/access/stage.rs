//! A small province with somebody in every role: two communes in two districts, a household linked to a citizen, its
//! neighbours, and people across the border. Every role works in the first commune, its enterprise or its laboratory, and
//! nowhere else.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use greenfort_domain::access::{Code, Held, Permission, SessionKind};
use greenfort_kernel::{
    AccountId, AccountKind, HouseholdId, LaboratoryId, OrganisationId, Over, PersonId, Role, UnitId, World,
    text,
};
use greenfort_server::access::Access;
use greenfort_server::app::App;
use greenfort_server::config::Config;
use greenfort_server::http;
use greenfort_store::access::accounts::{self, NewAccount};
use greenfort_store::access::{session, tokens};
use greenfort_store::registry::PersonSecret;
use greenfort_store::units::load::{self, NewEdge, NewTree, NewUnit};
use greenfort_store::{Db, DbRole, Scope, StoreError, tx};
use greenfort_testkit::TestDb;
use jiff::SignedDuration;
use jiff::civil::date;
use serde_json::Value;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tower::ServiceExt as _;

/// One side of the border between the communes.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    pub commune: UnitId,
    pub hamlet: UnitId,
    /// A household of two, `person` its head.
    pub household: HouseholdId,
    pub person: PersonId,
    /// An enterprise in the hamlet; nobody works there.
    pub organisation: OrganisationId,
    pub laboratory: LaboratoryId,
}

impl Side {
    /// What a role is held over on this side.
    pub fn over(&self, role: Role) -> Over {
        match role {
            Role::Citizen | Role::HouseholdHead => Over::LinkedPersons,
            Role::OrganisationManager | Role::SectorViewer => Over::Organisation(self.organisation),
            Role::OutsideLab => Over::Laboratory(self.laboratory),
            _ => Over::Area(self.commune),
        }
    }
}

pub struct Stage {
    pub db: TestDb,
    pub app: Db,
    pub owner: Db,
    pub site: Router,
    pub state: App,
    pub own: Side,
    pub other: Side,
    /// Lives next door to `own.person`: same hamlet, another household.
    pub neighbour: PersonId,
    pub accounts: HashMap<Role, AccountId>,
    /// A program's key over the own commune with every permission a key may carry.
    pub token: String,
    addresses: AtomicU32,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let db = TestDb::new().await;
        let (app, owner) = (db.db(DbRole::App), db.db(DbRole::Owner));
        let [_, _, c1, h1, _, c2, h2] = units(&owner).await;
        let (own, neighbour) = (side(&db, c1, h1).await, person(&db, h1, "Võ Văn Láng Giềng").await.1);
        let other = side(&db, c2, h2).await;
        let mut accounts = HashMap::new();
        for role in Role::ALL {
            accounts.insert(*role, account(&db, &owner, *role, own).await);
        }
        let administrator = accounts[&Role::Administrator];
        let scopes: Vec<Permission> = Permission::ALL.iter().copied().filter(|p| p.fits_a_token()).collect();
        let until = db.world.now() + SignedDuration::from_hours(24 * 300);
        let (token, _) = tx!(owner, "token", Scope::nobody(), |tx| {
            tokens::create(tx, "Cổng dữ liệu", &scopes, c1, until, administrator).await
        })
        .unwrap();
        let mut config = Config { public_url: "http://localhost:8080".into(), ..Config::default() };
        // Cheap to hash, nobody turned away for being quick, addresses as the test says.
        config.access.password_memory_kib = 64;
        config.access.password_iterations = 1;
        config.access.pin_memory_kib = 64;
        config.access.requests_per_second = NonZeroU32::MAX;
        config.access.request_burst = NonZeroU32::MAX;
        config.access.proxies = vec!["0.0.0.0".parse().unwrap()];
        config.data = std::env::temp_dir().join(&db.name);
        set(&mut config);
        let access = Access::new(&config, &db.world).unwrap();
        let state =
            App { db: app.clone(), config: Arc::new(config), access: Arc::new(access), metrics: None };
        let site = http::router(state.clone());
        let token = token.reveal().to_owned();
        let addresses = AtomicU32::new(1);
        Self { db, app, owner, site, state, own, other, neighbour, accounts, token, addresses }
    }

    pub fn world(&self) -> &World {
        &self.db.world
    }

    /// A fresh session of an account; the cookie's value.
    pub async fn sign_in(&self, account: AccountId, kind: SessionKind) -> String {
        let opened =
            tx!(self.app, "sign_in", Scope::nobody(), |tx| session::open(tx, account, kind, None).await);
        opened.unwrap().token.reveal().to_owned()
    }

    pub async fn sign_in_as(&self, role: Role) -> String {
        self.sign_in(self.accounts[&role], SessionKind::Office).await
    }

    /// A number not given before.
    pub fn number(&self) -> u32 {
        self.addresses.fetch_add(1, Ordering::Relaxed)
    }

    /// An address nobody has asked from yet.
    pub fn address(&self) -> String {
        let n = self.number();
        format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255)
    }

    /// Sends a request from an address of its own, as the pages do.
    pub async fn send(&self, mut request: Request<Body>) -> Response<Body> {
        let headers = request.headers_mut();
        headers.entry("x-greenfort").or_insert("1".parse().unwrap());
        headers.entry("x-forwarded-for").or_insert(self.address().parse().unwrap());
        self.site.clone().oneshot(request).await.unwrap()
    }

    /// `method path`, signed in with a cookie, with a JSON body or none.
    pub async fn ask(&self, method: &str, path: &str, cookie: Option<&str>, body: Option<Value>) -> Answer {
        Answer::of(self.send(request(method, path, cookie, body)).await).await
    }

    /// Everybody of the household of a side.
    pub async fn persons_of(&self, side: Side) -> Vec<PersonId> {
        sqlx::query_scalar("select id from person where household = $1")
            .bind(side.household.0)
            .fetch_all(&mut self.db.owner().await)
            .await
            .unwrap()
            .into_iter()
            .map(PersonId)
            .collect()
    }

    /// A workplace, a group, a vehicle and a card for the heads of both households.
    pub async fn give_everybody_rows_everywhere(&self) {
        for side in [self.own, self.other] {
            let (unit, person) = (side.hamlet, side.person);
            let id = || self.world().id::<uuid::Uuid>();
            let (organisation, group, vehicle, card) = (id(), id(), id(), id());
            self.db
                .execute(&format!(
                    "insert into organisation (id, unit, kind, name, folded_name, created_at)
                        values ('{organisation}', {unit}, 'enterprise', 'Xí nghiệp', 'xi nghiep', now());
                     insert into organisation_member (organisation, person, from_date)
                        values ('{organisation}', '{person}', '2021-01-01');
                     insert into resident_group (id, unit, kind, name, created_at)
                        values ('{group}', {unit}, 'block', 'Tổ 1', now());
                     insert into resident_group_member (resident_group, person, from_date)
                        values ('{group}', '{person}', '2021-01-01');
                     insert into vehicle (id, unit, plate, kind, created_at)
                        values ('{vehicle}', {unit}, '71C-{unit}', 'truck', now());
                     insert into vehicle_driver (vehicle, person, from_date)
                        values ('{vehicle}', '{person}', '2021-01-01');
                     insert into person_card (id, person, code_key, issued_at)
                        values ('{card}', '{person}', decode(md5('{card}'), 'hex'), now())"
                ))
                .await;
        }
    }

    /// A field account with a role in the commune of `side`.
    pub async fn field_account(&self, side: Side, role: Role) -> AccountId {
        let office = NewAccount::office("", "Phan Thị Tạm", Some(side.commune));
        let new = NewAccount { kind: AccountKind::Field, active: true, login: None, ..office };
        self.account(&new, Held { role, over: side.over(role) }).await
    }

    /// An office account with a role in the commune of `side`.
    pub async fn office_account(&self, side: Side, role: Role) -> AccountId {
        let login = format!("office.{}", self.world().id::<uuid::Uuid>().simple());
        let new =
            NewAccount { active: true, ..NewAccount::office(&login, "Trần Thị Lan", Some(side.commune)) };
        self.account(&new, Held { role, over: side.over(role) }).await
    }

    async fn account(&self, new: &NewAccount, held: Held) -> AccountId {
        tx!(self.owner, "account", Scope::nobody(), |tx| -> Result<AccountId, StoreError> {
            let id = accounts::create(tx, new).await?;
            accounts::grant(tx, id, held, None, None).await?;
            Ok(id)
        })
        .unwrap()
    }
}

pub fn request(method: &str, path: &str, cookie: Option<&str>, body: Option<Value>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, format!("greenfort_session={cookie}"));
    }
    match body {
        Some(body) => {
            request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
        }
        None => request.body(Body::empty()),
    }
    .unwrap()
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 24).await.unwrap().to_vec();
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The session's cookie it sets.
    pub fn cookie(&self) -> Option<String> {
        let set = self.headers.get(header::SET_COOKIE)?.to_str().ok()?;
        Some(set.strip_prefix("greenfort_session=")?.split(';').next()?.to_owned())
    }
}

async fn units(owner: &Db) -> [UnitId; 7] {
    let from = date(2004, 1, 1);
    let rows = [
        ("83", None, "province", "Tỉnh Bến Tre"),
        ("831", Some("83"), "district", "Huyện Châu Thành"),
        ("28807", Some("831"), "commune", "Xã Giao Long"),
        ("28807-01", Some("28807"), "hamlet", "Ấp 1"),
        ("832", Some("83"), "district", "Huyện Chợ Lách"),
        ("28870", Some("832"), "commune", "Xã Vĩnh Bình"),
        ("28870-01", Some("28870"), "hamlet", "Ấp Vĩnh Bắc"),
    ];
    let mut tree = NewTree::default();
    for (code, parent, level, name) in rows {
        tree.units.push(NewUnit {
            code: code.into(),
            valid_from: from,
            valid_to: None,
            level: level.into(),
            kind: "xa".into(),
            name: name.into(),
            lon: None,
            lat: None,
            area_km2: None,
        });
        if let Some(parent) = parent {
            tree.edges.push(NewEdge {
                child: (code.into(), from),
                parent: (parent.into(), from),
                valid_from: from,
                valid_to: None,
            });
        }
    }
    let ids = tx!(owner, "units", Scope::nobody(), |tx| -> Result<_, StoreError> {
        load::load(tx, &tree).await?;
        load::ids(tx).await
    })
    .unwrap();
    rows.map(|(code, ..)| UnitId(ids[&(code.to_owned(), from)]))
}

async fn side(db: &TestDb, commune: UnitId, hamlet: UnitId) -> Side {
    let (household, person) = person(db, hamlet, "Nguyễn Thị Chủ Hộ").await;
    let child: PersonId = db.world.id();
    add_person(db, child, household, hamlet, "Nguyễn Văn Con", "child").await;
    let (organisation, laboratory) = (db.world.id(), db.world.id());
    db.execute(&format!(
        "insert into organisation (id, unit, kind, name, folded_name, created_at)
            values ('{organisation}', {hamlet}, 'enterprise', 'Xí nghiệp Dừa', 'xi nghiep dua', now());
         insert into laboratory (id, unit, name, outside, created_at)
            values ('{laboratory}', {commune}, 'Phòng xét nghiệm', true, now())"
    ))
    .await;
    Side { commune, hamlet, household, person, organisation, laboratory }
}

/// A household with one person.
async fn person(db: &TestDb, hamlet: UnitId, name: &str) -> (HouseholdId, PersonId) {
    let (household, person): (HouseholdId, PersonId) = (db.world.id(), db.world.id());
    db.execute(&format!(
        "insert into household (id, unit, walk_order, created_at) values ('{household}', {hamlet}, 1, now())"
    ))
    .await;
    add_person(db, person, household, hamlet, name, "head").await;
    (household, person)
}

async fn add_person(
    db: &TestDb,
    id: PersonId,
    household: HouseholdId,
    hamlet: UnitId,
    name: &str,
    relation: &str,
) {
    let secret = PersonSecret { name: name.into(), ..PersonSecret::default() };
    let sealed = hex(&db.keys.seal("person.sealed", id.0.as_bytes(), &secret));
    let keys = greenfort_store::crypt::name_row_keys(&db.keys, &text::fold(name));
    let keys = keys.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    db.execute(&format!(
        "insert into person (id, unit, household, birth_year, sex, relation, sealed, name_keys, created_at)
         values ('{id}', {hamlet}, '{household}', 1960, 'female', '{relation}', '\\x{sealed}', '{{{keys}}}', now())"
    ))
    .await;
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// An account in a role: staff over the own commune, citizens linked to the own household.
async fn account(db: &TestDb, owner: &Db, role: Role, own: Side) -> AccountId {
    let citizen = matches!(role, Role::Citizen | Role::HouseholdHead);
    let new = if citizen {
        NewAccount::citizen(None)
    } else {
        NewAccount {
            active: true,
            ..NewAccount::office(&format!("stage.{role}"), role.as_str(), Some(own.commune))
        }
    };
    let held = Held { role, over: own.over(role) };
    let id = tx!(owner, "account", Scope::nobody(), |tx| -> Result<AccountId, StoreError> {
        let id = accounts::create(tx, &new).await?;
        accounts::grant(tx, id, held, None, None).await?;
        Ok(id)
    })
    .unwrap();
    if citizen {
        let (relation, whose) = match role {
            Role::HouseholdHead => ("household_head", format!("household = '{}'", own.household)),
            _ => ("self", format!("id = '{}'", own.person)),
        };
        db.execute(&format!(
            "insert into account_person (account, person, relation, proof, at)
             select '{id}', id, '{relation}', 'id_seen', now() from person where {whose}"
        ))
        .await;
    }
    id
}

/// A code nobody was given.
pub fn unknown_code(world: &World, signs: usize) -> String {
    Code::generate(world, signs).printed()
}
