//! Random secrets: the holder has the text, the database only a hash.

use crate::crypt::KeyRing;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_kernel::World;

/// 256 random bits as text (43 characters, base64url). Shown once, stored as SHA-256: with that much randomness a fast
/// hash is enough, and equal cost for right and wrong is had by looking up the hash.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub fn generate(world: &World) -> Self {
        Self(URL_SAFE_NO_PAD.encode(world.bytes::<32>()))
    }

    /// With a prefix that secret scanners recognise.
    pub fn prefixed(world: &World, prefix: &str) -> Self {
        Self(format!("{prefix}{}", Self::generate(world).0))
    }

    /// The text for its holder.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a secret's text.
pub fn hash(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// Keyed hash of a secret too short to stand alone (codes, phones): a dump without the ring cannot be searched through.
pub fn keyed(keys: &KeyRing, purpose: &str, secret: &str) -> Vec<u8> {
    keys.search_key(purpose, secret).to_vec()
}

/// The hash under which a citizen's phone is known here.
pub fn phone_key(keys: &KeyRing, phone: &greenfort_kernel::phone::Phone) -> Vec<u8> {
    keyed(keys, "account.phone", phone.as_str())
}
