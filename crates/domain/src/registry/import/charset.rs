//! In which encoding a sheet was written, found by which reading of its words makes Vietnamese names.

use super::legacy::{from_tcvn3, from_vni};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};
use greenfort_kernel::text::nfc;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How bytes become letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Bytes {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1258,
    /// Latin letters that an old font shows as Vietnamese.
    Windows1252,
}

/// What the letters mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// What they say.
    None,
    /// Fonts .VnTime, .VnArial…
    Tcvn3,
    /// Fonts VNI-Times, VNI-Helve…
    Vni,
    /// UTF-8 that was once read as Windows-1252 and saved again.
    Utf8Twice,
}

/// Encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Charset {
    pub bytes: Bytes,
    pub repair: Repair,
}

impl Charset {
    pub const UTF8: Self = Self { bytes: Bytes::Utf8, repair: Repair::None };

    /// The decoder of the bytes; it drops a byte order mark.
    pub fn encoding(self) -> &'static Encoding {
        match self.bytes {
            Bytes::Utf8 => UTF_8,
            Bytes::Utf16Le => UTF_16LE,
            Bytes::Utf16Be => UTF_16BE,
            Bytes::Windows1258 => WINDOWS_1258,
            Bytes::Windows1252 => WINDOWS_1252,
        }
    }

    /// Guesses from the beginning of a file. None: letters beyond ASCII that make no Vietnamese in any reading.
    pub fn of_bytes(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\xef\xbb\xbf") {
            return Some(Self { bytes: Bytes::Utf8, repair: Repair::of_text(&lossy(UTF_8, head)) });
        }
        let zeros = |from: usize| head.iter().skip(from).step_by(2).take(200).filter(|b| **b == 0).count();
        let half = head.len().min(400) / 2;
        if head.starts_with(b"\xff\xfe") || (half > 0 && zeros(1) * 4 > half * 3) {
            return Some(Self { bytes: Bytes::Utf16Le, repair: Repair::None });
        }
        if head.starts_with(b"\xfe\xff") || (half > 0 && zeros(0) * 4 > half * 3) {
            return Some(Self { bytes: Bytes::Utf16Be, repair: Repair::None });
        }
        if is_utf8_so_far(head) {
            return Some(Self { bytes: Bytes::Utf8, repair: Repair::of_text(&lossy(UTF_8, head)) });
        }
        let latin = lossy(WINDOWS_1252, head);
        let readings = [
            (Bytes::Windows1258, Repair::None, Cow::Owned(lossy(WINDOWS_1258, head))),
            (Bytes::Windows1252, Repair::Tcvn3, Repair::Tcvn3.apply(&latin)),
            (Bytes::Windows1252, Repair::Vni, Repair::Vni.apply(&latin)),
        ];
        let (bytes, repair, score) = readings
            .into_iter()
            .map(|(bytes, repair, text)| (bytes, repair, vietnamese_words(&text)))
            .max_by_key(|(_, _, score)| *score)?;
        (score > 0).then_some(Self { bytes, repair })
    }
}

fn lossy(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode(bytes).0.into_owned()
}

/// True also when only the last letter was cut.
fn is_utf8_so_far(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

impl Repair {
    /// Which reading of text that is already letters makes the most Vietnamese.
    pub fn of_text(text: &str) -> Self {
        let mut best = (vietnamese_words(text), Self::None);
        for repair in [Self::Tcvn3, Self::Vni, Self::Utf8Twice] {
            let score = vietnamese_words(&repair.apply(text));
            if score > best.0 {
                best = (score, repair);
            }
        }
        best.1
    }

    /// The text as it was meant.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        if text.is_ascii() {
            return Cow::Borrowed(text);
        }
        match self {
            Self::None => Cow::Borrowed(text),
            Self::Tcvn3 => Cow::Owned(from_tcvn3(text)),
            Self::Vni => Cow::Owned(from_vni(text)),
            Self::Utf8Twice => {
                let (bytes, _, lost) = WINDOWS_1252.encode(text);
                match std::str::from_utf8(&bytes) {
                    Ok(meant) if !lost => Cow::Owned(meant.to_owned()),
                    _ => Cow::Borrowed(text),
                }
            }
        }
    }
}

