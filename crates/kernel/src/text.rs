//! Vietnamese text: one written form, a form to search by, a key to sort by, a mask to show.
//!
//! A name is stored as typed in NFC ([`nfc`]); it is searched by [`fold`] (and [`search_variants`] of what
//! was typed, since many type with the input method off); lists are sorted by [`given_name_sort_key`].

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// NFC, ends trimmed, inner white space collapsed to single spaces. The form in which names are stored.
pub fn nfc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.nfc());
    }
    out
}

/// The form names are searched by: lower case, without diacritics, đ → d, single spaces.
///
/// `fold("  Đặng THỊ  Hòa ") == "dang thi hoa"`. Idempotent; equal for NFC and NFD input and for both
/// ways of placing the tone ("Hòa", "Hoà").
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let start = out.len();
        // Lower case comes after decomposition too: some capitals ("İ") lower to letter + mark.
        let bare = word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
        out.extend(bare.filter(|c| !is_combining_mark(*c)).map(plain_d));
        if out.len() > start && start > 0 {
            out.insert(start, ' ');
        }
    }
    out
}

/// đ has no decomposition; ð is what some keyboards and old fonts give instead of it.
fn plain_d(c: char) -> char {
    match c {
        'đ' | 'Đ' | 'ð' | 'Ð' | 'ɖ' | 'Ɖ' => 'd',
        other => other,
    }
}

/// What a typed search word may mean: its fold and, where they differ, its reading as Telex and as VNI
/// keystrokes that no input method turned into letters.
///
/// `search_variants("Nguyeenx") == ["nguyeenx", "nguyen"]`, `search_variants("D9a85ng") == ["d9a85ng", "dang"]`.
/// The first is always the plain fold. One word in; a phrase is split by the caller.
pub fn search_variants(word: &str) -> Vec<String> {
    let folded = fold(word);
    let mut variants = vec![folded.clone()];
    for slip in [unslip_telex(&folded), unslip_vni(&folded)].into_iter().flatten() {
        if !variants.contains(&slip) {
            variants.push(slip);
        }
    }
    variants
}

/// A folded word read as Telex keystrokes: `aa ee oo dd` doubled, `w` for horn and breve, `s f r x j z` for
/// tones. No Vietnamese syllable has one of those letters after its vowel, so nothing true is lost.
fn unslip_telex(folded: &str) -> Option<String> {
    if !folded.chars().all(|c| c.is_ascii_lowercase()) {
        return None;
    }
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut out = String::with_capacity(folded.len());
    let mut seen_vowel = false;
    let mut coda = false; // a consonant stands after the vowel
    for c in folded.chars() {
        match c {
            's' | 'f' | 'r' | 'x' | 'j' | 'z' if seen_vowel => {}
            // Typed late: "dangd" for đang, "nguyene" for nguyên.
            'd' if out.starts_with('d') && (seen_vowel || out == "d") => {}
            'a' | 'e' | 'o' if (coda || out.ends_with(c)) && seen_vowel && out.contains(c) => {}
            'w' if seen_vowel => {}
            'w' => {
                out.push('u');
                seen_vowel = true;
            }
            _ => {
                coda |= seen_vowel && !vowel(c);
                seen_vowel |= vowel(c);
                out.push(c);
            }
        }
    }
    (seen_vowel && out != folded).then_some(out)
}

/// A folded word read as VNI keystrokes: digits 1–9 after a letter are tones and hooks, 0 takes one away.
fn unslip_vni(folded: &str) -> Option<String> {
    let starts_with_letter = folded.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    let plain = folded.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !starts_with_letter || !plain {
        return None;
    }
    let out: String = folded.chars().filter(|c| !c.is_ascii_digit()).collect();
    (out != folded).then_some(out)
}

/// The parts of a full name in Vietnamese order: (surname, middle, given). A single word is a given name.
pub fn name_parts(full_name: &str) -> (&str, &str, &str) {
    let name = full_name.trim();
    let Some((rest, given)) = name.rsplit_once(char::is_whitespace) else { return ("", "", name) };
    let rest = rest.trim_end();
    match rest.split_once(char::is_whitespace) {
        Some((surname, middle)) => (surname, middle.trim(), given),
        None => (rest, "", given),
    }
}

