//! The table of sizes in docs/pass-format.md says what the encoders give.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where something is missing, and says what it skips"
)]

use std::path::{Path, PathBuf};

use greenfort_pass::qr::{Code, Level};
use serde_json::Value as Json;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn tokens() -> Vec<Json> {
    let text = std::fs::read_to_string(format!("{ROOT}/contract/pass-vectors/tokens.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn token(id: &str) -> String {
    let all = tokens();
    all.iter().find(|t| t["id"] == id).unwrap()["text"].as_str().unwrap().to_owned()
}

/// Version and modules at level Q of an alphanumeric text of so many characters.
fn at_q(characters: usize) -> String {
    let code = Code::new(&"A".repeat(characters), Level::Q).unwrap();
    format!("{} | {}", code.version(), code.modules())
}

fn row(name: &str, characters: &str, code: &str) -> String {
    format!("| {name} | {characters} | {code} |")
}

/// The page's rows between the heading of the table and the next blank line.
fn table() -> Vec<String> {
    let page = std::fs::read_to_string(format!("{ROOT}/docs/pass-format.md")).unwrap();
    let start = page.find("| credential |").expect("the table of sizes");
    page[start..].lines().skip(2).take_while(|l| l.starts_with('|')).map(str::to_owned).collect()
}

/// Characters of the public EU test certificates, in order; nothing outside the project.
fn public_tests() -> Vec<usize> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let Some(folder) = above.map(|up| up.join("shared/data/dcc/cases")).find(|at| at.exists()) else {
        println!("skipped: shared data absent (dcc/cases)");
        return Vec::new();
    };
    let mut open = vec![folder];
    let mut lengths = Vec::new();
    while let Some(at) = open.pop() {
        for path in std::fs::read_dir(at).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                // The hostile and the deliberately odd ones say nothing about what issuers issue.
                if !path.ends_with("derived") && !path.ends_with("common") {
                    open.push(path);
                }
            } else {
                lengths.extend(characters_of_test(&path));
            }
        }
    }
    lengths.sort_unstable();
    lengths
}

fn characters_of_test(path: &PathBuf) -> Option<usize> {
    let file: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).ok()?;
    let about = file.get("JSON")?.as_object()?;
    let tests = about.get("t").and_then(Json::as_array).is_some_and(|t| !t.is_empty());
    Some(file.get("PREFIX")?.as_str()?.len()).filter(|_| tests && !about.contains_key("v"))
}

#[test]
fn the_table_of_sizes_is_what_the_encoders_give() {
    let ours = |name: &str, id: &str, most: &str| {
        let text = token(id);
        let code = Code::new(&text, Level::Q).unwrap();
        row(name, &format!("{}{most}", text.len()), &format!("{} | {}", code.version(), code.modules()))
    };
    let mut expected = vec![
        ours("**GF1 person**", "person", " (at most 259)"),
        ours("GF1 household", "household", ""),
        ours("GF1 organisation", "organisation", ""),
        ours("GF1 vehicle, two drivers and a route", "vehicle", ""),
    ];
    let public = public_tests();
    if let [first, .., last] = public.as_slice() {
        let median = public[public.len() / 2];
        let n = public.len();
        expected.push(row(
            &format!("EU DCC, test: median of {n} in the public test data ({first}–{last})"),
            &median.to_string(),
            &at_q(median),
        ));
    }
    // The example of its specification, §7.1: https://nzcp.covid19.health.nz
    expected.push(row("NZ COVID Pass, the example of its specification", "600", &at_q(600)));
    let table = table();
    for row in &expected {
        assert!(table.contains(row), "the page lacks\n{row}\nand has\n{}", table.join("\n"));
    }
}

#[test]
fn a_smart_health_card_takes_the_code_that_the_table_says() {
    // Its code is `shc:/` as bytes, then two digits for each character of a JWS (§ "Encoding Chunks as QR
    // Codes"): headers of 4 + 8 and 4 + 12 bits in versions 10 to 26, 10 bits for three digits.
    let bits = |jws: usize| (4 + 16 + 5 * 8) + (4 + 12) + (2 * jws * 10).div_ceil(3);
    // Data codewords of version 22 in ISO/IEC 18004: 1,006 at level L, 568 at level Q.
    let fits = |jws: usize, codewords: usize| bits(jws) <= codewords * 8;
    assert!(fits(1195, 1006) && !fits(1196, 1006), "1,195 is the specification's own limit at L");
    assert!(fits(670, 568) && !fits(671, 568));
    let row =
        row("SMART Health Card, the largest that version 22 holds", "670 (1,345 in the code)", "22 | 105");
    assert!(table().contains(&row), "the page lacks\n{row}");
}

#[test]
fn a_persons_pass_fits_version_11_at_level_q_and_no_longer_one_does() {
    let holds = |n: usize| Code::new(&"A".repeat(n), Level::Q).unwrap().version();
    assert_eq!((holds(259), holds(260)), (11, 12));
    for id in ["person", "minor", "id-tail", "override", "widest"] {
        let text = token(id);
        assert!(text.len() <= 259, "{id}: {}", text.len());
        assert_eq!(Code::fitting(&text).unwrap().version(), 11, "{id}");
    }
}
