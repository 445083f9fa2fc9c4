//! How near the pass comes to the cost of its cryptography: verify and sign as a share of bare P-256 by
//! the same library in the same run, and codes drawn per second. One core.
//!
//! `cargo bench -p greenfort-pass --bench vs_limits -- [--json FILE] [--seconds S]`

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
};
use greenfort_pass::claims::{Area, Basis, Claims, Kind, Method, Scopes};
use greenfort_pass::cose::{protected_header, to_be_signed};
use greenfort_pass::handle::HandleKey;
use greenfort_pass::keys::{PublicKey, SigningKey, kid_of};
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::qr::Code;
use greenfort_pass::revoke::{RevocationList, Section};
use greenfort_pass::sign::{Conclusion, Material, Signer, Terms};
use greenfort_pass::token::seal;
use greenfort_pass::trust::{TrustList, TrustedKey, Usage};
use greenfort_pass::verify::{Verdict, Verifier};
use serde_json::{Value, json};

const NOW: i64 = 1_631_062_800;

/// Runs each body in turn for short slices until the time is up, so that a busy machine slows all of
/// them alike; gives the median seconds of one call for each.
fn measure(seconds: f64, bodies: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    const SLICE: u32 = 64;
    let mut samples = vec![Vec::new(); bodies.len()];
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < end {
        for (body, samples) in bodies.iter_mut().zip(&mut samples) {
            let start = Instant::now();
            for _ in 0..SLICE {
                body();
            }
            samples.push(start.elapsed().as_secs_f64() / f64::from(SLICE));
        }
    }
    samples
        .into_iter()
        .map(|mut s| {
            s.sort_by(f64::total_cmp);
            s[s.len() / 2]
        })
        .collect()
}

fn claims() -> Claims {
    Claims {
        issuer: "VN-50".to_owned(),
        expires: NOW + 48 * 3600,
        issued: NOW - 3600,
        id: *b"\x38\xa8\x1e\x87\xe7\x96\x31\xe6\x02\xbf\x5f\xbd",
        kind: Kind::Person,
        name: "NTMK 1985".to_owned(),
        basis: Basis::Pooled,
        method: Method::RtPcr,
        sampled: NOW - 12 * 3600,
        scopes: Scopes(5),
        area: Some(Area { code: "83".to_owned(), depth: 1 }),
        holder: [1; 6],
        batch: [2; 6],
        members: None,
        drivers: Vec::new(),
        route: None,
        id_tail: None,
        guardian: false,
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1)).map(String::as_str)
    };
    let seconds: f64 = option("--seconds").and_then(|s| s.parse().ok()).unwrap_or(6.0);
    let pkcs8 = SigningKey::generate_pkcs8().expect("randomness");
    let key = SigningKey::from_pkcs8(&pkcs8).expect("a key");
    let rows =
        [verifying(&key, &pkcs8, seconds), signing(&key, &pkcs8, seconds), drawing(&key, seconds / 2.0)];
    let rows: Vec<Value> = rows.into_iter().flatten().collect();
    for row in &rows {
        let share = row["ratio"].as_f64().map(|r| format!("  {:.1} % of {}", r * 100.0, row["ratio_to"]));
        #[expect(clippy::print_stdout, reason = "a bench prints its table")]
        {
            println!(
                "{:<22} {:>10.0} {}{}",
                row["id"],
                row["value"].as_f64().unwrap_or_default(),
                row["unit"],
                share.unwrap_or_default()
            );
        }
    }
    if let Some(file) = option("--json") {
        std::fs::write(file, serde_json::to_string_pretty(&rows).expect("JSON"))
            .expect("the file is written");
    }
}

fn row(
    id: &str,
    what: &str,
    seconds: f64,
    bare: Option<(&str, f64)>,
    floor: Option<f64>,
    aim: Option<f64>,
) -> Value {
    json!({
        "id": id, "what": what, "value": 1.0 / seconds, "unit": "1/s",
        "higher_is_better": true, "ratio_to": bare.map(|(name, _)| name), "ratio": bare.map(|(_, b)| b / seconds),
        "floor": floor, "aim": aim,
    })
}

fn entry(key: &SigningKey) -> TrustedKey {
    TrustedKey {
        kid: kid_of(&key.spki()),
        key: PublicKey::from_spki(&key.spki()).expect("a key"),
        issuer: "VN-50".to_owned(),
        usage: Usage::PASS,
        not_before: NOW - 86_400,
        not_after: NOW + 30 * 86_400,
        revoked: false,
        certificate: None,
    }
}

