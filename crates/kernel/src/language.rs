//! The two languages of the product.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Language {
    #[default]
    Vi,
    En,
}

impl Language {
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The first of our languages that an `Accept-Language` header names; Vietnamese when it names none.
    /// Weights are ignored: browsers list in order of preference.
    pub fn from_accept_language(header: &str) -> Self {
        header
            .split(',')
            .find_map(|part| match part.trim().get(..2)?.to_ascii_lowercase().as_str() {
                "vi" => Some(Self::Vi),
                "en" => Some(Self::En),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The text in this language.
    pub fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins_and_vietnamese_is_the_default() {
        assert_eq!(Language::from_accept_language("fr-FR, en;q=0.8, vi"), Language::En);
        assert_eq!(Language::from_accept_language("vi-VN"), Language::Vi);
        assert_eq!(Language::from_accept_language("ü"), Language::Vi);
        assert_eq!(Language::from_accept_language(""), Language::Vi);
    }
}
