//! Keys from fixed seeds. They sign by RFC 6979 with an implementation other than the product's, so the
//! vectors are the same bytes every time, and cross-check the product at once.

use greenfort_pass::cose::Kid;
use greenfort_pass::keys::{Es256Signer, KeyError, PublicKey, kid_of, sha256};
use greenfort_pass::trust::{TrustedKey, Usage};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};

pub(crate) struct TestKey {
    pub(crate) name: &'static str,
    key: SigningKey,
}

impl TestKey {
    pub(crate) fn new(name: &'static str) -> Self {
        let seed = sha256(format!("greenfort pass vectors: {name}").as_bytes());
        Self { name, key: SigningKey::from_slice(&seed).unwrap() }
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.key.verifying_key().to_public_key_der().unwrap().as_bytes().to_vec()
    }

    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        self.key.to_pkcs8_der().unwrap().as_bytes().to_vec()
    }

    pub(crate) fn kid(&self) -> Kid {
        kid_of(&self.spki())
    }

    pub(crate) fn trusted(&self, issuer: &str, usage: Usage, not_before: i64, not_after: i64) -> TrustedKey {
        TrustedKey {
            kid: self.kid(),
            key: PublicKey::from_spki(&self.spki()).unwrap(),
            issuer: issuer.to_owned(),
            usage,
            not_before,
            not_after,
            revoked: false,
            certificate: None,
        }
    }
}

impl Es256Signer for TestKey {
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
        let signature: Signature = self.key.sign(message);
        Ok(signature.to_bytes().into())
    }
}

/// (r, n − s): the twin that verifies as well.
pub(crate) fn twin(signature: &[u8]) -> Vec<u8> {
    let signature = Signature::from_slice(signature).unwrap();
    let (r, s) = signature.split_scalars();
    Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap().to_bytes().to_vec()
}
