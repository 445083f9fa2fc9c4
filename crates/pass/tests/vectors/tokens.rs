//! Tokens of every kind, and hostile ones.

use greenfort_pass::base45;
use greenfort_pass::cbor::{Value, Writer};
use greenfort_pass::claims::{Area, Basis, Claims, Kind, Method, Scopes};
use greenfort_pass::cose::to_be_signed;
use greenfort_pass::dcc::{Dcc, json_to_cbor};
use greenfort_pass::keys::{Es256Signer as _, sha256};
use greenfort_pass::token::{self, message_of, sign_message};
use serde_json::{Value as Json, json};

use super::keys::{TestKey, twin};
use super::{NOW, SAMPLED, World};

/// One scanned text, and what decoding it gives.
pub(crate) struct Token {
    pub(crate) id: &'static str,
    pub(crate) about: &'static str,
    pub(crate) text: String,
    /// Decoded content where the text is well-formed, whoever signed it.
    pub(crate) decoded: Option<Json>,
}

pub(crate) fn person(id: &str) -> Claims {
    let hash = sha256(id.as_bytes());
    Claims {
        issuer: "VN-50".to_owned(),
        expires: SAMPLED + 72 * 3600,
        issued: SAMPLED + 10 * 3600 + 35 * 60,
        id: hash[..12].try_into().unwrap(),
        kind: Kind::Person,
        name: "NTMK 1985".to_owned(),
        basis: Basis::Pooled,
        method: Method::RtPcr,
        sampled: SAMPLED,
        scopes: Scopes::MOVEMENT.and(Scopes::PRODUCTION),
        area: Some(Area { code: "83".to_owned(), depth: 1 }),
        holder: hash[12..18].try_into().unwrap(),
        batch: hash[18..24].try_into().unwrap(),
        members: None,
        drivers: Vec::new(),
        route: None,
        id_tail: None,
        guardian: false,
    }
}

pub(crate) fn household() -> Claims {
    Claims {
        kind: Kind::Household,
        name: "Hộ NVT, ấp 3".to_owned(),
        basis: Basis::Represented,
        scopes: Scopes::MOVEMENT,
        area: Some(Area { code: "28756".to_owned(), depth: 3 }),
        members: Some(4),
        ..person("household")
    }
}

pub(crate) fn organisation() -> Claims {
    Claims {
        kind: Kind::Organisation,
        name: "Cty Dừa Xanh – ca 2".to_owned(),
        basis: Basis::Tested,
        method: Method::RapidAntigen,
        scopes: Scopes::PRODUCTION,
        members: Some(318),
        ..person("organisation")
    }
}

pub(crate) fn vehicle() -> Claims {
    Claims {
        kind: Kind::Vehicle,
        name: "71C-123.45".to_owned(),
        basis: Basis::Tested,
        scopes: Scopes::GOODS_TRANSPORT.and(Scopes::LEAVE_PROVINCE),
        area: None,
        drivers: vec!["TVH 1979".to_owned(), "LQĐ 1990".to_owned()],
        route: Some("Giao Long – Cảng Cát Lái".to_owned()),
        ..person("vehicle")
    }
}

pub(crate) fn dcc_payload() -> Json {
    json!({
        "ver": "1.3.3",
        "nam": { "fn": "Nguyễn", "fnt": "NGUYEN", "gn": "Thị Minh Khai", "gnt": "THI<MINH<KHAI" },
        "dob": "1985-04-12",
        "t": [{
            "tg": "840539006", "tt": "LP6464-4", "nm": "Real-time RT-PCR",
            "sc": "2021-09-07T00:30:00Z", "tr": "260415000", "tc": "CDC Ben Tre",
            "co": "VN", "is": "Ben Tre Department of Health",
            "ci": "URN:UVCI:01:VN:50/3K7Q9ZB2XW5T#M"
        }]
    })
}

pub(crate) fn text(message: &[u8]) -> String {
    let mut out = token::PREFIX.to_owned();
    base45::encode_into(message, &mut out);
    out
}

pub(crate) fn hc1(message: &[u8]) -> String {
    use std::io::Write as _;
    let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    z.write_all(message).unwrap();
    let mut out = "HC1:".to_owned();
    base45::encode_into(&z.finish().unwrap(), &mut out);
    out
}

/// A COSE_Sign1 with any header, signed over it.
pub(crate) fn odd(protected: &[u8], unprotected: &[u8], payload: &[u8], key: &TestKey) -> Vec<u8> {
    let signature = key.sign(&to_be_signed(protected, &[], payload)).unwrap();
    let mut w = Writer::new();
    w.tag(18).array(4).bytes(protected).raw(unprotected).bytes(payload).bytes(&signature);
    w.finish()
}

pub(crate) fn dcc_cwt(payload: &Json, expires: i64) -> Vec<u8> {
    cwt_of(&json_to_cbor(payload), expires)
}

