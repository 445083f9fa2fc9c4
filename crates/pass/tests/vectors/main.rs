//! The test vectors of `contract/pass-vectors`: made here from fixed seeds and a fixed clock, compared
//! with what is committed, and judged by the product. `UPDATE_VECTORS=1` writes them anew.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where something is missing, and says what it skips"
)]

mod cases;
mod hostile;
mod judge;
mod keys;
mod lists;
mod tokens;

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::verify::Reason;
use serde_json::{Value as Json, json};

use cases::Case;
use keys::TestKey;
use lists::List;

/// 2021-09-08 08:00 in Bến Tre.
const NOW: i64 = 1_631_062_800;
/// 2021-09-07 07:30 in Bến Tre.
const SAMPLED: i64 = 1_630_974_600;

struct World {
    root: TestKey,
    signer: TestKey,
    next_signer: TestKey,
    old_signer: TestKey,
    same_kid: TestKey,
    withdrawn: TestKey,
    revoker: TestKey,
    other_issuer: TestKey,
    dcc_signer: TestKey,
    attacker: TestKey,
    ps256: Ps256,
}

/// An RSA-PSS token: its salt is random, so it was made once, by another implementation.
struct Ps256 {
    spki: Vec<u8>,
    token: String,
}

impl World {
    fn new() -> Self {
        let fixture: Json = serde_json::from_str(include_str!("../fixtures/ps256.json")).unwrap();
        Self {
            root: TestKey::new("root"),
            signer: TestKey::new("signer"),
            next_signer: TestKey::new("next signer"),
            old_signer: TestKey::new("old signer"),
            same_kid: TestKey::new("same kid"),
            withdrawn: TestKey::new("withdrawn"),
            revoker: TestKey::new("revoker"),
            other_issuer: TestKey::new("other issuer"),
            dcc_signer: TestKey::new("dcc signer"),
            attacker: TestKey::new("attacker"),
            ps256: Ps256 {
                spki: BASE64_STANDARD.decode(fixture["spki"].as_str().unwrap()).unwrap(),
                token: fixture["token"].as_str().unwrap().to_owned(),
            },
        }
    }
}

fn b64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contract/pass-vectors")
}

fn make() -> Vec<(&'static str, Json)> {
    let w = World::new();
    let tokens = tokens::all(&w);
    let list = |l: &List| json!({ "id": l.id, "about": l.about, "in_hand": l.in_hand, "expected": l.expected, "b64": b64(&l.bytes) });
    let case = |c: &Case| {
        json!({
            "id": c.id, "token": c.token, "trust": c.trust, "revocations": c.revocations, "policy": c.policy,
            "clock": { "now": c.now, "trusted": c.clock_trusted },
            "expected": { "verdict": c.verdict, "reason": c.reason },
        })
    };
    let reason = |r: &Reason| json!({ "code": r.code(), "verdict": r.verdict().name(), "vi": r.advice_vi(), "en": r.advice_en() });
    let keys: Vec<&TestKey> = vec![
        &w.root,
        &w.signer,
        &w.next_signer,
        &w.old_signer,
        &w.same_kid,
        &w.withdrawn,
        &w.revoker,
        &w.other_issuer,
        &w.dcc_signer,
        &w.attacker,
    ];
    let trust = json!({
        "root": { "kid": hex::encode(w.root.kid()), "spki": b64(&w.root.spki()) },
        "keys": keys.iter().map(|k| json!({ "id": k.name, "kid": hex::encode(k.kid()), "spki": b64(&k.spki()), "pkcs8": b64(&k.pkcs8()) })).collect::<Vec<_>>(),
        "content": lists::trusted_keys(&w).iter().map(|k| json!({
            "kid": hex::encode(k.kid), "spki": b64(k.key.spki()), "issuer": k.issuer, "usage": k.usage.0,
            "not_before": k.not_before, "not_after": k.not_after, "revoked": k.revoked,
        })).collect::<Vec<_>>(),
        "lists": lists::trust(&w, &tokens).iter().map(list).collect::<Vec<_>>(),
    });
    let revocations = json!({
        "trust": "fresh",
        "lists": lists::revocations(&w, &tokens).lists.iter().map(list).collect::<Vec<_>>(),
    });
    let tokens = tokens
        .iter()
        .map(|t| json!({ "id": t.id, "about": t.about, "text": t.text, "decoded": t.decoded }))
        .collect::<Vec<_>>();
    vec![
        ("trust.json", trust),
        ("revocations.json", revocations),
        ("tokens.json", json!(tokens)),
        ("cases.json", json!(cases::all().iter().map(case).collect::<Vec<_>>())),
        ("rules.json", json!(cases::with_rules().iter().map(case).collect::<Vec<_>>())),
        ("reasons.json", json!(Reason::ALL.iter().map(reason).collect::<Vec<_>>())),
    ]
}

/// One object a line where a list is long, so that a change shows as the lines it touches.
fn print(value: &Json) -> String {
    fn lines(items: &[Json], indent: &str) -> String {
        let lines: Vec<String> = items.iter().map(|i| format!("{indent} {i}")).collect();
        format!("[\n{}\n{indent}]", lines.join(",\n"))
    }
    match value {
        Json::Array(items) => lines(items, "") + "\n",
        Json::Object(map) => {
            let fields: Vec<String> = map
                .iter()
                .map(|(k, v)| match v {
                    Json::Array(items) => format!(" {}: {}", json!(k), lines(items, " ")),
                    other => format!(" {}: {other}", json!(k)),
                })
                .collect();
            format!("{{\n{}\n}}\n", fields.join(",\n"))
        }
        other => format!("{other}\n"),
    }
}

#[test]
fn the_committed_vectors_are_those_that_the_generator_makes() {
    let update = std::env::var_os("UPDATE_VECTORS").is_some();
    for (name, value) in make() {
        let path = folder().join(name);
        let text = print(&value);
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{name} differs: run with UPDATE_VECTORS=1 and read the difference");
    }
}
