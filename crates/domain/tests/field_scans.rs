//! What a scan means is decided here and, without a network, on the phone: contract/field-scans.json holds both to one word.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use greenfort_domain::registry::scan::{ScanError, Scanned, read};
use greenfort_domain::sampling::{BarcodeError, Issuer, read_tube};
use greenfort_kernel::personal_id::Sex;
use jiff::civil::date;
use serde_json::Value;

fn cases() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contract/field-scans.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_label_is_read_as_the_contract_says() {
    let cases = cases();
    let issuers: Vec<Issuer> = cases["issuers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| Issuer {
            code: i["code"].as_str().unwrap().to_owned(),
            prefix: i["prefix"].as_str().unwrap().to_owned(),
            digits: usize::try_from(i["digits"].as_u64().unwrap()).unwrap(),
            listed: i["code"] == "own",
        })
        .collect();
    for case in cases["tubes"].as_array().unwrap() {
        let found = match read_tube(case["scanned"].as_str().unwrap(), &issuers) {
            Ok(tube) => (serde_json::to_value(tube).unwrap(), Value::Null),
            Err(error) => {
                let why = match error {
                    BarcodeError::Empty => "empty",
                    BarcodeError::Person => "person",
                    BarcodeError::CheckDigit(_) => "check",
                    BarcodeError::Unknown(_) => "unknown",
                };
                (Value::Null, why.into())
            }
        };
        assert_eq!(found, (case["tube"].clone(), case["why"].clone()), "{case}");
    }
}

#[test]
fn a_card_is_read_as_the_contract_says() {
    for case in cases()["cards"].as_array().unwrap() {
        match read(case["scanned"].as_str().unwrap(), date(2021, 9, 10)) {
            Ok(card) => {
                let Scanned { id_number, former_id, insurance, code, birth, sex, .. } = card;
                let numbers: Vec<String> =
                    [id_number, former_id, insurance, code].into_iter().flatten().collect();
                assert_eq!(serde_json::to_value(numbers).unwrap(), case["numbers"], "{case}");
                assert_eq!(birth.map_or(Value::Null, |b| b.year.into()), case["birth_year"], "{case}");
                let female = sex.map_or(Value::Null, |s| (s == Sex::Female).into());
                assert_eq!(female, case["female"], "{case}");
            }
            Err(error) => {
                let why = match error {
                    ScanError::Empty => "empty",
                    ScanError::TooLong | ScanError::Unknown => "unknown",
                    ScanError::Tube => "tube",
                };
                assert_eq!(case["why"], why, "{case}");
            }
        }
    }
}
