//! How long a sign-in lasts.

use jiff::SignedDuration;

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    Office,
    Field,
    /// A citizen's own phone.
    Phone,
    /// A printed card, often on somebody else's phone.
    Card,
    Demo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Without a request.
    pub idle: SignedDuration,
    /// In any case.
    pub absolute: SignedDuration,
}

impl SessionKind {
    pub const ALL: &'static [Self] = &[Self::Office, Self::Field, Self::Phone, Self::Card, Self::Demo];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Field => "field",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Demo => "demo",
        }
    }

    /// An office desk: away for an hour signs out; a field shift: 16 hours, with long pauses without signal; a phone of
    /// one's own: a month; a borrowed one: half an hour.
    pub fn lifetime(self) -> Lifetime {
        let (idle, absolute) = match self {
            Self::Office => (SignedDuration::from_mins(60), SignedDuration::from_hours(12)),
            Self::Field => (SignedDuration::from_hours(6), SignedDuration::from_hours(16)),
            Self::Phone => (SignedDuration::from_hours(7 * 24), SignedDuration::from_hours(30 * 24)),
            Self::Card => (SignedDuration::from_mins(30), SignedDuration::from_hours(2)),
            Self::Demo => (SignedDuration::from_hours(12), SignedDuration::from_hours(24)),
        };
        Lifetime { idle, absolute }
    }
}

impl std::str::FromStr for SessionKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|k| k.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no kind of session"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_idles_longer_than_the_whole_session() {
        for kind in SessionKind::ALL {
            let life = kind.lifetime();
            assert!(life.idle <= life.absolute && life.idle > SignedDuration::ZERO);
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
    }
}
