//! Revocation: a signed, versioned list with deltas, looked up by binary search in sorted, truncated
//! hashes.
//!
//! Size: 6 bytes an entry for passes, holders and batches, 8 for the DCC hashes; 100,000 entries take
//! 600 kB (800 kB). False positives: n / 2⁴⁸ for each lookup in a section of n entries, 3.6 × 10⁻¹⁰ at
//! 100,000 (n / 2⁶⁴ for DCC). No false negatives.

use crate::cbor::{Reader, Writer};
use crate::claims::{Claims, Handle};
use crate::cose::{Kid, Sign1};
use crate::error::DecodeError;
use crate::keys::{Es256Signer, KeyError, sha256};
use crate::token::sign_message;
use crate::trust::{ListError, TrustList, Usage};

/// What is signed beside the list itself (`external_aad`).
pub const REVOCATION_AAD: &[u8] = b"greenfort revocation list v1";

/// What an entry revokes; the order is that of the sections on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// One pass: the first 6 bytes of its id.
    Pass,
    /// Every pass of a household or organisation in a round.
    Holder,
    /// Every pass that rests on a release.
    Batch,
    /// A DCC: SHA-256 of its identifier (UCI).
    Uci,
    /// A DCC: SHA-256 of the country of issue and the identifier (COUNTRYCODEUCI).
    CountryUci,
    /// A DCC: SHA-256 of the signature; of its first half, r, for ES256 (SIGNATURE).
    Signature,
}

impl Section {
    /// All, in the order of the wire.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::Holder, Self::Batch, Self::Uci, Self::CountryUci, Self::Signature];

    /// Bytes of an entry.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Pass | Self::Holder | Self::Batch => 6,
            Self::Uci | Self::CountryUci | Self::Signature => 8,
        }
    }

    /// The word in vectors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Holder => "holder",
            Self::Batch => "batch",
            Self::Uci => "uci",
            Self::CountryUci => "country-uci",
            Self::Signature => "signature",
        }
    }
}

/// Sorted entries of one width, packed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Packed {
    width: usize,
    bytes: Vec<u8>,
}

impl Packed {
    fn from_entries(width: usize, entries: &[&[u8]]) -> Self {
        let mut entries: Vec<&[u8]> = entries.iter().filter_map(|e| e.get(..width)).collect();
        entries.sort_unstable();
        entries.dedup();
        Self { width, bytes: entries.concat() }
    }

    fn from_wire(width: usize, bytes: &[u8]) -> Result<Self, DecodeError> {
        let chunks = bytes.chunks_exact(width);
        let whole = chunks.remainder().is_empty();
        if !whole || !chunks.is_sorted_by(|a, b| a < b) {
            return Err(DecodeError::claims("entries not whole, or not ascending"));
        }
        Ok(Self { width, bytes: bytes.to_vec() })
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.width.max(1))
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.width.max(1)
    }

    fn contains(&self, hash: &[u8]) -> bool {
        let Some(wanted) = hash.get(..self.width) else { return false };
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let start = middle * self.width;
            let Some(entry) = self.bytes.get(start..start + self.width) else { return false };
            match entry.cmp(wanted) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }

    fn minus(&self, other: &Self) -> Self {
        let kept: Vec<&[u8]> = self.iter().filter(|e| !other.contains(e)).collect();
        Self { width: self.width, bytes: kept.concat() }
    }

    fn plus(&self, other: &Self) -> Self {
        let all: Vec<&[u8]> = self.iter().chain(other.iter()).collect();
        Self::from_entries(self.width, &all)
    }
}

type Sections = [Packed; 6];

fn write_sections(w: &mut Writer, sections: &Sections) {
    w.array(sections.len());
    for section in sections {
        w.bytes(&section.bytes);
    }
}

fn read_sections(r: &mut Reader<'_>) -> Result<Sections, DecodeError> {
    if r.array()? != Section::ALL.len() {
        return Err(DecodeError::claims("six sections"));
    }
    let mut sections = Sections::default();
    for (packed, section) in sections.iter_mut().zip(Section::ALL) {
        *packed = Packed::from_wire(section.width(), r.bytes()?)?;
    }
    Ok(sections)
}

/// The list in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    /// Rises with each issue.
    pub version: u64,
    /// When it was issued, UTC seconds.
    pub issued: i64,
    sections: Sections,
}

impl RevocationList {
    /// A list from entries; each is cut to the width of its section.
    #[must_use]
    pub fn new(version: u64, issued: i64, entries: &[(Section, &[u8])]) -> Self {
        let sections = Section::ALL.map(|s| {
            let of: Vec<&[u8]> = entries.iter().filter(|(e, _)| *e == s).map(|(_, h)| *h).collect();
            Packed::from_entries(s.width(), &of)
        });
        Self { version, issued, sections }
    }

    fn section(&self, wanted: Section) -> Option<&Packed> {
        self.sections.iter().zip(Section::ALL).find(|(_, s)| *s == wanted).map(|(packed, _)| packed)
    }

