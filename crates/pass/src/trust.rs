//! The signed list of keys that a verifier trusts. It pins the root; what a token brings along counts
//! for nothing.

use crate::cbor::{Reader, Writer};
use crate::cose::{Kid, Sign1};
use crate::error::DecodeError;
use crate::keys::{Es256Signer, KeyError, PublicKey, kid_of};
use crate::token::sign_message;

/// What the root signs beside the list itself (`external_aad`), so that nothing else passes for one.
pub const TRUST_AAD: &[u8] = b"greenfort trust list v1";

/// What a key may sign: a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Usage(pub u8);

impl Usage {
    /// Greenfort passes.
    pub const PASS: Self = Self(1);
    /// DCC test certificates.
    pub const TEST: Self = Self(2);
    /// DCC vaccination certificates.
    pub const VACCINATION: Self = Self(4);
    /// DCC recovery certificates.
    pub const RECOVERY: Self = Self(8);
    /// Revocation lists.
    pub const REVOCATION: Self = Self(16);
    /// Every DCC.
    pub const DCC: Self = Self(2 | 4 | 8);

    /// Whether every bit of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in the set, for people.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let all = [
            (Self::PASS, "passes"),
            (Self::TEST, "tests"),
            (Self::VACCINATION, "vaccinations"),
            (Self::RECOVERY, "recoveries"),
            (Self::REVOCATION, "revocation lists"),
        ];
        all.into_iter().filter(|(bit, _)| self.contains(*bit)).map(|(_, name)| name).collect()
    }
}

/// One trusted key.
#[derive(Clone, Debug)]
pub struct TrustedKey {
    /// Its name: two keys may share one.
    pub kid: Kid,
    /// The key.
    pub key: PublicKey,
    /// The issuer that its passes must name; the country for a DCC key.
    pub issuer: String,
    /// What it may sign.
    pub usage: Usage,
    /// From when, UTC seconds, inclusive.
    pub not_before: i64,
    /// Until when, UTC seconds, exclusive.
    pub not_after: i64,
    /// Withdrawn: everything it ever signed is red.
    pub revoked: bool,
    /// Its certificate in DER, where it has one.
    pub certificate: Option<Vec<u8>>,
}

/// Why a list was not taken over. The verifier keeps the list it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Not a list.
    #[error("malformed: {0}")]
    Malformed(#[from] DecodeError),
    /// Signed by a key that is not the pinned root, or not in the trust list.
    #[error("signed by an unknown key")]
    UnknownKey,
    /// Signed by a key that may not sign this.
    #[error("signed by a key that may not sign it")]
    KeyUsage,
    /// The signature is wrong.
    #[error("bad signature")]
    BadSignature,
    /// Not newer than what the verifier has: an old list cannot come back.
    #[error("not newer than the list in hand")]
    NotNewer,
    /// A delta on another version.
    #[error("a delta on another version: fetch the full list")]
    WrongBase,
    /// A delta whose result is not what its issuer has.
    #[error("the delta gives another list: fetch the full list")]
    Digest,
}

impl ListError {
    /// The word in vectors.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::UnknownKey => "unknown-key",
            Self::KeyUsage => "key-usage",
            Self::BadSignature => "bad-signature",
            Self::NotNewer => "not-newer",
            Self::WrongBase => "wrong-base",
            Self::Digest => "digest",
        }
    }
}

/// The pinned root.
#[derive(Clone, Debug)]
pub struct Root {
    /// Its name.
    pub kid: Kid,
    /// The key.
    pub key: PublicKey,
}

impl Root {
    /// A root known by its bare key.
    ///
    /// # Errors
    /// An unsupported key.
    pub fn from_spki(spki: &[u8]) -> Result<Self, KeyError> {
        Ok(Self { kid: kid_of(spki), key: PublicKey::from_spki(spki)? })
    }
}

/// The list, verified.
#[derive(Clone, Debug)]
pub struct TrustList {
    /// Rises with each issue.
    pub version: u64,
    /// When it was issued, UTC seconds.
    pub issued: i64,
    keys: Vec<TrustedKey>,
}

const MOST_KEYS: usize = 10_000;

impl TrustList {
    /// A list from its parts; keys are sorted by name.
    #[must_use]
    pub fn new(version: u64, issued: i64, mut keys: Vec<TrustedKey>) -> Self {
        keys.sort_by(|a, b| a.kid.cmp(&b.kid).then_with(|| a.key.spki().cmp(b.key.spki())));
        Self { version, issued, keys }
    }