fn cwt_of(certificate: &Value, expires: i64) -> Vec<u8> {
    let mut w = Writer::new();
    w.map(4).uint(1).text("VN").uint(4).int(expires).uint(6).int(SAMPLED + 12 * 3600);
    w.int(-260).map(1).uint(1).raw(&certificate.encode());
    w.finish()
}

/// `sc` as seconds since 1970 under tag 1, every other text of the test under tag 0.
fn with_tagged_times(payload: &Json) -> Value {
    let tagged = |tag, value| Value::Tag(tag, Box::new(value));
    let entry = |(key, value): (&String, &Json)| {
        let time = key == "sc";
        let value = if time { Value::UInt(SAMPLED.unsigned_abs()) } else { json_to_cbor(value) };
        (Value::Text(key.clone()), tagged(u64::from(time), value))
    };
    let test: Vec<_> = payload["t"][0].as_object().unwrap().iter().map(entry).collect();
    let top = |(key, value): (&String, &Json)| {
        let value =
            if key == "t" { Value::Array(vec![Value::Map(test.clone())]) } else { json_to_cbor(value) };
        (Value::Text(key.clone()), value)
    };
    Value::Map(payload.as_object().unwrap().iter().map(top).collect())
}

pub(crate) fn all(world: &World) -> Vec<Token> {
    let mut out = good(world);
    out.extend(certificates(world));
    out.extend(super::hostile::hostile(world));
    out
}

fn sealed(id: &'static str, about: &'static str, claims: &Claims, key: &TestKey) -> Token {
    let text = token::seal(claims, key.kid(), key).unwrap();
    Token { id, about, text, decoded: Some(claims.to_json()) }
}

fn good(w: &World) -> Vec<Token> {
    let minor =
        Claims { name: "NGB 2012".to_owned(), guardian: true, basis: Basis::Represented, ..person("minor") };
    let digits = Claims { id_tail: Some(417), ..person("id-tail") };
    let overridden = Claims { basis: Basis::Override, method: Method::None, ..person("override") };
    let widest = Claims {
        area: Some(Area { code: "28756".to_owned(), depth: 3 }),
        name: "NTMĐK 1985".chars().take(9).collect(),
        ..person("widest")
    };
    let before =
        Claims { issued: NOW - 40 * 86_400, sampled: NOW - 40 * 86_400 - 3600, ..person("backdated") };
    let future =
        Claims { issued: NOW + 3600, sampled: NOW + 60, expires: NOW + 80 * 3600, ..person("future") };
    let mut all = vec![
        sealed("person", "a person tested in a pool", &person("person"), &w.signer),
        sealed("household", "a household, represented, commune only", &household(), &w.signer),
        sealed("organisation", "a shift of an enterprise, rapid antigen", &organisation(), &w.signer),
        sealed("vehicle", "a lorry with two drivers and a route", &vehicle(), &w.signer),
        sealed("minor", "a minor, who passes with a guardian", &minor, &w.signer),
        sealed("id-tail", "a person with the last four digits of the ID", &digits, &w.signer),
        sealed("override", "released by two persons, without a test", &overridden, &w.signer),
        sealed("widest", "the longest ordinary person: commune, 9 characters of name", &widest, &w.signer),
        sealed("next-key", "signed by the next key during the overlap", &person("next"), &w.next_signer),
        sealed("future", "issued in the future", &future, &w.signer),
        sealed("backdated", "issued before the validity of its key", &before, &w.signer),
        sealed("old-key", "signed by a key that has ended", &person("old-key"), &w.old_signer),
        sealed("withdrawn-key", "signed by a key that was withdrawn", &person("withdrawn"), &w.withdrawn),
        sealed(
            "list-key",
            "signed by a key that may sign revocation lists only",
            &person("list-key"),
            &w.revoker,
        ),
        sealed(
            "other-issuer",
            "names an issuer that its key does not belong to",
            &person("other"),
            &w.other_issuer,
        ),
        sealed("attacker", "signed by a key of the attacker's own", &person("attacker"), &w.attacker),
        sealed("revoked-pass", "revoked by itself", &person("revoked-pass"), &w.signer),
        sealed("revoked-holder", "revoked with its household", &person("revoked-holder"), &w.signer),
        sealed("revoked-batch", "revoked with its release", &person("revoked-batch"), &w.signer),
        sealed("restored", "revoked, and taken from the list again", &person("restored"), &w.signer),
        sealed(
            "twin-key",
            "signed by the second of two keys that share a name",
            &person("twin-key"),
            &w.signer,
        ),
    ];
    // The second key under the name of the first: every key of the name is tried.
    let claims = person("twin-key");
    all.last_mut().unwrap().text = token::seal(&claims, w.signer.kid(), &w.same_kid).unwrap();
    for (id, of) in [("twin-signature", "person"), ("revoked-twin-signature", "revoked-pass")] {
        let original = all.iter().find(|t| t.id == of).unwrap();
        let mut message = message_of(&original.text).unwrap();
        let start = message.len() - 64;
        let other = twin(&message[start..]);
        message[start..].copy_from_slice(&other);
        let decoded = original.decoded.clone();
        all.push(Token {
            id,
            about: "the other signature, (r, n - s), of the same pass",
            text: text(&message),
            decoded,
        });
    }
    all
}

