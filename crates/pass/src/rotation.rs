//! Rotation with overlap: which key signs now.

use crate::trust::TrustedKey;

/// A key of the trust list and when it was first published there.
#[derive(Clone, Debug)]
pub struct Published {
    /// The key.
    pub key: TrustedKey,
    /// When the first list that holds it was issued, UTC seconds.
    pub since: i64,
}

/// The key to sign with: the one that has most recently become usable. A key is usable when it has
/// stood in the published list for the list's maximum age (every checkpoint that is not amber already
/// then knows it), is inside its validity, outlives the pass, and is not withdrawn.
#[must_use]
pub fn signing_key(keys: &[Published], now: i64, expires: i64, list_max_age: i64) -> Option<&Published> {
    keys.iter()
        .filter(|k| now >= k.since.saturating_add(list_max_age))
        .filter(|k| k.key.not_before <= now && expires <= k.key.not_after && !k.key.revoked)
        .max_by_key(|k| (k.since, k.key.not_before, k.key.kid))
}

/// Whether a key may leave the list: when the last pass that it can have signed has expired.
#[must_use]
pub const fn may_leave(last_signed: i64, max_lifetime: i64, now: i64) -> bool {
    now >= last_signed.saturating_add(max_lifetime)
}
