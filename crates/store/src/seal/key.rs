//! The key that signs the chain (Ed25519), in a file of the data folder that only the worker reads.

use crate::crypt::CryptError;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenfort_kernel::World;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::Zeroize as _;

const CONTEXT: &[u8] = b"greenfort audit seal v1";

#[derive(Serialize, Deserialize)]
struct KeyFile {
    /// 32 bytes, base64.
    seed: String,
    /// 32 bytes, base64; enough to verify.
    public: String,
}

/// Signs seals.
pub struct SealKey(Ed25519KeyPair);

/// Verifies seals.
#[derive(Debug, Clone)]
pub struct SealVerifier {
    public: Vec<u8>,
}

fn message(seq: i64, at: Timestamp, chain: &[u8; 32]) -> Vec<u8> {
    [CONTEXT, &seq.to_be_bytes(), &at.as_microsecond().to_be_bytes(), chain].concat()
}

fn unreadable(path: &Path, reason: &impl ToString) -> CryptError {
    CryptError::RingUnreadable { path: path.display().to_string(), reason: reason.to_string() }
}

impl SealKey {
    /// A fresh key.
    ///
    /// # Errors
    /// Never for 32 bytes.
    pub fn generate(world: &World) -> Result<(Self, [u8; 32]), CryptError> {
        let seed = world.bytes::<32>();
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|e| unreadable(Path::new("new key"), &e))?;
        Ok((Self(pair), seed))
    }

    /// Reads the key, making it on the first start.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no key.
    pub fn open_or_make(path: &Path, world: &World) -> Result<Self, CryptError> {
        if !path.exists() {
            let (key, mut seed) = Self::generate(world)?;
            let mut file =
                KeyFile { seed: STANDARD.encode(seed), public: STANDARD.encode(key.0.public_key().as_ref()) };
            seed.zeroize();
            let text = serde_json::to_string_pretty(&file).map_err(|e| unreadable(path, &e))?;
            file.seed.zeroize();
            crate::crypt::write_private(path, &text)?;
        }
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, &e))?;
        let file: KeyFile = serde_json::from_str(&text).map_err(|e| unreadable(path, &e))?;
        let mut seed = STANDARD.decode(&file.seed).map_err(|e| unreadable(path, &e))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|e| unreadable(path, &e));
        seed.zeroize();
        pair.map(Self)
    }

    /// Signs (context, position, time, chain value).
    pub(super) fn sign(&self, seq: i64, at: Timestamp, chain: &[u8; 32]) -> Vec<u8> {
        self.0.sign(&message(seq, at, chain)).as_ref().to_vec()
    }

    pub fn verifier(&self) -> SealVerifier {
        SealVerifier { public: self.0.public_key().as_ref().to_vec() }
    }
}

impl SealVerifier {
    /// Reads the public half of a key file.
    ///
    /// # Errors
    /// When the file is missing or holds no key.
    pub fn read(path: &Path) -> Result<Self, CryptError> {
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, &e))?;
        let file: KeyFile = serde_json::from_str(&text).map_err(|e| unreadable(path, &e))?;
        let public = STANDARD.decode(&file.public).map_err(|e| unreadable(path, &e))?;
        Ok(Self { public })
    }

    pub(super) fn verifies(&self, seq: i64, at: Timestamp, chain: &[u8; 32], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(&message(seq, at, chain), signature).is_ok()
    }

    /// Sixteen characters to compare with what was written down when the key was made.
    pub fn fingerprint(&self) -> String {
        hex::encode(&digest(&SHA256, &self.public).as_ref()[..8])
    }
}
