//! Hostile input: nothing panics, everything ends soon, and what is refused is refused for its reason.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says what it skips")]

mod doors;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::cbor::{Limits, MAX_INT, Reader, Value, Writer};
use greenfort_pass::certlogic;
use greenfort_pass::claims::Claims;
use greenfort_pass::cose::Sign1;
use greenfort_pass::dcc::{Dcc, MAX_INFLATED, inflate};
use greenfort_pass::error::Stage;
use greenfort_pass::keyfile::{Cost, seal_key};
use greenfort_pass::policy::Policy;
use greenfort_pass::qr::{Code, Level};
use greenfort_pass::token::{message_of, peek};
use proptest::prelude::*;
use serde_json::json;

fn corpus(door: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/fuzz/corpus/{door}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(folder).unwrap().map(|f| std::fs::read(f.unwrap().path()).unwrap()).collect()
}

fn vectors() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contract/pass-vectors/tokens.json");
    let all: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all.as_array().unwrap().iter().map(|t| t["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_committed_corpora_come_back_through_every_door() {
    for (door, open) in doors::DOORS {
        let inputs = corpus(door);
        assert!(!inputs.is_empty(), "{door} has no corpus");
        inputs.iter().for_each(|input| open(input));
    }
}

/// Seeds that are no token of the vectors: payloads of lists, a key file, policies, pictures.
fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let file = |name: &str| {
        let path = format!("{}/../../contract/pass-vectors/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str::<serde_json::Value>(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let mut all = Vec::new();
    for (name, file) in [("trust", file("trust.json")), ("revocations", file("revocations.json"))] {
        for list in file["lists"].as_array().unwrap() {
            let message = BASE64_STANDARD.decode(list["b64"].as_str().unwrap()).unwrap();
            if let Ok(sign1) = Sign1::read(&message) {
                let id = format!("{name}-{}", list["id"].as_str().unwrap());
                all.push(("list", id, sign1.payload.to_vec()));
            }
        }
    }
    let mut fixed = |buffer: &mut [u8]| {
        buffer.fill(7);
        true
    };
    let cost = Cost { memory_kib: 64, passes: 1 };
    let sealed = seal_key(b"no key", "seed", "passphrase", cost, &mut fixed).unwrap();
    all.push((
        "key_file",
        "sealed".to_owned(),
        sealed.replace("\"passes\": 1", "\"passes\": 2").into_bytes(),
    ));
    all.push(("key_file", "sealed-good".to_owned(), sealed.into_bytes()));
    let default = serde_json::to_vec(&Policy::default()).unwrap();
    all.push(("policy", "default".to_owned(), default));
    let rows =
        br#"{"scopes":["movement","scope-9"],"place":["83"],"max_age":[{"kind":"person","minutes":4320}]}"#;
    all.push(("policy", "rows".to_owned(), rows.to_vec()));
    let code = Code::new("GF1:", Level::L).unwrap();
    all.push(("image", "one-pixel-a-module".to_owned(), code.png(1).unwrap()));
    all.push(("image", "png".to_owned(), code.png(3).unwrap()));
    all.push(("image", "jpeg".to_owned(), include_bytes!("../fixtures/code.jpg").to_vec()));
    all
}

#[test]
fn the_corpora_hold_the_seeds() {
    for (door, id, bytes) in seeds() {
        let folder = format!("{}/fuzz/corpus/{door}", env!("CARGO_MANIFEST_DIR"));
        let path = format!("{folder}/{id}");
        if std::env::var("UPDATE_CORPUS").is_ok() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(std::fs::read(&path).ok(), Some(bytes), "{path}: UPDATE_CORPUS=1 writes it");
    }
}

#[test]
fn every_prefix_and_every_flipped_bit_of_a_pass_is_refused_or_believed_by_nobody() {
    let token = &vectors()[0];
    let message = message_of(token).unwrap();
    let (_, claims) = peek(token).unwrap();
    let payload = claims.encode().unwrap();
    for end in 0..message.len() {
        doors::message(&message[..end]);
    }
    for bit in 0..payload.len() * 8 {
        let mut bent = payload.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        doors::message(&bent);
        assert!(Claims::decode(&bent).ok() != Some(claims.clone()));
    }
}

#[test]
fn a_bomb_is_refused_where_it_would_unpack() {
    // What it costs is counted in bounds.rs.
    let bomb = vectors().into_iter().max_by_key(String::len).unwrap();
    assert!(bomb.len() > 90_000 && bomb.len() > 2 * MAX_INFLATED);
    assert_eq!(Dcc::decode(&bomb).unwrap_err().stage, Stage::Zlib);
}

#[test]
fn deep_and_endless_cbor_is_refused() {
    for bytes in [
        vec![0x81; 100_000],
        vec![0xa1; 100_000],
        vec![0xc1; 100_000],
        vec![0x9f; 100_000],
        vec![0x5f; 100_000],
    ] {
        assert!(Value::decode(&bytes, Limits::default()).is_err());
    }
    // Lengths that promise more than there is take no memory.
    for head in [0x5b, 0x7b, 0x9b, 0xbb] {
        let mut bytes = vec![head];
        bytes.extend([0xff; 8]);
        assert!(Value::decode(&bytes, Limits::default()).is_err());
        let mut r = Reader::new(&bytes);
        assert!(r.bytes().is_err() && r.array().is_err());
    }
    for beyond in [MAX_INT + 1, -MAX_INT - 1, i64::MAX, i64::MIN] {
        let mut w = Writer::new();
        assert!(Reader::new(&w.int(beyond).clone().finish()).int().is_err(), "{beyond}");
    }
    let many = Value::Array(vec![Value::Null; 5000]).encode();
    assert!(Value::decode(&many, Limits::default()).is_err());
    assert!(Value::decode(&[0xa2, 1, 1, 1, 2], Limits::default()).is_err(), "duplicate keys");
}

#[test]
fn a_rule_without_end_ends() {
    let mut deep = json!(1);
    for _ in 0..80 {
        deep = json!({ "!": [deep] });
    }
    assert!(certlogic::evaluate(&deep, &json!({})).is_err());
    // Loops inside loops over a long list.
    let list = json!({ "var": "list" });
    let sum = |inner: serde_json::Value| json!({ "reduce": [json!(vec![1; 300]), inner, 0] });
    let nested = sum(sum(sum(json!(1))));
    assert!(certlogic::evaluate(&nested, &json!({ "list": vec![1; 300] })).is_err());
    assert!(certlogic::evaluate(&json!({ "+": [i64::MAX, 1] }), &json!({})).is_err());
    assert!(
        certlogic::evaluate(&json!({ "plusTime": ["2021-01-01", i64::MAX, "year"] }), &json!({})).is_err()
    );
    assert_eq!(certlogic::evaluate(&list, &json!({})), Ok(json!(null)));
}

#[test]
fn zlib_must_end_where_the_bytes_end() {
    use std::io::Write as _;
    let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    z.write_all(b"some bytes that compress").unwrap();
    let good = z.finish().unwrap();
    assert_eq!(inflate(&good).unwrap(), b"some bytes that compress");
    for bad in [&good[..good.len() - 1], &good[..2], &[], &[good.as_slice(), b"x"].concat()] {
        assert!(inflate(bad).is_err());
    }
}

#[test]
fn our_cbor_and_anothers_agree() {
    for token in vectors().iter().filter(|t| t.starts_with("GF1:")) {
        let Ok((_, claims)) = peek(token) else { continue };
        let ours = claims.encode().unwrap();
        let theirs: ciborium::Value = ciborium::from_reader(ours.as_slice()).unwrap();
        let mut again = Vec::new();
        ciborium::into_writer(&theirs, &mut again).unwrap();
        assert_eq!(ours, again, "deterministic for them too");
        let sign1: coset::CoseSign1 =
            coset::TaggedCborSerializable::from_tagged_slice(&message_of(token).unwrap()).unwrap();
        assert_eq!(sign1.payload.unwrap(), ours);
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::UInt),
        any::<u64>().prop_map(Value::NInt),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
        ".{0,12}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
        any::<f64>().prop_filter("NaN equals nothing", |x| !x.is_nan()).prop_map(Value::Float),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(any::<u32>(), inner.clone(), 0..6)
                .prop_map(|m| Value::Map(m.into_iter().map(|(k, v)| (Value::UInt(k.into()), v)).collect())),
            (any::<u64>(), inner).prop_map(|(tag, v)| Value::Tag(tag, Box::new(v))),
        ]
    })
}

