//! EU Digital COVID Certificates: decode, validate against schema 1.3.3, encode, issue.
//!
//! The chain is `HC1:` → base45 → zlib → COSE_Sign1 → CWT → claim −260 → 1 → the certificate.

mod decode;
#[cfg(feature = "issue")]
mod issue;
mod schema;
mod values;

pub use decode::{Dcc, inflate, json_to_cbor, payload_to_json};
#[cfg(feature = "issue")]
pub use issue::{NotCertifiable, TestCertificate, issue_test};
pub use schema::{SchemaError, check_schema};
pub use values::{ValueSets, approved};

use crate::trust::Usage;

/// What an EU certificate begins with.
pub const PREFIX: &str = "HC1:";
/// Characters of a token at most. A QR code holds 4,296; the bound leaves room to unpack what hostile
/// input hides and to say at which layer it was refused.
pub const MAX_CHARS: usize = 128 * 1024;
/// Bytes after inflation at most; certificates have under 2,000.
pub const MAX_INFLATED: usize = 32 * 1024;

/// What a certificate is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// `t`
    Test,
    /// `v`
    Vaccination,
    /// `r`
    Recovery,
}

impl Group {
    /// The key of the group in the certificate.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Test => "t",
            Self::Vaccination => "v",
            Self::Recovery => "r",
        }
    }

    /// What a signer needs to be allowed.
    #[must_use]
    pub const fn usage(self) -> Usage {
        match self {
            Self::Test => Usage::TEST,
            Self::Vaccination => Usage::VACCINATION,
            Self::Recovery => Usage::RECOVERY,
        }
    }
}