/// Bytes that sort full names as Vietnamese lists do: by given name, then middle names, then surname; inside
/// each by the alphabet a ă â b c d đ e ê … o ô ơ … u ư …, and at equal letters by tone: ngang, huyền, hỏi,
/// ngã, sắc, nặng. Case and the place of the tone inside the syllable do not count.
///
/// Compare keys as byte strings. Names that differ only in case or tone placement have equal keys.
pub fn given_name_sort_key(full_name: &str) -> Vec<u8> {
    let (surname, middle, given) = name_parts(full_name);
    let mut key = Vec::with_capacity(2 * full_name.len() + 6);
    for part in [given, middle, surname] {
        let mut tones = Vec::new();
        for (i, word) in part.split_whitespace().enumerate() {
            if i > 0 {
                key.push(WORD_END);
            }
            tones.push(push_letters(word, &mut key));
        }
        key.push(LETTERS_END);
        key.append(&mut tones);
        key.push(PART_END);
    }
    key
}

const PART_END: u8 = 0;
const LETTERS_END: u8 = 1;
const WORD_END: u8 = 2;
/// Tones start above the separators, letters above the tones.
const TONE_BASE: u8 = 3;
const LETTER_BASE: u8 = 16;
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

/// Appends the letters' ranks and gives back the tone of the syllable (one a syllable carries at most).
fn push_letters(word: &str, key: &mut Vec<u8>) -> u8 {
    let mut tone = TONE_BASE;
    let mut letters = String::with_capacity(word.len());
    for c in word.nfd().flat_map(char::to_lowercase) {
        match c {
            '\u{300}' => tone = TONE_BASE + 1,
            '\u{309}' => tone = TONE_BASE + 2,
            '\u{303}' => tone = TONE_BASE + 3,
            '\u{301}' => tone = TONE_BASE + 4,
            '\u{323}' => tone = TONE_BASE + 5,
            other => letters.push(other),
        }
    }
    for c in letters.nfc() {
        match ALPHABET.chars().position(|letter| letter == c) {
            Some(rank) => key.push(LETTER_BASE + u8::try_from(rank).unwrap_or(u8::MAX)),
            // Digits and foreign letters: after the alphabet, in code point order.
            None => {
                key.push(u8::MAX);
                key.extend((c as u32).to_be_bytes());
            }
        }
    }
    tone
}

