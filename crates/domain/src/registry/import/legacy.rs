//! Vietnamese before Unicode: one-byte fonts whose text still stands in many a sheet, as Latin letters with odd marks.

/// TCVN 5712 part 3 ("ABC", fonts .VnTime…), bytes A1 to FE. Its toned letters are small; capital fonts draw them large.
const TCVN3: [char; 94] = [
    'Ă', 'Â', 'Ê', 'Ô', 'Ơ', 'Ư', 'Đ', 'ă', 'â', 'ê', 'ô', 'ơ', 'ư', 'đ', '\u{af}',
    '\u{300}', // A1–B0
    '\u{309}', '\u{303}', '\u{301}', '\u{323}', 'à', 'ả', 'ã', 'á', 'ạ', '\u{ba}', 'ằ', 'ẳ', 'ẵ',
    'ắ', // B1–BE
    '\u{bf}', '\u{c0}', '\u{c1}', '\u{c2}', '\u{c3}', '\u{c4}', '\u{c5}', 'ặ', 'ầ', 'ẩ', 'ẫ', 'ấ', 'ậ',
    'è', // BF–CC
    '\u{cd}', 'ẻ', 'ẽ', 'é', 'ẹ', 'ề', 'ể', 'ễ', 'ế', 'ệ', 'ì', 'ỉ', '\u{d9}', '\u{da}', '\u{db}',
    'ĩ', // CD–DC
    'í', 'ị', 'ò', '\u{e0}', 'ỏ', 'õ', 'ó', 'ọ', 'ồ', 'ổ', 'ỗ', 'ố', 'ộ', 'ờ', 'ở', 'ỡ', // DD–EC
    'ớ', 'ợ', 'ù', '\u{f0}', 'ủ', 'ũ', 'ú', 'ụ', 'ừ', 'ử', 'ữ', 'ứ', 'ự', 'ỳ', 'ỷ', 'ỹ', // ED–FC
    'ý', 'ỵ', // FD–FE
];

/// Text of a TCVN3 font, given as the Latin letters it is stored as.
pub(super) fn from_tcvn3(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            code @ 0xa1..=0xfe => TCVN3.get((code - 0xa1) as usize).copied().unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// VNI-Windows: a letter by itself, or a base letter followed by a letter that stands for its marks.
pub(super) fn from_vni(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        let plain = before.to_ascii_lowercase();
        let marks = match vni_mark(c) {
            Some((marks, bases)) if bases.contains(plain) => marks,
            _ => {
                out.push(vni_letter(c));
                before = match vni_letter(c) {
                    'ơ' | 'Ơ' => 'O',
                    'ư' | 'Ư' => 'U',
                    other => other,
                };
                continue;
            }
        };
        out.push_str(marks);
        before = ' ';
    }
    out.nfc().collect()
}

/// Letters that stand alone.
fn vni_letter(c: char) -> char {
    match c {
        'ñ' => 'đ',
        'Ñ' => 'Đ',
        'ô' => 'ơ',
        'Ô' => 'Ơ',
        'ö' => 'ư',
        'Ö' => 'Ư',
        'æ' => 'ỉ',
        'Æ' => 'Ỉ',
        'ó' => 'ĩ',
        'Ó' => 'Ĩ',
        'ò' => 'ị',
        'Ò' => 'Ị',
        'î' => 'ỵ',
        'Î' => 'Ỵ',
        other => other,
    }
}

/// Marks of the letter before, and the letters that can bear them.
fn vni_mark(c: char) -> Option<(&'static str, &'static str)> {
    Some(match c {
        'ù' | 'Ù' => ("\u{301}", "aeouy"),
        'ø' | 'Ø' => ("\u{300}", "aeouy"),
        'û' | 'Û' => ("\u{309}", "aeouy"),
        'õ' | 'Õ' => ("\u{303}", "aeouy"),
        'ï' | 'Ï' => ("\u{323}", "aeouy"),
        'â' | 'Â' => ("\u{302}", "aeo"),
        'á' | 'Á' => ("\u{302}\u{301}", "aeo"),
        'à' | 'À' => ("\u{302}\u{300}", "aeo"),
        'å' | 'Å' => ("\u{302}\u{309}", "aeo"),
        'ã' | 'Ã' => ("\u{302}\u{303}", "aeo"),
        'ä' | 'Ä' => ("\u{302}\u{323}", "aeo"),
        'ê' | 'Ê' => ("\u{306}", "a"),
        'é' | 'É' => ("\u{306}\u{301}", "a"),
        'è' | 'È' => ("\u{306}\u{300}", "a"),
        'ú' | 'Ú' => ("\u{306}\u{309}", "a"),
        'ü' | 'Ü' => ("\u{306}\u{303}", "a"),
        'ë' | 'Ë' => ("\u{306}\u{323}", "a"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_old_fonts_are_read() {
        for (stored, meant) in [
            ("NguyÔn V¨n An", "Nguyễn Văn An"),
            ("TrÇn ThÞ BÝch Ngäc", "Trần Thị Bích Ngọc"),
            ("§Æng Huúnh Ph\u{AD}¬ng", "Đặng Huỳnh Phương"),
            ("Ph¹m §ç Vò Bïi Hå Ng« Lý", "Phạm Đỗ Vũ Bùi Hồ Ngô Lý"),
            ("Lª ThÞ Mü Linh", "Lê Thị Mỹ Linh"),
        ] {
            assert_eq!(from_tcvn3(stored), meant);
        }
        for (stored, meant) in [
            ("Nguyeãn Vaên An", "Nguyễn Văn An"),
            ("Traàn Thò Bích Ngoïc", "Trần Thị Bích Ngọc"),
            ("Ñaëng Huyønh Phöông", "Đặng Huỳnh Phương"),
            ("LEÂ THÒ MYÕ LINH", "LÊ THỊ MỸ LINH"),
            ("Döông Quoác Vöông", "Dương Quốc Vương"),
        ] {
            assert_eq!(from_vni(stored), meant);
        }
    }
}
