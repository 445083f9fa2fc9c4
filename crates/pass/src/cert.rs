//! X.509 certificates of signers, as the DCC uses them.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use crate::cose::Kid;
use crate::keys::{KeyError, PublicKey, kid_of};
use crate::trust::{TrustedKey, Usage};

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Neither base64 nor DER.
    #[error("not a certificate")]
    Malformed,
    /// A key that verifies nothing here.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What a verifier takes from a signer's certificate. Chains are not built: trust comes from the list.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// First 8 bytes of SHA-256 of the DER.
    pub kid: Kid,
    /// The key.
    pub key: PublicKey,
    /// Country (C) of the subject, or empty.
    pub country: String,
    /// Which DCC groups it may sign. Only the DCC's own key usages constrain: a certificate without
    /// any of them, also one with others only or with an empty extension, may sign all.
    pub usage: Usage,
    /// UTC seconds, inclusive.
    pub not_before: i64,
    /// UTC seconds, inclusive as in X.509.
    pub not_after: i64,
    /// The certificate.
    pub der: Vec<u8>,
}

/// The DCC's extended key usages end in 1847.2021.1.{1, 2, 3} under two arcs, of which the older,
/// 1.3.6.1.4.1.0, is still in use.
const DCC_ARCS: [&str; 2] = ["1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1."];

impl Certificate {
    /// Reads a certificate in DER. What does not matter here (serial numbers, padding, extensions that
    /// are odd) is not held against it.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateError::Malformed)?;
        let mut usage = Usage::default();
        for extension in certificate.extensions() {
            if let ParsedExtension::ExtendedKeyUsage(eku) = extension.parsed_extension() {
                for oid in &eku.other {
                    let oid = oid.to_id_string();
                    let leaf = DCC_ARCS.iter().find_map(|arc| oid.strip_prefix(arc));
                    usage = usage.and(match leaf {
                        Some("1") => Usage::TEST,
                        Some("2") => Usage::VACCINATION,
                        Some("3") => Usage::RECOVERY,
                        _ => Usage::default(),
                    });
                }
            }
        }
        let country = certificate.subject().iter_country().next().and_then(|c| c.as_str().ok());
        Ok(Self {
            kid: kid_of(der),
            key: PublicKey::from_spki(certificate.public_key().raw)?,
            country: country.unwrap_or_default().to_owned(),
            usage: if usage == Usage::default() { Usage::DCC } else { usage },
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            der: der.to_vec(),
        })
    }

    /// Reads base64 of the DER, with or without the lines of PEM around it.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_text(text: &str) -> Result<Self, CertificateError> {
        Self::from_der(&from_armour(text).ok_or(CertificateError::Malformed)?)
    }

    /// Whether the certificate is valid at a time.
    #[must_use]
    pub const fn valid_at(&self, now: i64) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// The entry of a trust list for EU certificates.
    #[must_use]
    pub fn trusted(self) -> TrustedKey {
        TrustedKey {
            kid: self.kid,
            key: self.key,
            issuer: self.country,
            usage: self.usage,
            not_before: self.not_before,
            not_after: self.not_after.saturating_add(1),
            revoked: false,
            certificate: Some(self.der),
        }
    }
}

/// The bytes of base64, with or without the lines of PEM around it.
#[must_use]
pub fn from_armour(text: &str) -> Option<Vec<u8>> {
    let body: String = text.lines().filter(|l| !l.starts_with("-----")).collect();
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    lenient_base64(&body)
}

/// Base64 as it comes: padded or not.
#[must_use]
pub fn lenient_base64(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&base64::alphabet::STANDARD, CONFIG).decode(text).ok()
}
