//! Accounts, badges, devices, keys of programs, and signing in.

use super::call::{Ask, At, Call, about, general, id, json, plain};
use crate::stage::{Side, Stage, unknown_code};
use greenfort_domain::access::{Code, Permission};
use greenfort_kernel::{AccountId, ApiTokenId, BadgeBatchId, DeviceId, Relation, Role};
use greenfort_store::access::batch::{self, NewBadge};
use greenfort_store::access::{citizens, tokens};
use greenfort_store::{Scope, StoreError, tx};
use jiff::SignedDuration;
use serde_json::json as value;

/// A sampler's account of the side.
fn account(at: &At<'_>) -> AccountId {
    at.fresh(|side| at.stage.field_account(side, Role::Sampler))
}

pub(super) async fn new_device(stage: &Stage, side: Side) -> DeviceId {
    let id: DeviceId = stage.world().id();
    let (unit, by) = (side.commune, stage.accounts[&Role::Administrator]);
    stage
        .db
        .execute(&format!(
            "insert into device (id, label, unit, public_key, enrolled_by, enrolled_at)
             values ('{id}', 'Máy 1', {unit}, decode(repeat('04', 65), 'hex'), '{by}', now())"
        ))
        .await;
    id
}

async fn new_token(stage: &Stage, side: Side) -> ApiTokenId {
    let until = stage.world().now() + SignedDuration::from_hours(24);
    let by = stage.accounts[&Role::Administrator];
    let scopes = [Permission::SeeFigures];
    let (_, row) = tx!(stage.owner, "token", Scope::nobody(), |tx| {
        tokens::create(tx, "Khóa", &scopes, side.commune, until, by).await
    })
    .unwrap();
    row.id
}

async fn new_batch(stage: &Stage, side: Side) -> BadgeBatchId {
    let until = stage.world().now() + SignedDuration::from_hours(24);
    let by = stage.accounts[&Role::Administrator];
    let badge = NewBadge {
        name: "Lê Thị Bé".into(),
        role: Role::Sampler,
        unit: side.commune,
        phone: None,
        secret: Code::generate(stage.world(), Code::BADGE).as_str().into(),
        pin: "483920".into(),
        pin_hash: "none".into(),
    };
    let rows = [badge];
    tx!(stage.owner, "batch", Scope::nobody(), |tx| batch::create(tx, "Đợt 1", until, &rows, by).await)
        .unwrap()
        .id
}

/// A phone that the head of the own household let see a person of the side.
async fn new_share(stage: &Stage, side: Side) -> AccountId {
    let head = stage.accounts[&Role::HouseholdHead];
    tx!(stage.owner, "share", Scope::nobody(), |tx| -> Result<AccountId, StoreError> {
        let key: [u8; 16] = *tx.world.id::<uuid::Uuid>().as_bytes();
        let account = citizens::by_phone(tx, &key).await?.ok_or(StoreError::NotFound("account"))?;
        sqlx::query(
            "insert into account_person (account, person, relation, proof, by, at)
             values ($1, $2, 'family', 'confirmed', $3, now())",
        )
        .bind(account.0)
        .bind(side.person.0)
        .bind(head.0)
        .execute(tx.conn())
        .await?;
        Ok(account)
    })
    .unwrap()
}

pub fn calls() -> Vec<Call> {
    let mut calls = staff();
    calls.extend(things());
    calls.extend(citizens());
    calls.extend(signing_in());
    calls
}

fn staff() -> Vec<Call> {
    vec![
        general("GET /api/v1/accounts", plain),
        about("POST /api/v1/accounts", |at| {
            let login = format!("new.{}", at.stage.world().id::<uuid::Uuid>().simple());
            let grants = value!([{ "role": "sampler", "over": { "kind": "area", "id": at.unit() } }]);
            json(value!({ "login": login, "name": "Lê Thị Bé", "kind": "office", "grants": grants }))
        }),
        about("GET /api/v1/accounts/{id}", |at| id(account(at))),
        about("PATCH /api/v1/accounts/{id}", |at| id(account(at)).json(value!({ "name": "Tên mới" }))),
        about("POST /api/v1/accounts/{id}/badge", |at| id(account(at))),
        about("POST /api/v1/accounts/{id}/end", |at| id(account(at))),
        about("POST /api/v1/accounts/{id}/reset", |at| {
            id(at.fresh(|side| at.stage.office_account(side, Role::CommuneStation)))
        }),
        about("POST /api/v1/accounts/{id}/resume", |at| id(account(at))),
        about("GET /api/v1/accounts/{id}/sessions", |at| id(account(at))),
        about("DELETE /api/v1/accounts/{id}/sessions", |at| id(account(at))),
        about("POST /api/v1/accounts/{id}/suspend", |at| {
            id(account(at)).json(value!({ "reason": "Nghỉ việc" }))
        }),
        about("POST /api/v1/accounts/temporary", |at| {
            let code = match at.case {
                super::call::Case::Own => "28807",
                super::call::Case::Other => "28870",
                super::call::Case::Nothing => "00000",
            };
            let row = value!({ "name": "Lê Thị Bé", "role": "sampler", "unit_code": code });
            json(value!({ "label": "Đợt 2", "ends_at": "2021-12-31T16:59:59Z", "rows": [row] }))
        })
        .shown_to_all(
            "nothing is: an unknown code and one elsewhere are told apart, codes of units are public",
        ),
        general("POST /api/v1/accounts/temporary/check", |_| {
            json(value!({ "rows": [{ "name": "Lê Thị Bé", "role": "sampler", "unit_code": "28807" }] }))
        }),
        general("GET /api/v1/accounts/batches", plain),
        about("GET /api/v1/accounts/batches/{id}/badges.pdf", |at| {
            id(at.fresh(|side| new_batch(at.stage, side)))
        }),
    ]
}

