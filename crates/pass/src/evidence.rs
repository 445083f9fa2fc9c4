//! What a pass may rest on: each step needs what the one before it holds, and there is no other way in.

use crate::claims::{Basis, Kind, Method};
use crate::sign::NotIssued;

/// Whose material was tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material {
    /// The holder's own, in a reaction of its own.
    Own,
    /// The holder's own, in a pool.
    OwnInPool,
    /// A representative's.
    Representative,
}

/// A clearing conclusion, by its id.
#[derive(Clone, Debug)]
pub struct Conclusion {
    pub(crate) id: String,
    pub(crate) round: String,
}

impl Conclusion {
    /// The conclusion and its round (or what stands for a round outside one).
    ///
    /// # Errors
    /// An empty id.
    pub fn new(id: &str, round: &str) -> Result<Self, NotIssued> {
        let known = !id.trim().is_empty() && !round.trim().is_empty();
        let conclusion = Self { id: id.to_owned(), round: round.to_owned() };
        known.then_some(conclusion).ok_or(NotIssued::NoEvidence("a conclusion and its round"))
    }

    /// The release that decided it.
    ///
    /// # Errors
    /// An empty id.
    pub fn released(self, release: &str) -> Result<Released, NotIssued> {
        let known = !release.trim().is_empty();
        let released = Released { conclusion: self, release: release.to_owned() };
        known.then_some(released).ok_or(NotIssued::NoEvidence("a release"))
    }

    /// Released without a test, by two different persons with a reason.
    ///
    /// # Errors
    /// One person, or no reason.
    pub fn overridden(
        self,
        by: [&str; 2],
        reason: &str,
        decision: &str,
        from: i64,
    ) -> Result<Evidence, NotIssued> {
        let [first, second] = by.map(str::trim);
        if first.is_empty() || second.is_empty() || first == second {
            return Err(NotIssued::NoEvidence("two different persons"));
        }
        if reason.trim().is_empty() || decision.trim().is_empty() {
            return Err(NotIssued::NoEvidence("a reason and a decision"));
        }
        Ok(Evidence {
            conclusion: self,
            release: decision.to_owned(),
            basis: Basis::Override,
            method: Method::None,
            sampled: from,
            lineage: vec![first.to_owned(), second.to_owned()],
        })
    }
}

/// A conclusion with its release.
#[derive(Clone, Debug)]
pub struct Released {
    conclusion: Conclusion,
    release: String,
}

impl Released {
    /// The specimens and reactions that the release read.
    ///
    /// # Errors
    /// No specimen, no reaction, or no method.
    pub fn resting_on(
        self,
        specimens: &[&str],
        reactions: &[&str],
        material: Material,
        method: Method,
        sampled: i64,
    ) -> Result<Evidence, NotIssued> {
        let named = |ids: &[&str]| !ids.is_empty() && ids.iter().all(|id| !id.trim().is_empty());
        if !named(specimens) || !named(reactions) {
            return Err(NotIssued::NoEvidence("a specimen and a reaction"));
        }
        if method == Method::None || sampled <= 0 {
            return Err(NotIssued::NoEvidence("a method and a time of sampling"));
        }
        Ok(Evidence {
            conclusion: self.conclusion,
            release: self.release,
            basis: match material {
                Material::Own => Basis::Tested,
                Material::OwnInPool => Basis::Pooled,
                Material::Representative => Basis::Represented,
            },
            method,
            sampled: sampled - sampled.rem_euclid(60),
            lineage: specimens.iter().chain(reactions).map(|id| (*id).to_owned()).collect(),
        })
    }
}

/// What a pass rests on, complete.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub(crate) conclusion: Conclusion,
    pub(crate) release: String,
    pub(crate) basis: Basis,
    pub(crate) method: Method,
    pub(crate) sampled: i64,
    pub(crate) lineage: Vec<String>,
}

impl Evidence {
    /// The basis that follows from the material.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// How it was tested.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Time of sampling, UTC seconds, whole minutes.
    #[must_use]
    pub const fn sampled(&self) -> i64 {
        self.sampled
    }

    /// The conclusion's id.
    #[must_use]
    pub fn conclusion(&self) -> &str {
        &self.conclusion.id
    }

    /// Ids of the specimens and reactions (or of the two persons of an override).
    #[must_use]
    pub fn lineage(&self) -> &[String] {
        &self.lineage
    }

    /// A pass for a person.
    #[must_use]
    pub fn person(self, name: &str, guardian: bool, id_tail: Option<u16>) -> Order {
        Order { guardian, id_tail, ..self.order(Kind::Person, name) }
    }

    /// A pass for a household, or one member's copy of it.
    #[must_use]
    pub fn household(self, name: &str, members: u32) -> Order {
        Order { members: Some(members), ..self.order(Kind::Household, name) }
    }

    /// A pass for an organisation or a part of one.
    #[must_use]
    pub fn organisation(self, name: &str, members: u32) -> Order {
        Order { members: Some(members), ..self.order(Kind::Organisation, name) }
    }

    /// A pass for a vehicle with named drivers. Its evidence is that of the driver who ends first.
    #[must_use]
    pub fn vehicle(self, plate: &str, drivers: &[&str], route: Option<&str>) -> Order {
        Order {
            drivers: drivers.iter().map(|d| (*d).to_owned()).collect(),
            route: route.map(str::to_owned),
            ..self.order(Kind::Vehicle, plate)
        }
    }

    fn order(self, kind: Kind, name: &str) -> Order {
        Order {
            evidence: self,
            kind,
            name: name.to_owned(),
            members: None,
            drivers: Vec::new(),
            route: None,
            guardian: false,
            id_tail: None,
        }
    }
}

/// A pass to be signed.
#[derive(Clone, Debug)]
pub struct Order {
    pub(crate) evidence: Evidence,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) members: Option<u32>,
    pub(crate) drivers: Vec<String>,
    pub(crate) route: Option<String>,
    pub(crate) guardian: bool,
    pub(crate) id_tail: Option<u16>,
}
