//! The steps of one file of EU test data.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::compare::{lenient_clock, lenient_json, same, unhex};
use super::image::read_codes;
use crate::base45;
use crate::cert::{Certificate, lenient_base64};
use crate::dcc::{Dcc, PREFIX, check_schema, inflate, json_to_cbor, payload_to_json};
use crate::error::Stage;

pub(super) type Outcome = Result<(), String>;

/// A step that a file asks for.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) expected: bool,
    pub(super) got: Outcome,
}

/// One file of test data. What it lacks is derived from what it has: a file for one step need not
/// carry the fields of the others.
pub(super) struct Case<'a> {
    file: &'a Json,
}

impl<'a> Case<'a> {
    pub(super) const fn new(file: &'a Json) -> Self {
        Self { file }
    }

    pub(super) fn steps(&self) -> Vec<Step> {
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

    /// `None` for what is no step, and for a step whose fields the file lacks: the format lets it leave out
    /// what the steps it asks for do not need.
    fn run(&self, step: &str) -> Option<Outcome> {
        let has = |field| self.file.get(field).is_some_and(|v| !v.is_null());
        let context =
            |field| self.file.get("TESTCTX").and_then(|c| c.get(field)).is_some_and(|v| !v.is_null());
        let message = has("COSE") || has("COMPRESSED") || has("PREFIX");
        let signed = message && context("CERTIFICATE");
        let can = match step {
            "EXPECTEDVALIDOBJECT" => has("JSON"),
            "EXPECTEDENCODE" => has("JSON") && has("CBOR"),
            "EXPECTEDSCHEMAVALIDATION" | "EXPECTEDDECODE" => message || has("CBOR"),
            "EXPECTEDVALIDJSON" => has("JSON") && (message || has("CBOR")),
            "EXPECTEDVERIFY" | "EXPECTEDKEYUSAGE" => signed,
            "EXPECTEDEXPIRATIONCHECK" => signed && context("VALIDATIONCLOCK"),
            "EXPECTEDCOMPRESSION" => has("COMPRESSED") && has("COSE"),
            "EXPECTEDB45DECODE" => has("BASE45") || has("PREFIX"),
            "EXPECTEDPICTUREDECODE" => has("2DCODE") && has("PREFIX"),
            _ => has("PREFIX"),
        };
        can.then(|| self.outcome(step))?
    }

    fn outcome(&self, step: &str) -> Option<Outcome> {
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
            "EXPECTEDPICTUREDECODE" => self.picture(),
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

    fn picture(&self) -> Outcome {
        let encoded: String =
            self.text("2DCODE").ok_or("no picture")?.chars().filter(|c| !c.is_whitespace()).collect();
        let body = encoded.rsplit_once("base64,").map_or(encoded.as_str(), |(_, b)| b);
        let picture = lenient_base64(body).ok_or("2DCODE is not base64")?;
        let wanted = self.text("PREFIX").unwrap_or_default();
        match read_codes(&picture) {
            Ok(codes) if codes.iter().any(|c| c == wanted) => Ok(()),
            Ok(_) => Err("another text in the picture".to_owned()),
            Err(e) => Err(e.to_string()),
        }
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
