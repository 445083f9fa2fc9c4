//! Names as a pass and a certificate have them.

use unicode_normalization::UnicodeNormalization as _;

/// Initials and birth year, at most `most` bytes: `Nguyễn Thị Minh Khai`, 1985 → `NTMK 1985`. Tones are
/// dropped, letters are kept (`Đ`, `Ơ`). When too long, initials go from the middle: the family name
/// and the last given name are what people are called by.
#[must_use]
pub fn mask(full_name: &str, birth_year: Option<i16>, most: usize) -> String {
    let mut initials: Vec<char> =
        full_name.split_whitespace().filter_map(|part| part.chars().find(|c| c.is_alphabetic())).collect();
    for initial in &mut initials {
        *initial = untoned(*initial);
    }
    let year = birth_year.map(|y| format!(" {y}")).unwrap_or_default();
    loop {
        let text: String = initials.iter().chain(&year.chars().collect::<Vec<_>>()).collect();
        if text.len() <= most || initials.len() <= 1 {
            return text.trim_start().to_owned();
        }
        initials.remove(initials.len() / 2);
    }
}

/// The capital letter without its tone mark: Ấ → Â, ỹ → Y.
fn untoned(c: char) -> char {
    const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
    let bare: String = std::iter::once(c).nfd().filter(|c| !TONES.contains(c)).nfc().collect();
    bare.chars().flat_map(char::to_uppercase).next().unwrap_or(c)
}

/// Transliteration of ICAO 9303 for Latin names: `Nguyễn Thị` → `NGUYEN<THI`. What is no Latin letter
/// is left out.
#[must_use]
pub fn transliterate(name: &str) -> String {
    let word = |part: &str| -> String {
        part.nfd()
            .flat_map(|c| match c {
                'Đ' | 'đ' => vec!['D'],
                c if c.is_ascii_alphabetic() => vec![c.to_ascii_uppercase()],
                '-' => vec!['<'],
                _ => Vec::new(),
            })
            .collect()
    };
    let words: Vec<String> = name.split_whitespace().map(word).filter(|w| !w.is_empty()).collect();
    words.join("<").chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_initials_and_year() {
        assert_eq!(mask("Nguyễn Thị Minh Khai", Some(1985), 10), "NTMK 1985");
        assert_eq!(mask("Đỗ Ấn", Some(2012), 10), "ĐÂ 2012");
        assert_eq!(mask("lê văn ơn", None, 10), "LVƠ");
    }

    #[test]
    fn a_long_name_keeps_its_ends() {
        assert_eq!(mask("Công Tằng Tôn Nữ Thị Ánh Đào", Some(1970), 9), "CTĐ 1970");
        assert!(mask("A B C D E F G H I J K L M", Some(1970), 10).len() <= 10);
    }

    #[test]
    fn letters_become_those_of_a_passport() {
        assert_eq!(transliterate("Nguyễn Đức  Hòa-Bình"), "NGUYEN<DUC<HOA<BINH");
        assert_eq!(transliterate("阮"), "");
    }
}