    /// Entries of a section.
    #[must_use]
    pub fn len(&self, section: Section) -> usize {
        self.section(section).map_or(0, Packed::len)
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sections.iter().all(|s| s.bytes.is_empty())
    }

    /// Whether the hash, cut to the width of the section, is listed.
    #[must_use]
    pub fn contains(&self, section: Section, hash: &[u8]) -> bool {
        self.section(section).is_some_and(|s| s.contains(hash))
    }

    /// Whether a pass is revoked: by itself, by its holder or by its batch.
    #[must_use]
    pub fn revokes(&self, claims: &Claims) -> bool {
        let hit = |section, handle: &Handle| self.contains(section, handle);
        hit(Section::Pass, &claims.pass_handle())
            || hit(Section::Holder, &claims.holder)
            || hit(Section::Batch, &claims.batch)
    }

    /// SHA-256 of the sections in CBOR: what a delta promises to arrive at.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut w = Writer::new();
        write_sections(&mut w, &self.sections);
        sha256(&w.finish())
    }

    /// Signs the full list.
    ///
    /// # Errors
    /// A key that cannot sign.
    pub fn seal(&self, kid: Kid, key: &dyn Es256Signer) -> Result<Vec<u8>, KeyError> {
        let mut w = Writer::new();
        w.map(3).uint(1).uint(self.version).uint(2).int(self.issued).uint(3);
        write_sections(&mut w, &self.sections);
        sign_message(&w.finish(), REVOCATION_AAD, kid, key)
    }

    /// Signs what leads from `base` to this list.
    ///
    /// # Errors
    /// A key that cannot sign.
    pub fn seal_delta(&self, base: &Self, kid: Kid, key: &dyn Es256Signer) -> Result<Vec<u8>, KeyError> {
        let difference = |from: &Sections, to: &Sections| {
            let mut out = Sections::default();
            for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
                *out = to.minus(from);
            }
            out
        };
        let mut w = Writer::new();
        w.map(6).uint(1).uint(self.version).uint(2).int(self.issued).uint(3);
        write_sections(&mut w, &difference(&base.sections, &self.sections));
        w.uint(4).uint(base.version).uint(5);
        write_sections(&mut w, &difference(&self.sections, &base.sections));
        w.uint(6).bytes(&self.digest());
        sign_message(&w.finish(), REVOCATION_AAD, kid, key)
    }

    /// Verifies a full list or a delta and gives the list that now holds. The signer is looked up in the
    /// trust list, must be unrevoked, inside its validity when the list was issued, and meant for this.
    ///
    /// # Errors
    /// [`ListError`]; the list in hand stays in force.
    pub fn open(bytes: &[u8], trust: &TrustList, in_hand: Option<&Self>) -> Result<Self, ListError> {
        let message = Sign1::read(bytes)?;
        let to_be_signed = message.to_be_signed(REVOCATION_AAD);
        let mut fault = ListError::UnknownKey;
        let mut signer = None;
        for key in trust.with_kid(&message.kid) {
            if key.revoked || !key.usage.contains(Usage::REVOCATION) {
                fault = ListError::KeyUsage;
            } else if key.key.verifies(&to_be_signed, message.signature) {
                signer = Some(key);
            } else {
                fault = ListError::BadSignature;
            }
        }
        let signer = signer.ok_or(fault)?;
        let list = Self::read(message.payload, in_hand)?;
        if list.issued < signer.not_before || list.issued >= signer.not_after {
            return Err(ListError::KeyUsage);
        }
        Ok(list)
    }

    fn read(payload: &[u8], in_hand: Option<&Self>) -> Result<Self, ListError> {
        let form = DecodeError::claims("not the form of a revocation list");
        let mut r = Reader::new(payload);
        let pairs = r.map()?;
        let key = |r: &mut Reader<'_>, k| if r.uint()? == k { Ok(()) } else { Err(form) };
        key(&mut r, 1)?;
        let version = r.uint()?;
        key(&mut r, 2)?;
        let issued = r.int()?;
        key(&mut r, 3)?;
        let added = read_sections(&mut r)?;
        let delta = match pairs {
            3 => None,
            6 => {
                key(&mut r, 4)?;
                let base = r.uint()?;
                key(&mut r, 5)?;
                let removed = read_sections(&mut r)?;
                key(&mut r, 6)?;
                Some((base, removed, r.array_of::<32>()?))
            }
            _ => return Err(form.into()),
        };
        r.end()?;
        if in_hand.is_some_and(|old| version <= old.version) {
            return Err(ListError::NotNewer);
        }
        let Some((base, removed, digest)) = delta else {
            return Ok(Self { version, issued, sections: added });
        };
        let old = in_hand.filter(|old| old.version == base).ok_or(ListError::WrongBase)?;
        let mut sections = old.sections.clone();
        for ((section, removed), added) in sections.iter_mut().zip(&removed).zip(&added) {
            *section = section.minus(removed).plus(added);
        }
        let list = Self { version, issued, sections };
        if list.digest() == digest { Ok(list) } else { Err(ListError::Digest) }
    }
}
