//! What a password must be: long, not the login, not one everybody tries (NIST SP 800-63B-4: length and a blocklist,
//! no rules about kinds of characters).

use greenfort_kernel::text::fold;
use thiserror::Error;

pub const SHORTEST_PASSWORD: usize = 12;
/// Longer ones only cost the server time.
const LONGEST: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    #[error("at least {SHORTEST_PASSWORD} characters; several words are easy to remember")]
    Short,
    #[error("at most {LONGEST} characters")]
    Long,
    #[error("contains the login: choose another")]
    ContainsLogin,
    #[error("one of the first that everybody tries: choose another")]
    Common,
}

/// What people choose when twelve characters are asked for: stems that are padded, doubled or counted up.
const COMMON_STEMS: &[&str] = &[
    "password",
    "matkhau",
    "123456",
    "654321",
    "111111",
    "000000",
    "abc123",
    "abcd1234",
    "qwerty",
    "asdfgh",
    "admin",
    "iloveyou",
    "anhyeuem",
    "vietnam",
    "bentre",
    "greenfort",
    "phaodaixanh",
    "covid",
    "welcome",
    "letmein",
    "khongbiet",
];

/// # Errors
/// What is wrong with it.
pub fn check_password(password: &str, login: &str) -> Result<(), PasswordError> {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        return Err(PasswordError::Short);
    }
    if length > LONGEST {
        return Err(PasswordError::Long);
    }
    let folded: String = fold(password).split_whitespace().collect();
    let login = fold(login);
    if login.chars().count() >= 3 && folded.contains(&login) {
        return Err(PasswordError::ContainsLogin);
    }
    if is_common(&folded) { Err(PasswordError::Common) } else { Ok(()) }
}

/// True when fewer than six letters remain of it without common stems, digits, marks and repeated characters.
fn is_common(folded: &str) -> bool {
    let mut rest = folded.to_owned();
    for stem in COMMON_STEMS {
        rest = rest.replace(stem, "");
    }
    let mut letters: Vec<char> = rest.chars().filter(|c| c.is_alphabetic()).collect();
    letters.sort_unstable();
    letters.dedup();
    letters.len() < 4 && (rest.len() < folded.len() || distinct(folded) < 6)
}

fn distinct(text: &str) -> usize {
    text.chars().collect::<std::collections::BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_login_based_passwords_are_refused() {
        assert_eq!(check_password("xoài cát 12", "an"), Err(PasswordError::Short));
        assert_eq!(check_password("nguyenvanan-2021!", "nguyenvanan"), Err(PasswordError::ContainsLogin));
        for weak in [
            "Password1234!",
            "Matkhau123456",
            "123456123456",
            "aaaaaaaaaaaaaa",
            "BenTre@2021!!",
            "1111111111112",
        ] {
            assert_eq!(check_password(weak, "lan.tran"), Err(PasswordError::Common), "{weak}");
        }
        assert_eq!(check_password(&"dừa".repeat(100), "an"), Err(PasswordError::Long));
    }

    #[test]
    fn a_few_words_or_a_random_string_do() {
        for good in ["ba con thuyền trên sông", "x7$kQ9!mZr2p", "trái dừa xiêm ngọt"] {
            assert_eq!(check_password(good, "lan.tran"), Ok(()), "{good}");
        }
    }
}
