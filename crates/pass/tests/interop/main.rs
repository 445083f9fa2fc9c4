//! Independent software reads what we issue, and we read what it issues: Python (`cwt`, `zxing-cpp`) and
//! JavaScript (`cose-js`, `certlogic-js`). Needs Python, Node and their package indexes, so it runs when
//! `GREENFORT_INTEROP=1`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what the peers said"
)]

mod rules;

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::certlogic::evaluate;
use greenfort_pass::keys::{PublicKey, kid_of};
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::qr::Code;
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::trust::{TrustList, TrustedKey, Usage};
use greenfort_pass::verify::{Reason, Verifier};
use serde_json::{Value, json};

use rules::Maker;

const NOW: i64 = 1_631_062_800;

fn wanted() -> bool {
    let wanted = std::env::var("GREENFORT_INTEROP").as_deref() == Ok("1");
    if !wanted {
        println!("skipped: set GREENFORT_INTEROP=1 to run the peers in Python and JavaScript");
    }
    wanted
}

fn load(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn vectors(name: &str) -> Value {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contract/pass-vectors").join(name))
}

/// Writes our tokens and their pictures for the other side.
fn write_ours(folder: &Path) {
    let keys = vectors("trust.json");
    let key = |id: &str| keys["keys"].as_array().unwrap().iter().find(|k| k["id"] == id).unwrap().clone();
    let (signer, dcc_signer) = (key("signer"), key("dcc signer"));
    let mut ours = Vec::new();
    for token in vectors("tokens.json").as_array().unwrap() {
        let (id, text) = (token["id"].as_str().unwrap(), token["text"].as_str().unwrap());
        let key = match id {
            "person" | "household" | "organisation" | "vehicle" | "minor" | "twin-signature" => &signer,
            "dcc-test" => &dcc_signer,
            _ => continue,
        };
        if id == "dcc-test" {
            std::fs::write(folder.join("certificate.json"), token["decoded"]["dcc"].to_string()).unwrap();
        }
        let png = format!("{id}.png");
        std::fs::write(folder.join(&png), Code::fitting(text).unwrap().png(6).unwrap()).unwrap();
        let expires =
            token["decoded"]["exp"].as_str().map(|t| t.parse::<jiff::Timestamp>().unwrap().as_second());
        ours.push(json!({
            "token": text, "png": png, "spki": key["spki"], "kid": key["kid"],
            "name": token["decoded"]["name"], "expires": expires,
        }));
    }
    assert_eq!(ours.len(), 7);
    std::fs::write(folder.join("ours.json"), json!(ours).to_string()).unwrap();
    std::fs::write(folder.join("clock.json"), json!({ "now": NOW }).to_string()).unwrap();
}

/// Expressions and what we make of them; no value where we find an error.
fn write_rules(folder: &Path) {
    let mut maker = Maker::new(11);
    let cases: Vec<Value> = (0..4000)
        .map(|_| {
            let (logic, data) = (maker.expression(3), maker.data());
            match evaluate(&logic, &data) {
                Ok(value) => json!({ "logic": logic, "data": data, "value": value }),
                Err(_) => json!({ "logic": logic, "data": data }),
            }
        })
        .collect();
    std::fs::write(folder.join("rules.json"), json!(cases).to_string()).unwrap();
}

fn run(script: &str, arguments: &[&str]) {
    let out =
        Command::new(format!("{}/{script}", env!("CARGO_MANIFEST_DIR"))).args(arguments).output().unwrap();
    println!("{}", String::from_utf8_lossy(&out.stdout));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// What the other side issued is valid at our gate.
fn read_theirs(file: &Path, count: usize) {
    let theirs = load(file);
    let theirs = theirs.as_array().unwrap();
    assert_eq!(theirs.len(), count);
    for token in theirs {
        let spki = BASE64_STANDARD.decode(token["spki"].as_str().unwrap()).unwrap();
        let entry = TrustedKey {
            kid: kid_of(&spki),
            key: PublicKey::from_spki(&spki).unwrap(),
            issuer: "VN-50".to_owned(),
            usage: Usage::PASS.and(Usage::TEST),
            not_before: NOW - 86_400,
            not_after: NOW + 30 * 86_400,
            revoked: false,
            certificate: None,
        };
        let trust = TrustList::new(1, NOW, vec![entry]);
        let revocations = RevocationList::new(1, NOW, &[]);
        let policy = Policy::default();
        let clock = Clock { now: NOW, trusted: true };
        let verifier = Verifier { trust: &trust, revocations: Some(&revocations), policy: &policy, clock };
        let seen = verifier.verify(token["token"].as_str().unwrap());
        assert_eq!(seen.reason, Reason::Valid, "{seen:?}");
    }
}

#[test]
fn python_reads_ours_and_we_read_its() {
    if !wanted() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_ours(folder.path());
    run("interop/run.sh", &[folder.path().to_str().unwrap()]);
    read_theirs(&folder.path().join("theirs.json"), 3);
}

#[test]
fn javascript_reads_ours_we_read_its_and_rules_come_to_the_same() {
    if !wanted() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_ours(folder.path());
    write_rules(folder.path());
    run("peers/run.sh", &["interop.mjs", folder.path().to_str().unwrap()]);
    read_theirs(&folder.path().join("theirs-js.json"), 2);
}
