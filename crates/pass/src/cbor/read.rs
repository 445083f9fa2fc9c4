use super::{ARRAY, BYTES, MAP, NINT, SIMPLE, TAG, TEXT, UINT};
use crate::error::DecodeError;

type Result<T> = std::result::Result<T, DecodeError>;

/// 2⁵³ − 1: beyond it an integer is another number in languages that count in doubles, and two
/// verifiers would disagree.
pub const MAX_INT: i64 = (1 << 53) - 1;

/// A pull reader over deterministic CBOR (RFC 8949 §4.2.1): shortest heads, definite lengths.
/// It borrows, never allocates, and a length beyond the end of the slice is refused at once.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Refuses trailing bytes.
    ///
    /// # Errors
    /// When anything is left.
    pub fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::cose("bytes after the end")) }
    }

    fn take(&mut self, n: u64) -> Result<&'a [u8]> {
        let n = usize::try_from(n).map_err(|_| DecodeError::cose("length beyond the end"))?;
        let (head, tail) = self.rest.split_at_checked(n).ok_or(DecodeError::cose("length beyond the end"))?;
        self.rest = tail;
        Ok(head)
    }

    fn head(&mut self) -> Result<(u8, u64)> {
        let (&first, tail) = self.rest.split_first().ok_or(DecodeError::cose("ends too early"))?;
        self.rest = tail;
        let (major, low) = (first >> 5, first & 31);
        let (value, least) = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => (be(self.take(1)?), 24),
            25 => (be(self.take(2)?), 1 << 8),
            26 => (be(self.take(4)?), 1 << 16),
            27 => (be(self.take(8)?), 1 << 32),
            _ => return Err(DecodeError::cose("indefinite length or reserved head")),
        };
        if value < least || major == SIMPLE {
            return Err(DecodeError::cose("not the shortest encoding"));
        }
        Ok((major, value))
    }

    fn expect(&mut self, major: u8, what: &'static str) -> Result<u64> {
        match self.head()? {
            (m, value) if m == major => Ok(value),
            _ => Err(DecodeError::cose(what)),
        }
    }

    /// An unsigned integer up to [`MAX_INT`].
    ///
    /// # Errors
    /// When the next item is anything else.
    pub fn uint(&mut self) -> Result<u64> {
        match self.expect(UINT, "an unsigned integer was expected")? {
            value if value <= MAX_INT.unsigned_abs() => Ok(value),
            _ => Err(DecodeError::cose("an integer beyond 2^53")),
        }
    }

    /// An integer from -[`MAX_INT`] to [`MAX_INT`].
    ///
    /// # Errors
    /// When the next item is anything else.
    pub fn int(&mut self) -> Result<i64> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).map_err(|_| DecodeError::cose("an integer beyond 2^53"))?;
        let signed = match major {
            UINT => value,
            NINT => -1 - value,
            _ => return Err(DecodeError::cose("an integer was expected")),
        };
        match signed.unsigned_abs() <= MAX_INT.unsigned_abs() {
            true => Ok(signed),
            false => Err(DecodeError::cose("an integer beyond 2^53")),
        }
    }

    /// A byte string.
    ///
    /// # Errors
    /// When the next item is anything else.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let n = self.expect(BYTES, "a byte string was expected")?;
        self.take(n)
    }

    /// A byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// When the next item is anything else.
    pub fn array_of<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.bytes()?.try_into().map_err(|_| DecodeError::cose("a byte string of another length"))
    }

    /// A text string.
    ///
    /// # Errors
    /// When the next item is anything else, or not UTF-8.
    pub fn text(&mut self) -> Result<&'a str> {
        let n = self.expect(TEXT, "a text was expected")?;
        std::str::from_utf8(self.take(n)?).map_err(|_| DecodeError::cose("text is not UTF-8"))
    }

    /// The head of an array: how many items follow.
    ///
    /// # Errors
    /// When the next item is anything else, or cannot fit in what is left.
    pub fn array(&mut self) -> Result<usize> {
        let n = self.expect(ARRAY, "an array was expected")?;
        self.fits(n)
    }

    /// The head of a map: how many pairs follow.
    ///
    /// # Errors
    /// When the next item is anything else, or cannot fit in what is left.
    pub fn map(&mut self) -> Result<usize> {
        let n = self.expect(MAP, "a map was expected")?;
        self.fits(n)
    }

    // Every item takes at least a byte, so a count beyond the rest is a lie; loops stay bounded by it.
    fn fits(&self, n: u64) -> Result<usize> {
        usize::try_from(n)
            .ok()
            .filter(|&n| n <= self.rest.len())
            .ok_or(DecodeError::cose("more items than bytes"))
    }

    /// The number of a tag; the tagged item follows.
    ///
    /// # Errors
    /// When the next item is no tag.
    pub fn tag(&mut self) -> Result<u64> {
        self.expect(TAG, "a tag was expected")
    }

    /// The simple value `true`, the only one that Greenfort writes.
    ///
    /// # Errors
    /// When the next item is anything else.
    pub fn yes(&mut self) -> Result<()> {
        match self.head()? {
            (SIMPLE, 21) => Ok(()),
            _ => Err(DecodeError::cose("true was expected")),
        }
    }
}

pub(super) fn be(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |acc, &b| (acc << 8) | u64::from(b))
}