fn verifying(key: &SigningKey, pkcs8: &[u8], seconds: f64) -> Vec<Value> {
    let entry = entry(key);
    let token = seal(&claims(), entry.kid, key).expect("a token");
    let trust = TrustList::new(1, NOW, vec![entry.clone()]);
    // A list of the size it is meant for: looking up belongs to verifying.
    let hashes: Vec<[u8; 8]> =
        (0..100_000u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes()).collect();
    let entries: Vec<(Section, &[u8])> = hashes.iter().map(|h| (Section::Pass, h.as_slice())).collect();
    let revocations = RevocationList::new(1, NOW, &entries);
    let policy = Policy {
        scopes: vec!["movement".to_owned()],
        place: ["83", "829", "28756"].map(str::to_owned).to_vec(),
        ..Policy::default()
    };
    let clock = Clock { now: NOW, trusted: true };
    let verifier = Verifier { trust: &trust, revocations: Some(&revocations), policy: &policy, clock };

    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).expect("a key");
    let bare_key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()).expect("a key");
    let message = to_be_signed(&protected_header(entry.kid), &[], &claims().encode().expect("claims"));
    let signature = pair.sign(&SystemRandom::new(), &message).expect("a signature");
    let median = measure(
        seconds,
        &mut [
            &mut || bare_key.verify_sig(black_box(&message), signature.as_ref()).expect("verifies"),
            &mut || assert_eq!(verifier.verify(black_box(&token)).verdict(), Verdict::Green),
        ],
    );
    let bare = ("bare-verify", median[0]);
    vec![
        row("bare-verify", "bare aws-lc P-256 verify, parsed key", median[0], None, None, None),
        row(
            "pass-verify",
            "verdict on a person's pass, 100,000 revocations",
            median[1],
            Some(bare),
            Some(0.80),
            Some(0.93),
        ),
    ]
}

fn signing(key: &SigningKey, pkcs8: &[u8], seconds: f64) -> Vec<Value> {
    let entry = entry(key);
    let (claims, kid) = (claims(), entry.kid);
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).expect("a key");
    let rng = SystemRandom::new();
    let message = to_be_signed(&protected_header(kid), &[], &claims.encode().expect("claims"));
    let bare_key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()).expect("a key");
    let handles = HandleKey::new(&[7; 32]);
    let signer = Signer::new(key, &handles, entry);
    let order = Conclusion::new("c", "r")
        .and_then(|c| c.released("x"))
        .and_then(|r| r.resting_on(&["s"], &["w"], Material::OwnInPool, Method::RtPcr, NOW - 3600))
        .expect("evidence")
        .person("NTMK 1985", false, None);
    let terms = Terms {
        holder: "h".to_owned(),
        scopes: Scopes(5),
        area: Some(Area { code: "83".to_owned(), depth: 1 }),
        expires: NOW + 48 * 3600,
    };
    let mut fill = |buffer: &mut [u8]| aws_lc_rs::rand::fill(buffer).is_ok();
    let median = measure(
        seconds,
        &mut [
            &mut || {
                black_box(pair.sign(&rng, black_box(&message)).expect("a signature"));
            },
            &mut || drop(seal(black_box(&claims), kid, key).expect("a token")),
            &mut || {
                let signature = pair.sign(&rng, black_box(&message)).expect("a signature");
                bare_key.verify_sig(&message, signature.as_ref()).expect("verifies");
            },
            &mut || {
                let issued = signer.issue(order.clone(), terms.clone(), NOW, &mut fill, &mut |_| true);
                drop(issued.expect("a pass"));
            },
        ],
    );
    let (bare, both) = (("bare-sign", median[0]), ("bare-sign-and-verify", median[2]));
    vec![
        row("bare-sign", "bare aws-lc P-256 sign", median[0], None, None, None),
        row("pass-sign", "claims to token", median[1], Some(bare), Some(0.50), Some(0.75)),
        row("bare-sign-and-verify", "bare aws-lc P-256 sign, then verify", median[2], None, None, None),
        row(
            "pass-issue",
            "order to token: id, serial, sign, read back by the verifier",
            median[3],
            Some(both),
            None,
            None,
        ),
    ]
}

fn drawing(key: &SigningKey, seconds: f64) -> Vec<Value> {
    let token = seal(&claims(), kid_of(&key.spki()), key).expect("a token");
    let code = Code::fitting(&token).expect("a code");
    let median = measure(
        seconds,
        &mut [
            &mut || drop(black_box(Code::fitting(black_box(&token)).expect("a code").svg())),
            &mut || {
                drop(black_box(Code::fitting(black_box(&token)).expect("a code").png(1).expect("a picture")));
            },
            &mut || {
                drop(black_box(Code::fitting(black_box(&token)).expect("a code").png(8).expect("a picture")));
            },
        ],
    );
    let what = format!("text to picture, version {}", code.version());
    ["qr-svg", "qr-png-1", "qr-png-8"]
        .iter()
        .zip(median)
        .map(|(id, s)| row(id, &what, s, None, None, None))
        .collect()
}
