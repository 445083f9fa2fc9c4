//! From facts to conclusions, all at once: O(n log n) in the number of rows.

use super::findings::findings;
use super::index::{Relation, Table};
use super::person::{Concerns, Known};
use super::place::Member;
use super::{
    Conclusion, Evidence, Facts, Finding, Inconsistent, NextSteps, Outcome, Person, PlaceConclusion, PlaceId,
    Policy, Specimen, Suspicion,
};
use greenfort_kernel::{PersonId, SpecimenId};

/// What follows, sorted by id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Derived {
    pub specimens: Vec<(SpecimenId, Finding)>,
    pub people: Vec<(PersonId, Conclusion)>,
    pub places: Vec<PlaceConclusion>,
    /// What each scheme asks the laboratory for.
    pub steps: Vec<NextSteps>,
}

impl Derived {
    pub fn person(&self, id: PersonId) -> Option<&Conclusion> {
        self.people.binary_search_by_key(&id, |(person, _)| *person).ok().map(|at| &self.people[at].1)
    }

    pub fn place(&self, id: PlaceId) -> Option<&PlaceConclusion> {
        self.places.binary_search_by_key(&id, |p| p.place).ok().map(|at| &self.places[at])
    }

    /// Whether the negative somebody's pass rests on is still one. A pass falls with it, even if its holder stands on a
    /// newer negative by now.
    pub fn upholds(&self, evidence: &Evidence) -> bool {
        matches!(self.specimen(evidence.specimen), Some(Finding::Negative(_)))
    }

    pub fn specimen(&self, id: SpecimenId) -> Option<&Finding> {
        self.specimens
            .binary_search_by_key(&id, |(specimen, _)| *specimen)
            .ok()
            .map(|at| &self.specimens[at].1)
    }
}

/// Concludes every person and place of the facts. The same facts, in any order and any number of times, give the same.
///
/// # Errors
/// Facts that contradict themselves: see [`Inconsistent`].
pub fn conclude(facts: &Facts, policy: &Policy) -> Result<Derived, Inconsistent> {
    let graph = Graph::new(facts)?;
    let (findings, steps) = findings(facts, &graph.specimens, &graph.donors, policy)?;
    let known =
        Known { specimens: graph.specimens.rows(), findings: &findings, donors: &graph.donors, policy };
    let openings = graph.openings(&findings);
    let own = graph.donors.turned(graph.people.len());
    let naming = graph.represented.turned(graph.people.len());
    let places_of = graph.members.turned(graph.people.len());
    let opened = opened_people(&graph, &places_of, &openings, &findings, &naming);

    // Whoever reads positive makes contacts of the household, so two passes: positives first.
    let is_positive = |person: usize| {
        own.of(person).iter().any(|s| matches!(findings[*s], Finding::Suspicious(Suspicion::Positive, _)))
    };
    let contact = |person: usize| {
        let households = places_of.of(person).iter().filter(|p| graph.is_household(**p));
        households.flat_map(|p| graph.members.of(*p)).any(|other| *other != person && is_positive(*other))
    };
    let people: Vec<Conclusion> = graph
        .people
        .rows()
        .iter()
        .enumerate()
        .map(|(at, person)| {
            let concerns = Concerns {
                own: own.of(at),
                naming: naming.of(at),
                openings: opened.of(at),
                contact: contact(at),
            };
            known.conclude(person, &concerns)
        })
        .collect();
    let places = graph.places.iter().enumerate().map(|(at, place)| {
        let members: Vec<Member<'_>> = graph
            .members
            .of(at)
            .iter()
            .map(|m| Member { conclusion: &people[*m], own: own.of(*m) })
            .collect();
        known.conclude_place(*place, &members, graph.standing_for.of(at), openings.of(at))
    });
    let places: Vec<PlaceConclusion> = places.collect();
    let close = |outcome: Outcome| if facts.closed { outcome.at_closing() } else { outcome };
    Ok(Derived {
        specimens: graph.specimens.rows().iter().map(|s| s.id).zip(findings.iter().copied()).collect(),
        people: graph
            .people
            .rows()
            .iter()
            .zip(people)
            .map(|(person, c)| (person.id, Conclusion { outcome: close(c.outcome), ..c }))
            .collect(),
        places: places.into_iter().map(|p| PlaceConclusion { outcome: close(p.outcome), ..p }).collect(),
        steps,
    })
}

