//! The signer: one narrow input that can only be made from evidence.
//!
//! [`Conclusion`] → [`Released`] → [`Evidence`] → [`Order`] → [`Signer::issue`]. Each step needs what
//! the one before it holds, fields are private, and there is no other way in: a pass without a test (or
//! an override by two) behind it does not compile.
//!
//! ```
//! use greenfort_pass::claims::Method;
//! use greenfort_pass::sign::{Conclusion, Material, NotIssued, Order};
//!
//! fn order() -> Result<Order, NotIssued> {
//!     let released = Conclusion::new("conclusion 1", "round 3")?.released("release 9")?;
//!     let sampled = 1_630_974_600;
//!     let evidence =
//!         released.resting_on(&["specimen 1"], &["reaction 1"], Material::OwnInPool, Method::RtPcr, sampled)?;
//!     Ok(evidence.person("NTMK 1985", false, None))
//! }
//! # order().unwrap();
//! ```
//!
//! Evidence cannot be written down:
//!
//! ```compile_fail,E0451
//! # use greenfort_pass::claims::{Basis, Method};
//! # use greenfort_pass::sign::{Conclusion, Evidence, NotIssued};
//! # fn evidence() -> Result<Evidence, NotIssued> {
//! # let conclusion = Conclusion::new("conclusion 1", "round 3")?;
//! Ok(Evidence {
//!     conclusion,
//!     release: String::new(),
//!     basis: Basis::Tested,
//!     method: Method::RtPcr,
//!     sampled: 1_630_974_600,
//!     lineage: Vec::new(),
//! })
//! # }
//! ```
//!
//! nor a conclusion be taken for it before its release names specimens and reactions:
//!
//! ```compile_fail,E0599
//! # use greenfort_pass::sign::{Conclusion, NotIssued, Order};
//! # fn order() -> Result<Order, NotIssued> {
//! # let conclusion = Conclusion::new("conclusion 1", "round 3")?;
//! Ok(conclusion.released("release 9")?.person("NTMK 1985", false, None))
//! # }
//! ```
//!
//! nor claims that somebody composed be issued:
//!
//! ```compile_fail,E0308
//! # use greenfort_pass::claims::Claims;
//! # use greenfort_pass::sign::{Issued, NotIssued, Signer, Terms};
//! # fn issue(signer: &Signer<'_>, claims: Claims, terms: Terms) -> Result<Issued, NotIssued> {
//! signer.issue(claims, terms, 1_631_062_800, &mut |_| true, &mut |_| true)
//! # }
//! ```

use crate::claims::{Area, Claims, Handle, Scopes};
use crate::cose::Kid;
pub use crate::evidence::{Conclusion, Evidence, Material, Order, Released};
use crate::handle::HandleKey;
use crate::keys::Es256Signer;
use crate::policy::{Clock, Policy};
use crate::revoke::RevocationList;
use crate::token::{SealError, seal};
use crate::trust::{TrustList, TrustedKey};
use crate::verify::{Credential, Reason, Verdict, Verifier};

/// Why there is no pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotIssued {
    /// The lineage has a gap.
    #[error("no evidence: {0}")]
    NoEvidence(&'static str),
    /// The times contradict each other or the key.
    #[error("time: {0}")]
    Time(&'static str),
    /// No randomness.
    #[error("no randomness")]
    Entropy,
    /// The serial was not stored: nothing is signed that nobody could revoke.
    #[error("the serial was not stored")]
    NotStored,
    /// The claims or the key refused.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The verifier does not accept what was signed. It never leaves.
    #[error("the verifier refuses it: {}", .0.code())]
    SelfCheck(Reason),
}

/// What policy decides about the pass.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Whose household, organisation or person the holder handle is of.
    pub holder: String,
    /// What it opens.
    pub scopes: Scopes,
    /// Where.
    pub area: Option<Area>,
    /// End, UTC seconds.
    pub expires: i64,
}

/// What is stored before anything is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serial {
    /// The id of the pass.
    pub id: [u8; 12],
    /// What revokes it by itself.
    pub pass: Handle,
    /// What revokes its holder's passes of the round.
    pub holder: Handle,
    /// What revokes the passes of its release.
    pub batch: Handle,
    /// The conclusion.
    pub conclusion: String,
    /// The specimens and reactions.
    pub lineage: Vec<String>,
    /// The key that will sign.
    pub kid: Kid,
    /// End, UTC seconds.
    pub expires: i64,
}

