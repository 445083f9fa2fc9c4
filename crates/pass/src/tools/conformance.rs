use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde_json::Value as Json;

use super::Report;
use super::compare::{lenient_clock, lenient_json, same, unhex};
use super::files::{json_files, relative};
use super::image::read_codes;
use crate::base45;
use crate::cert::{Certificate, lenient_base64};
use crate::dcc::{Dcc, PREFIX, check_schema, inflate, json_to_cbor, payload_to_json};
use crate::error::Stage;

/// Counts over a directory of EU test data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conformance {
    /// Steps whose outcome is the expected one.
    pub passed: usize,
    /// Steps whose outcome is not.
    pub failed: usize,
    /// Steps listed in KNOWN-BAD.json: run, and not held against anybody.
    pub known_bad: usize,
    /// Files with at least one step.
    pub files: usize,
    /// One line per failing file and step.
    pub failures: Vec<String>,
}

impl Conformance {
    /// The failures and the last line.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut text = String::new();
        for failure in &self.failures {
            let _ = writeln!(text, "{failure}");
        }
        let Self { passed, failed, known_bad, files, .. } = self;
        let _ =
            writeln!(text, "steps passed {passed}, failed {failed}, known-bad {known_bad}, files {files}");
        Report { text, ok: *failed == 0 && *files > 0 }
    }
}

/// Runs every EXPECTED* step of every test-data file below `folder`, and the whole chain where a file
/// has EXPECTEDCHAIN.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn conformance(folder: &Path) -> io::Result<Conformance> {
    let mut totals = Conformance::default();
    let mut known = BTreeSet::new();
    let files = json_files(folder)?;
    for path in files.iter().filter(|p| p.ends_with("KNOWN-BAD.json")) {
        known.extend(known_bad(&std::fs::read(path)?, path, folder));
    }
    for path in files.iter().filter(|p| !p.ends_with("KNOWN-BAD.json")) {
        let name = relative(path, folder);
        let Some(file) = lenient_json(&std::fs::read(path)?) else {
            totals.failed += 1;
            totals.failures.push(format!("{name}: not JSON"));
            continue;
        };
        let steps = Case::new(&file).steps();
        if steps.is_empty() {
            continue;
        }
        totals.files += 1;
        for Step { name: step, expected, got } in steps {
            let ok = expected == got.is_ok();
            match known.get(&(name.clone(), step.clone())) {
                Some(_) => totals.known_bad += 1,
                None if ok => totals.passed += 1,
                None => {
                    totals.failed += 1;
                    let why = got.err().unwrap_or_else(|| "accepted".to_owned());
                    totals.failures.push(format!("{name}: {step} expected {expected}: {why}"));
                }
            }
        }
    }
    Ok(totals)
}

fn known_bad(bytes: &[u8], path: &Path, folder: &Path) -> BTreeSet<(String, String)> {
    let base = path.parent().map(|p| relative(p, folder)).filter(|b| !b.is_empty());
    let list: Vec<BTreeMap<String, Json>> = serde_json::from_slice(bytes).unwrap_or_default();
    list.iter()
        .filter_map(|entry| {
            let (file, step) = (entry.get("file")?.as_str()?, entry.get("step")?.as_str()?);
            let file = base.as_ref().map_or_else(|| file.to_owned(), |b| format!("{b}/{file}"));
            Some((file, step.to_owned()))
        })
        .collect()
}

type Outcome = Result<(), String>;

struct Step {
    name: String,
    expected: bool,
    got: Outcome,
}

/// One file of test data. What it lacks is derived from what it has: a file for one step need not
/// carry the fields of the others.
struct Case<'a> {
    file: &'a Json,
}

impl<'a> Case<'a> {
    const fn new(file: &'a Json) -> Self {
        Self { file }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(results) = self.file.get("EXPECTEDRESULTS").and_then(Json::as_object) {
            for (key, expected) in results {
                let Some(expected) = as_bool(expected) else { continue };
                if let Some(got) = self.run(key.trim()) {
                    steps.push(Step { name: key.clone(), expected, got });
                }
            }
        }
        if let Some(chain) = self.file.get("EXPECTEDCHAIN") {
            let accept = chain.get("accept").and_then(as_bool).unwrap_or(false);
            let stage = chain.get("stage").and_then(Json::as_str).unwrap_or_default();
            let got = match self.chain() {
                Err((at, why)) if !accept && !stage.split('|').any(|s| s == at) => {
                    // Refused, but elsewhere: that is not the expected verdict.
                    steps.push(Step {
                        name: "EXPECTEDCHAIN".to_owned(),
                        expected: true,
                        got: Err(format!("stopped at {at} ({why}) instead of {stage}")),
                    });
                    return steps;
                }
                other => other.map_err(|(at, why)| format!("{at}: {why}")),
            };
            steps.push(Step { name: "EXPECTEDCHAIN".to_owned(), expected: accept, got });
        }
        steps
    }

