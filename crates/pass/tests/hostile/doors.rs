//! The doors through which bytes come in: each takes anything and must come back. Shared by the tests,
//! which replay committed corpora on stable, and by the fuzz targets.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::base45;
use greenfort_pass::cbor::{Limits, Value};
use greenfort_pass::cert::Certificate;
use greenfort_pass::certlogic;
use greenfort_pass::claims::Claims;
use greenfort_pass::cose::{Foreign, Kid, Sign1};
use greenfort_pass::dcc::{Dcc, check_schema, inflate};
use greenfort_pass::keyfile::open_key;
use greenfort_pass::keys::{PublicKey, SigningKey, kid_of};
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::{REVOCATION_AAD, RevocationList, Section};
use greenfort_pass::token::{self, sign_message};
use greenfort_pass::tools::{import_certificates, read_codes};
use greenfort_pass::trust::{Root, TRUST_AAD, TrustList, TrustedKey, Usage};
use greenfort_pass::verify::Verifier;

/// A door by the name of its corpus and its fuzz target.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// All of them.
#[allow(dead_code, reason = "a fuzz target opens one door")]
pub(crate) const DOORS: [Door; 8] = [
    ("scanned", scanned),
    ("message", message),
    ("list", list),
    ("certificate", certificate),
    ("key_file", key_file),
    ("rule", rule),
    ("policy", policy),
    ("image", image),
];

/// A scanned text. What decodes as a pass encodes to itself.
pub(crate) fn scanned(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let trust = TrustList::new(1, 0, Vec::new());
    let policy = Policy::default();
    let clock = Clock { now: 0, trusted: true };
    let verifier = Verifier { trust: &trust, revocations: None, policy: &policy, clock };
    let seen = verifier.verify(text);
    assert!(seen.credential.is_none(), "nothing is believed without a key");
    if let Ok((_, claims)) = token::peek(text) {
        assert_eq!(Claims::decode(&claims.encode().unwrap()).unwrap(), claims);
    }
    if let Ok(bytes) = base45::decode(text) {
        let mut again = String::new();
        base45::encode_into(&bytes, &mut again);
        assert_eq!(again, text);
    }
}

/// The bytes of a message: zlib, CBOR, COSE, the claims of both formats.
pub(crate) fn message(data: &[u8]) {
    if let Ok(value) = Value::decode(data, Limits::default()) {
        let again = Value::decode(&value.encode(), Limits::default()).unwrap();
        assert_eq!(again.encode(), value.encode());
    }
    if let Ok(claims) = Claims::decode(data) {
        assert_eq!(claims.encode().unwrap(), data, "a pass has one encoding");
    }
    let _ = Sign1::read(data);
    let _ = Foreign::read(data);
    let _ = inflate(data);
    if let Ok(dcc) = Dcc::from_cose(data) {
        let _ = (check_schema(&dcc.payload), dcc.group(), dcc.uci_hash(), dcc.signature_hash());
    }
    let _ = RevocationList::open(data, &TrustList::new(1, 0, Vec::new()), None);
    let _ = TrustList::open(data, &LISTER.root, None);
}

/// The payload of a signed list. It is signed here: what stands behind a signature is read with the same
/// care, since an issuer may be broken into.
pub(crate) fn list(data: &[u8]) {
    let Lister { key, kid, root, trust, in_hand } = &*LISTER;
    let sealed = |aad| sign_message(data, aad, *kid, key).unwrap();
    if let Ok(list) = TrustList::open(&sealed(TRUST_AAD), root, None) {
        let again = TrustList::open(&list.seal(*kid, key).unwrap(), root, None).unwrap();
        assert_eq!(again.keys().len(), list.keys().len());
    }
    let revocations = sealed(REVOCATION_AAD);
    if let Ok(list) = RevocationList::open(&revocations, trust, None) {
        assert_eq!(RevocationList::open(&list.seal(*kid, key).unwrap(), trust, None).unwrap(), list);
    }
    let _ = RevocationList::open(&revocations, trust, Some(in_hand));
}

/// A certificate or a key, in DER or as text.
pub(crate) fn certificate(data: &[u8]) {
    let _ = Certificate::from_der(data);
    let _ = PublicKey::from_spki(data);
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Certificate::from_text(text);
        let _ = import_certificates(text);
    }
}

/// An encrypted key file; files that ask for much work are left out, since work is what they are for.
pub(crate) fn key_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let asks = |name: &str| {
        let file: serde_json::Value = serde_json::from_str(text).ok()?;
        file.get("cost")?.get(name)?.as_u64()
    };
    if asks("memory_kib").is_none_or(|kib| kib <= 256) && asks("passes").is_none_or(|n| n <= 2) {
        let _ = open_key(text, "passphrase");
    }
}

/// A rule: `{"logic": …, "data": …}`.
pub(crate) fn rule(data: &[u8]) {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    let null = serde_json::Value::Null;
    let part = |key| json.get(key).unwrap_or(&null);
    let _ = certlogic::evaluate(part("logic"), part("data"));
}

/// A policy in JSON. One that is read is written and read again.
pub(crate) fn policy(data: &[u8]) {
    let Ok(policy) = serde_json::from_slice::<Policy>(data) else { return };
    let _ = policy.required_scopes();
    let again = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::to_string(&serde_json::from_str::<Policy>(&again).unwrap()).unwrap(), again);
}

/// A picture.
pub(crate) fn image(data: &[u8]) {
    let _ = read_codes(data);
}

/// One key that is root and lister, from the test vectors.
struct Lister {
    key: SigningKey,
    kid: Kid,
    root: Root,
    trust: TrustList,
    in_hand: RevocationList,
}

static LISTER: LazyLock<Lister> = LazyLock::new(|| {
    let vectors = include_str!("../../../../contract/pass-vectors/trust.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let pkcs8 = BASE64_STANDARD.decode(vectors["keys"][0]["pkcs8"].as_str().unwrap()).unwrap();
    let key = SigningKey::from_pkcs8(&pkcs8).unwrap();
    let kid = kid_of(&key.spki());
    let entry = TrustedKey {
        kid,
        key: PublicKey::from_spki(&key.spki()).unwrap(),
        issuer: "VN-50".to_owned(),
        usage: Usage::REVOCATION,
        not_before: i64::MIN,
        not_after: i64::MAX,
        revoked: false,
        certificate: None,
    };
    Lister {
        kid,
        root: Root::from_spki(&key.spki()).unwrap(),
        trust: TrustList::new(1, 0, vec![entry]),
        in_hand: RevocationList::new(41, 0, &[(Section::Pass, &[1, 2, 3, 4, 5, 6])]),
        key,
    }
});