/// A pass that may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The text of the code.
    pub token: String,
    /// What was stored for it.
    pub serial: Serial,
}

/// No pass lives longer: a plausibility bound above every policy, 14 days.
pub const MAX_LIFETIME: i64 = 14 * 86_400;

/// A document signer.
pub struct Signer<'a> {
    key: &'a dyn Es256Signer,
    handles: &'a HandleKey,
    entry: TrustedKey,
}

/// Fills a buffer with random bytes, or says that it cannot.
pub type Entropy<'a> = dyn FnMut(&mut [u8]) -> bool + 'a;
/// Stores a serial durably and exactly once, or says that it did not.
pub type Store<'a> = dyn FnMut(&Serial) -> bool + 'a;

impl<'a> Signer<'a> {
    /// A signer with its private key and its own entry of the trust list.
    #[must_use]
    pub const fn new(key: &'a dyn Es256Signer, handles: &'a HandleKey, entry: TrustedKey) -> Self {
        Self { key, handles, entry }
    }

    /// Signs one pass: draws its id, has the serial stored, signs, and lets the verifier read the
    /// token as a checkpoint would.
    ///
    /// # Errors
    /// [`NotIssued`]; then nothing may leave, and a stored serial stands for a pass that never was.
    pub fn issue(
        &self,
        order: Order,
        terms: Terms,
        now: i64,
        entropy: &mut Entropy<'_>,
        store: &mut Store<'_>,
    ) -> Result<Issued, NotIssued> {
        let claims = self.claims(order.clone(), terms, now, entropy)?;
        claims.check().map_err(SealError::from)?;
        let serial = Serial {
            id: claims.id,
            pass: claims.pass_handle(),
            holder: claims.holder,
            batch: claims.batch,
            conclusion: order.evidence.conclusion.id,
            lineage: order.evidence.lineage,
            kid: self.entry.kid,
            expires: claims.expires,
        };
        if !store(&serial) {
            return Err(NotIssued::NotStored);
        }
        let token = seal(&claims, self.entry.kid, self.key)?;
        self.check(&token, &claims, now)?;
        Ok(Issued { token, serial })
    }

    fn claims(
        &self,
        order: Order,
        terms: Terms,
        now: i64,
        entropy: &mut Entropy<'_>,
    ) -> Result<Claims, NotIssued> {
        let Order { evidence, kind, name, members, drivers, route, guardian, id_tail } = order;
        let issued = now.saturating_sub(now.rem_euclid(60));
        if evidence.sampled > issued {
            return Err(NotIssued::Time("sampled after now"));
        }
        if terms.expires > evidence.sampled.saturating_add(MAX_LIFETIME) {
            return Err(NotIssued::Time("lives longer than any pass"));
        }
        if terms.expires > self.entry.not_after || issued < self.entry.not_before {
            return Err(NotIssued::Time("outlives its key, or precedes it"));
        }
        let mut id = [0; 12];
        if !entropy(&mut id) || id == [0; 12] {
            return Err(NotIssued::Entropy);
        }
        let round = evidence.conclusion.round.as_bytes();
        Ok(Claims {
            issuer: self.entry.issuer.clone(),
            expires: terms.expires,
            issued,
            id,
            kind,
            name,
            basis: evidence.basis,
            method: evidence.method,
            sampled: evidence.sampled.saturating_sub(evidence.sampled.rem_euclid(60)),
            scopes: terms.scopes,
            area: terms.area,
            holder: self.handles.holder(terms.holder.as_bytes(), round),
            batch: self.handles.batch(evidence.release.as_bytes(), round),
            members,
            drivers,
            route,
            id_tail,
            guardian,
        })
    }

    /// Reads the token back through the same door as a checkpoint.
    fn check(&self, token: &str, claims: &Claims, now: i64) -> Result<(), NotIssued> {
        let trust = TrustList::new(1, now, vec![self.entry.clone()]);
        let verifier = Verifier {
            trust: &trust,
            revocations: Some(&RevocationList::new(1, now, &[])),
            policy: &Policy::default(),
            clock: Clock { now, trusted: true },
        };
        let seen = verifier.verify(token);
        match seen.credential {
            Some(Credential::Pass(read)) if seen.reason.verdict() == Verdict::Green && *read == *claims => {
                Ok(())
            }
            _ if seen.reason == Reason::Valid => Err(NotIssued::SelfCheck(Reason::Malformed)),
            _ => Err(NotIssued::SelfCheck(seen.reason)),
        }
    }
}
