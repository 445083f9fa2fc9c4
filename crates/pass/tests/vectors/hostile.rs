//! Tokens that nobody should believe, each bent in one place.

use greenfort_pass::base45;
use greenfort_pass::cbor::{Value, Writer};
use greenfort_pass::claims::Claims;
use greenfort_pass::cose::protected_header;
use greenfort_pass::dcc::json_to_cbor;
use greenfort_pass::token::{self, message_of, sign_message};

use super::tokens::{Token, dcc_cwt, dcc_payload, hc1, odd, person, text};
use super::{NOW, World};

/// Key and value pairs of a map.
type Pairs = Vec<(Value, Value)>;

/// Key and value pairs of a claims set, to be bent.
fn pairs(claims: &Claims) -> Pairs {
    match Value::decode(&claims.encode().unwrap(), Default::default()).unwrap() {
        Value::Map(pairs) => pairs,
        _ => unreachable!("a claims set is a map"),
    }
}

pub(crate) fn hostile(w: &World) -> Vec<Token> {
    let claims = person("hostile");
    let payload = claims.encode().unwrap();
    let kid = w.signer.kid();
    let good = message_of(&token::seal(&claims, kid, &w.signer).unwrap()).unwrap();
    let header = protected_header(kid);
    let bent = |f: &dyn Fn(&mut Pairs)| {
        let mut p = pairs(&claims);
        f(&mut p);
        sign_message(&Value::Map(p).encode(), &[], kid, &w.signer).unwrap()
    };
    let inner = |f: &dyn Fn(&mut Pairs)| {
        bent(&|p| match &mut p[4].1 {
            Value::Map(fields) => f(fields),
            _ => unreachable!("the private claim is a map"),
        })
    };
    let swapped = {
        let mut h = Writer::new();
        h.map(2).uint(1).int(-37).uint(4).bytes(&kid);
        odd(&h.finish(), &[0xa0], &payload, &w.signer)
    };
    let none = {
        let mut h = Writer::new();
        h.map(1).uint(4).bytes(&kid);
        odd(&h.finish(), &[0xa0], &payload, &w.signer)
    };
    let url = {
        let mut h = Writer::new();
        h.map(3)
            .uint(1)
            .int(-7)
            .uint(4)
            .bytes(&w.attacker.kid())
            .uint(35)
            .text("https://evil.example/key.pem");
        odd(&h.finish(), &[0xa0], &payload, &w.attacker)
    };
    let open_url = {
        let mut u = Writer::new();
        u.map(1).uint(35).text("https://evil.example/key.pem");
        odd(&header, &u.finish(), &payload, &w.signer)
    };
    let own_key = {
        let mut u = Writer::new();
        u.map(1).int(-1).bytes(&w.attacker.spki());
        odd(&protected_header(w.attacker.kid()), &u.finish(), &payload, &w.attacker)
    };
    let foreign_kid = token::seal(&claims, kid, &w.attacker).unwrap();
    let mut flipped = good.clone();
    let name = flipped.windows(4).position(|x| x == b"NTMK").unwrap();
    flipped[name] ^= 1;
    let mut bad_signature = good.clone();
    *bad_signature.last_mut().unwrap() ^= 1;
    let mut zero = good.clone();
    let start = zero.len() - 64;
    zero[start..].fill(0);
    let short = {
        let mut m = Writer::new();
        m.tag(18).array(4).bytes(&header).map(0).bytes(&payload).bytes(&good[start..good.len() - 1]);
        m.finish()
    };
    let deep = {
        let mut m = vec![0xd2];
        m.extend([0x81; 400]);
        m
    };
    let huge_length = vec![0xd2, 0x84, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let long_head = {
        let mut m = vec![0xd2, 0x84, 0x58, 13];
        m.extend(&header);
        m.extend(&good[3 + header.len()..]);
        m
    };
    let indefinite = {
        let mut m = vec![0xd2, 0x9f];
        m.extend(&good[2..]);
        m.push(0xff);
        m
    };
    let as_list = sign_message(&payload, b"greenfort revocation list v1", kid, &w.signer).unwrap();
    let bomb = {
        use std::io::Write as _;
        let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            z.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let mut out = "HC1:".to_owned();
        base45::encode_into(&z.finish().unwrap(), &mut out);
        out
    };
    let t = |id, about, text: String| Token { id, about, text, decoded: None };
    let m = |id, about, message: &[u8]| Token { id, about, text: text(message), decoded: None };
    let set = |p: &mut Vec<(Value, Value)>, key: u64, value: Value| {
        p.iter_mut().find(|(k, _)| *k == Value::UInt(key)).unwrap().1 = value;
    };
    vec![
        m("alg-swap", "the algorithm replaced by PS256", &swapped),
        m("alg-none", "no algorithm", &none),
        m("own-key-url", "its own key URL in the protected header", &url),
        m("open-key-url", "a key URL added to the unprotected header", &open_url),
        m("own-key", "its own key in the unprotected header", &own_key),
        t("foreign-kid", "signed by the attacker under the issuer's key id", foreign_kid),
        m("payload-flipped", "one bit of the payload turned", &flipped),
        m("signature-flipped", "one bit of the signature turned", &bad_signature),
        m("signature-zero", "a signature of zeros", &zero),
        m("signature-short", "a signature of 63 bytes", &short),
        m("list-signature", "signed as if it were a revocation list", &as_list),
        m("trailing-byte", "a byte after the end", &[&good[..], &[0]].concat()),
        m("truncated", "the last byte missing", &good[..good.len() - 1]),
        m("untagged", "without tag 18", &good[1..]),
        m("deep", "400 arrays inside each other", &deep),
        m("huge-length", "a length of 2^63 bytes", &huge_length),
        m("long-head", "a length not encoded in the shortest way", &long_head),
        m("indefinite", "an array of indefinite length", &indefinite),
        m("unsorted", "claims not in ascending order", &bent(&|p| p.swap(0, 1))),
        m(
            "extra-claim",
            "a claim that the format does not know",
            &bent(&|p| p.push((Value::UInt(99), Value::UInt(1)))),
        ),
        m("no-expiry", "without an expiry", &bent(&|p| drop(p.remove(1)))),
        m("float-expiry", "the expiry as a floating-point number", &bent(&|p| p[1].1 = Value::Float(1.7e9))),
        m("huge-expiry", "an expiry beyond 2^63", &bent(&|p| p[1].1 = Value::UInt(u64::MAX))),
        m(
            "expiry-beyond-doubles",
            "an expiry of 2^53",
            &bent(&|p| p[1].1 = Value::UInt(9_007_199_254_740_992)),
        ),
        m("late-expiry", "expires in 9999", &bent(&|p| p[1].1 = Value::UInt(253_370_764_800))),
        m(
            "expiry-before-issue",
            "expires before it is issued",
            &bent(&|p| p[1].1 = Value::UInt(1_000_000_000)),
        ),
        m("short-id", "an id of 8 bytes", &bent(&|p| p[3].1 = Value::Bytes(vec![7; 8]))),
        m(
            "unknown-field",
            "a field that the format does not know",
            &inner(&|p| p.push((Value::UInt(14), Value::UInt(1)))),
        ),
        m("unknown-basis", "a basis that the format does not know", &inner(&|p| set(p, 3, Value::UInt(9)))),
        m(
            "explicit-person",
            "the kind written out where silence says it",
            &inner(&|p| p.insert(0, (Value::UInt(1), Value::UInt(0)))),
        ),
        m("no-scope", "opens nothing", &inner(&|p| set(p, 6, Value::UInt(0)))),
        m(
            "members-of-person",
            "a person with members",
            &inner(&|p| p.push((Value::UInt(9), Value::UInt(3)))),
        ),
        m(
            "turned-name",
            "a name with a character that turns the writing direction",
            &inner(&|p| set(p, 2, Value::Text("NT\u{202e}KM".to_owned()))),
        ),
        m("name-not-utf8", "a name that is not UTF-8", &{
            let mut bytes = payload.clone();
            let at = bytes.windows(4).position(|x| x == b"NTMK").unwrap();
            bytes[at] = 0xff;
            sign_message(&bytes, &[], kid, &w.signer).unwrap()
        }),
        t("empty", "nothing", String::new()),
        t("prefix-only", "the prefix alone", "GF1:".to_owned()),
        t("lowercase", "a prefix in small letters", text(&good).replacen("GF1:", "gf1:", 1)),
        t("other-prefix", "another version of the format", text(&good).replacen("GF1:", "GF2:", 1)),
        t("base45-small", "a small letter in base45", format!("{}a", text(&good))),
        t("base45-overflow", "a group of base45 that overflows", format!("{}:::", text(&good))),
        t("too-long", "longer than any pass", format!("GF1:{}", "0".repeat(3000))),
        t("text", "some text", "https://example.org/?id=42".to_owned()),
        t("appointment", "an appointment code", "GFA:7K2M9Q4X".to_owned()),
        t("bomb", "64 MiB of zeros behind zlib", bomb),
        t("dcc-deep", "CBOR nested 400 deep behind zlib", hc1(&deep)),
        t("dcc-nested-chunks", "byte strings of indefinite length inside each other", hc1(&[0x5f; 3000])),
        t(
            "dcc-alg-none",
            "an EU certificate with algorithm 0",
            hc1(&{
                let mut h = Writer::new();
                h.map(2).uint(1).int(0).uint(4).bytes(&w.dcc_signer.kid());
                odd(&h.finish(), &[0xa0], &dcc_cwt(&dcc_payload(), NOW + 86_400), &w.dcc_signer)
            }),
        ),
        t(
            "dcc-alg-swap",
            "an ES256 certificate that says PS256",
            hc1(&{
                let mut h = Writer::new();
                h.map(2).uint(1).int(-37).uint(4).bytes(&w.dcc_signer.kid());
                odd(&h.finish(), &[0xa0], &dcc_cwt(&dcc_payload(), NOW + 86_400), &w.dcc_signer)
            }),
        ),
        t(
            "dcc-nan",
            "an EU certificate whose expiry is not a number",
            hc1(&{
                let mut c = Writer::new();
                c.map(2)
                    .uint(4)
                    .double(f64::NAN)
                    .int(-260)
                    .map(1)
                    .uint(1)
                    .raw(&json_to_cbor(&dcc_payload()).encode());
                sign_message(&c.finish(), &[], w.dcc_signer.kid(), &w.dcc_signer).unwrap()
            }),
        ),
    ]
}
