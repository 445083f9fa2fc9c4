//! Codes that people type from paper: printed cards and device enrolment.

use greenfort_kernel::World;
use thiserror::Error;

/// 31 signs without 0/O, 1/I/L: a prime number of signs lets one weighted check sign catch every single wrong sign and
/// every swap of two neighbours (ISO 7064 uses primes for the same reason).
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// A code of random signs and one check sign, as typed: capitals, no dashes.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CodeError {
    #[error("a code has {expected} signs, not {got}: compare with the paper")]
    Length { expected: usize, got: usize },
    #[error("codes have no sign '{0}': compare with the paper")]
    Sign(char),
    #[error("one sign is wrong or two are swapped: compare with the paper")]
    Check,
}

impl Code {
    /// Random signs of a printed card: 31^13 = 2^64.4 possible codes.
    pub const CARD: usize = 13;
    /// Random signs in the QR of a badge: 31^26 = 2^128.8.
    pub const BADGE: usize = 26;
    /// Random signs of a device code: 31^9 = 2^44 codes, each living minutes.
    pub const DEVICE: usize = 9;

    /// A fresh code of `signs` random signs and a check sign.
    pub fn generate(world: &World, signs: usize) -> Self {
        let values: Vec<u32> = (0..signs).map(|_| world.below(31)).collect();
        let mut text: String = values.iter().map(|v| sign(*v)).collect();
        text.push(sign(check(&values)));
        Self(text)
    }

    /// Reads what was typed; spaces and dashes are ignored, small letters become capitals.
    ///
    /// # Errors
    /// What is wrong with it, before any look-up: a slip of the finger costs no attempt.
    pub fn parse(input: &str, signs: usize) -> Result<Self, CodeError> {
        let mut text = String::new();
        let mut values = Vec::new();
        for c in input.trim().chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let upper = c.to_ascii_uppercase();
            values.push(value(upper).ok_or(CodeError::Sign(c))?);
            text.push(upper);
        }
        if values.len() != signs + 1 {
            return Err(CodeError::Length { expected: signs + 1, got: values.len() });
        }
        let last = values.pop();
        if last == Some(check(&values)) { Ok(Self(text)) } else { Err(CodeError::Check) }
    }

    /// For hashing and comparing.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For paper: groups of five, `7KQ2M-XR4TA-9FHC`.
    pub fn printed(&self) -> String {
        let signs: Vec<char> = self.0.chars().collect();
        signs.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

fn sign(value: u32) -> char {
    usize::try_from(value).ok().and_then(|at| ALPHABET.get(at)).map_or('2', |b| char::from(*b))
}

fn value(sign: char) -> Option<u32> {
    ALPHABET.iter().position(|b| char::from(*b) == sign).and_then(|at| u32::try_from(at).ok())
}

/// Σ (i + 2) · vᵢ mod 31. Up to 28 random signs the weights 2, 3, … and 1 of the check sign differ from each other and
/// from 0 modulo 31.
fn check(values: &[u32]) -> u32 {
    let sum: u32 = (2..).zip(values).map(|(weight, value)| weight * value).sum();
    sum % 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_card_has_at_least_sixty_random_bits() {
        assert!((ALPHABET.len() as f64).log2() * Code::CARD as f64 >= 60.0);
    }

    #[test]
    fn what_is_printed_reads_back_however_it_is_typed() {
        let code = Code::generate(&World::system(), Code::CARD);
        let typed = code.printed().to_lowercase().replace('-', " ");
        assert_eq!(Code::parse(&typed, Code::CARD), Ok(code));
    }

    proptest! {
        #[test]
        fn one_wrong_sign_is_always_noticed(at in 0_usize..14, other in 0_u32..31) {
            let code = Code::generate(&World::system(), Code::CARD);
            let mut signs: Vec<char> = code.as_str().chars().collect();
            prop_assume!(signs[at] != sign(other));
            signs[at] = sign(other);
            let typed: String = signs.into_iter().collect();
            prop_assert_eq!(Code::parse(&typed, Code::CARD), Err(CodeError::Check));
        }

        #[test]
        fn two_swapped_neighbours_are_always_noticed(at in 0_usize..13) {
            let code = Code::generate(&World::system(), Code::CARD);
            let mut signs: Vec<char> = code.as_str().chars().collect();
            prop_assume!(signs[at] != signs[at + 1]);
            signs.swap(at, at + 1);
            let typed: String = signs.into_iter().collect();
            prop_assert_eq!(Code::parse(&typed, Code::CARD), Err(CodeError::Check));
        }
    }
}
