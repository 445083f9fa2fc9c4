//! COSE_Sign1 (RFC 9052 §4.2) in the two strictnesses of [`crate::cbor`].

use crate::cbor::{Limits, Reader, Value, Writer};
use crate::error::{DecodeError, Stage};

/// Length of a key identifier: the first bytes of SHA-256 of the signer's certificate.
pub const KID_LEN: usize = 8;
/// A key identifier.
pub type Kid = [u8; KID_LEN];

/// COSE algorithm number of ECDSA with SHA-256 (RFC 9053).
pub const ES256: i64 = -7;
/// COSE algorithm number of RSASSA-PSS with SHA-256 (RFC 8230).
pub const PS256: i64 = -37;

const TAG_SIGN1: u64 = 18;
const TAG_CWT: u64 = 61;

/// What Greenfort signs, taken apart without copying.
#[derive(Clone, Copy, Debug)]
pub struct Sign1<'a> {
    /// The protected header as signed.
    pub protected: &'a [u8],
    /// The key it names.
    pub kid: Kid,
    /// The payload as signed.
    pub payload: &'a [u8],
    /// r ‖ s.
    pub signature: &'a [u8; 64],
}

impl<'a> Sign1<'a> {
    /// Reads `18([<<{1: -7, 4: kid}>>, {}, payload, signature])`: exactly this header, nothing beside
    /// it. A token that brings a key, a certificate or a URL along is refused here.
    ///
    /// # Errors
    /// [`Stage::Algorithm`] for another algorithm, [`Stage::Cose`] for anything else.
    pub fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.tag()? != TAG_SIGN1 || r.array()? != 4 {
            return Err(DecodeError::cose("not a COSE_Sign1"));
        }
        let protected = r.bytes()?;
        let kid = header(protected)?;
        if r.map()? != 0 {
            return Err(DecodeError::cose("an unprotected header"));
        }
        let payload = r.bytes()?;
        let signature = r.bytes()?;
        r.end()?;
        let signature =
            signature.try_into().map_err(|_| DecodeError::cose("a signature of another length"))?;
        Ok(Self { protected, kid, payload, signature })
    }

    /// The bytes that the signature covers.
    #[must_use]
    pub fn to_be_signed(&self, external_aad: &[u8]) -> Vec<u8> {
        to_be_signed(self.protected, external_aad, self.payload)
    }
}

fn header(protected: &[u8]) -> Result<Kid, DecodeError> {
    let mut h = Reader::new(protected);
    let pairs = h.map()?;
    if pairs == 0 || h.uint()? != 1 {
        return Err(DecodeError::new(Stage::Algorithm, "no protected algorithm"));
    }
    if h.int()? != ES256 {
        return Err(DecodeError::new(Stage::Algorithm, "not ES256"));
    }
    if pairs != 2 || h.uint()? != 4 {
        return Err(DecodeError::cose("a header other than algorithm and key id"));
    }
    let kid = h.array_of()?;
    h.end()?;
    Ok(kid)
}

/// The protected header `{1: -7, 4: kid}`.
#[must_use]
pub fn protected_header(kid: Kid) -> Vec<u8> {
    let mut w = Writer::with_capacity(13);
    w.map(2).uint(1).int(ES256).uint(4).bytes(&kid);
    w.finish()
}

/// `Sig_structure` of RFC 9052 §4.4: `["Signature1", protected, external_aad, payload]`.
#[must_use]
pub fn to_be_signed(protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut w = Writer::with_capacity(32 + protected.len() + external_aad.len() + payload.len());
    w.array(4).text("Signature1").bytes(protected).bytes(external_aad).bytes(payload);
    w.finish()
}

/// The finished message, tagged.
#[must_use]
pub fn assemble(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut w = Writer::with_capacity(16 + protected.len() + payload.len() + signature.len());
    w.tag(TAG_SIGN1).array(4).bytes(protected).map(0).bytes(payload).bytes(signature);
    w.finish()
}

/// A COSE_Sign1 of another issuer, owned.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// The protected header as signed.
    pub protected: Vec<u8>,
    /// The algorithm, protected before unprotected.
    pub algorithm: Option<i64>,
    /// The key id, protected before unprotected.
    pub kid: Option<Vec<u8>>,
    /// The payload as signed.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Foreign {
    /// Reads a COSE_Sign1 under tag 18, under 61 and 18, or under none. The protected algorithm and key
    /// id win over unprotected ones; every other header is ignored.
    ///
    /// # Errors
    /// [`Stage::Cose`].
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut value = Value::decode(bytes, Limits::default())?;
        for tag in [TAG_CWT, TAG_SIGN1] {
            value = match value {
                Value::Tag(t, inner) if t == tag => *inner,
                other => other,
            };
        }
        let Value::Array(items) = value else { return Err(DecodeError::cose("not a COSE_Sign1")) };
        let Ok([protected, unprotected, payload, signature]) = <[Value; 4]>::try_from(items) else {
            return Err(DecodeError::cose("not four elements"));
        };
        let (Value::Bytes(protected), Value::Map(_), Value::Bytes(payload), Value::Bytes(signature)) =
            (protected, &unprotected, payload, signature)
        else {
            return Err(DecodeError::cose("elements of other types"));
        };
        let header = match protected.is_empty() {
            true => Value::Map(Vec::new()),
            false => Value::decode(&protected, Limits::default())?,
        };
        if !matches!(header, Value::Map(_)) {
            return Err(DecodeError::cose("the protected header is no map"));
        }
        let either = |key| header.get(key).or_else(|| unprotected.get(key));
        let algorithm = either(1).and_then(Value::as_int);
        let kid = either(4).and_then(Value::as_bytes).map(<[u8]>::to_vec);
        Ok(Self { protected, algorithm, kid, payload, signature })
    }
}