    fn run(&self, step: &str) -> Option<Outcome> {
        Some(match step {
            "EXPECTEDVALIDOBJECT" => self.valid_object(),
            "EXPECTEDSCHEMAVALIDATION" => self.payload().and_then(|p| schema(&p)),
            "EXPECTEDENCODE" => self.encode(),
            "EXPECTEDDECODE" => self.decode(),
            "EXPECTEDVERIFY" => self.verify(),
            "EXPECTEDCOMPRESSION" => self.compression(),
            "EXPECTEDKEYUSAGE" => self.key_usage(),
            "EXPECTEDUNPREFIX" => self.unprefix(),
            "EXPECTEDVALIDJSON" => self.valid_json(),
            "EXPECTEDB45DECODE" => self.base45(),
            "EXPECTEDPICTUREDECODE" => return self.picture(),
            "EXPECTEDEXPIRATIONCHECK" => self.expiration(),
            _ => return None,
        })
    }

    fn text(&self, field: &str) -> Option<&'a str> {
        self.file.get(field).and_then(Json::as_str).filter(|t| !t.is_empty())
    }

    fn bytes(&self, field: &str) -> Option<Result<Vec<u8>, String>> {
        self.text(field).map(|t| unhex(t).ok_or_else(|| format!("{field} is not hexadecimal")))
    }

    fn context(&self, field: &str) -> Option<&'a str> {
        self.file.get("TESTCTX")?.get(field)?.as_str()
    }

    /// The message: given, or unpacked from what is given.
    fn cose(&self) -> Result<Vec<u8>, String> {
        match (self.bytes("COSE"), self.bytes("COMPRESSED"), self.text("PREFIX")) {
            (Some(cose), ..) => cose,
            (None, Some(compressed), _) => inflate(&compressed?).map_err(|e| e.to_string()),
            (None, None, Some(token)) => {
                let body = token.strip_prefix(PREFIX).ok_or("no HC1: in front")?;
                let packed = base45::decode(body).map_err(|e| e.to_string())?;
                inflate(&packed).map_err(|e| e.to_string())
            }
            _ => Err("no COSE".to_owned()),
        }
    }

    fn dcc(&self) -> Result<Dcc, String> {
        Dcc::from_cose(&self.cose()?).map_err(|e| e.to_string())
    }

    fn certificate(&self) -> Result<Certificate, String> {
        let text = self.context("CERTIFICATE").ok_or("no certificate")?;
        Certificate::from_text(text).map_err(|e| e.to_string())
    }

    /// The certificate as JSON: from the message where there is one, as a verifier gets it.
    fn payload(&self) -> Result<Json, String> {
        match (self.cose(), self.bytes("CBOR")) {
            (Ok(_), _) => Ok(self.dcc()?.payload),
            (Err(_), Some(cbor)) => payload_to_json(&cbor?).map_err(|e| e.to_string()),
            (Err(why), None) => Err(why),
        }
    }

    /// The certificate as JSON, also where a file has it as a text with JSON in it.
    fn json(&self) -> Result<Cow<'a, Json>, String> {
        match self.file.get("JSON") {
            None | Some(Json::Null) => Err("no JSON".to_owned()),
            Some(Json::String(text)) => match lenient_json(text.as_bytes()) {
                Some(json) => Ok(Cow::Owned(json)),
                None => Err("JSON is a text that holds none".to_owned()),
            },
            Some(json) => Ok(Cow::Borrowed(json)),
        }
    }

    fn valid_object(&self) -> Outcome {
        schema(self.json()?.as_ref())
    }

    fn encode(&self) -> Outcome {
        let encoded = json_to_cbor(self.json()?.as_ref()).encode();
        let ours = payload_to_json(&encoded).map_err(|e| e.to_string())?;
        let theirs = self.bytes("CBOR").ok_or("no CBOR")??;
        same(&ours, &payload_to_json(&theirs).map_err(|e| e.to_string())?)
    }

    /// The payload of the message equals the CBOR given, and the JSON given.
    fn decode(&self) -> Outcome {
        let given = match self.bytes("CBOR") {
            Some(cbor) => Some(payload_to_json(&cbor?).map_err(|e| e.to_string())?),
            None => None,
        };
        let signed = match self.cose() {
            Ok(_) => Some(self.dcc()?.payload),
            Err(why) if given.is_none() => return Err(why),
            Err(_) => None,
        };
        if let (Some(given), Some(signed)) = (&given, &signed) {
            same(signed, given).map_err(|e| format!("COSE and CBOR: {e}"))?;
        }
        match (self.json(), signed.or(given)) {
            (Ok(json), Some(decoded)) => same(&decoded, &json),
            _ => Ok(()),
        }
    }

    fn verify(&self) -> Outcome {
        let (dcc, certificate) = (self.dcc()?, self.certificate()?);
        if dcc.message.kid.as_deref().is_some_and(|kid| kid != certificate.kid) {
            return Err("the key id is not the certificate's".to_owned());
        }
        if dcc.verifies(&certificate.key) { Ok(()) } else { Err("bad signature".to_owned()) }
    }

    /// Whether the certificate may sign what the message is about; whether it did is another step.
    fn key_usage(&self) -> Outcome {
        let group = self.dcc()?.group().ok_or("no group, or several")?;
        let may = self.certificate()?.usage.contains(group.usage());
        if may { Ok(()) } else { Err(format!("the key may not sign {}", group.key())) }
    }

    /// Needs both: the expiry of the message and the validity of the signer, at the given clock.
    fn expiration(&self) -> Outcome {
        let clock = self.context("VALIDATIONCLOCK").ok_or("no clock")?;
        let now = lenient_clock(clock).ok_or("a clock that is no time")?.0.div_euclid(1000);
        let dcc = self.dcc()?;
        let expires = dcc.expires.ok_or("no expiry")?;
        if dcc.issued.is_some_and(|i| now < i) {
            return Err("not issued yet".to_owned());
        }
        if now > expires {
            return Err("expired".to_owned());
        }
        let valid = self.certificate()?.valid_at(now);
        if valid { Ok(()) } else { Err("the signer is not valid at the clock".to_owned()) }
    }

    fn compression(&self) -> Outcome {
        let inflated =
            inflate(&self.bytes("COMPRESSED").ok_or("no COMPRESSED")??).map_err(|e| e.to_string())?;
        if self.bytes("COSE").ok_or("no COSE")?? == inflated {
            Ok(())
        } else {
            Err("another COSE".to_owned())
        }
    }

    fn unprefix(&self) -> Outcome {
        let body = self.text("PREFIX").and_then(|t| t.strip_prefix(PREFIX)).ok_or("no HC1: in front")?;
        match self.text("BASE45") {
            Some(given) if given != body => Err("another BASE45".to_owned()),
            _ => Ok(()),
        }
    }

    fn base45(&self) -> Outcome {
        let text =
            self.text("BASE45").or_else(|| self.text("PREFIX")?.strip_prefix(PREFIX)).ok_or("no BASE45")?;
        let decoded = base45::decode(text).map_err(|e| e.to_string())?;
        // Where nothing was compressed, what base45 holds is the message itself.
        match (self.bytes("COMPRESSED"), self.bytes("COSE")) {
            (Some(given), _) | (None, Some(given)) if decoded == *given.as_ref().map_err(Clone::clone)? => {
                Ok(())
            }
            (None, Some(cose)) => match inflate(&decoded) {
                Ok(inflated) if inflated == cose? => Ok(()),
                _ => Err("another COSE".to_owned()),
            },
            (Some(_), _) => Err("another COMPRESSED".to_owned()),
            (None, None) => Ok(()),
        }
    }

    fn valid_json(&self) -> Outcome {
        let decoded = match self.text("PREFIX") {
            Some(token) => Dcc::decode(token).map_err(|e| e.to_string())?.payload,
            None => self.payload()?,
        };
        same(&decoded, self.json()?.as_ref())
    }

    /// Without a picture there is nothing to decode: the step is not run.
    fn picture(&self) -> Option<Outcome> {
        let encoded: String = self.text("2DCODE")?.chars().filter(|c| !c.is_whitespace()).collect();
        let body = encoded.rsplit_once("base64,").map_or(encoded.as_str(), |(_, b)| b);
        let Some(png) = lenient_base64(body) else { return Some(Err("2DCODE is not base64".to_owned())) };
        let wanted = self.text("PREFIX").unwrap_or_default();
        Some(match read_codes(&png) {
            Ok(codes) if codes.iter().any(|c| c == wanted) => Ok(()),
            Ok(_) => Err("another text in the picture".to_owned()),
            Err(e) => Err(e.to_string()),
        })
    }

    /// The whole chain, and the stage at which it stops.
    fn chain(&self) -> Result<(), (&'static str, String)> {
        let token = self.file.get("PREFIX").and_then(Json::as_str).unwrap_or_default();
        let dcc = Dcc::decode(token).map_err(|e| (stage(e.stage), e.to_string()))?;
        let certificate = self.certificate().map_err(|e| ("verify", e))?;
        if dcc.verifies(&certificate.key) { Ok(()) } else { Err(("verify", "bad signature".to_owned())) }
    }
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Prefix => "prefix",
        Stage::Base45 => "base45",
        Stage::Zlib => "zlib",
        Stage::Cose => "cose",
        Stage::Algorithm => "verify",
        Stage::Claims => "cwt",
    }
}

fn schema(payload: &Json) -> Outcome {
    check_schema(payload).map_err(|e| e.to_string())
}

fn as_bool(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(b) => Some(*b),
        Json::String(s) => s.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}
