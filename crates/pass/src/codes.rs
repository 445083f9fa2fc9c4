//! The coded fields of a pass: number on the wire, word in JSON.

/// Who or what may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One person.
    Person,
    /// A household; also handed out to each member.
    Household,
    /// An enterprise, market, agency or carrier.
    Organisation,
    /// A plate with its drivers and route.
    Vehicle,
}

/// What the pass rests on. "Represented" is never said as "tested".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// An own specimen, tested singly.
    Tested,
    /// An own specimen in a pool.
    Pooled,
    /// Another member's specimen.
    Represented,
    /// Two persons released it with a reason.
    Override,
}

/// How it was tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// None: only with an override.
    None,
    /// Real-time RT-PCR.
    RtPcr,
    /// Rapid antigen test.
    RapidAntigen,
    /// Another nucleic-acid test (LAMP …).
    OtherNaat,
}

macro_rules! coded {
    ($type:ident { $($variant:ident = $code:literal $name:literal),+ $(,)? }) => {
        impl $type {
            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> u64 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The word in JSON, rules and vectors.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// From the number on the wire.
            #[must_use]
            pub const fn from_code(code: u64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// From the word.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
coded!(Kind { Person = 0 "person", Household = 1 "household", Organisation = 2 "organisation", Vehicle = 3 "vehicle" });
coded!(Basis { Tested = 0 "tested", Pooled = 1 "pooled", Represented = 2 "represented", Override = 3 "override" });
coded!(Method { None = 0 "none", RtPcr = 1 "rt-pcr", RapidAntigen = 2 "rapid-antigen", OtherNaat = 3 "other-naat" });

/// What the pass opens: a set of bits. The first five are named here; which bit means what beyond them
/// is policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Scopes(pub u16);

impl Scopes {
    /// Moving about inside the area.
    pub const MOVEMENT: Self = Self(1);
    /// Carrying goods.
    pub const GOODS_TRANSPORT: Self = Self(2);
    /// Production and business.
    pub const PRODUCTION: Self = Self(4);
    /// Essential services.
    pub const ESSENTIAL_SERVICES: Self = Self(8);
    /// Leaving the province.
    pub const LEAVE_PROVINCE: Self = Self(16);

    const NAMES: [&'static str; 5] =
        ["movement", "goods-transport", "production", "essential-services", "leave-province"];

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every bit of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// From a word as [`Scopes::names`] gives it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let bit = match name.strip_prefix("scope-") {
            Some(n) => n.parse().ok().filter(|b: &usize| (Self::NAMES.len()..16).contains(b))?,
            None => Self::NAMES.iter().position(|n| *n == name)?,
        };
        Some(Self(1 << bit))
    }

    /// The words, ascending by bit; `scope-N` for a bit without a name.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        (0..16)
            .filter(|bit| self.0 >> bit & 1 == 1)
            .map(|bit| Self::NAMES.get(bit).map_or_else(|| format!("scope-{bit}"), |n| (*n).to_owned()))
            .collect()
    }
}