    /// Every key of this name.
    pub fn with_kid(&self, kid: &[u8]) -> impl Iterator<Item = &TrustedKey> {
        let start = self.keys.partition_point(|k| k.kid.as_slice() < kid);
        self.keys.iter().skip(start).take_while(move |k| k.kid == kid)
    }

    /// All keys, by name.
    #[must_use]
    pub fn keys(&self) -> &[TrustedKey] {
        &self.keys
    }

    /// Signs the list with the root key.
    ///
    /// # Errors
    /// A key that cannot sign.
    pub fn seal(&self, kid: Kid, root: &dyn Es256Signer) -> Result<Vec<u8>, KeyError> {
        let mut w = Writer::new();
        w.map(3).uint(1).uint(self.version).uint(2).int(self.issued).uint(3).array(self.keys.len());
        for k in &self.keys {
            w.map(6 + usize::from(k.revoked) + usize::from(k.certificate.is_some()));
            w.uint(1).bytes(&k.kid).uint(2).bytes(k.key.spki()).uint(3).text(&k.issuer);
            w.uint(4).uint(u64::from(k.usage.0)).uint(5).int(k.not_before).uint(6).int(k.not_after);
            if k.revoked {
                w.uint(7).simple(21);
            }
            if let Some(certificate) = &k.certificate {
                w.uint(8).bytes(certificate);
            }
        }
        sign_message(&w.finish(), TRUST_AAD, kid, root)
    }

    /// Verifies a list against the pinned root, and against the list in hand when there is one.
    ///
    /// # Errors
    /// [`ListError`]; the list in hand stays in force.
    pub fn open(bytes: &[u8], root: &Root, in_hand: Option<&Self>) -> Result<Self, ListError> {
        let message = Sign1::read(bytes)?;
        if message.kid != root.kid {
            return Err(ListError::UnknownKey);
        }
        if !root.key.verifies(&message.to_be_signed(TRUST_AAD), message.signature) {
            return Err(ListError::BadSignature);
        }
        let list = Self::read(message.payload)?;
        match in_hand {
            Some(old) if list.version <= old.version => Err(ListError::NotNewer),
            _ => Ok(list),
        }
    }

    fn read(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(payload);
        expect(r.map()? == 3)?;
        expect(r.uint()? == 1)?;
        let version = r.uint()?;
        expect(r.uint()? == 2)?;
        let issued = r.int()?;
        expect(r.uint()? == 3)?;
        let n = r.array()?;
        expect(n <= MOST_KEYS)?;
        let mut keys = Vec::new();
        for _ in 0..n {
            keys.push(read_key(&mut r)?);
        }
        r.end()?;
        Ok(Self::new(version, issued, keys))
    }
}

fn read_key(r: &mut Reader<'_>) -> Result<TrustedKey, DecodeError> {
    let pairs = r.map()?;
    expect(matches!(pairs, 6..=8))?;
    expect(r.uint()? == 1)?;
    let kid = r.array_of()?;
    expect(r.uint()? == 2)?;
    let key = PublicKey::from_spki(r.bytes()?).map_err(|_| DecodeError::claims("an unsupported key"))?;
    expect(r.uint()? == 3)?;
    let issuer = r.text()?.to_owned();
    expect(r.uint()? == 4)?;
    let usage = Usage(u8::try_from(r.uint()?).map_err(|_| DecodeError::claims("usage"))?);
    expect(r.uint()? == 5)?;
    let not_before = r.int()?;
    expect(r.uint()? == 6)?;
    let not_after = r.int()?;
    let (mut revoked, mut certificate) = (false, None);
    for _ in 6..pairs {
        match r.uint()? {
            7 if !revoked && certificate.is_none() => {
                r.yes()?;
                revoked = true;
            }
            8 if certificate.is_none() => certificate = Some(r.bytes()?.to_vec()),
            _ => return Err(DecodeError::claims("an unknown field of a key")),
        }
    }
    Ok(TrustedKey { kid, key, issuer, usage, not_before, not_after, revoked, certificate })
}

const fn expect(ok: bool) -> Result<(), DecodeError> {
    if ok { Ok(()) } else { Err(DecodeError::claims("not the form of a trust list")) }
}