fn certificate(id: &'static str, about: &'static str, payload: &Json, expires: i64, key: &TestKey) -> Token {
    let message = sign_message(&dcc_cwt(payload, expires), &[], key.kid(), key).unwrap();
    Token { id, about, text: hc1(&message), decoded: Some(json!({ "dcc": payload })) }
}

fn certificates(w: &World) -> Vec<Token> {
    let payload = dcc_payload();
    let mut positive = payload.clone();
    positive["t"][0]["tr"] = json!("260373001");
    let mut unnamed = payload.clone();
    unnamed["nam"] = json!({ "fn": "Nguyễn" });
    let mut vaccinated = payload.clone();
    vaccinated.as_object_mut().unwrap().remove("t");
    vaccinated["v"] = json!([{
        "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
        "dt": "2021-08-20", "co": "VN", "is": "Ben Tre Department of Health", "ci": "URN:UVCI:01:VN:50/V1#Q"
    }]);
    let mut revoked = payload.clone();
    revoked["t"][0]["ci"] = json!("URN:UVCI:01:VN:50/REVOKED#1");
    let until = NOW + 30 * 86_400;
    let key = &w.dcc_signer;
    let mut all = vec![
        certificate("dcc-test", "an EU test certificate", &payload, until, key),
        certificate("dcc-positive", "an EU test certificate, detected", &positive, until, key),
        certificate("dcc-expired", "an EU test certificate that has expired", &payload, NOW - 3600, key),
        certificate("dcc-schema", "an EU certificate without a transliterated name", &unnamed, until, key),
        certificate("dcc-key-usage", "a vaccination signed by a key for tests", &vaccinated, until, key),
        certificate("dcc-revoked-uci", "an EU certificate revoked by its identifier", &revoked, until, key),
        certificate(
            "dcc-attacker",
            "an EU certificate of the attacker's own key",
            &payload,
            until,
            &w.attacker,
        ),
    ];
    // A signature on a list: revoked by r alone, which the twin shares.
    let message = sign_message(&dcc_cwt(&payload, until - 60), &[], key.kid(), key).unwrap();
    let mut twin_message = message.clone();
    let start = twin_message.len() - 64;
    twin_message[start..].copy_from_slice(&twin(&message[start..]));
    let decoded = Some(json!({ "dcc": payload }));
    all.push(Token {
        id: "dcc-revoked-signature",
        about: "an EU certificate revoked by its signature",
        text: hc1(&message),
        decoded: decoded.clone(),
    });
    all.push(Token {
        id: "dcc-revoked-signature-twin",
        about: "the other signature of the same certificate",
        text: hc1(&twin_message),
        decoded: decoded.clone(),
    });
    // Forms that other countries use: untagged, tagged twice, uncompressed, key id in the open header.
    let good = sign_message(&dcc_cwt(&payload, until), &[], key.kid(), key).unwrap();
    let untagged = hc1(&good[1..]);
    let tagged = hc1(&[&[0xd8, 61][..], &good].concat());
    let mut plain = "HC1:".to_owned();
    base45::encode_into(&good, &mut plain);
    let protected = [0xa1, 1, 0x26];
    let mut open = Writer::new();
    open.map(1).uint(4).bytes(&key.kid());
    let unprotected = hc1(&odd(&protected, &open.finish(), &dcc_cwt(&payload, until), key));
    let times = sign_message(&cwt_of(&with_tagged_times(&payload), until), &[], key.kid(), key).unwrap();
    for (id, about, text) in [
        ("dcc-tagged-times", "an EU certificate with its times under CBOR tags", hc1(&times)),
        ("dcc-untagged", "an EU certificate without a tag", untagged),
        ("dcc-tag-61", "an EU certificate under tags 61 and 18", tagged),
        ("dcc-uncompressed", "an EU certificate without compression", plain),
        ("dcc-small-window", "an EU certificate in zlib with a window of 512 bytes", small_window(&good)),
        ("dcc-open-kid", "an EU certificate with its key id in the unprotected header", unprotected),
        ("dcc-ps256", "an EU certificate signed with PS256", w.ps256.token.clone()),
    ] {
        all.push(Token { id, about, text, decoded: decoded.clone() });
    }
    all
}

/// Stored blocks under a zlib header that promises a small window; the checksum does not cover the header.
fn small_window(message: &[u8]) -> String {
    use std::io::Write as _;
    let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
    z.write_all(message).unwrap();
    let mut packed = z.finish().unwrap();
    packed[..2].copy_from_slice(&[0x18, 0x19]);
    let mut out = "HC1:".to_owned();
    base45::encode_into(&packed, &mut out);
    out
}

/// r of a token's signature, hashed: the published revocation type.
pub(crate) fn signature_hash(token: &str) -> [u8; 32] {
    Dcc::decode(token).unwrap().signature_hash()
}
