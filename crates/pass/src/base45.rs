//! Base45 (RFC 9285), strict: the alphabet only, no overflow, no dangling character.

use crate::error::{DecodeError, Stage};

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Where a byte stands in the alphabet; 255 for those outside.
const VALUES: [u8; 256] = {
    let mut table = [255; 256];
    let mut i = 0;
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    #[expect(clippy::cast_possible_truncation, reason = "i < 45")]
    while i < 45 {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

const fn digit(b: u8) -> Option<u32> {
    #[expect(clippy::indexing_slicing, reason = "a byte indexes 256 entries")]
    match VALUES[b as usize] {
        255 => None,
        v => Some(v as u32),
    }
}

#[expect(clippy::indexing_slicing, reason = "n % 45 indexes 45 entries")]
const fn symbol(n: u32) -> u8 {
    ALPHABET[(n % 45) as usize]
}

/// Appends the encoding of `bytes` to `out`: three characters for two bytes, two for a last one.
pub fn encode_into(bytes: &[u8], out: &mut String) {
    out.reserve(bytes.len().div_ceil(2) * 3);
    let mut pairs = bytes.chunks_exact(2);
    for pair in &mut pairs {
        let &[a, b] = pair else { continue };
        let n = u32::from(a) * 256 + u32::from(b);
        for c in [symbol(n), symbol(n / 45), symbol(n / 2025)] {
            out.push(char::from(c));
        }
    }
    if let &[last] = pairs.remainder() {
        let n = u32::from(last);
        out.push(char::from(symbol(n)));
        out.push(char::from(symbol(n / 45)));
    }
}

/// Decodes `text`; its length bounds the memory taken.
///
/// # Errors
/// A character outside the alphabet, a group above 65535 (255 for the last two), a dangling character.
pub fn decode(text: &str) -> Result<Vec<u8>, DecodeError> {
    const BAD: DecodeError = DecodeError::new(Stage::Base45, "a character outside the alphabet");
    const OVER: DecodeError = DecodeError::new(Stage::Base45, "a group that overflows");
    let text = text.as_bytes();
    let mut out = Vec::with_capacity(text.len() / 3 * 2 + 1);
    let mut groups = text.chunks_exact(3);
    for group in &mut groups {
        let &[a, b, c] = group else { continue };
        let (Some(a), Some(b), Some(c)) = (digit(a), digit(b), digit(c)) else { return Err(BAD) };
        let n = u16::try_from(a + 45 * b + 2025 * c).map_err(|_| OVER)?;
        out.extend_from_slice(&n.to_be_bytes());
    }
    match *groups.remainder() {
        [] => {}
        [a, b] => {
            let (Some(a), Some(b)) = (digit(a), digit(b)) else { return Err(BAD) };
            out.push(u8::try_from(a + 45 * b).map_err(|_| OVER)?);
        }
        _ => return Err(DecodeError::new(Stage::Base45, "a dangling character")),
    }
    Ok(out)
}
