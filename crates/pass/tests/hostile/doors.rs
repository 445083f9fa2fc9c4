//! The doors through which bytes come in: each takes anything and must come back. Shared by the tests,
//! which replay committed corpora on stable, and by the fuzz targets.

use greenfort_pass::base45;
use greenfort_pass::cbor::{Limits, Value};
use greenfort_pass::cert::Certificate;
use greenfort_pass::certlogic;
use greenfort_pass::claims::Claims;
use greenfort_pass::cose::{Foreign, Sign1};
use greenfort_pass::dcc::{Dcc, check_schema, inflate};
use greenfort_pass::keyfile::open_key;
use greenfort_pass::keys::PublicKey;
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::token;
use greenfort_pass::trust::{Root, TrustList};
use greenfort_pass::verify::Verifier;

/// A scanned text. What decodes as a pass encodes to itself.
pub(crate) fn scanned(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let trust = TrustList::new(1, 0, Vec::new());
    let policy = Policy::default();
    let verifier = Verifier {
        trust: &trust,
        revocations: None,
        policy: &policy,
        clock: Clock { now: 0, trusted: true },
    };
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
    let _ = open_key(text, "");
}

/// The bytes of a message or a list.
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
    let trust = TrustList::new(1, 0, Vec::new());
    let _ = RevocationList::open(data, &trust, None);
    // P-256's base point: a key that is nobody's.
    if let Ok(root) = Root::from_spki(&NOBODY) {
        let _ = TrustList::open(data, &root, None);
    }
}

const NOBODY: [u8; 91] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42,
    0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
    0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e,
    0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6,
    0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];

/// A certificate or a key.
pub(crate) fn certificate(data: &[u8]) {
    let _ = Certificate::from_der(data);
    let _ = PublicKey::from_spki(data);
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Certificate::from_text(text);
    }
}

/// A rule: `{"logic": …, "data": …}`.
pub(crate) fn rule(data: &[u8]) {
    let Ok(json) = serde_json_value(data) else { return };
    let null = serde_json::Value::Null;
    let part = |key| json.get(key).unwrap_or(&null);
    let _ = certlogic::evaluate(part("logic"), part("data"));
}

fn serde_json_value(data: &[u8]) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::from_slice(data)
}
