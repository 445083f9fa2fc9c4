//! Events sealed on the phone the moment they happen: a lost, stolen or wiped phone gives nobody away, and yet can still
//! hand in what it holds. Only the server opens them.
//!
//! `1.` and base64url of: ephemeral P-256 point (65 bytes, uncompressed) ‖ nonce (12) ‖ AES-256-GCM of the event's JSON. The key
//! is HKDF-SHA-256 of the shared secret, salt: both points, info: `greenfort event`. The device's id is authenticated with it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenfort_kernel::DeviceId;
use greenfort_store::crypt::KeyRing;

const VERSION: &str = "1.";
const INFO: &[u8] = b"greenfort event";
const POINT: usize = 65;
const NONCE: usize = 12;

/// The key pair that phones seal to. Derived from the ring, so that every process of the installation opens what any phone sealed.
pub struct SealKey {
    private: PrivateKey,
    point: Vec<u8>,
}

impl SealKey {
    /// None with a chance of 2⁻³², when what is derived is no number of the curve.
    pub fn of(ring: &KeyRing) -> Option<Self> {
        let scalar = [ring.search_key("field.seal.a", ""), ring.search_key("field.seal.b", "")].concat();
        let private = PrivateKey::from_private_key(&ECDH_P256, &scalar).ok()?;
        let point = private.compute_public_key().ok()?.as_ref().to_vec();
        Some(Self { private, point })
    }

    /// The public half: the uncompressed point, base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.point)
    }

    /// The JSON of an event; None when it was not sealed to this key by this device, or was changed.
    pub fn open(&self, device: DeviceId, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(VERSION)?).ok()?;
        let (point, rest) = bytes.split_at_checked(POINT)?;
        let (nonce, cipher) = rest.split_at_checked(NONCE)?;
        let salt = [point, self.point.as_slice()].concat();
        let key = agree(&self.private, UnparsedPublicKey::new(&ECDH_P256, point), (), |shared| {
            let secret = Salt::new(HKDF_SHA256, &salt).extract(shared);
            let mut key = [0; 32];
            secret.expand(&[INFO], &AES_256_GCM).and_then(|okm| okm.fill(&mut key)).map_err(|_| ())?;
            Ok(key)
        })
        .ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut plain = cipher.to_vec();
        let length = key.open_in_place(nonce, Aad::from(device.to_string()), &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seals as a phone does.
    fn seal(to: &[u8], device: DeviceId, event: &[u8]) -> String {
        let ephemeral = PrivateKey::generate(&ECDH_P256).unwrap();
        let point = ephemeral.compute_public_key().unwrap().as_ref().to_vec();
        let salt = [point.as_slice(), to].concat();
        let key = agree(&ephemeral, UnparsedPublicKey::new(&ECDH_P256, to), (), |shared| {
            let mut key = [0; 32];
            let secret = Salt::new(HKDF_SHA256, &salt).extract(shared);
            secret.expand(&[INFO], &AES_256_GCM).unwrap().fill(&mut key).unwrap();
            Ok(key)
        })
        .unwrap();
        let mut cipher = event.to_vec();
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap())
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key([7; NONCE]),
                Aad::from(device.to_string()),
                &mut cipher,
            )
            .unwrap();
        format!("{VERSION}{}", URL_SAFE_NO_PAD.encode([point, vec![7; NONCE], cipher].concat()))
    }

    #[test]
    fn only_this_server_opens_what_this_device_sealed_and_a_changed_letter_is_noticed() {
        let world = greenfort_kernel::World::new(
            std::sync::Arc::new(greenfort_kernel::SystemClock),
            std::sync::Arc::new(greenfort_kernel::SystemEntropy),
        );
        let ring = || greenfort_store::crypt::RingFile::generate(&world).load(world.clone()).unwrap();
        let (ours, theirs) = (SealKey::of(&ring()).unwrap(), SealKey::of(&ring()).unwrap());
        let (device, other): (DeviceId, DeviceId) = (world.id(), world.id());
        let sealed = seal(&ours.point, device, b"{}");
        assert_eq!(ours.open(device, &sealed).as_deref(), Some(b"{}".as_slice()));
        assert_eq!(theirs.open(device, &sealed), None);
        assert_eq!(ours.open(other, &sealed), None);
        for at in [2, 40, sealed.len() - 2] {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(ours.open(device, &String::from_utf8(changed).unwrap()), None, "letter {at}");
        }
        assert_eq!(ours.open(device, "1."), None);
    }
}
