//! Keyed hashes for finding people by name without keeping names readable.

use super::KeyRing;
use std::collections::BTreeSet;

const PURPOSE: &str = "person.name";
/// Prefixes of 2 to 4 letters are indexed; longer input is matched by the whole word or its first four letters.
const PREFIXES: std::ops::RangeInclusive<usize> = 2..=4;

fn prefix(word: &str, letters: usize) -> Option<&str> {
    let end = word.char_indices().nth(letters).map_or(word.len(), |(at, _)| at);
    (word.chars().count() >= letters).then(|| &word[..end])
}

/// Hashes stored with a person: every word of the folded name and its prefixes.
pub fn name_row_keys(ring: &KeyRing, folded_name: &str) -> Vec<i64> {
    let mut keys = BTreeSet::new();
    for word in folded_name.split_whitespace() {
        keys.insert(ring.search_key64(PURPOSE, &format!("={word}")));
        keys.extend(PREFIXES.filter_map(|n| prefix(word, n)).map(|p| ring.search_key64(PURPOSE, p)));
    }
    keys.into_iter().collect()
}

/// Hashes that a matching person must all have. Every word but the last must match whole; the last may be cut.
/// Hits still have to be compared after decryption when the last word is longer than four letters.
pub fn name_query_keys(ring: &KeyRing, folded_query: &str) -> Vec<i64> {
    let words: Vec<&str> = folded_query.split_whitespace().collect();
    let Some((last, whole)) = words.split_last() else { return Vec::new() };
    let mut keys: BTreeSet<i64> =
        whole.iter().map(|word| ring.search_key64(PURPOSE, &format!("={word}"))).collect();
    match prefix(last, *PREFIXES.end()).or_else(|| prefix(last, last.chars().count())) {
        Some(cut) if cut.chars().count() >= *PREFIXES.start() => {
            keys.insert(ring.search_key64(PURPOSE, cut));
        }
        _ => {}
    }
    keys.into_iter().collect()
}

/// The last four characters of an ID number, as searched for.
pub fn id_tail(number: &str) -> Option<&str> {
    let count = number.chars().count();
    number.char_indices().nth(count.checked_sub(4)?).map(|(at, _)| &number[at..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::RingFile;
    use greenfort_kernel::World;

    fn finds(name: &str, query: &str) -> bool {
        let ring = RingFile::generate(&World::system()).load(World::system()).unwrap();
        let row = name_row_keys(&ring, name);
        let query = name_query_keys(&ring, query);
        !query.is_empty() && query.iter().all(|key| row.contains(key))
    }

    #[test]
    fn a_name_is_found_by_whole_words_and_a_cut_last_word() {
        assert!(finds("nguyen thi bich ngoc", "ngoc"));
        assert!(finds("nguyen thi bich ngoc", "bich ng"));
        assert!(finds("nguyen thi bich ngoc", "nguyen ngoc"));
        assert!(finds("nguyen thi bich ngoc", "nguye"));
        assert!(!finds("nguyen thi bich ngoc", "tran"));
        assert!(!finds("nguyen thi bich ngoc", "ng ngoc"));
    }

    #[test]
    fn a_single_letter_alone_searches_nothing() {
        assert!(!finds("nguyen an", "a"));
    }

    #[test]
    fn the_tail_of_an_id_is_its_last_four() {
        assert_eq!(id_tail("083190012345"), Some("2345"));
        assert_eq!(id_tail("123"), None);
    }
}
