use flate2::{Decompress, FlushDecompress, Status};
use serde_json::Value as Json;

use super::{Group, MAX_CHARS, MAX_INFLATED, PREFIX};
use crate::base45;
use crate::cbor::{Limits, Value};
use crate::certlogic::Moment;
use crate::cose::{Foreign, to_be_signed};
use crate::error::{DecodeError, Stage};
use crate::keys::{Algorithm, PublicKey, sha256};

const HCERT: i64 = -260;

/// An EU certificate, decoded but neither verified nor validated.
#[derive(Clone, Debug)]
pub struct Dcc {
    /// The message around it.
    pub message: Foreign,
    /// Claim 1: country of the issuer.
    pub issuer: Option<String>,
    /// Claim 6: time of issue, UTC seconds.
    pub issued: Option<i64>,
    /// Claim 4: expiry, UTC seconds.
    pub expires: Option<i64>,
    /// The certificate.
    pub payload: Json,
}

impl Dcc {
    /// Decodes a token with its `HC1:` in front.
    ///
    /// # Errors
    /// The stage that refused: prefix, base45, zlib, cose or claims.
    pub fn decode(token: &str) -> Result<Self, DecodeError> {
        let body = token.strip_prefix(PREFIX).ok_or(DecodeError::new(Stage::Prefix, "no HC1: in front"))?;
        if token.len() > MAX_CHARS {
            return Err(DecodeError::new(Stage::Prefix, "longer than any certificate"));
        }
        Self::from_cose(&unpack(&base45::decode(body)?)?)
    }

    /// Decodes the COSE message itself.
    ///
    /// # Errors
    /// [`Stage::Cose`] or [`Stage::Claims`].
    pub fn from_cose(bytes: &[u8]) -> Result<Self, DecodeError> {
        let message = Foreign::read(bytes)?;
        let claims = Value::decode(&message.payload, Limits::default()).map_err(|e| e.at(Stage::Claims))?;
        if !matches!(claims, Value::Map(_)) {
            return Err(DecodeError::claims("the payload is no claims set"));
        }
        let issuer = match claims.get(1) {
            Some(Value::Text(t)) => Some(t.clone()),
            _ => None,
        };
        let hcert = claims.get(HCERT).and_then(|h| h.get(1));
        let payload = hcert.ok_or(DecodeError::claims("no health certificate in claim -260"))?;
        Ok(Self {
            issuer,
            issued: numeric_date(claims.get(6))?,
            expires: numeric_date(claims.get(4))?,
            payload: to_json(payload)?,
            message,
        })
    }

    /// Whether the signature is this key's, with the algorithm of the key and no other.
    #[must_use]
    pub fn verifies(&self, key: &PublicKey) -> bool {
        self.message.algorithm.and_then(Algorithm::from_cose) == Some(key.algorithm())
            && key.verifies(
                &to_be_signed(&self.message.protected, &[], &self.message.payload),
                &self.message.signature,
            )
    }

    /// What the certificate is about; `None` unless exactly one group has an entry.
    #[must_use]
    pub fn group(&self) -> Option<Group> {
        let mut present = [Group::Test, Group::Vaccination, Group::Recovery]
            .into_iter()
            .filter(|g| self.payload.get(g.key()).and_then(Json::as_array).is_some_and(|a| !a.is_empty()));
        present.next().filter(|_| present.next().is_none())
    }

    /// The one entry of the group.
    #[must_use]
    pub fn entry(&self) -> Option<&Json> {
        self.payload.get(self.group()?.key())?.get(0)
    }

    /// SHA-256 of the identifier: the published revocation type UCI.
    #[must_use]
    pub fn uci_hash(&self) -> Option<[u8; 32]> {
        Some(sha256(self.entry()?.get("ci")?.as_str()?.as_bytes()))
    }

    /// SHA-256 of country and identifier: the published type COUNTRYCODEUCI.
    #[must_use]
    pub fn country_uci_hash(&self) -> Option<[u8; 32]> {
        let entry = self.entry()?;
        let country = self.issuer.as_deref().or_else(|| entry.get("co")?.as_str())?;
        Some(sha256(&[country.as_bytes(), entry.get("ci")?.as_str()?.as_bytes()].concat()))
    }

    /// SHA-256 of the signature, for ES256 of r alone: the published type SIGNATURE. With r alone, the
    /// twin signature (r, n − s) has the same hash.
    #[must_use]
    pub fn signature_hash(&self) -> [u8; 32] {
        let signature = self.message.signature.as_slice();
        match self.message.algorithm.and_then(Algorithm::from_cose) {
            Some(Algorithm::Es256) => sha256(signature.get(..signature.len() / 2).unwrap_or(signature)),
            _ => sha256(signature),
        }
    }
}

