//! Whether a word can be a Vietnamese syllable, and which one its Telex or VNI keystrokes meant.

use greenfort_kernel::text::fold;
use unicode_normalization::UnicodeNormalization as _;

const ONSETS: &[&str] = &[
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k",
    "l", "m", "n", "p", "q", "r", "s", "t", "v", "x", "",
];

const RHYMES: &[&str] = &[
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "ă", "ăc", "ăm", "ăn",
    "ăng", "ăp", "ăt", "â", "âc", "âm", "ân", "âng", "âp", "ât", "âu", "ây", "e", "ec", "em", "en", "eng",
    "eo", "ep", "et", "ê", "êch", "êm", "ên", "ênh", "êp", "êt", "êu", "i", "ia", "ich", "iêc", "iêm", "iên",
    "iêng", "iêp", "iêt", "iêu", "im", "in", "inh", "ip", "it", "iu", "o", "oa", "oac", "oach", "oai", "oam",
    "oan", "oang", "oanh", "oao", "oap", "oat", "oay", "oăc", "oăm", "oăn", "oăng", "oăt", "oc", "oe", "oen",
    "oeo", "oet", "oi", "om", "on", "ong", "op", "ot", "ô", "ôc", "ôi", "ôm", "ôn", "ông", "ôp", "ôt", "ơ",
    "ơi", "ơm", "ơn", "ơp", "ơt", "u", "ua", "uân", "uât", "uâng", "uây", "uc", "uê", "uêch", "uênh", "ui",
    "um", "un", "ung", "uôc", "uôi", "uôm", "uôn", "uông", "uôt", "uơ", "up", "ut", "uy", "uya", "uych",
    "uyên", "uyêt", "uynh", "uyt", "uyu", "ư", "ưa", "ưc", "ưi", "ưm", "ưn", "ưng", "ươc", "ươi", "ươm",
    "ươn", "ương", "ươp", "ươt", "ươu", "ưt", "ưu", "y", "yêm", "yên", "yêng", "yêt", "yêu", "ynh", "âm",
    "yn",
];

fn parts(word: &str) -> impl Iterator<Item = (&str, &str)> {
    ONSETS.iter().filter_map(move |onset| word.strip_prefix(onset).map(|rhyme| (*onset, rhyme)))
}