thread_local! {
    static SEEDS: Vec<(&'static str, String, Vec<u8>)> = seeds();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_door_panic(data in prop::collection::vec(any::<u8>(), 0..400)) {
        for (_, open) in doors::DOORS {
            open(&data);
        }
    }

    #[test]
    fn bent_seeds_make_no_door_panic(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let all = SEEDS.with(Clone::clone);
        let (door, _, mut data) = all[which.index(all.len())].clone();
        let at = at.index(data.len());
        data[at] = byte;
        let (_, open) = doors::DOORS.into_iter().find(|(name, _)| *name == door).unwrap();
        open(&data);
    }

    #[test]
    fn no_text_makes_a_door_panic(text in "(GF1:|HC1:)?[0-9A-Z $%*+./:-]{0,300}") {
        doors::scanned(text.as_bytes());
    }

    #[test]
    fn bent_tokens_make_no_door_panic(which in 0..90usize, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let all = vectors();
        let mut data = all[which % all.len()].clone().into_bytes();
        if !data.is_empty() && data.len() < 2000 {
            let at = at.index(data.len());
            data[at] = byte;
            doors::scanned(&data);
        }
    }

    #[test]
    fn cbor_round_trips(v in value()) {
        let bytes = v.encode();
        prop_assert_eq!(Value::decode(&bytes, Limits { depth: 64, items: 10_000 }).unwrap(), v);
        let theirs: Result<ciborium::Value, _> = ciborium::from_reader(bytes.as_slice());
        prop_assert!(theirs.is_ok());
    }

    #[test]
    fn integers_take_the_shortest_form(n in -MAX_INT..=MAX_INT) {
        let mut w = Writer::new();
        w.int(n);
        let bytes = w.finish();
        prop_assert_eq!(Reader::new(&bytes).int().unwrap(), n);
        let mut theirs = Vec::new();
        ciborium::into_writer(&n, &mut theirs).unwrap();
        prop_assert_eq!(bytes, theirs);
    }
}
