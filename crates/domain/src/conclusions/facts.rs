//! What the conclusions are a function of.

use super::FieldState;
use greenfort_kernel::{
    AssayId, GroupId, HouseholdId, LotId, Method, PersonId, ReactionId, ReleaseId, RunId, SchemeId,
    SpecimenId,
};
use greenfort_pooling::decode::{Reading, Scheme};
use jiff::Timestamp;
use jiff::civil::Date;
use std::fmt;

/// Everything known of some people and places in one round. Arrays in any order; equal rows count once.
///
/// To conclude a person it must hold: the specimens they gave or that name them, all specimens that stand for the
/// households and groups they belong to, the members of those, and the specimens of those members; of every specimen
/// all its donors; of every scheme all its readings.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The round was closed: what is still open is unresolved.
    pub closed: bool,
    pub people: Vec<Person>,
    pub members: Vec<(PlaceId, PersonId)>,
    pub specimens: Vec<Specimen>,
    pub donors: Vec<(SpecimenId, PersonId)>,
    /// Ticked by name at the swab.
    pub represented: Vec<(SpecimenId, PersonId)>,
    pub stands_for: Vec<(SpecimenId, PlaceId)>,
    pub schemes: Vec<SchemeFacts>,
    pub readings: Vec<Released>,
    /// The recalls in force.
    pub recalls: Vec<Recall>,
    pub lot_uses: Vec<(RunId, LotId)>,
    pub judgements: Vec<Judgement>,
}

/// A household or a group of residents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceId {
    Household(HouseholdId),
    Group(GroupId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub field: FieldState,
    /// Last recovery from an earlier infection.
    pub recovered_on: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Specimen {
    pub id: SpecimenId,
    pub sampled_at: Timestamp,
    /// When it came into the laboratory or onto the server.
    pub received_at: Option<Timestamp>,
    /// False while the device's clock is in doubt and no site lead has confirmed the time.
    pub time_confirmed: bool,
    pub fate: Fate,
}

impl Specimen {
    /// What has to be sampled after this specimen has to be sampled after this instant: a time in doubt may be as late
    /// as the receipt.
    pub(super) fn at_the_latest(&self) -> Timestamp {
        match self.received_at {
            Some(received) if !self.time_confirmed => self.sampled_at.max(received),
            _ => self.sampled_at,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    InHand,
    /// At accession, or with a recalled lot of swabs or medium.
    Rejected,
    Lost,
}

/// Who shares reactions, in the order of the scheme. A tube alone is a scheme of one.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemeFacts {
    pub id: SchemeId,
    pub scheme: Scheme,
    pub specimens: Vec<SpecimenId>,
}

/// A released reading of a reaction. A correction is a higher version of the same reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    pub reaction: ReactionId,
    pub version: u16,
    pub release: ReleaseId,
    pub run: RunId,
    pub scheme: SchemeId,
    /// Index of the test in the scheme.
    pub test: usize,
    pub reading: Reading,
    pub examined: Examined,
}

/// How a reaction was examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    pub assay: AssayId,
    pub method: Method,
    /// Rank of the assay: see `lab::Assay::sensitivity`.
    pub sensitivity: u8,
    /// The laboratory is authorised to confirm.
    pub authorised: bool,
    /// There is evidence of the instrument: result file, or cassette scanned inside its window.
    pub verified: bool,
}

/// A recall of results in force. It covers what arrives later, too: a cassette of a bad lot read yesterday on a phone
/// without network is as bad when it comes in tomorrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recall {
    /// The reaction's readings up to this version; a later version stands again.
    Reading {
        reaction: ReactionId,
        version: u16,
    },
    Run(RunId),
    Lot(LotId),
}

/// The laboratory lead decided that a discordant pool clears. Without effect once its readings say something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judgement {
    pub scheme: SchemeId,
    /// The pool the lead looked at.
    pub test: usize,
}

/// Facts that cannot be: a defect of whoever gathered them, never skipped over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inconsistent {
    /// Named by a relation, absent from its list.
    Unknown { what: &'static str, id: String },
    /// Two different rows for one id.
    Contradiction { what: &'static str, id: String },
    /// A scheme for another number of specimens than it lists.
    SchemeSize { scheme: SchemeId, wants: usize, has: usize },
    /// A reading of a test the scheme does not have.
    NoSuchTest { reaction: ReactionId, test: usize },
}

impl fmt::Display for Inconsistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { what, id } => write!(f, "{what} {id} is named but not among the facts"),
            Self::Contradiction { what, id } => {
                write!(f, "{what} {id} stands among the facts twice, differently")
            }
            Self::SchemeSize { scheme, wants, has } => {
                write!(f, "scheme {scheme} is for {wants} specimens and lists {has}")
            }
            Self::NoSuchTest { reaction, test } => {
                write!(f, "reaction {reaction} is of test {test}, which its scheme does not have")
            }
        }
    }
}

impl std::error::Error for Inconsistent {}
