//! What hostile input may cost. Memory and allocations are counted, not seconds: the counts are the same on
//! every machine. One test alone in its program, so that nothing else allocates meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it counted"
)]
#![cfg(feature = "tools")]

use std::alloc::System;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::cbor::{Limits, Value};
use greenfort_pass::certlogic;
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::tools::read_codes;
use greenfort_pass::trust::{Root, TrustList};
use greenfort_pass::verify::{Reason, Verifier};
use serde_json::{Value as Json, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// 2021-09-08 08:00 in Bến Tre, the clock of the vectors.
const NOW: i64 = 1_631_062_800;

fn load(name: &str) -> Json {
    let path = format!("{}/../../contract/pass-vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list(file: &Json, id: &str) -> Vec<u8> {
    let found = file["lists"].as_array().unwrap().iter().find(|l| l["id"] == id).unwrap();
    BASE64_STANDARD.decode(found["b64"].as_str().unwrap()).unwrap()
}

/// What came out, the bytes ever asked for (what was in use at once is less) and the allocations.
fn counted<T>(what: impl FnOnce() -> T) -> (T, usize, usize) {
    let region = Region::new(ALLOCATOR);
    let out = what();
    let change = region.change();
    (
        out,
        change.bytes_allocated + usize::try_from(change.bytes_reallocated.max(0)).unwrap(),
        change.allocations,
    )
}

#[test]
fn hostile_input_gets_its_verdict_for_bounded_memory_and_work() {
    let (trust_file, revocation_file) = (load("trust.json"), load("revocations.json"));
    let root = BASE64_STANDARD.decode(trust_file["root"]["spki"].as_str().unwrap()).unwrap();
    let trust = TrustList::open(&list(&trust_file, "fresh"), &Root::from_spki(&root).unwrap(), None).unwrap();
    let full = RevocationList::open(&list(&revocation_file, "full-43"), &trust, None).unwrap();
    let policy = Policy::default();
    let clock = Clock { now: NOW, trusted: true };
    let verifier = Verifier { trust: &trust, revocations: Some(&full), policy: &policy, clock };
    let texts: BTreeMap<String, String> = load("tokens.json")
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (t["id"].as_str().unwrap().to_owned(), t["text"].as_str().unwrap().to_owned()))
        .collect();

    // The attacks by name: 64 MiB behind zlib, CBOR nested deep, (r, n - s), another algorithm, the issuer's
    // key id on another's signature, a key or a key's URL brought along.
    for (id, reason) in [
        ("bomb", Reason::Malformed),
        ("deep", Reason::Malformed),
        ("dcc-deep", Reason::Malformed),
        ("dcc-nested-chunks", Reason::Malformed),
        ("huge-length", Reason::Malformed),
        ("twin-signature", Reason::Valid),
        ("revoked-twin-signature", Reason::Revoked),
        ("dcc-revoked-signature-twin", Reason::Revoked),
        ("alg-swap", Reason::Algorithm),
        ("dcc-alg-none", Reason::Algorithm),
        ("dcc-alg-swap", Reason::BadSignature),
        ("foreign-kid", Reason::BadSignature),
        ("own-key-url", Reason::Malformed),
        ("open-key-url", Reason::Malformed),
        ("own-key", Reason::Malformed),
        ("attacker", Reason::UnknownKey),
    ] {
        let (seen, bytes, allocations) = counted(|| verifier.verify(&texts[id]));
        println!("{id}: {} for {bytes} bytes in {allocations} allocations", seen.reason.code());
        assert_eq!(seen.reason, reason, "{id}");
    }

    // Whatever the text is: a pass never costs more than 16 kB, an EU certificate no more than 256 kB.
    for (id, text) in &texts {
        let (_, bytes, allocations) = counted(|| verifier.verify(text));
        let (most, times) = if text.starts_with("HC1:") { (256 << 10, 4000) } else { (16 << 10, 100) };
        assert!(bytes <= most && allocations <= times, "{id}: {bytes} bytes, {allocations} allocations");
    }

    // CBOR takes memory for what is there, not for what its heads promise; the widest tree stays small.
    let promises = [vec![0x9f; 100_000], vec![0x81; 100_000], [&[0x9b][..], &[0xff; 8]].concat()];
    for bytes in promises.iter().map(Vec::as_slice).chain([[0xbb; 9].as_slice(), &[0x7f; 4000]]) {
        let (got, spent, _) = counted(|| Value::decode(bytes, Limits::default()));
        assert!(got.is_err() && spent <= 4096, "{spent} bytes for {:02x?}", &bytes[..9]);
    }
    let widest = Value::Array(vec![Value::Text("x".to_owned()); 4095]).encode();
    let (got, spent, _) = counted(|| Value::decode(&widest, Limits::default()));
    assert!(got.is_ok() && spent <= 512 << 10, "{spent}");

    // A rule that doubles what it has, and one that looks at a long list again and again.
    let twice = json!([{ "var": "accumulator" }, { "var": "accumulator" }]);
    let again = json!({ "in": ["x", { "var": "list" }] });
    for rule in [json!({ "reduce": [vec![0; 60], twice, ["seed"]] }), json!(vec![again; 5000])] {
        let data = json!({ "list": vec!["code"; 4096] });
        let (got, spent, _) = counted(|| certlogic::evaluate(&rule, &data));
        assert!(got.is_err() && spent <= 256 << 20, "{spent} bytes");
    }
    // Lists within lists are refused before copying them could overflow the stack.
    let deeper = json!({ "reduce": [vec![0; 50_000], [{ "var": "accumulator" }], 0] });
    assert!(certlogic::evaluate(&deeper, &Json::Null).is_err());

    // A picture of 16,384 × 16,384 pixels in 40 kB is refused by its size.
    let picture = flat_png(16_384);
    let (got, spent, _) = counted(|| read_codes(&picture));
    assert!(got.is_err() && spent <= 1 << 20, "{spent} bytes");
}

fn flat_png(side: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![0xff; (side as usize).div_ceil(8) * side as usize]).unwrap();
    writer.finish().unwrap();
    out
}
