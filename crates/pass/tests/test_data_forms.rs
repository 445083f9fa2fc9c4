//! The forms in which countries write test data: every one of these says the same, and must come to the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(feature = "tools")]

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenfort_pass::base45;
use greenfort_pass::ca::{Subject, root_certificate, signer_certificate};
use greenfort_pass::claims::Method;
use greenfort_pass::dcc::{Dcc, TestCertificate, ValueSets, inflate, issue_test, json_to_cbor};
use greenfort_pass::keys::{PublicKey, SigningKey, kid_of};
use greenfort_pass::qr::{Code, Level};
use greenfort_pass::sign::{Conclusion, Material};
use greenfort_pass::tools::{Conformance, conformance};
use greenfort_pass::trust::Usage;
use serde_json::{Value as Json, json};

const NOW: i64 = 1_631_062_800;
const DAY: i64 = 86_400;

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02X}");
        out
    })
}

/// A complete file of test data with every step expected, about a certificate issued here.
fn complete() -> Json {
    let (root_key, pkcs8) = (SigningKey::generate_pkcs8().unwrap(), SigningKey::generate_pkcs8().unwrap());
    let subject = |name, serial| Subject {
        name,
        country: "VN",
        not_before: NOW - DAY,
        not_after: NOW + 365 * DAY,
        serial: [serial; 16],
    };
    let root = subject("Root", 1);
    root_certificate(&root, &root_key).unwrap();
    let der = signer_certificate(&subject("Signer", 2), &pkcs8, Usage::TEST, &root, &root_key).unwrap();
    let key = SigningKey::from_pkcs8(&pkcs8).unwrap();
    let public = PublicKey::from_spki(&key.spki()).unwrap();
    let released = Conclusion::new("c", "r").unwrap().released("x").unwrap();
    let evidence = released.resting_on(&["s"], &["w"], Material::Own, Method::RtPcr, NOW - 3600).unwrap();
    let content = TestCertificate {
        surname: "Nguyễn",
        forename: "Thị Minh Khai",
        birth: "1985-04-12",
        kit: "Real-time RT-PCR",
        centre: "CDC Bến Tre",
        country: "VN",
        issuer: "Ben Tre Department of Health",
        uci: "URN:UVCI:01:VN:50/ABC#1",
        issued: NOW,
        expires: NOW + 10 * DAY,
    };
    let token = issue_test(&evidence, &content, &ValueSets::default(), kid_of(&der), &key, &public).unwrap();
    let packed = base45::decode(&token[4..]).unwrap();
    let cose = inflate(&packed).unwrap();
    let payload = Dcc::decode(&token).unwrap().payload;
    let picture = Code::new(&token, Level::L).unwrap().png(2).unwrap();
    let steps = [
        "EXPECTEDVALIDOBJECT",
        "EXPECTEDSCHEMAVALIDATION",
        "EXPECTEDENCODE",
        "EXPECTEDDECODE",
        "EXPECTEDVERIFY",
        "EXPECTEDCOMPRESSION",
        "EXPECTEDKEYUSAGE",
        "EXPECTEDUNPREFIX",
        "EXPECTEDVALIDJSON",
        "EXPECTEDB45DECODE",
        "EXPECTEDPICTUREDECODE",
        "EXPECTEDEXPIRATIONCHECK",
    ];
    json!({
        "JSON": payload, "CBOR": hex_of(&json_to_cbor(&payload).encode()), "COSE": hex_of(&cose),
        "COMPRESSED": hex_of(&packed), "BASE45": token[4..], "PREFIX": token, "2DCODE": BASE64_STANDARD.encode(picture),
        "TESTCTX": {
            "VERSION": 1, "SCHEMA": "1.3.0", "CERTIFICATE": BASE64_STANDARD.encode(der),
            "VALIDATIONCLOCK": "2021-09-08T09:00:00+07:00", "DESCRIPTION": "valid",
        },
        "EXPECTEDRESULTS": steps.iter().map(|s| ((*s).to_owned(), json!(true))).collect::<serde_json::Map<_, _>>(),
    })
}

/// Runs one file that holds exactly these bytes.
fn run(bytes: &[u8]) -> Conformance {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("VN/2DCode/raw");
    std::fs::create_dir_all(&raw).unwrap();
    std::fs::write(raw.join("1.JSON"), bytes).unwrap();
    conformance(folder.path()).unwrap()
}

fn changed(change: impl FnOnce(&mut Json)) -> Conformance {
    let mut file = complete();
    change(&mut file);
    run(file.to_string().as_bytes())
}

fn all_pass(got: &Conformance, steps: usize, what: &str) {
    assert_eq!((got.passed, got.failed, got.files), (steps, 0, 1), "{what}: {:?}", got.failures);
}