/// Words with marks that stand in nearly every Vietnamese list of people, as written there.
const USUAL: &[&str] = &[
    "nguyễn", "trần", "lê", "phạm", "huỳnh", "hoàng", "võ", "vũ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương",
    "lý", "thị", "văn", "đức", "hữu", "ngọc", "minh", "phước", "mỹ", "kiều", "tuyết", "hồng", "thúy",
    "phương", "họ", "tên", "và", "nữ", "giới", "tính", "năm", "sinh", "ngày", "số", "điện", "thoại", "địa",
    "chỉ", "ấp", "xã", "huyện", "tỉnh", "bến", "tre", "chủ", "hộ", "danh", "sách", "quan", "hệ", "căn",
    "cước", "vợ", "chồng", "phố",
];

fn vietnamese_words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphabetic() && !('\u{300}'..='\u{323}').contains(&c))
        .filter(|word| !word.is_ascii() && !word.is_empty())
        .filter(|word| USUAL.contains(&nfc(word).to_lowercase().as_str()))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "Họ và tên,Năm sinh\r\nNguyễn Văn An,1985\r\nTrần Thị Bích,1990\r\n";

    #[test]
    fn every_encoding_of_a_list_is_found() {
        let utf16: Vec<u8> = LIST.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = LIST.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let latin = |text: &str| WINDOWS_1252.encode(text).0.into_owned();
        let cases: [(Vec<u8>, Bytes, Repair); 8] = [
            (LIST.into(), Bytes::Utf8, Repair::None),
            (format!("\u{feff}{LIST}").into(), Bytes::Utf8, Repair::None),
            (utf16, Bytes::Utf16Le, Repair::None),
            (big, Bytes::Utf16Be, Repair::None),
            // Windows-1258 writes a letter and a tone: ễ = ê + U+0303.
            (
                b"Nguy\xea\xden V\xe3n An\r\nTr\xe2\xccn Thi\xf2 Hoa".to_vec(),
                Bytes::Windows1258,
                Repair::None,
            ),
            (latin("NguyÔn V¨n An\r\nTrÇn ThÞ BÝch"), Bytes::Windows1252, Repair::Tcvn3),
            (latin("Nguyeãn Vaên An\r\nTraàn Thò Bích"), Bytes::Windows1252, Repair::Vni),
            ("NguyÃªn VÄƒn An, Tráº§n Thá»‹ Hoa".into(), Bytes::Utf8, Repair::Utf8Twice),
        ];
        for (bytes, expected, repair) in cases {
            let found = Charset::of_bytes(&bytes);
            assert_eq!(found, Some(Charset { bytes: expected, repair }), "{}", lossy(WINDOWS_1252, &bytes));
        }
        assert_eq!(Charset::of_bytes(b"Name,Year\r\nNguyen Van An,1985"), Some(Charset::UTF8));
        assert_eq!(
            Charset::of_bytes(b"\xd6\xd0\xb9\xfa\xc8\xcb,1985"),
            None,
            "not Vietnamese in any reading"
        );
    }

    #[test]
    fn a_repair_gives_the_name() {
        assert_eq!(Repair::Tcvn3.apply("NguyÔn V¨n An"), "Nguyễn Văn An");
        assert_eq!(Repair::Vni.apply("Nguyeãn Vaên An"), "Nguyễn Văn An");
        assert_eq!(Repair::Utf8Twice.apply("Tráº§n Thá»‹ Hoa"), "Trần Thị Hoa");
        assert_eq!(Repair::of_text("NguyÔn V¨n An TrÇn"), Repair::Tcvn3);
        assert_eq!(Repair::of_text("Nguyễn Văn An"), Repair::None);
    }
}
