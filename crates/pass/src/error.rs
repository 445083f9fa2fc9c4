//! Why bytes could not be read. Every decoder of this crate returns one of these and never panics.

use std::fmt;

/// The layer at which decoding stopped, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The text is longer than any token, or does not start with a known prefix.
    Prefix,
    /// Not base45 (RFC 9285).
    Base45,
    /// Not zlib (RFC 1950), or it inflates beyond the bound.
    Zlib,
    /// Not CBOR (RFC 8949) within the bounds, or not COSE_Sign1 (RFC 9052).
    Cose,
    /// The algorithm is not one this format is signed with.
    Algorithm,
    /// The payload is not the claims set that the format asks for.
    Claims,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => "prefix",
            Self::Base45 => "base45",
            Self::Zlib => "zlib",
            Self::Cose => "cose",
            Self::Algorithm => "algorithm",
            Self::Claims => "claims",
        })
    }
}

/// Bytes that are not what they should be: where, and what was expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{stage}: {what}")]
pub struct DecodeError {
    /// The layer that refused.
    pub stage: Stage,
    /// One line for a person who reads a log.
    pub what: &'static str,
}

impl DecodeError {
    pub(crate) const fn new(stage: Stage, what: &'static str) -> Self {
        Self { stage, what }
    }

    pub(crate) const fn cose(what: &'static str) -> Self {
        Self::new(Stage::Cose, what)
    }

    pub(crate) const fn claims(what: &'static str) -> Self {
        Self::new(Stage::Claims, what)
    }

    /// The same fault seen by an outer layer: CBOR inside the payload is a fault of the claims.
    pub(crate) const fn at(self, stage: Stage) -> Self {
        Self { stage, what: self.what }
    }
}
