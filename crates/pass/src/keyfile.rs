//! Private keys at rest: Argon2id from a passphrase, AES-256-GCM over the PKCS#8, JSON around it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::sign::Entropy;

/// Why a key file does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not a key file, or one whose cost is beyond the bounds.
    #[error("not a key file")]
    Malformed,
    /// A wrong passphrase, or a file that was changed.
    #[error("wrong passphrase, or the file was changed")]
    Refused,
    /// No randomness.
    #[error("no randomness")]
    Entropy,
}

/// What a guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// KiB of memory.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    /// 64 MiB, three passes: RFC 9106, second recommended choice.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3 }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    name: String,
    cost: Cost,
    salt: String,
    nonce: String,
    sealed: String,
}

const FORMAT: &str = "greenfort key file 1: argon2id, aes-256-gcm";

/// Encrypts a private key (PKCS#8 in DER) under a passphrase. `name` tells people which key it is; it
/// is readable, and cannot be changed without the passphrase.
///
/// # Errors
/// No randomness, or a cost that Argon2 refuses.
pub fn seal_key(
    pkcs8: &[u8],
    name: &str,
    passphrase: &str,
    cost: Cost,
    entropy: &mut Entropy<'_>,
) -> Result<String, KeyFileError> {
    let (mut salt, mut nonce) = ([0; 16], [0; NONCE_LEN]);
    if !entropy(&mut salt) || !entropy(&mut nonce) {
        return Err(KeyFileError::Entropy);
    }
    let mut sealed = pkcs8.to_vec();
    key(passphrase, &salt, cost)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(name), &mut sealed)
        .map_err(|_| KeyFileError::Malformed)?;
    let file = File {
        format: FORMAT.to_owned(),
        name: name.to_owned(),
        cost,
        salt: BASE64_STANDARD.encode(salt),
        nonce: BASE64_STANDARD.encode(nonce),
        sealed: BASE64_STANDARD.encode(sealed),
    };
    serde_json::to_string_pretty(&file).map_err(|_| KeyFileError::Malformed)
}

/// Decrypts a key file. The memory is wiped when the result is dropped.
///
/// # Errors
/// [`KeyFileError`].
pub fn open_key(file: &str, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let file: File = serde_json::from_str(file).map_err(|_| KeyFileError::Malformed)?;
    // A file from elsewhere must not make the machine work without end.
    if file.format != FORMAT || file.cost.memory_kib > 1 << 20 || file.cost.passes > 16 {
        return Err(KeyFileError::Malformed);
    }
    let bytes = |text: &str| BASE64_STANDARD.decode(text).map_err(|_| KeyFileError::Malformed);
    let nonce: [u8; NONCE_LEN] = bytes(&file.nonce)?.try_into().map_err(|_| KeyFileError::Malformed)?;
    let mut sealed = Zeroizing::new(bytes(&file.sealed)?);
    let length = key(passphrase, &bytes(&file.salt)?, file.cost)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), aad(&file.name), &mut sealed)
        .map_err(|_| KeyFileError::Refused)?
        .len();
    sealed.truncate(length);
    Ok(sealed)
}

fn aad(name: &str) -> Aad<Vec<u8>> {
    Aad::from([FORMAT.as_bytes(), &[0], name.as_bytes()].concat())
}

fn key(passphrase: &str, salt: &[u8], cost: Cost) -> Result<LessSafeKey, KeyFileError> {
    let params = argon2::Params::new(cost.memory_kib, cost.passes, 1, Some(32))
        .map_err(|_| KeyFileError::Malformed)?;
    let mut raw = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, raw.as_mut())
        .map_err(|_| KeyFileError::Malformed)?;
    let unbound = UnboundKey::new(&AES_256_GCM, raw.as_ref()).map_err(|_| KeyFileError::Malformed)?;
    Ok(LessSafeKey::new(unbound))
}
