use super::{ARRAY, BYTES, MAP, NINT, SIMPLE, TAG, TEXT, UINT};

/// Writes deterministic CBOR (RFC 8949 §4.2.1). Keys of maps are written in the order of the calls:
/// the caller writes them ascending.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `n` bytes.
    #[must_use]
    pub fn with_capacity(n: usize) -> Self {
        Self { out: Vec::with_capacity(n) }
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    #[expect(clippy::cast_possible_truncation, reason = "each arm has checked the range")]
    fn head(&mut self, major: u8, value: u64) -> &mut Self {
        let major = major << 5;
        match value {
            0..=23 => self.out.push(major | value as u8),
            24..=0xff => self.out.extend([major | 24, value as u8]),
            0x100..=0xffff => {
                self.out.push(major | 25);
                self.out.extend((value as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.out.push(major | 26);
                self.out.extend((value as u32).to_be_bytes());
            }
            _ => {
                self.out.push(major | 27);
                self.out.extend(value.to_be_bytes());
            }
        }
        self
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        self.head(UINT, value)
    }

    /// An integer of either sign.
    pub fn int(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(v) => self.head(UINT, v),
            Err(_) => self.head(NINT, value.unsigned_abs() - 1),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(BYTES, value.len() as u64);
        self.out.extend_from_slice(value);
        self
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(TEXT, value.len() as u64);
        self.out.extend_from_slice(value.as_bytes());
        self
    }

    /// The head of an array of `n` items.
    pub fn array(&mut self, n: usize) -> &mut Self {
        self.head(ARRAY, n as u64)
    }

    /// The head of a map of `n` pairs.
    pub fn map(&mut self, n: usize) -> &mut Self {
        self.head(MAP, n as u64)
    }

    /// A tag; the tagged item follows.
    pub fn tag(&mut self, number: u64) -> &mut Self {
        self.head(TAG, number)
    }

    /// A simple value: 20 false, 21 true, 22 null, 23 undefined.
    pub fn simple(&mut self, value: u8) -> &mut Self {
        self.head(SIMPLE, u64::from(value))
    }

    /// A double: numbers that no integer holds.
    pub fn double(&mut self, value: f64) -> &mut Self {
        self.out.push((SIMPLE << 5) | 27);
        self.out.extend(value.to_be_bytes());
        self
    }

    /// Bytes that are CBOR already.
    pub fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.out.extend_from_slice(encoded);
        self
    }
}
