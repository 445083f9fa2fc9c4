//! Verifying the same EU certificates with this crate and with `dgc` 0.0.7, in turn, on one core.
//! `cargo run --release -- [--json FILE] [--seconds S] [--data DIR of EU test data]`

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use greenfort_pass::cert::Certificate;
use greenfort_pass::dcc::Dcc;
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::trust::TrustList;
use greenfort_pass::verify::{Credential, Verifier};
use serde_json::{Value, json};

struct Sample {
    token: String,
    certificate: String,
}

/// The first twenty ES256 test-data files that both can verify.
fn samples(folder: &Path) -> Vec<Sample> {
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
        .iter()
        .filter_map(|path| {
            let file: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
            let token = file.get("PREFIX")?.as_str()?.to_owned();
            let certificate = file.pointer("/TESTCTX/CERTIFICATE")?.as_str()?.to_owned();
            let ours = Certificate::from_text(&certificate).ok()?;
            let mut theirs = dgc::TrustList::default();
            theirs.add_key_from_certificate(&certificate).ok()?;
            let valid = dgc::validate(&token, &theirs).ok()?.1.is_valid();
            (valid && Dcc::decode(&token).ok()?.verifies(&ours.key)).then_some(Sample { token, certificate })
        })
        .take(20)
        .collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1)).map(String::as_str)
    };
    let seconds: f64 = option("--seconds").and_then(|s| s.parse().ok()).unwrap_or(6.0);
    let folder = option("--data").unwrap_or("../../../../shared/data/dcc/cases");
    if !Path::new(folder).exists() {
        println!("skipped: shared data absent at {folder}");
        return;
    }
    let samples = samples(Path::new(folder));
    assert!(!samples.is_empty(), "no test data that both verify");
    let certificates: Vec<Certificate> =
        samples.iter().map(|s| Certificate::from_text(&s.certificate).expect("read before")).collect();
    let now = certificates[0].not_before + 86_400;
    let trust = TrustList::new(1, now, certificates.into_iter().map(Certificate::trusted).collect());
    let mut theirs = dgc::TrustList::default();
    for sample in &samples {
        theirs.add_key_from_certificate(&sample.certificate).expect("read before");
    }
    let (policy, revocations) = (Policy::default(), RevocationList::new(1, now, &[]));
    let clock = Clock { now, trusted: true };
    let verifier = Verifier { trust: &trust, revocations: Some(&revocations), policy: &policy, clock };
    let (mut ours_took, mut theirs_took) = (Vec::new(), Vec::new());
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < end {
        let start = Instant::now();
        for sample in &samples {
            let seen = verifier.verify(black_box(&sample.token));
            assert!(matches!(seen.credential, Some(Credential::Certificate(_))), "{:?}", seen.reason);
        }
        ours_took.push(start.elapsed().as_secs_f64() / samples.len() as f64);
        let start = Instant::now();
        for sample in &samples {
            assert!(dgc::validate(black_box(&sample.token), &theirs).expect("valid before").1.is_valid());
        }
        theirs_took.push(start.elapsed().as_secs_f64() / samples.len() as f64);
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (ours, theirs) = (median(ours_took), median(theirs_took));
    println!("dcc-verify       {:>8.0} 1/s  {:.2} times dgc 0.0.7", 1.0 / ours, theirs / ours);
    println!("dcc-verify-dgc   {:>8.0} 1/s", 1.0 / theirs);
    if let Some(file) = option("--json") {
        let row = |id: &str, what: &str, seconds: f64, ratio: Option<f64>| {
            json!({
                "id": id, "what": what, "value": 1.0 / seconds, "unit": "1/s", "higher_is_better": true,
                "ratio_to": ratio.map(|_| "dcc-verify-dgc"), "ratio": ratio, "floor": null, "aim": null,
            })
        };
        let ours_does = "verdict on an EU certificate, with schema, expiry and key usage";
        let theirs_does = "the same certificates by the crate dgc 0.0.7, signature alone";
        let rows = json!([
            row("dcc-verify", ours_does, ours, Some(theirs / ours)),
            row("dcc-verify-dgc", theirs_does, theirs, None),
        ]);
        std::fs::write(file, rows.to_string()).expect("the file is written");
    }
}
