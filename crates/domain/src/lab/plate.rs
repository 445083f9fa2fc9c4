//! Plates and their wells.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A plate by its number of wells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Plate {
    #[serde(rename = "96")]
    Wells96,
    #[serde(rename = "384")]
    Wells384,
}

/// A position, `A1` to `P24`. Ordered down the columns, the way a multichannel pipette fills a plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Well {
    /// From 0.
    column: u8,
    /// From 0 = A.
    row: u8,
}

/// Text that names no well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no well: a letter A to P and a number 1 to 24, such as A1 or H12")]
pub struct NotAWell(pub String);

impl Plate {
    pub const ALL: [Self; 2] = [Self::Wells96, Self::Wells384];

    pub fn rows(self) -> u8 {
        match self {
            Self::Wells96 => 8,
            Self::Wells384 => 16,
        }
    }

    pub fn columns(self) -> u8 {
        match self {
            Self::Wells96 => 12,
            Self::Wells384 => 24,
        }
    }

    /// 96 or 384.
    pub fn size(self) -> u16 {
        u16::from(self.rows()) * u16::from(self.columns())
    }

    pub fn of_size(size: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.size() == size)
    }

    pub fn holds(self, well: Well) -> bool {
        well.row < self.rows() && well.column < self.columns()
    }

    /// Every well, down the columns.
    pub fn wells(self) -> impl Iterator<Item = Well> {
        (0..self.columns()).flat_map(move |column| (0..self.rows()).map(move |row| Well { column, row }))
    }

    /// True for wells at the rim, which dry out first.
    pub fn is_edge(self, well: Well) -> bool {
        well.row == 0 || well.column == 0 || well.row + 1 == self.rows() || well.column + 1 == self.columns()
    }
}

impl Well {
    /// True for the up to eight wells around it.
    pub fn is_beside(self, other: Self) -> bool {
        self != other && self.column.abs_diff(other.column) <= 1 && self.row.abs_diff(other.row) <= 1
    }
}

impl FromStr for Well {
    type Err = NotAWell;

    /// Reads `A1`, `a01` and ` H12 `.
    fn from_str(text: &str) -> Result<Self, NotAWell> {
        let trimmed = text.trim();
        let refuse = || NotAWell(text.to_owned());
        let mut letters = trimmed.chars();
        let row = letters.next().map(|c| c.to_ascii_uppercase()).filter(|c| ('A'..='P').contains(c));
        let digits = letters.as_str();
        if digits.is_empty() || digits.len() > 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let column: u8 = digits.parse().map_err(|_| refuse())?;
        match (row, column) {
            (Some(row), 1..=24) => Ok(Self { row: row as u8 - b'A', column: column - 1 }),
            _ => Err(refuse()),
        }
    }
}

impl fmt::Display for Well {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(b'A' + self.row), self.column + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_well_reads_back_as_it_is_written() {
        for plate in Plate::ALL {
            let wells: Vec<Well> = plate.wells().collect();
            assert_eq!(wells.len(), usize::from(plate.size()));
            assert!(wells.is_sorted());
            for well in wells {
                assert_eq!(well.to_string().parse(), Ok(well));
                assert!(plate.holds(well));
            }
        }
    }

    #[test]
    fn a_384_well_is_not_on_a_96_well_plate() {
        let well: Well = "I1".parse().unwrap();
        assert!(!Plate::Wells96.holds(well));
        assert!(Plate::Wells384.holds(well));
        assert_eq!("a01".parse(), " A1 ".parse::<Well>());
    }

    #[test]
    fn what_names_no_well_is_refused() {
        for text in ["", "A", "1A", "A0", "A25", "Q1", "AA1", "A1B", "A-1", "Ă1"] {
            assert_eq!(text.parse::<Well>(), Err(NotAWell(text.into())), "{text:?}");
        }
    }
}
