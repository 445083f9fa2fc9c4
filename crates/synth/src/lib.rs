//! A synthetic Bến Tre: 1,288,463 people who do not exist, in the households, hamlets and communes of the
//! census of 2019, with the parks, markets, household businesses and carriers of the story.
//!
//! Pure: a seed and the embedded figures in, values out; no clock, no input or output. One commune at a time,
//! in any order and on any thread:
//!
//! ```
//! use greenfort_synth::{Options, Province};
//!
//! let province = Province::generate(2021, &Options { district: Some("829"), ..Options::default() })?;
//! let mut rosters = Vec::new();
//! for commune in province.communes() {
//!     // store commune.households, commune.people, commune.groups, commune.organisations
//!     rosters.push(commune.roster);
//! }
//! let economy = province.economy(&rosters); // parks, markets, carriers: they hire across communes
//! assert!(economy.organisations.iter().any(|o| o.stalls == Some(168)));
//! # Ok::<(), greenfort_synth::UnknownDistrict>(())
//! ```
//!
//! What is exact, what plausible and what invented: `README.md`.

mod commune;
mod compose;
mod csv;
mod figures;
mod model;
mod names;
mod parks;
mod people;
mod rng;
mod trade;
pub mod units;

use std::fmt;

pub use figures::{AGE_GROUPS, district_cells};
pub use model::*;
pub use names::{Name, surname_shares};

use figures::Figures;
use rng::Rng;
use units::Unit;

/// What to generate.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Code of one district (829, 831–838) instead of the whole province.
    pub district: Option<&'a str>,
    /// The day on which ages are those of the census. Default 1 September 2021: the age structure of 2019 is
    /// kept, its babies are babies then.
    pub as_of: Day,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { district: None, as_of: Day { year: 2021, month: 9, day: 1 } }
    }
}

/// No district of Bến Tre has this code; 829 and 831 to 838 are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDistrict(pub String);

impl fmt::Display for UnknownDistrict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no district of Bến Tre has the code '{}': use 829 or 831 to 838", self.0)
    }
}

impl std::error::Error for UnknownDistrict {}

/// What all communes share.
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) as_of: Day,
    /// All 157, whatever the district: numbers handed out are unique in the province.
    pub(crate) communes: Vec<Figures>,
    /// Household businesses by commune.
    pub(crate) businesses: Vec<u32>,
    pub(crate) shift: u64,
}

impl Plan {
    pub(crate) fn number(&self, commune_code: &str) -> Option<u16> {
        self.communes.iter().position(|c| c.unit.code == commune_code).map(|n| n as u16)
    }
}

/// Household businesses in Châu Thành district.
const BUSINESSES: u32 = 2000;
const BUSINESS_DISTRICT: &str = "831";
/// Stream of the things that cross communes; communes use 1 + number.
const PROVINCE_STREAM: u64 = 0;

/// The recipe of a province; people come out of [`Province::commune`].
pub struct Province {
    plan: Plan,
    chosen: Vec<u16>,
}

impl Province {
    /// Same seed, same options: same people, in every order and on every thread.
    ///
    /// # Errors
    /// [`UnknownDistrict`].
    pub fn generate(seed: u64, options: &Options<'_>) -> Result<Self, UnknownDistrict> {
        let communes = figures::communes();
        let district = |c: &Figures| c.unit.parent_code.clone().unwrap_or_default();
        let chosen: Vec<u16> = (0..)
            .zip(&communes)
            .filter(|(_, c)| options.district.is_none_or(|code| district(c) == code))
            .map(|(n, _)| n)
            .collect();
        if chosen.is_empty() {
            return Err(UnknownDistrict(options.district.unwrap_or_default().to_owned()));
        }
        let households = |c: &Figures| u64::from(c.unit.households_2019.unwrap_or(0));
        let there = || communes.iter().filter(|c| district(c) == BUSINESS_DISTRICT);
        let total: u64 = there().map(households).sum();
        let (mut passed, mut opened) = (0, 0);
        let businesses = communes
            .iter()
            .map(|c| {
                if district(c) == BUSINESS_DISTRICT {
                    passed += households(c);
                }
                let due = (u64::from(BUSINESSES) * passed / total) as u32 - opened;
                opened += due;
                due
            })
            .collect();
        let shift = Rng::new(seed, PROVINCE_STREAM).next() % 1_000_000_007;
        let plan = Plan { seed, as_of: options.as_of, communes, businesses, shift };
        Ok(Self { plan, chosen })
    }

    /// Numbers of the chosen communes, for whoever spreads them over threads.
    pub fn numbers(&self) -> &[u16] {
        &self.chosen
    }

    /// All 157 communes' units, by number (also those outside the chosen district).
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.plan.communes.iter().map(|c| &c.unit)
    }

    /// One commune, about 8,000 people. `number` is one of [`Province::numbers`] or any other below 157.
    ///
    /// # Panics
    /// When `number` is 157 or more.
    pub fn commune(&self, number: u16) -> Commune {
        commune::generate(&self.plan, number)
    }

    /// The chosen communes, one after the other: memory for one at a time.
    pub fn communes(&self) -> impl Iterator<Item = Commune> {
        self.chosen.iter().map(|number| self.commune(*number))
    }

    /// Parks, markets and carriers, staffed from the rosters of the generated communes (in any order; what lies
    /// in communes without a roster is left out).
    pub fn economy(&self, rosters: &[Roster]) -> Economy {
        let mut rosters = rosters.to_vec();
        rosters.sort_by_key(|roster| roster.commune);
        let mut rng = Rng::new(!self.plan.seed, PROVINCE_STREAM);
        let mut economy = Economy::default();
        parks::build(&self.plan, &rosters, &mut rng, &mut economy);
        trade::markets(&self.plan, &rosters, &mut rng, &mut economy);
        trade::carriers(&rosters, &mut rng, &mut economy);
        economy
    }
}

/// What reaches over commune borders. Household businesses and boarding rows are with their [`Commune`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Economy {
    /// Parks before their enterprises, then markets, then carriers.
    pub organisations: Vec<Organisation>,
    /// Shifts and traders' groups.
    pub groups: Vec<Group>,
    pub vehicles: Vec<Vehicle>,
}
