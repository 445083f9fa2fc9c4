use super::read::be;
use super::{ARRAY, BYTES, MAP, NINT, TAG, TEXT, UINT, Writer};
use crate::error::DecodeError;

type Result<T> = std::result::Result<T, DecodeError>;

/// Any CBOR item. Negative integers keep their raw form: `NInt(n)` is −1 − n.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An unsigned integer.
    UInt(u64),
    /// −1 − n.
    NInt(u64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string.
    Text(String),
    /// An array.
    Array(Vec<Value>),
    /// A map; keys are distinct, in the order of the bytes.
    Map(Vec<(Value, Value)>),
    /// A tagged item.
    Tag(u64, Box<Value>),
    /// true or false.
    Bool(bool),
    /// null.
    Null,
    /// undefined, or an unassigned simple value.
    Undefined,
    /// A floating-point number of any width.
    Float(f64),
}

/// What a hostile input may cost at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nesting of arrays, maps and tags.
    pub depth: u32,
    /// Items in all.
    pub items: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 16, items: 4096 }
    }
}

struct Tree<'a> {
    rest: &'a [u8],
    items: u32,
}

impl Value {
    /// Decodes exactly one item that fills `bytes`. Any well-formed encoding is accepted, also
    /// indefinite lengths and long heads; duplicate keys are not, since readers would disagree on them.
    ///
    /// # Errors
    /// Malformed, trailing bytes, or beyond `limits`.
    pub fn decode(bytes: &[u8], limits: Limits) -> Result<Self> {
        let mut tree = Tree { rest: bytes, items: limits.items };
        let value = tree.item(limits.depth)?.ok_or(DecodeError::cose("a break outside"))?;
        if tree.rest.is_empty() { Ok(value) } else { Err(DecodeError::cose("bytes after the end")) }
    }

    /// Encodes with shortest heads and definite lengths; maps keep their order.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        self.write(&mut w);
        w.finish()
    }

    fn write(&self, w: &mut Writer) {
        match self {
            Self::UInt(n) => {
                w.uint(*n);
            }
            Self::NInt(n) => match i64::try_from(*n) {
                Ok(n) => {
                    w.int(-1 - n);
                }
                Err(_) => {
                    w.raw(&[(NINT << 5) | 27]).raw(&n.to_be_bytes());
                }
            },
            Self::Bytes(b) => {
                w.bytes(b);
            }
            Self::Text(t) => {
                w.text(t);
            }
            Self::Array(items) => {
                w.array(items.len());
                for item in items {
                    item.write(w);
                }
            }
            Self::Map(pairs) => {
                w.map(pairs.len());
                for (k, v) in pairs {
                    k.write(w);
                    v.write(w);
                }
            }
            Self::Tag(n, inner) => {
                w.tag(*n);
                inner.write(w);
            }
            Self::Bool(b) => {
                w.simple(if *b { 21 } else { 20 });
            }
            Self::Null => {
                w.simple(22);
            }
            Self::Undefined => {
                w.simple(23);
            }
            Self::Float(x) => {
                w.double(*x);
            }
        }
    }

    /// The value under an integer key of a map.
    #[must_use]
    pub fn get(&self, key: i64) -> Option<&Self> {
        let key = match u64::try_from(key) {
            Ok(k) => Self::UInt(k),
            Err(_) => Self::NInt(key.unsigned_abs() - 1),
        };
        match self {
            Self::Map(pairs) => pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The integer, if it is one that fits.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::UInt(n) => i64::try_from(*n).ok(),
            Self::NInt(n) => i64::try_from(*n).ok().map(|n| -1 - n),
            _ => None,
        }
    }

    /// The bytes, if it is a byte string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(b) => Some(b),
            _ => None,
        }
    }
}