/// The facts with positions instead of ids.
struct Graph {
    people: Table<PersonId, Person>,
    places: Vec<PlaceId>,
    specimens: Table<SpecimenId, Specimen>,
    /// Place → members.
    members: Relation,
    /// Specimen → donors.
    donors: Relation,
    /// Specimen → those it names, its donors not among them.
    represented: Relation,
    /// Place → specimens that stand for it.
    standing_for: Relation,
}

impl Graph {
    fn new(facts: &Facts) -> Result<Self, Inconsistent> {
        let people = Table::new("person", &facts.people, |p: &Person| p.id)?;
        let specimens = Table::new("specimen", &facts.specimens, |s: &Specimen| s.id)?;
        let mut places: Vec<PlaceId> =
            facts.members.iter().map(|(p, _)| *p).chain(facts.stands_for.iter().map(|(_, p)| *p)).collect();
        places.sort_unstable();
        places.dedup();
        let place_at = |place: PlaceId| {
            places
                .binary_search(&place)
                .map_err(|_| Inconsistent::Unknown { what: "place", id: format!("{place:?}") })
        };
        let people_of = |pairs: &[(SpecimenId, PersonId)]| -> Result<Vec<(usize, usize)>, Inconsistent> {
            pairs.iter().map(|(s, p)| Ok((specimens.at(*s)?, people.at(*p)?))).collect()
        };
        let donors = Relation::new(specimens.len(), people_of(&facts.donors)?);
        // Somebody ticked at a tube they also gave into is tested by it, not represented.
        let named = people_of(&facts.represented)?.into_iter().filter(|(s, p)| !donors.of(*s).contains(p));
        let represented = Relation::new(specimens.len(), named.collect());
        let members: Result<Vec<_>, Inconsistent> =
            facts.members.iter().map(|(place, p)| Ok((place_at(*place)?, people.at(*p)?))).collect();
        let standing: Result<Vec<_>, Inconsistent> =
            facts.stands_for.iter().map(|(s, place)| Ok((place_at(*place)?, specimens.at(*s)?))).collect();
        Ok(Self {
            members: Relation::new(places.len(), members?),
            standing_for: Relation::new(places.len(), standing?),
            people,
            places,
            specimens,
            donors,
            represented,
        })
    }

    fn is_household(&self, place: usize) -> bool {
        matches!(self.places[place], PlaceId::Household(_))
    }

    /// Place → suspicious specimens that open it: those that stand for it (rule 3), and for a household those by which a
    /// member reads presumptive or positive (rules 5 and 7).
    fn openings(&self, findings: &[Finding]) -> Relation {
        let mut pairs = Vec::new();
        let own = self.donors.turned(self.people.len());
        for place in 0..self.places.len() {
            let standing = self.standing_for.of(place).iter();
            pairs.extend(
                standing.filter(|s| matches!(findings[**s], Finding::Suspicious(..))).map(|s| (place, *s)),
            );
            if self.is_household(place) {
                let given = self.members.of(place).iter().flat_map(|m| own.of(*m));
                pairs.extend(given.filter(|s| is_personal(&findings[**s])).map(|s| (place, *s)));
            }
        }
        Relation::new(self.places.len(), pairs)
    }
}

fn is_personal(finding: &Finding) -> bool {
    matches!(finding, Finding::Suspicious(Suspicion::Presumptive | Suspicion::Positive, _))
}

/// Person → openings: of every place of theirs, and of every suspicious tube that names them.
fn opened_people(
    graph: &Graph,
    places_of: &Relation,
    openings: &Relation,
    findings: &[Finding],
    naming: &Relation,
) -> Relation {
    let mut pairs = Vec::new();
    for person in 0..graph.people.len() {
        let places = places_of.of(person).iter().flat_map(|p| openings.of(*p));
        let tubes = naming.of(person).iter().filter(|s| matches!(findings[**s], Finding::Suspicious(..)));
        pairs.extend(places.chain(tubes).map(|s| (person, *s)));
    }
    Relation::new(graph.people.len(), pairs)
}
