//! The key ring: data keys by number, one of them current, and one key for search hashes.

use super::CryptError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenfort_kernel::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use zeroize::Zeroize as _;

const VERSION: u8 = 1;
const HEAD: usize = 1 + 4 + 12;

/// The ring as it lies on disk (mode 0600, JSON, keys in base64).
#[derive(Clone, Serialize, Deserialize)]
pub struct RingFile {
    current: u32,
    keys: BTreeMap<u32, String>,
    search: String,
}

/// The ring in memory. Seals with the current key, opens with any.
pub struct KeyRing {
    current: u32,
    keys: BTreeMap<u32, LessSafeKey>,
    search: hmac::Key,
    world: World,
}

impl RingFile {
    /// A ring with one fresh data key and a fresh search key.
    pub fn generate(world: &World) -> Self {
        let mut ring = Self { current: 0, keys: BTreeMap::new(), search: fresh(world) };
        ring.rotate(world);
        ring
    }

    /// Adds a fresh data key and makes it current; older keys stay to open what they sealed.
    pub fn rotate(&mut self, world: &World) -> u32 {
        self.current = self.keys.keys().max().copied().unwrap_or(0) + 1;
        self.keys.insert(self.current, fresh(world));
        self.current
    }

    /// Forgets every key but the current one; only safe once nothing is sealed with the others.
    pub fn retire_old(&mut self) -> Vec<u32> {
        let old: Vec<u32> = self.keys.keys().copied().filter(|id| *id != self.current).collect();
        self.keys.retain(|id, _| *id == self.current);
        old
    }

    /// # Errors
    /// When the file is missing, unreadable or no ring.
    pub fn read(path: &Path) -> Result<Self, CryptError> {
        let fail = |reason: String| CryptError::RingUnreadable { path: path.display().to_string(), reason };
        let text = std::fs::read_to_string(path).map_err(|e| fail(e.to_string()))?;
        serde_json::from_str(&text).map_err(|e| fail(e.to_string()))
    }

    /// Writes the ring; a cut leaves the old one whole.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CryptError> {
        let text = serde_json::to_string_pretty(self).map_err(|e| CryptError::RingUnwritable {
            path: path.display().to_string(),
            reason: e.to_string(),
        })?;
        write_private(path, &text)
    }

    /// Number of the current key, and of all keys.
    pub fn numbers(&self) -> (u32, Vec<u32>) {
        (self.current, self.keys.keys().copied().collect())
    }

    /// # Errors
    /// When a key is not 32 bytes of base64 or the current one is missing.
    pub fn load(&self, world: World) -> Result<KeyRing, CryptError> {
        let broken =
            |reason: &str| CryptError::RingUnreadable { path: "ring".into(), reason: reason.to_owned() };
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| broken("a key is not base64"));
        let mut keys = BTreeMap::new();
        for (id, text) in &self.keys {
            let mut bytes = decode(text)?;
            let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| broken("a key is not 32 bytes"))?;
            bytes.zeroize();
            keys.insert(*id, LessSafeKey::new(key));
        }
        if !keys.contains_key(&self.current) {
            return Err(broken("the current key is missing"));
        }
        let mut search = decode(&self.search)?;
        let ring = KeyRing {
            current: self.current,
            keys,
            search: hmac::Key::new(hmac::HMAC_SHA256, &search),
            world,
        };
        search.zeroize();
        Ok(ring)
    }
}

/// Writes a file only its owner may read, through a temporary one, so that a cut leaves the old file whole.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), CryptError> {
    let fail = |e: std::io::Error| CryptError::RingUnwritable {
        path: path.display().to_string(),
        reason: e.to_string(),
    };
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let temporary = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(fail)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
    std::fs::rename(&temporary, path).map_err(fail)?;
    // The name itself must survive a power cut, too: values are sealed with this key from now on.
    std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(fail)
}

fn fresh(world: &World) -> String {
    let mut bytes = world.bytes::<32>();
    let text = STANDARD.encode(bytes);
    bytes.zeroize();
    text
}

/// What binds a sealed value to its place: `(table.column, row id)`.
fn place(column: &'static str, row: &[u8]) -> Aad<Vec<u8>> {
    let mut bytes = column.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(row);
    Aad::from(bytes)
}