impl Tree<'_> {
    fn take(&mut self, n: u64) -> Result<&[u8]> {
        let n = usize::try_from(n).map_err(|_| DecodeError::cose("length beyond the end"))?;
        let (head, tail) = self.rest.split_at_checked(n).ok_or(DecodeError::cose("length beyond the end"))?;
        self.rest = tail;
        Ok(head)
    }

    /// The next item; `None` for a break.
    fn item(&mut self, depth: u32) -> Result<Option<Value>> {
        self.items = self.items.checked_sub(1).ok_or(DecodeError::cose("too many items"))?;
        let first = *self.take(1)?.first().ok_or(DecodeError::cose("ends too early"))?;
        let (major, low) = (first >> 5, first & 31);
        let length = match low {
            0..=23 => Some(u64::from(low)),
            24 => Some(be(self.take(1)?)),
            25 => Some(be(self.take(2)?)),
            26 => Some(be(self.take(4)?)),
            27 => Some(be(self.take(8)?)),
            31 => None,
            _ => return Err(DecodeError::cose("reserved head")),
        };
        let deeper = || depth.checked_sub(1).ok_or(DecodeError::cose("nested too deep"));
        Ok(Some(match (major, length) {
            (UINT, Some(n)) => Value::UInt(n),
            (NINT, Some(n)) => Value::NInt(n),
            (BYTES, Some(n)) => Value::Bytes(self.take(n)?.to_vec()),
            (BYTES, None) => Value::Bytes(self.chunks(BYTES)?),
            (TEXT, Some(n)) => Value::Text(utf8(self.take(n)?.to_vec())?),
            (TEXT, None) => Value::Text(utf8(self.chunks(TEXT)?)?),
            (ARRAY, n) => Value::Array(self.array(n, deeper()?)?),
            (MAP, n) => Value::Map(self.map(n, deeper()?)?),
            (TAG, Some(n)) => Value::Tag(n, Box::new(self.one(deeper()?)?)),
            (UINT | NINT | TAG, None) => return Err(DecodeError::cose("indefinite integer or tag")),
            (_, None) => return Ok(None),
            (_, Some(n)) => simple(low, n)?,
        }))
    }

    fn one(&mut self, depth: u32) -> Result<Value> {
        self.item(depth)?.ok_or(DecodeError::cose("a break in the middle"))
    }

    // Never reserves by the claimed count: vectors grow with items that were really there.
    fn array(&mut self, n: Option<u64>, depth: u32) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        while n.is_none_or(|n| (items.len() as u64) < n) {
            match self.item(depth)? {
                Some(item) => items.push(item),
                None if n.is_none() => break,
                None => return Err(DecodeError::cose("a break in the middle")),
            }
        }
        Ok(items)
    }

    fn map(&mut self, n: Option<u64>, depth: u32) -> Result<Vec<(Value, Value)>> {
        let mut pairs: Vec<(Value, Value)> = Vec::new();
        while n.is_none_or(|n| (pairs.len() as u64) < n) {
            let Some(key) = self.item(depth)? else {
                if n.is_none() {
                    break;
                }
                return Err(DecodeError::cose("a break in the middle"));
            };
            if !matches!(key, Value::UInt(_) | Value::NInt(_) | Value::Text(_) | Value::Bytes(_)) {
                return Err(DecodeError::cose("a key that is neither number nor string"));
            }
            // A few dozen keys at most in any token; the square is bounded by this.
            if pairs.len() >= 256 || pairs.iter().any(|(k, _)| *k == key) {
                return Err(DecodeError::cose("duplicate keys, or too many"));
            }
            let value = self.one(depth)?;
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    /// Definite chunks of the same type up to the break (RFC 8949 §3.2.3).
    fn chunks(&mut self, major: u8) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            // What nests here would recurse beside the bound on depth.
            if self.rest.first().is_some_and(|b| b & 31 == 31 && *b != 0xff) {
                return Err(DecodeError::cose("a chunk of indefinite length"));
            }
            let Some(chunk) = self.item(0)? else { break };
            match chunk {
                Value::Bytes(b) if major == BYTES => all.extend(b),
                Value::Text(t) if major == TEXT => all.extend(t.into_bytes()),
                _ => return Err(DecodeError::cose("a chunk of another type")),
            }
        }
        Ok(all)
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| DecodeError::cose("text is not UTF-8"))
}

#[expect(clippy::cast_possible_truncation, reason = "the head gives the width")]
fn simple(low: u8, n: u64) -> Result<Value> {
    Ok(match low {
        20 => Value::Bool(false),
        21 => Value::Bool(true),
        22 => Value::Null,
        25 => Value::Float(half(n as u16)),
        26 => Value::Float(f64::from(f32::from_bits(n as u32))),
        27 => Value::Float(f64::from_bits(n)),
        24 if n < 32 => return Err(DecodeError::cose("simple value in two bytes")),
        _ => Value::Undefined,
    })
}

/// IEEE 754 half precision (RFC 8949 appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = ((bits >> 10) & 31, f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (mantissa + 1024.0) * 2f64.powi(i32::from(e) - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}