/// Initials as shown at a gate and on a pass: "Nguyễn Văn An" → "N.V.A.". Letters keep their shape (Đ, Â, Ư),
/// tones go.
pub fn initials(full_name: &str) -> String {
    let mut out = String::new();
    for word in full_name.split_whitespace() {
        let bare: String = word
            .nfd()
            .filter(|c| !matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'))
            .collect();
        if let Some(first) = bare.nfc().next() {
            out.extend(first.to_uppercase());
            out.push('.');
        }
    }
    out
}

/// The name form of the national personal QR (QĐ 1405/QĐ-BTTTT): capitals without diacritics, single spaces.
pub fn qr_name(full_name: &str) -> String {
    fold(full_name).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::is_nfc;

    #[test]
    fn search_ignores_case_diacritics_and_spaces() {
        assert_eq!(fold("  Đặng THỊ  Hòa "), "dang thi hoa");
        assert_eq!(fold("Hoà"), fold("Hòa"));
        assert_eq!(fold("ĐỖ Ước Nguyện"), "do uoc nguyen");
        let decomposed: String = "Nguyễn Thị Bưởi".nfd().collect();
        assert_eq!(fold(&decomposed), "nguyen thi buoi");
        assert_eq!(nfc(&format!(" {decomposed}\u{a0}")), "Nguyễn Thị Bưởi");
    }

    #[test]
    fn words_typed_without_an_input_method_are_understood() {
        for (typed, meant) in [
            ("nguyeenx", "nguyen"),
            ("Nguyeenx", "nguyen"),
            ("nguyenex", "nguyen"),
            ("ddawngj", "dang"),
            ("dangdwj", "dang"),
            ("traanf", "tran"),
            ("huynhf", "huynh"),
            ("thuw", "thu"),
            ("buwowir", "buoi"),
            ("phwowcs", "phuoc"),
            ("xuaan", "xuan"),
            ("d9a85ng", "dang"),
            ("nguye64n", "nguyen"),
            ("vo4", "vo"),
        ] {
            assert!(
                search_variants(typed).contains(&meant.to_owned()),
                "{typed}: {:?}",
                search_variants(typed)
            );
        }
        for plain in ["xuan", "son", "rang", "sen", "dao", "khai", "thao", "phuong", "nguyen", "oanh"] {
            assert_eq!(search_variants(plain), [plain], "a plain word has no second reading");
        }
    }

    #[test]
    fn lists_are_sorted_by_given_name_then_middle_then_surname_in_vietnamese_order() {
        let sorted = [
            "Nguyễn Văn An",
            "Trần Văn An",
            "Lê Thị Ân",
            "Phạm Thị Bích",
            "Võ Dung",
            "Lê Văn Dũng",
            "Lê Thị Đào",
            "Bùi Thị Hoa",
            "Bùi Thị Hòa",
            "Bùi Thị Hỏa",
            "Bùi Thị Hóa",
            "Bùi Thị Họa",
            "Lê Ngọc Oanh",
            "Lê Thị Ô",
            "Lê Thị Ơn",
            "Nguyễn Thị Thu",
            "Nguyễn Thị Thu",
            "Nguyễn Thị Thư",
            "Lê Xuân",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by_key(|name| given_name_sort_key(name));
        assert_eq!(shuffled, sorted);
        assert_eq!(given_name_sort_key("LÊ THỊ HOÀ"), given_name_sort_key("Lê Thị Hòa"));
    }

    #[test]
    fn a_name_falls_into_surname_middle_and_given() {
        assert_eq!(name_parts("Nguyễn Thị Ngọc Anh"), ("Nguyễn", "Thị Ngọc", "Anh"));
        assert_eq!(name_parts(" Lê  Xuân "), ("Lê", "", "Xuân"));
        assert_eq!(name_parts("Út"), ("", "", "Út"));
        assert_eq!(name_parts(""), ("", "", ""));
    }

    #[test]
    fn initials_keep_letters_and_lose_tones() {
        assert_eq!(initials("Nguyễn Văn An"), "N.V.A.");
        assert_eq!(initials("đỗ thị ánh"), "Đ.T.A.");
        assert_eq!(initials("Lê Ân"), "L.Â.");
        assert_eq!(initials("Lê \u{1f1}u"), "L.\u{1f1}.");
        assert_eq!(initials(""), "");
        assert_eq!(qr_name("Đặng  Thị Bưởi"), "DANG THI BUOI");
    }

    proptest! {
        #[test]
        fn fold_is_idempotent_and_blind_to_normal_form(text in "\\PC{0,40}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), fold(&text.nfc().collect::<String>()));
            prop_assert!(!folded.contains("  ") && folded.trim() == folded);
            prop_assert!(!folded.contains('đ'));
        }

        #[test]
        fn nfc_is_idempotent_and_keeps_what_it_says(text in "\\PC{0,40}") {
            let once = nfc(&text);
            prop_assert!(is_nfc(&once));
            prop_assert_eq!(nfc(&once), once.clone());
            prop_assert_eq!(fold(&once), fold(&text));
        }

        #[test]
        fn the_sort_key_puts_the_given_name_first(
            a in "[A-ZĐ][a-zăâêôơư]{0,5}", b in "[A-ZĐ][a-zăâêôơư]{0,5}", rest in "[A-Z][a-z]{1,5} [A-Z][a-z]{1,5}",
        ) {
            let alone = given_name_sort_key(&a).cmp(&given_name_sort_key(&b));
            let full = given_name_sort_key(&format!("{rest} {a}")).cmp(&given_name_sort_key(&format!("{rest} {b}")));
            prop_assert_eq!(alone, full);
        }

        #[test]
        fn search_variants_never_panic_and_begin_with_the_fold(text in "\\PC{0,20}") {
            let variants = search_variants(&text);
            prop_assert_eq!(&variants[0], &fold(&text));
            prop_assert!(variants.len() <= 3);
        }
    }
}
