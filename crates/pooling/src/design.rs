use std::fmt;
use std::str::FromStr;

use crate::accuracy::Accuracy;
use crate::array::Array;
use crate::characteristics::Characteristics;
use crate::error::{Error, Result};
use crate::hierarchy::{Hierarchy, Load};
use crate::risks::Risks;

/// The designs by the names the literature and the reference package give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub enum Algorithm {
    /// Two stages, equal risks (Dorfman).
    D2,
    /// Three stages, equal risks.
    D3,
    /// Four stages, equal risks.
    D4,
    /// Square (or rectangular) array.
    A2,
    /// Array with a master pool.
    A2M,
    /// Two stages, pools along the order of risk.
    ID2,
    /// Three stages, subpools along the order of risk.
    ID3,
    /// Array, risks arranged by columns (gradient).
    IA2,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 8] =
        [Self::D2, Self::D3, Self::D4, Self::A2, Self::A2M, Self::ID2, Self::ID3, Self::IA2];

    /// How many stages have an accuracy of their own.
    #[must_use]
    pub fn accuracies(self) -> usize {
        match self {
            Self::D2 | Self::ID2 | Self::A2 | Self::IA2 => 2,
            Self::D3 | Self::ID3 | Self::A2M => 3,
            Self::D4 => 4,
        }
    }

    /// Whether people are ordered by risk.
    #[must_use]
    pub fn informative(self) -> bool {
        matches!(self, Self::ID2 | Self::ID3 | Self::IA2)
    }

    /// Whether it tests rows and columns.
    #[must_use]
    pub fn is_array(self) -> bool {
        matches!(self, Self::A2 | Self::A2M | Self::IA2)
    }

    /// Reads a configuration as the algorithm writes it.
    pub fn design(self, config: &str) -> Result<Design> {
        if self.is_array() {
            return Ok(Design::Array(Array::parse(config, self == Self::A2M)?));
        }
        let hierarchy = Hierarchy::parse(config)?;
        if hierarchy.accuracies() != self.accuracies() {
            return Err(Error::new(
                "config",
                format!("{config:?} has {} stages, {self} has {}", hierarchy.accuracies(), self.accuracies()),
            ));
        }
        Ok(Design::Hierarchy(hierarchy))
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|a| a.to_string().eq_ignore_ascii_case(text.trim())).ok_or_else(|| {
            Error::new("algorithm", format!("{text:?} is none of D2, D3, D4, A2, A2M, ID2, ID3, IA2"))
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// How specimens are pooled and split again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub enum Design {
    /// Pools that are split in stages.
    Hierarchy(Hierarchy),
    /// Rows and columns.
    Array(Array),
}

impl Design {
    /// One pool of `size`, then singles; `size` 1 = everyone alone.
    pub fn dorfman(size: usize) -> Result<Self> {
        Ok(Self::Hierarchy(Hierarchy::dorfman(size)?))
    }

    /// How many members it holds.
    #[must_use]
    pub fn members(&self) -> usize {
        match self {
            Self::Hierarchy(h) => h.members(),
            Self::Array(a) => a.members(),
        }
    }

    /// Stages that have an accuracy of their own.
    #[must_use]
    pub fn accuracies(&self) -> usize {
        match self {
            Self::Hierarchy(h) => h.accuracies(),
            Self::Array(a) => a.accuracies(),
        }
    }

    /// Turn-around times a specimen may need, one after another.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::Hierarchy(h) => h.depth(),
            Self::Array(a) => a.accuracies(),
        }
    }

    /// People in the largest pool: what dilution and the rule book's cap look at.
    #[must_use]
    pub fn largest_pool(&self) -> usize {
        match self {
            Self::Hierarchy(h) => h.stages().first().and_then(|s| s.iter().copied().max()).unwrap_or(1),
            Self::Array(a) if a.master() => a.members(),
            Self::Array(a) => a.rows().max(a.columns()),
        }
    }

    /// Expected tests and people waiting, stage by stage, at equal risks `p`.
    pub(crate) fn loads(&self, p: f64, accuracy: &[Accuracy]) -> Vec<Load> {
        match self {
            Self::Hierarchy(h) => h.loads(p, accuracy),
            Self::Array(a) => {
                let Ok(tests) = a.tests(accuracy) else { return Vec::new() };
                let people = a.members() as f64;
                let lines = (a.rows() + a.columns()) as f64;
                let total = a.cost_of(p, tests).expected_tests;
                let mut loads = Vec::with_capacity(3);
                let mut open = 1.0;
                if a.master() {
                    loads.push(Load { tests: 1.0, people });
                    open = tests.master.reads_positive((1.0 - p).powi(a.members() as i32));
                }
                loads.push(Load { tests: open * lines, people: open * people });
                let singles = total - open * lines - f64::from(u8::from(a.master()));
                loads.push(Load { tests: singles, people: singles });
                loads
            }
        }
    }

    /// The exact characteristics; people in the order of the design (row by row in an array).
    pub fn characteristics(&self, risks: &Risks, accuracy: &[Accuracy]) -> Result<Characteristics> {
        match self {
            Self::Hierarchy(h) => h.characteristics(risks, accuracy),
            Self::Array(a) => a.characteristics(risks, accuracy),
        }
    }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hierarchy(h) => h.fmt(f),
            Self::Array(a) => a.fmt(f),
        }
    }
}
