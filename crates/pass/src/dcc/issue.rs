use std::io::Write as _;

use serde_json::{Value as Json, json};

use super::{PREFIX, ValueSets, approved, check_schema, json_to_cbor};
use crate::base45;
use crate::cbor::Writer;
use crate::certlogic::Moment;
use crate::claims::{Basis, Method};
use crate::cose::Kid;
use crate::keys::{Es256Signer, KeyError, PublicKey};
use crate::name::transliterate;
use crate::sign::Evidence;
use crate::token::sign_message;

/// Why there is no EU certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCertifiable {
    /// Of a pool, a representative or an override: the schema knows none of them.
    #[error("only a single-donor result can be an EU certificate")]
    NotSingle,
    /// A method that the schema has no code for.
    #[error("only RT-PCR and rapid antigen tests can be certified")]
    Method,
    /// A rapid test outside the approved list.
    #[error("the rapid test is not on the EU list")]
    KitNotApproved,
    /// The content breaks the schema.
    #[error("schema: {0}")]
    Schema(String),
    /// The key refused, or its signature does not verify.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What the certificate says beside its evidence.
#[derive(Clone, Debug)]
pub struct TestCertificate<'a> {
    /// Surnames.
    pub surname: &'a str,
    /// Forenames.
    pub forename: &'a str,
    /// `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or empty.
    pub birth: &'a str,
    /// Name of the NAAT, or the code of the rapid test in the value set.
    pub kit: &'a str,
    /// Testing centre.
    pub centre: &'a str,
    /// Country of test, two letters.
    pub country: &'a str,
    /// Issuer, in words.
    pub issuer: &'a str,
    /// Unique certificate identifier, stored before.
    pub uci: &'a str,
    /// Time of issue, UTC seconds.
    pub issued: i64,
    /// Expiry, UTC seconds.
    pub expires: i64,
}

/// Issues an EU test certificate, `HC1:` in front, from the evidence of a single donor, and reads it
/// back before it leaves.
///
/// # Errors
/// [`NotCertifiable`].
pub fn issue_test(
    evidence: &Evidence,
    content: &TestCertificate<'_>,
    value_sets: &ValueSets,
    kid: Kid,
    key: &dyn Es256Signer,
    public: &PublicKey,
) -> Result<String, NotCertifiable> {
    if evidence.basis() != Basis::Tested {
        return Err(NotCertifiable::NotSingle);
    }
    let (test, kit) = match evidence.method() {
        Method::RtPcr => (approved::NAAT, "nm"),
        Method::RapidAntigen if value_sets.has(approved::RAPID_TESTS, content.kit) => (approved::RAPID, "ma"),
        Method::RapidAntigen => return Err(NotCertifiable::KitNotApproved),
        Method::None | Method::OtherNaat => return Err(NotCertifiable::Method),
    };
    let sampled = Moment(evidence.sampled().saturating_mul(1000)).iso().replace(".000", "");
    let mut payload = json!({
        "ver": "1.3.3",
        "nam": {
            "fn": content.surname, "fnt": transliterate(content.surname),
            "gn": content.forename, "gnt": transliterate(content.forename),
        },
        "dob": content.birth,
        "t": [{
            "tg": approved::COVID_19, "tt": test, "sc": sampled, "tr": approved::NOT_DETECTED,
            "tc": content.centre, "co": content.country, "is": content.issuer, "ci": content.uci,
        }],
    });
    if let Some(entry) = payload.pointer_mut("/t/0").and_then(Json::as_object_mut) {
        entry.insert(kit.to_owned(), Json::from(content.kit));
    }
    check_schema(&payload).map_err(|e| NotCertifiable::Schema(e.to_string()))?;
    let mut claims = Writer::new();
    claims.map(4).uint(1).text(content.country).uint(4).int(content.expires);
    claims.uint(6).int(content.issued).int(-260).map(1).uint(1).raw(&json_to_cbor(&payload).encode());
    let token = wrap(&sign_message(&claims.finish(), &[], kid, key)?)?;
    let read = super::Dcc::decode(&token).map_err(|e| NotCertifiable::Schema(e.to_string()))?;
    if read.verifies(public) && read.payload == payload { Ok(token) } else { Err(KeyError::Signing.into()) }
}

/// zlib, base45 and the prefix.
fn wrap(message: &[u8]) -> Result<String, KeyError> {
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(message).map_err(|_| KeyError::Signing)?;
    let mut token = PREFIX.to_owned();
    base45::encode_into(&deflate.finish().map_err(|_| KeyError::Signing)?, &mut token);
    Ok(token)
}