/// Unpacks zlib when the bytes begin as zlib does (method 8 and a window up to 32 KiB); passes others
/// on, since compression was optional in the first year. No COSE_Sign1 begins as zlib does.
fn unpack(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    match bytes.first() {
        Some(0xd2 | 0xd8 | 0x84 | 0x9f) => Ok(bytes.to_vec()),
        Some(first) if first & 0x8f == 0x08 => inflate(bytes),
        _ => Err(DecodeError::new(Stage::Zlib, "neither zlib nor COSE")),
    }
}

/// Inflates zlib: at most [`MAX_INFLATED`] bytes, checksum and end checked.
///
/// # Errors
/// [`Stage::Zlib`].
pub fn inflate(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let bad = |what| DecodeError::new(Stage::Zlib, what);
    let mut out = Vec::with_capacity(MAX_INFLATED);
    let mut inflater = Decompress::new(true);
    let status = inflater.decompress_vec(bytes, &mut out, FlushDecompress::Finish);
    match status.map_err(|_| bad("damaged"))? {
        Status::StreamEnd if inflater.total_in() == bytes.len() as u64 => Ok(out),
        Status::StreamEnd => Err(bad("bytes after the end")),
        _ if out.len() == out.capacity() => Err(bad("inflates beyond the bound")),
        _ => Err(bad("ends too early")),
    }
}

/// A certificate in CBOR as JSON: bare, inside claim −260, or inside the whole claims set, as the `CBOR`
/// fields of the EU test data variously have it.
///
/// # Errors
/// [`Stage::Claims`].
pub fn payload_to_json(cbor: &[u8]) -> Result<Json, DecodeError> {
    let value = Value::decode(cbor, Limits::default()).map_err(|e| e.at(Stage::Claims))?;
    let hcert = value.get(HCERT).unwrap_or(&value);
    to_json(hcert.get(1).unwrap_or(hcert))
}

fn numeric_date(value: Option<&Value>) -> Result<Option<i64>, DecodeError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Tag(_, inner)) => numeric_date(Some(inner)),
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
        Some(Value::Float(x)) if x.is_finite() && x.abs() < 1e15 => Ok(Some(x.floor() as i64)),
        Some(other) => match other.as_int().filter(|n| n.unsigned_abs() < 1_000_000_000_000_000) {
            Some(n) => Ok(Some(n)),
            None => Err(DecodeError::claims("a time that is no number")),
        },
    }
}

fn to_json(value: &Value) -> Result<Json, DecodeError> {
    Ok(match value {
        Value::UInt(n) => Json::from(*n),
        Value::NInt(_) => Json::from(value.as_int().ok_or(DecodeError::claims("a number beyond 64 bits"))?),
        Value::Bytes(_) => return Err(DecodeError::claims("bytes in a certificate")),
        Value::Text(t) => Json::from(t.as_str()),
        Value::Array(items) => Json::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        Value::Map(pairs) => {
            let mut map = serde_json::Map::new();
            for (key, value) in pairs {
                let Value::Text(key) = key else { return Err(DecodeError::claims("a key that is no text")) };
                map.insert(key.clone(), to_json(value)?);
            }
            Json::Object(map)
        }
        // RFC 8949 §3.4.2: some issuers write times as seconds since 1970; the schema knows texts only.
        Value::Tag(1, inner) => {
            let moment = numeric_date(Some(inner))?.and_then(Moment::from_second);
            let moment = moment.ok_or(DecodeError::claims("a tagged time that is none"))?;
            Json::from(moment.iso().replace(".000", ""))
        }
        Value::Tag(_, inner) => to_json(inner)?,
        Value::Bool(b) => Json::Bool(*b),
        Value::Null | Value::Undefined => Json::Null,
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
        Value::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => Json::from(*x as i64),
        Value::Float(x) => {
            Json::Number(serde_json::Number::from_f64(*x).ok_or(DecodeError::claims("not a number"))?)
        }
    })
}

/// JSON as CBOR: how a certificate is written.
#[must_use]
pub fn json_to_cbor(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => Value::UInt(n),
            (None, Some(n)) => Value::NInt(n.unsigned_abs() - 1),
            (None, None) => Value::Float(n.as_f64().unwrap_or_default()),
        },
        Json::String(s) => Value::Text(s.clone()),
        Json::Array(items) => Value::Array(items.iter().map(json_to_cbor).collect()),
        Json::Object(map) => {
            Value::Map(map.iter().map(|(k, v)| (Value::Text(k.clone()), json_to_cbor(v))).collect())
        }
    }
}