impl KeyRing {
    /// Encrypts `plain` for `column` ("table.column") of `row`: version, key number, nonce, ciphertext, tag.
    #[expect(
        clippy::expect_used,
        reason = "the current key is checked on load; AES-GCM only fails above 64 GiB"
    )]
    pub fn seal_bytes(&self, column: &'static str, row: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = self.world.bytes::<12>();
        let key = self.keys.get(&self.current).expect("checked on load");
        let mut body = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place(column, row), &mut body)
            .expect("within the limits of AES-GCM");
        let mut sealed = Vec::with_capacity(HEAD + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.current.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        sealed
    }

    /// # Errors
    /// When the value was changed, belongs to another row or column, or its key is not in the ring.
    pub fn open_bytes(&self, column: &'static str, row: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptError> {
        let (head, body) = sealed.split_at_checked(HEAD).ok_or(CryptError::Broken(column))?;
        let key_id = key_number(sealed).ok_or(CryptError::Broken(column))?;
        let nonce: [u8; 12] =
            head.get(5..).and_then(|n| n.try_into().ok()).ok_or(CryptError::Broken(column))?;
        let key = self.keys.get(&key_id).ok_or(CryptError::UnknownKey(key_id))?;
        let mut body = body.to_vec();
        let length = key
            .open_in_place(Nonce::assume_unique_for_key(nonce), place(column, row), &mut body)
            .map_err(|_| CryptError::Broken(column))?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// Seals a value as CBOR.
    #[expect(
        clippy::expect_used,
        reason = "writing CBOR to memory fails only for types that refuse to serialise"
    )]
    pub fn seal<T: Serialize>(&self, column: &'static str, row: &[u8], value: &T) -> Vec<u8> {
        let mut plain = Vec::new();
        ciborium::into_writer(value, &mut plain).expect("plain data serialises");
        let sealed = self.seal_bytes(column, row, &plain);
        plain.zeroize();
        sealed
    }

    /// # Errors
    /// As [`KeyRing::open_bytes`], or when the content is of another shape.
    pub fn open<T: for<'de> Deserialize<'de>>(
        &self,
        column: &'static str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<T, CryptError> {
        let mut plain = self.open_bytes(column, row, sealed)?;
        let value = ciborium::from_reader(plain.as_slice()).map_err(|_| CryptError::Undecodable(column));
        plain.zeroize();
        value
    }

    /// The number of the key new values are sealed with.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// Keyed hash for exact search; `purpose` keeps the hashes of different columns apart.
    pub fn search_key(&self, purpose: &str, value: &str) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.search);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        let mut out = [0; 16];
        out.copy_from_slice(&context.sign().as_ref()[..16]);
        out
    }

    /// The same, cut to 64 bits, for arrays in a GIN index. A chance hit is filtered after decryption.
    pub fn search_key64(&self, purpose: &str, value: &str) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.search_key(purpose, value);
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

/// The number of the key that sealed a value.
pub(super) fn key_number(sealed: &[u8]) -> Option<u32> {
    match sealed {
        [VERSION, a, b, c, d, ..] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring() -> KeyRing {
        RingFile::generate(&World::system()).load(World::system()).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_own_row_and_column() {
        let ring = ring();
        let sealed = ring.seal("person.sealed", b"row", &"Nguyễn Văn A");
        assert_eq!(ring.open::<String>("person.sealed", b"row", &sealed).unwrap(), "Nguyễn Văn A");
        assert!(ring.open::<String>("person.sealed", b"other", &sealed).is_err());
        assert!(ring.open::<String>("household.sealed", b"row", &sealed).is_err());
    }

    #[test]
    fn a_rotated_ring_opens_the_old_and_seals_with_the_new() {
        let world = World::system();
        let mut file = RingFile::generate(&world);
        let old = file.load(world.clone()).unwrap().seal("a.b", b"r", &1_u8);
        assert_eq!(file.rotate(&world), 2);
        let ring = file.load(world.clone()).unwrap();
        assert_eq!(ring.open::<u8>("a.b", b"r", &old).unwrap(), 1);
        assert_eq!(key_number(&ring.seal("a.b", b"r", &1_u8)), Some(2));
        file.retire_old();
        let error = file.load(world).unwrap().open::<u8>("a.b", b"r", &old).unwrap_err();
        assert!(matches!(error, CryptError::UnknownKey(1)));
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_noticed(plain: Vec<u8>, at: prop::sample::Index, bit in 0_u8..8) {
            let ring = ring();
            let mut sealed = ring.seal_bytes("a.b", b"r", &plain);
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(ring.open_bytes("a.b", b"r", &sealed).is_err());
        }

        #[test]
        fn nothing_sealed_shows_its_content(plain in "[a-z]{12,40}") {
            let sealed = ring().seal_bytes("a.b", b"r", plain.as_bytes());
            prop_assert!(!sealed.windows(6).any(|w| plain.as_bytes().windows(6).any(|p| p == w)));
        }
    }
}