/// The account of a phone that was just linked to the person of a side.
async fn new_link(stage: &Stage, side: Side) -> AccountId {
    let (key, by) = (stage.world().bytes::<32>().to_vec(), stage.accounts[&Role::CommuneStation]);
    tx!(stage.owner, "link", Scope::nobody(), |tx| -> Result<AccountId, StoreError> {
        let account = citizens::by_phone(tx, &key).await?.unwrap();
        citizens::link_by_staff(tx, account, side.person, Relation::Family, by).await?;
        Ok(account)
    })
    .unwrap()
}

/// Cards and phones of persons.
fn citizens() -> Vec<Call> {
    let phone = |at: &At<'_>| {
        let number = format!("0913{:06}", at.stage.world().below(1_000_000));
        value!({ "phone": number, "relation": "family" })
    };
    vec![
        about("POST /api/v1/people/{id}/card", |at| id(at.person())),
        about("GET /api/v1/people/{id}/links", |at| id(at.person())),
        about("POST /api/v1/people/{id}/links", move |at| id(at.person()).json(phone(at))),
        about("DELETE /api/v1/people/{id}/links/{account}", |at| {
            id(at.person()).id(at.fresh(|side| new_link(at.stage, side)))
        }),
        general("POST /api/v1/session/persons", |at| {
            json(value!({ "card": unknown_code(at.stage.world(), Code::CARD), "birth_year": 1960 }))
        }),
        about("GET /api/v1/session/persons/{id}/links", |at| id(at.person())),
        about("POST /api/v1/session/persons/{id}/links", move |at| id(at.person()).json(phone(at))),
        about("DELETE /api/v1/session/persons/{id}/links/{account}", |at| {
            id(at.person()).id(at.fresh(|side| new_share(at.stage, side)))
        }),
    ]
}

fn things() -> Vec<Call> {
    vec![
        general("GET /api/v1/devices", plain),
        general("GET /api/v1/accounts/places", |_| Ask::default().query("kind=organisation")),
        about("POST /api/v1/devices/codes", |at| json(value!({ "label": "Máy 2", "unit_id": at.unit() }))),
        general("POST /api/v1/devices/enrol", |at| {
            // The generator of P-256: a point that lies on the curve.
            let key = value!({
                "kty": "EC", "crv": "P-256",
                "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
                "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
            });
            json(value!({ "code": unknown_code(at.stage.world(), Code::DEVICE), "public_key": key }))
        }),
        about("POST /api/v1/devices/{id}/revoke", |at| id(at.fresh(|side| new_device(at.stage, side)))),
        general("GET /api/v1/tokens", plain),
        about("POST /api/v1/tokens", |at| {
            let until = "2021-12-31T16:59:59Z";
            json(
                value!({ "label": "Khóa 2", "scopes": ["figures:read"], "unit_id": at.unit(), "until": until }),
            )
        }),
        about("DELETE /api/v1/tokens/{id}", |at| id(at.fresh(|side| new_token(at.stage, side)))),
    ]
}

fn signing_in() -> Vec<Call> {
    let phone = |at: &At<'_>| format!("0912{:06}", at.stage.world().below(1_000_000));
    vec![
        general("GET /api/v1/session", plain),
        general("DELETE /api/v1/session", plain),
        general("GET /api/v1/session/all", plain),
        general("DELETE /api/v1/session/all", plain),
        general("POST /api/v1/session/password", |at| {
            let login = format!("who.{}", at.stage.world().below(1_000_000));
            json(value!({ "login": login, "password": "bốn nhánh sông ra biển" }))
        }),
        general("POST /api/v1/session/totp", |_| json(value!({ "challenge": "none", "code": "123456" }))),
        general("GET /api/v1/session/device-challenge", |at| {
            super::call::Ask::default().query(format!("device={}", at.stage.world().id::<DeviceId>()))
        }),
        general("POST /api/v1/session/badge", |at| {
            let device: DeviceId = at.stage.world().id();
            let badge = unknown_code(at.stage.world(), Code::BADGE);
            json(value!({ "device": device, "nonce": "n", "signature": "", "badge": badge, "pin": "123456" }))
        }),
        general("POST /api/v1/session/otp", move |at| json(value!({ "phone": phone(at) }))),
        general("POST /api/v1/session/otp/verify", move |at| {
            json(value!({ "phone": phone(at), "code": "123456" }))
        }),
        general("POST /api/v1/session/card", |at| {
            json(value!({ "card": unknown_code(at.stage.world(), Code::CARD), "birth_year": 1960 }))
        }),
        general("GET /api/v1/session/demo", plain),
        general("POST /api/v1/session/demo", |_| json(value!({ "role": "leader" }))),
        general("POST /api/v1/first-run", |_| {
            let password = "bốn nhánh sông ra biển";
            json(
                value!({ "token": "none", "login": "lan.tran", "name": "Trần Thị Lan", "password": password }),
            )
        }),
        general("POST /api/v1/invitations/accept", |_| {
            json(value!({ "token": "none", "password": "bốn nhánh sông ra biển" }))
        }),
    ]
}
