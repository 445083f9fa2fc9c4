//! The product's answers to the committed files, which are read as any other implementation reads them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::dcc::Dcc;
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::token;
use greenfort_pass::trust::{ListError, Root, TrustList};
use greenfort_pass::verify::{Reason, Verifier};
use serde_json::Value as Json;

use super::folder;

fn load(name: &str) -> Json {
    serde_json::from_str(&std::fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn bytes(value: &Json) -> Vec<u8> {
    BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap()
}

fn open_all<T>(
    lists: &Json,
    open: impl Fn(&[u8], Option<&T>) -> Result<T, ListError>,
) -> BTreeMap<String, T> {
    let mut good = BTreeMap::new();
    for list in lists.as_array().unwrap() {
        let in_hand = list["in_hand"].as_str().map(|id| &good[id]);
        let opened = open(&bytes(&list["b64"]), in_hand);
        let got = opened.as_ref().map_or_else(ListError::code, |_| "ok");
        assert_eq!(got, list["expected"], "list {}", list["id"]);
        if let Ok(list_now) = opened {
            good.insert(list["id"].as_str().unwrap().to_owned(), list_now);
        }
    }
    good
}

fn trust_lists() -> BTreeMap<String, TrustList> {
    let file = load("trust.json");
    let root = Root::from_spki(&bytes(&file["root"]["spki"])).unwrap();
    assert_eq!(hex::encode(root.kid), file["root"]["kid"]);
    open_all(&file["lists"], |bytes, in_hand| TrustList::open(bytes, &root, in_hand))
}

#[test]
fn every_token_decodes_to_its_claims_or_not_at_all() {
    for entry in load("tokens.json").as_array().unwrap() {
        let (text, expected) = (entry["text"].as_str().unwrap(), &entry["decoded"]);
        if let Some(payload) = expected.get("dcc") {
            assert_eq!(&Dcc::decode(text).unwrap().payload, payload, "{}", entry["id"]);
        } else if !expected.is_null() {
            let (_, claims) = token::peek(text).unwrap();
            assert_eq!(&claims.to_json(), expected, "{}", entry["id"]);
        }
    }
}

#[test]
fn every_case_gets_its_verdict_and_reason() {
    let trust = trust_lists();
    let revocations = {
        let file = load("revocations.json");
        let trust = &trust[file["trust"].as_str().unwrap()];
        open_all(&file["lists"], |bytes, in_hand| RevocationList::open(bytes, trust, in_hand))
    };
    let tokens: BTreeMap<String, String> = load("tokens.json")
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (t["id"].as_str().unwrap().to_owned(), t["text"].as_str().unwrap().to_owned()))
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for file in ["cases.json", "rules.json"] {
        for case in load(file).as_array().unwrap() {
            assert!(ids.insert(case["id"].to_string()), "{} twice", case["id"]);
            let policy: Policy = serde_json::from_value(case["policy"].clone()).unwrap();
            let clock: Clock = serde_json::from_value(case["clock"].clone()).unwrap();
            let verifier = Verifier {
                trust: &trust[case["trust"].as_str().unwrap()],
                revocations: case["revocations"].as_str().map(|id| &revocations[id]),
                policy: &policy,
                clock,
            };
            let got = verifier.verify(&tokens[case["token"].as_str().unwrap()]);
            let got = (got.verdict().name(), got.reason.code());
            let expected =
                (case["expected"]["verdict"].as_str().unwrap(), case["expected"]["reason"].as_str().unwrap());
            if got != expected {
                wrong.push(format!("{}: {got:?} instead of {expected:?}", case["id"]));
            }
            seen.insert(got.1);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for reason in Reason::ALL {
        assert!(seen.contains(reason.code()), "no case ends in {}", reason.code());
    }
}
