//! Keys: what verifies, what signs, and how a key is named.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
    RSA_PSS_2048_8192_SHA256, VerificationAlgorithm,
};

use crate::cose::{ES256, Kid, PS256};

/// A key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither P-256 nor RSA of 2048 to 8192 bits.
    #[error("the key is neither P-256 nor RSA of 2048 to 8192 bits")]
    Unsupported,
    /// The private key is not PKCS#8 of a P-256 key.
    #[error("the private key is not PKCS#8 of a P-256 key")]
    NotPkcs8,
    /// The cryptographic library refused to sign.
    #[error("signing failed")]
    Signing,
}

/// The two algorithms of the world's health certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256; the signature is r ‖ s, 64 bytes.
    Es256,
    /// RSASSA-PSS with SHA-256 and MGF1.
    Ps256,
}

impl Algorithm {
    /// From the COSE number.
    #[must_use]
    pub const fn from_cose(number: i64) -> Option<Self> {
        match number {
            ES256 => Some(Self::Es256),
            PS256 => Some(Self::Ps256),
            _ => None,
        }
    }

    /// The COSE number.
    #[must_use]
    pub const fn cose(self) -> i64 {
        match self {
            Self::Es256 => ES256,
            Self::Ps256 => PS256,
        }
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
        }
    }
}

/// A public key, parsed once and bound to the one algorithm it verifies: a token cannot choose another.
#[derive(Clone, Debug)]
pub struct PublicKey {
    algorithm: Algorithm,
    spki: Vec<u8>,
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` in DER; the key itself tells the algorithm.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`].
    pub fn from_spki(spki: &[u8]) -> Result<Self, KeyError> {
        for algorithm in [Algorithm::Es256, Algorithm::Ps256] {
            if let Ok(parsed) = ParsedPublicKey::new(algorithm.verification(), spki) {
                return Ok(Self { algorithm, spki: spki.to_vec(), parsed });
            }
        }
        Err(KeyError::Unsupported)
    }

    /// The algorithm it verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Whether `signature` is this key's on `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

/// Something that signs with ES256: a key in memory, later a security module.
pub trait Es256Signer {
    /// r ‖ s over SHA-256 of `message`.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyError>;
}

/// A P-256 private key in memory.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    rng: SystemRandom,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// From PKCS#8 in DER.
    ///
    /// # Errors
    /// [`KeyError::NotPkcs8`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map_err(|_| KeyError::NotPkcs8)?;
        Ok(Self { pair, rng: SystemRandom::new() })
    }

    /// A new key, as PKCS#8 in DER. The randomness is the cryptographic library's own.
    ///
    /// # Errors
    /// When the library has no randomness.
    pub fn generate_pkcs8() -> Result<Vec<u8>, KeyError> {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| pair.to_pkcs8v1())
            .map(|document| document.as_ref().to_vec())
            .map_err(|_| KeyError::Signing)
    }

    /// The public half as `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn spki(&self) -> Vec<u8> {
        p256_spki(self.pair.public_key().as_ref())
    }
}

impl Es256Signer for SigningKey {
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
        let signature = self.pair.sign(&self.rng, message).map_err(|_| KeyError::Signing)?;
        signature.as_ref().try_into().map_err(|_| KeyError::Signing)
    }
}

/// `SubjectPublicKeyInfo` of a P-256 point (65 bytes, uncompressed): a fixed head of 26 bytes, RFC 5480.
fn p256_spki(point: &[u8]) -> Vec<u8> {
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    [&HEAD, point].concat()
}

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// The key identifier: the first 8 bytes of SHA-256 of the certificate in DER (for a key without a
/// certificate, of its `SubjectPublicKeyInfo`).
#[must_use]
pub fn kid_of(der: &[u8]) -> Kid {
    let [a, b, c, d, e, f, g, h, ..] = sha256(der);
    [a, b, c, d, e, f, g, h]
}
