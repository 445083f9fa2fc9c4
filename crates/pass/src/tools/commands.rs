//! `greenfort pass show|verify|key|qr`, but for the arguments and the files.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::Report;
use super::image::{is_picture, read_codes};
use crate::cert::Certificate;
use crate::certlogic::Moment;
use crate::dcc::{self, Dcc};
use crate::keyfile::{Cost, KeyFileError, open_key, seal_key};
use crate::keys::{PublicKey, SigningKey, kid_of};
use crate::policy::{Clock, Policy};
use crate::qr::{Code, Level};
use crate::revoke::{RevocationList, Section};
use crate::sign::Entropy;
use crate::token;
use crate::trust::{Root, TrustList};
use crate::verify::Verifier;

/// A command that cannot be carried out; the text is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

pub(super) fn refused(what: impl std::fmt::Display) -> Refused {
    Refused(what.to_string())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What was typed or photographed: the bytes of a PNG or JPEG give the texts of its codes, anything else is
/// itself a text.
///
/// # Errors
/// A picture without a code, or bytes that are neither.
pub fn scanned(bytes: &[u8]) -> Result<Vec<String>, Refused> {
    if is_picture(bytes) {
        return read_codes(bytes).map_err(refused);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| refused("neither a picture (PNG, JPEG) nor a text"))?;
    Ok(vec![text.trim_end_matches(['\r', '\n']).to_owned()])
}

/// `pass show`: what a token says, without asking whether it is true.
///
/// # Errors
/// When it cannot be decoded.
pub fn show(text: &str) -> Result<String, Refused> {
    let size = Code::fitting(text).map(|c| json!({ "version": c.version(), "modules": c.modules() })).ok();
    let mut shown = if text.starts_with(dcc::PREFIX) {
        let dcc = Dcc::decode(text).map_err(|e| refused(format!("no well-formed EU certificate: {e}")))?;
        let time = |t: Option<i64>| t.map(|t| Moment(t.saturating_mul(1000)).iso());
        json!({
            "format": "HC1", "kid": dcc.message.kid.as_deref().map(hex), "algorithm": dcc.message.algorithm,
            "issuer": dcc.issuer, "issued": time(dcc.issued), "expires": time(dcc.expires),
            "schema": dcc::check_schema(&dcc.payload).map_or_else(|e| e.to_string(), |()| "1.3.3".to_owned()),
            "certificate": dcc.payload,
        })
    } else if text.starts_with(token::PREFIX) {
        let (kid, claims) = token::peek(text).map_err(|e| refused(format!("no well-formed pass: {e}")))?;
        json!({ "format": "GF1", "kid": hex(&kid), "claims": claims.to_json() })
    } else {
        let start: String = text.chars().take(12).collect();
        let what = "neither a Greenfort pass (GF1:…) nor an EU certificate (HC1:…), nor a file:";
        return Err(refused(format!("{what} it begins with {start:?}")));
    };
    if let Some(map) = shown.as_object_mut() {
        map.insert("characters".to_owned(), json!(text.len()));
        map.insert("qr".to_owned(), json!(size));
        map.insert("verified".to_owned(), json!("no: ask pass verify"));
    }
    serde_json::to_string_pretty(&shown).map_err(refused)
}

/// What `pass verify` reads.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// Trust list, signed.
    pub trust: &'a [u8],
    /// `SubjectPublicKeyInfo` of the root, in DER, PEM or base64.
    pub root: &'a [u8],
    /// Full revocation list and deltas, in order.
    pub revocations: &'a [Vec<u8>],
    /// Policy in JSON; absent means the defaults.
    pub policy: Option<&'a str>,
    /// The time.
    pub clock: Clock,
}

/// `pass verify`: colour, reason, advice, and what was read. Fine only when green.
///
/// # Errors
/// When a list or the policy cannot be used.
pub fn verify(text: &str, against: Against<'_>) -> Result<Report, Refused> {
    let trust = open_trust(against.trust, against.root)?;
    let mut revocations = None;
    for bytes in against.revocations {
        let list = RevocationList::open(bytes, &trust, revocations.as_ref());
        revocations = Some(list.map_err(|e| refused(format!("revocation list: {e}")))?);
    }
    let policy: Policy = match against.policy {
        Some(json) => serde_json::from_str(json).map_err(|e| refused(format!("policy: {e}")))?,
        None => Policy::default(),
    };
    let verifier =
        Verifier { trust: &trust, revocations: revocations.as_ref(), policy: &policy, clock: against.clock };
    let seen = verifier.verify(text);
    let mut out = String::new();
    let _ = writeln!(out, "{} {}", seen.verdict().name(), seen.reason.code());
    let _ = writeln!(out, "{}\n{}", seen.reason.advice_vi(), seen.reason.advice_en());
    if let Some(detail) = &seen.detail {
        let _ = writeln!(out, "({detail})");
    }
    if seen.credential.is_some() {
        let _ = writeln!(out, "{}", show(text)?);
    }
    Ok(Report { text: out, ok: seen.verdict() == crate::verify::Verdict::Green })
}

