//! What somebody who types into the search box may mean: words of a name, the end of a number, a number, a tube.

use super::import::Cell;
use super::import::insurance;
use greenfort_kernel::personal_id::PersonalId;
use greenfort_kernel::phone::Phone;
use greenfort_kernel::text::search_variants;

/// A search, taken apart. All of it has to fit the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Folded words of the name, each with its readings as Telex and VNI keystrokes; the last may be cut.
    pub words: Vec<Vec<String>>,
    /// Four digits: the end of an ID number, or a year of birth.
    pub four: Option<String>,
    /// A whole number, in every reading that its shape allows.
    pub number: Option<Number>,
}

/// Readings of a whole number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Number {
    pub id: Option<String>,
    pub phone: Option<String>,
    /// Ten digits.
    pub insurance: Option<String>,
    /// As printed on a tube, in capitals.
    pub barcode: String,
}

impl Query {
    /// Reads what was typed or scanned.
    pub fn read(typed: &str) -> Self {
        let mut query = Self::default();
        let digits = typed.chars().filter(char::is_ascii_digit).count();
        // A phone number in groups is one number.
        let grouped =
            typed.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '+' | '(' | ')'));
        if grouped && digits > 4 {
            query.number = Some(Number::read(typed));
            return query;
        }
        for word in typed.split_whitespace() {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            if digits == 4 && word.len() == 4 && query.four.is_none() {
                query.four = Some(word.to_owned());
            } else if digits > 4 && query.number.is_none() {
                query.number = Some(Number::read(word));
            } else {
                let word: String =
                    word.chars().filter(|c| c.is_alphanumeric() || matches!(c, '\'' | '’')).collect();
                if !word.is_empty() {
                    query.words.push(search_variants(&word));
                }
            }
        }
        query
    }

    /// The words in their `n`-th reading; none when no word has so many.
    pub fn reading(&self, n: usize) -> Option<Vec<&str>> {
        if n > 0 && self.words.iter().all(|readings| readings.len() <= n) {
            return None;
        }
        Some(
            self.words
                .iter()
                .filter_map(|readings| readings.get(n).or(readings.last()))
                .map(String::as_str)
                .collect(),
        )
    }

    /// The year of birth that four digits may be.
    pub fn year(&self) -> Option<i16> {
        self.four.as_deref()?.parse().ok().filter(|year| (1890..=2100).contains(year))
    }
}

impl Number {
    fn read(typed: &str) -> Self {
        let cell = Cell::Text(typed.into());
        Self {
            id: PersonalId::parse(typed).ok().map(|id| id.as_str().to_owned()),
            phone: Phone::parse_or_demonstration(typed).ok().map(|phone| phone.as_str().to_owned()),
            insurance: insurance(&cell).ok(),
            barcode: typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood() {
        let query = Query::read("Nguyeenx an 2345");
        assert_eq!(query.words, [vec!["nguyeenx".to_owned(), "nguyen".to_owned()], vec!["an".to_owned()]]);
        assert_eq!(query.four.as_deref(), Some("2345"));
        assert_eq!(query.year(), None);
        assert_eq!(query.reading(0), Some(vec!["nguyeenx", "an"]));
        assert_eq!(query.reading(1), Some(vec!["nguyen", "an"]));
        assert_eq!(query.reading(2), None);
        assert_eq!(Query::read("an 1985").year(), Some(1985));
        let phone = Query::read("0912 345 678").number.unwrap();
        assert_eq!(phone.phone.as_deref(), Some("0912345678"));
        let id = Query::read("083085012345").number.unwrap();
        assert_eq!(id.id.as_deref(), Some("083085012345"));
        let card = Query::read("GD4838321234567").number.unwrap();
        assert_eq!(card.insurance.as_deref(), Some("8321234567"));
        let tube = Query::read("gf-1000012").number.unwrap();
        assert_eq!(tube.barcode, "GF-1000012");
        assert_eq!(Query::read("  "), Query::default());
    }
}
