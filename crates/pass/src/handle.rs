//! Revocation handles: truncated keyed hashes, so that nobody without the key can link the passes of
//! two rounds or guess whom a list names.

use aws_lc_rs::hmac;

use crate::claims::Handle;

/// The key of the handles. It belongs to the issuer and never leaves it.
pub struct HandleKey(hmac::Key);

impl std::fmt::Debug for HandleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandleKey(…)")
    }
}

impl HandleKey {
    /// From 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Handle of a household, organisation or person in a round: it differs from round to round.
    #[must_use]
    pub fn holder(&self, holder: &[u8], round: &[u8]) -> Handle {
        self.handle(b"holder", holder, round)
    }

    /// Handle of the passes that rest on a release in a round.
    #[must_use]
    pub fn batch(&self, release: &[u8], round: &[u8]) -> Handle {
        self.handle(b"batch", release, round)
    }

    /// First 6 bytes of HMAC-SHA-256 over purpose, id and round, each behind its length, so that no
    /// two triples give the same bytes.
    fn handle(&self, purpose: &[u8], id: &[u8], round: &[u8]) -> Handle {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [purpose, id, round] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        match context.sign().as_ref() {
            &[a, b, c, d, e, f, ..] => [a, b, c, d, e, f],
            // HMAC-SHA-256 has 32 bytes; a handle of zeros would be revoked by nobody and for nobody.
            _ => [0; 6],
        }
    }
}
