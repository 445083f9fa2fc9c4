//! Independent software reads what we issue, and we read what it issues. Needs Python and a package
//! index, so it runs when `GREENFORT_INTEROP=1`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::keys::{PublicKey, kid_of};
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::qr::Code;
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::trust::{TrustList, TrustedKey, Usage};
use greenfort_pass::verify::{Reason, Verifier};
use serde_json::{Value, json};

const NOW: i64 = 1_631_062_800;

fn load(name: &str) -> Value {
    let path = format!("{}/../../contract/pass-vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn theirs_read_ours_and_we_read_theirs() {
    if std::env::var("GREENFORT_INTEROP").as_deref() != Ok("1") {
        println!("skipped: set GREENFORT_INTEROP=1 to run the Python peers");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = |id: &str| {
        let keys = load("trust.json");
        keys["keys"].as_array().unwrap().iter().find(|k| k["id"] == id).unwrap().clone()
    };
    let (signer, dcc_signer) = (key("signer"), key("dcc signer"));
    let mut ours = Vec::new();
    let mut certificate = Value::Null;
    for token in load("tokens.json").as_array().unwrap() {
        let (id, text) = (token["id"].as_str().unwrap(), token["text"].as_str().unwrap());
        let key = match id {
            "person" | "household" | "organisation" | "vehicle" | "minor" | "twin-signature" => &signer,
            "dcc-test" => &dcc_signer,
            _ => continue,
        };
        if id == "dcc-test" {
            certificate = token["decoded"]["dcc"].clone();
        }
        let png = format!("{id}.png");
        std::fs::write(at(&png), Code::fitting(text).unwrap().png(6).unwrap()).unwrap();
        let expires =
            token["decoded"]["exp"].as_str().map(|t| t.parse::<jiff::Timestamp>().unwrap().as_second());
        ours.push(json!({
            "token": text, "png": png, "spki": key["spki"], "kid": key["kid"],
            "name": token["decoded"]["name"], "expires": expires,
        }));
    }
    assert_eq!(ours.len(), 7);
    std::fs::write(at("ours.json"), json!(ours).to_string()).unwrap();
    std::fs::write(at("clock.json"), json!({ "now": NOW }).to_string()).unwrap();
    std::fs::write(at("certificate.json"), certificate.to_string()).unwrap();
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/run.sh");
    let out = Command::new(run).arg(folder.path()).output().unwrap();
    println!("{}", String::from_utf8_lossy(&out.stdout));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));

    let theirs: Value = serde_json::from_str(&std::fs::read_to_string(at("theirs.json")).unwrap()).unwrap();
    let theirs = theirs.as_array().unwrap();
    assert_eq!(theirs.len(), 3);
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