#[test]
fn every_form_of_a_file_says_the_same() {
    all_pass(&changed(|_| {}), 12, "as it is");
    let text = complete();
    all_pass(&run(&[b"\xef\xbb\xbf", text.to_string().as_bytes()].concat()), 12, "byte order mark");
    let pretty = serde_json::to_string_pretty(&text).unwrap();
    all_pass(&run(pretty.replace('\n', "\r\n").as_bytes()), 12, "line ends of two characters");
    all_pass(
        &changed(|f| f["COSE"] = json!(f["COSE"].as_str().unwrap().to_lowercase())),
        12,
        "small letters",
    );
    all_pass(&changed(|f| f["JSON"] = json!(f["JSON"].to_string())), 12, "JSON as a text");
    all_pass(&changed(|f| f["JSON"]["t"][0]["sc"] = json!("2021-09-08T07:00:00+07:00")), 12, "another zone");
    all_pass(&changed(|f| f["JSON"]["t"][0]["sc"] = json!("2021-09-08T00:00:00.000Z")), 12, "a fraction");
    let data_url = |f: &mut Json| {
        f["2DCODE"] = json!(format!("data:image/png;base64,{}", f["2DCODE"].as_str().unwrap()));
    };
    all_pass(&changed(data_url), 12, "a data URL");
    let words = |f: &mut Json| {
        for (_, value) in f["EXPECTEDRESULTS"].as_object_mut().unwrap() {
            *value = json!("True");
        }
    };
    all_pass(&changed(words), 12, "true as a word");
}

#[test]
fn every_form_of_a_certificate_and_of_a_clock_is_read() {
    let certificate = |form: fn(&str) -> String| {
        changed(|f| {
            let body = f["TESTCTX"]["CERTIFICATE"].as_str().unwrap().to_owned();
            f["TESTCTX"]["CERTIFICATE"] = json!(form(&body));
        })
    };
    let lines = |body: &str, end: &str| {
        let lines: Vec<&str> =
            (0..body.len()).step_by(64).map(|i| &body[i..body.len().min(i + 64)]).collect();
        lines.join(end)
    };
    all_pass(
        &certificate(|b| format!("-----BEGIN CERTIFICATE-----\n{b}\n-----END CERTIFICATE-----\n")),
        12,
        "PEM",
    );
    all_pass(&certificate(|b| b.trim_end_matches('=').to_owned()), 12, "without padding");
    let wrapped = changed(|f| {
        let body = f["TESTCTX"]["CERTIFICATE"].as_str().unwrap().to_owned();
        f["TESTCTX"]["CERTIFICATE"] = json!(lines(&body, "\r\n"));
    });
    all_pass(&wrapped, 12, "in lines");
    for clock in [
        "2021-09-08T02:00:00Z",
        "2021-09-08T02:00:00",
        "2021-09-08T02:00:00.971336500Z",
        "2021-09-08T02:00:00.003+0000",
        "2021-09-08T09:00:00.1+07:00",
        "2021-09-08 02:00:00",
        "2021-09-08T02:00Z",
    ] {
        all_pass(&changed(|f| f["TESTCTX"]["VALIDATIONCLOCK"] = json!(clock)), 12, clock);
    }
}

#[test]
fn what_contradicts_itself_fails_and_what_is_absent_is_not_run() {
    let failing = |change: fn(&mut Json)| changed(change).failed;
    assert_eq!(failing(|f| f["TESTCTX"]["VALIDATIONCLOCK"] = json!("2021-09-30T00:00:00Z")), 1, "expired");
    assert_eq!(
        failing(|f| f["TESTCTX"]["VALIDATIONCLOCK"] = json!("2021-09-07T00:00:00Z")),
        1,
        "not issued yet"
    );
    assert_eq!(failing(|f| f["JSON"]["dob"] = json!("1985-04-13")), 3, "encode, decode, valid JSON");
    assert_eq!(failing(|f| f["BASE45"] = json!("6BF")), 2, "unprefix, base45");
    assert_eq!(failing(|f| f["EXPECTEDRESULTS"]["EXPECTEDVERIFY"] = json!(false)), 1, "it does verify");
    let without = |fields: &'static [&'static str], steps, what: &str| {
        let got =
            changed(|f| fields.iter().for_each(|field| drop(f.as_object_mut().unwrap().remove(*field))));
        all_pass(&got, steps, what);
    };
    without(&["2DCODE"], 11, "no picture");
    without(&["JSON"], 9, "no JSON: valid object, encode, valid JSON");
    without(&["TESTCTX"], 9, "no context: verify, key usage, expiration");
    without(&["COSE", "CBOR"], 10, "no COSE and CBOR: compression and encode; the others are derived");
    let got = changed(|f| drop(f["TESTCTX"].as_object_mut().unwrap().remove("VALIDATIONCLOCK")));
    all_pass(&got, 11, "no clock");
    assert_eq!(run(b"{").failed, 1, "not JSON");
}