/// A trust list that the root signed.
///
/// # Errors
/// A root that is no public key, or a list that is not its own.
pub fn open_trust(list: &[u8], root: &[u8]) -> Result<TrustList, Refused> {
    let text = std::str::from_utf8(root).ok();
    let der = text.and_then(crate::cert::from_armour).unwrap_or_else(|| root.to_vec());
    let root = Root::from_spki(&der).map_err(|e| refused(format!("root: {e}")))?;
    TrustList::open(list, &root, None).map_err(|e| refused(format!("trust list: {e}")))
}

/// A new key: its encrypted file, and what may be known of it.
///
/// # Errors
/// No randomness.
pub fn key_new(
    name: &str,
    passphrase: &str,
    cost: Cost,
    entropy: &mut Entropy<'_>,
) -> Result<(String, Json), Refused> {
    let pkcs8 = zeroize::Zeroizing::new(SigningKey::generate_pkcs8().map_err(refused)?);
    let file = seal_key(&pkcs8, name, passphrase, cost, entropy).map_err(refused)?;
    let public = key_show(&file, passphrase)?;
    Ok((file, public))
}

/// The public half of a key file: kid and key.
///
/// # Errors
/// A wrong passphrase, or no key file.
pub fn key_show(file: &str, passphrase: &str) -> Result<Json, Refused> {
    use base64::Engine as _;
    let pkcs8 = open_key(file, passphrase).map_err(|e: KeyFileError| refused(e))?;
    let spki = SigningKey::from_pkcs8(&pkcs8).map_err(refused)?.spki();
    let key = PublicKey::from_spki(&spki).map_err(refused)?;
    let spki = base64::prelude::BASE64_STANDARD.encode(&spki);
    Ok(json!({ "kid": hex(&kid_of(key.spki())), "algorithm": key.algorithm().cose(), "spki": spki }))
}

/// Certificates from PEM blocks, lines of base64, or JSON lists as gateways publish them (texts, or
/// objects with `rawData` or `certificate`). Those that cannot be read are counted.
#[must_use]
pub fn import_certificates(text: &str) -> (Vec<Certificate>, usize) {
    fn walk(json: &Json, out: &mut Vec<String>, depth: u32) {
        match (json, depth) {
            (_, 0) => {}
            (Json::String(s), _) => out.push(s.clone()),
            (Json::Array(items), _) => items.iter().for_each(|i| walk(i, out, depth - 1)),
            (Json::Object(map), _) => match map.get("rawData").or_else(|| map.get("certificate")) {
                Some(raw) => walk(raw, out, depth - 1),
                None => map.values().filter(|v| !v.is_string()).for_each(|v| walk(v, out, depth - 1)),
            },
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(json) = serde_json::from_str(text) {
        walk(&json, &mut found, 8);
    } else if text.contains("-----BEGIN") {
        found.extend(
            text.split("-----BEGIN CERTIFICATE-----")
                .skip(1)
                .filter_map(|b| b.split_once("-----END").map(|(body, _)| body.to_owned())),
        );
    } else {
        found.extend(text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned));
    }
    let total = found.len();
    let certificates: Vec<Certificate> =
        found.iter().filter_map(|c| Certificate::from_text(c).ok()).collect();
    let unread = total - certificates.len();
    (certificates, unread)
}

/// The certificates of a trust list as PEM, for other verifiers.
#[must_use]
pub fn export_certificates(list: &TrustList) -> String {
    list.keys().iter().filter(|k| !k.revoked).filter_map(|k| k.certificate.as_deref()).map(pem).collect()
}

pub(super) fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::prelude::BASE64_STANDARD.encode(der);
    let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// A trust list in words.
#[must_use]
pub fn describe_trust(list: &TrustList) -> String {
    let mut out = format!("version {}, {} keys\n", list.version, list.keys().len());
    for k in list.keys() {
        let state = if k.revoked { "withdrawn" } else { "in force" };
        let until = Moment(k.not_after.saturating_mul(1000)).iso();
        let signs = k.usage.names().join(", ");
        let _ = writeln!(out, "{} {} signs {signs} until {until}, {state}", hex(&k.kid), k.issuer);
    }
    out
}

/// A revocation list in words.
#[must_use]
pub fn describe_revocations(list: &RevocationList) -> String {
    let counts: Vec<String> = Section::ALL.iter().map(|s| format!("{} {}", s.name(), list.len(*s))).collect();
    format!("version {}: {}\n", list.version, counts.join(", "))
}

/// How `pass qr` draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Scalable, for pages.
    Svg,
    /// So many pixels a module; 1 for printers.
    Png(usize),
}

/// A code and what it came to.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The file.
    pub bytes: Vec<u8>,
    /// Version, 1 to 40.
    pub version: usize,
    /// Modules a side, without the quiet zone.
    pub modules: usize,
}

/// `pass qr`: the code of a text.
///
/// # Errors
/// A text that no code holds, or a picture too large.
pub fn qr(text: &str, level: Option<Level>, drawing: Drawing) -> Result<Drawn, Refused> {
    let code = level.map_or_else(|| Code::fitting(text), |l| Code::new(text, l)).map_err(refused)?;
    let bytes = match drawing {
        Drawing::Svg => code.svg().into_bytes(),
        Drawing::Png(scale) => code.png(scale).map_err(refused)?,
    };
    Ok(Drawn { bytes, version: code.version(), modules: code.modules() })
}