/// Letters with their hooks, without the tone, small.
fn without_tone(word: &str) -> String {
    word.nfd()
        .filter(|c| !matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'))
        .nfc()
        .flat_map(char::to_lowercase)
        .collect()
}

/// True for a syllable with the right marks.
fn is_written_right(word: &str) -> bool {
    parts(&without_tone(word)).any(|(_, rhyme)| RHYMES.contains(&rhyme))
}

/// True for a syllable whose marks may all be missing.
pub(super) fn is_plausible(word: &str) -> bool {
    let bare = fold(word);
    parts(&bare).any(|(_, rhyme)| RHYMES.iter().any(|known| fold(known) == rhyme))
}

/// What a word typed with the input method off was meant to be: `Nguyeenx` → `Nguyễn`, `Va8n` → `Văn`.
pub(super) fn slip(word: &str) -> Option<String> {
    if !word.is_ascii()
        || word.len() < 2
        || (is_plausible(word) && !word.contains(|c: char| c.is_ascii_digit()))
    {
        return None;
    }
    [telex(word), vni(word)].into_iter().flatten().find(|meant| !meant.is_ascii() && is_written_right(meant))
}

fn telex(word: &str) -> Option<String> {
    let mut letters: Vec<char> = Vec::new();
    let mut tone = None;
    for c in word.chars() {
        let key = c.to_ascii_lowercase();
        if !key.is_ascii_lowercase() {
            return None;
        }
        let last_of = |wanted: &[char]| {
            letters.iter().rposition(|l| wanted.contains(&l.to_lowercase().next().unwrap_or(*l)))
        };
        match key {
            'a' | 'e' | 'o' | 'd' => match last_of(&[key]) {
                Some(at) => {
                    let hooked = match key {
                        'a' => 'â',
                        'e' => 'ê',
                        'o' => 'ô',
                        _ => 'đ',
                    };
                    letters[at] = same_case(letters[at], hooked);
                }
                None => letters.push(c),
            },
            'w' => match last_of(&['a', 'o', 'u']) {
                Some(at) => {
                    let bare = letters[at].to_ascii_lowercase();
                    letters[at] = same_case(
                        letters[at],
                        match bare {
                            'a' => 'ă',
                            'o' => 'ơ',
                            _ => 'ư',
                        },
                    );
                    // "uow" is one keystroke for ươ.
                    if bare == 'o' && at > 0 && letters[at - 1].eq_ignore_ascii_case(&'u') {
                        letters[at - 1] = same_case(letters[at - 1], 'ư');
                    }
                }
                None => letters.push(same_case(c, 'ư')),
            },
            's' | 'f' | 'r' | 'x' | 'j' if letters.iter().any(|l| is_vowel(*l)) => tone = Some(mark_of(key)?),
            _ => letters.push(c),
        }
    }
    Some(with_tone(&letters, tone))
}

fn vni(word: &str) -> Option<String> {
    let mut letters: Vec<char> = Vec::new();
    let mut tone = None;
    for c in word.chars() {
        let hook = |letters: &mut Vec<char>, pairs: &[(char, char)]| {
            let at =
                letters.iter().rposition(|l| pairs.iter().any(|(from, _)| l.eq_ignore_ascii_case(from)))?;
            let to = pairs.iter().find(|(from, _)| letters[at].eq_ignore_ascii_case(from))?.1;
            letters[at] = same_case(letters[at], to);
            Some(())
        };
        match c {
            '1' => tone = Some('\u{301}'),
            '2' => tone = Some('\u{300}'),
            '3' => tone = Some('\u{309}'),
            '4' => tone = Some('\u{303}'),
            '5' => tone = Some('\u{323}'),
            '6' => hook(&mut letters, &[('a', 'â'), ('e', 'ê'), ('o', 'ô')])?,
            '7' => {
                hook(&mut letters, &[('o', 'ơ'), ('u', 'ư')])?;
            }
            '8' => hook(&mut letters, &[('a', 'ă')])?,
            '9' => hook(&mut letters, &[('d', 'đ')])?,
            _ if c.is_ascii_alphabetic() => letters.push(c),
            _ => return None,
        }
    }
    Some(with_tone(&letters, tone))
}

fn is_vowel(c: char) -> bool {
    matches!(
        c.to_lowercase().next().unwrap_or(c),
        'a' | 'ă' | 'â' | 'e' | 'ê' | 'i' | 'o' | 'ô' | 'ơ' | 'u' | 'ư' | 'y'
    )
}

fn same_case(like: char, letter: char) -> char {
    if like.is_uppercase() { letter.to_uppercase().next().unwrap_or(letter) } else { letter }
}

fn mark_of(key: char) -> Option<char> {
    Some(match key {
        's' => '\u{301}',
        'f' => '\u{300}',
        'r' => '\u{309}',
        'x' => '\u{303}',
        'j' => '\u{323}',
        _ => return None,
    })
}

/// The tone stands on the last vowel with a hook; otherwise on the last vowel before a final consonant, or the one
/// before the last.
fn with_tone(letters: &[char], tone: Option<char>) -> String {
    let Some(tone) = tone else { return letters.iter().collect::<String>().nfc().collect() };
    let skip = match letters {
        [g, i, next, ..]
            if g.eq_ignore_ascii_case(&'g') && i.eq_ignore_ascii_case(&'i') && is_vowel(*next) =>
        {
            2
        }
        [q, u, ..] if q.eq_ignore_ascii_case(&'q') && u.eq_ignore_ascii_case(&'u') => 2,
        _ => 0,
    };
    let vowels: Vec<usize> = (skip..letters.len()).filter(|at| is_vowel(letters[*at])).collect();
    let hooked = vowels.iter().rev().find(|at| !letters[**at].is_ascii()).copied();
    let closed = letters.last().is_some_and(|l| !is_vowel(*l));
    let at = hooked.or(match vowels.as_slice() {
        [] => None,
        [only] => Some(*only),
        [.., last] if closed => Some(*last),
        [.., before, _] => Some(*before),
    });
    let mut out = String::new();
    for (i, letter) in letters.iter().enumerate() {
        out.push(*letter);
        if Some(i) == at {
            out.push(tone);
        }
    }
    out.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_typed_with_the_input_method_off_are_understood() {
        for (typed, meant) in [
            ("Nguyeenx", "Nguyễn"),
            ("NGUYEENX", "NGUYỄN"),
            ("Traanf", "Trần"),
            ("DDawngj", "Đặng"),
            ("Huynhf", "Huỳnh"),
            ("Thij", "Thị"),
            ("Phwowng", "Phương"),
            ("Phuowng", "Phương"),
            ("Vawn", "Văn"),
            ("Hoaf", "Hòa"),
            ("Nguye64n", "Nguyễn"),
            ("Va8n", "Văn"),
            ("D9a85ng", "Đặng"),
        ] {
            assert_eq!(slip(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn plain_words_and_foreign_names_are_left_alone() {
        for word in
            ["Nguyen", "Van", "An", "Xuan", "Son", "Oanh", "Khai", "Nguyễn", "Phan", "John", "Alex", "Y"]
        {
            assert_eq!(slip(word), None, "{word}");
        }
        for word in ["Nguyễn", "Thị", "Ngoc", "Quỳnh", "Khuyên", "Gia", "Giang", "Uyên", "Nghĩa", "Yến"]
        {
            assert!(is_plausible(word), "{word}");
        }
    }
}
