//! Who of a household or group is swabbed, in which order the others take over, and why.

use super::rule::{Preference, SamplingRule, Severity};
use greenfort_kernel::PersonId;

/// A member as the register knows one when the round is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub person: PersonId,
    pub birth_year: i16,
    pub vaccine_doses: i16,
    pub exposure: String,
    /// Was swabbed for this household or group in the round before.
    pub represented_last_round: bool,
    /// Cannot be swabbed for a reason other than age.
    pub exempt: Option<Reason>,
}

/// Why somebody stands where they stand on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Everybody is swabbed here.
    Everyone,
    /// Did not represent the others last time.
    AnotherPerson,
    /// Has fewer doses than the next in order.
    LeastVaccinated,
    /// Meets more people than the next in order.
    MostExposed,
    /// The second representative of a large household.
    LargeHousehold,
    /// Nobody else may be swabbed.
    OnlyOne,
    /// Represented the others last time too, because nobody else may be swabbed.
    SamePersonAgain,
    /// Fewer may be swabbed than the rule asks for.
    TooFew,
    /// Too young for a swab.
    Age,
    /// Was ill within the days of the policy.
    Recovered,
    InQuarantine,
    InHospital,
}

impl Reason {
    pub const ALL: &'static [Self] = &[
        Self::Everyone,
        Self::AnotherPerson,
        Self::LeastVaccinated,
        Self::MostExposed,
        Self::LargeHousehold,
        Self::OnlyOne,
        Self::SamePersonAgain,
        Self::TooFew,
        Self::Age,
        Self::Recovered,
        Self::InQuarantine,
        Self::InHospital,
    ];

    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::AnotherPerson => "another_person",
            Self::LeastVaccinated => "least_vaccinated",
            Self::MostExposed => "most_exposed",
            Self::LargeHousehold => "large_household",
            Self::OnlyOne => "only_one",
            Self::SamePersonAgain => "same_person_again",
            Self::TooFew => "too_few",
            Self::Age => "age",
            Self::Recovered => "recovered",
            Self::InQuarantine => "in_quarantine",
            Self::InHospital => "in_hospital",
        }
    }
}

/// What is expected of a person in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    Swab,
    Represented,
    Exempt,
}

impl Expected {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Swab => "swab",
            Self::Represented => "represented",
            Self::Exempt => "exempt",
        }
    }
}

/// A member's place on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub person: PersonId,
    pub expected: Expected,
    /// From 1 in the order in which they are asked: the next takes over when one is absent or refuses. 0: never swabbed.
    pub choice: u16,
    /// Weightiest first.
    pub reasons: Vec<Reason>,
}

/// The list of a household or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Everybody once: by order of choice, then those never swabbed by id.
    pub subjects: Vec<Subject>,
    /// The graver of what had to be left undone; `Refuse`: nobody is chosen and the site lead decides.
    pub severity: Option<Severity>,
}

/// Orders the members of a household or group and takes the first `wanted`.
///
/// The order depends on nothing but the members: the same household gives the same list however it was read.
pub fn choose(members: &[Member], wanted: usize, rule: &SamplingRule, year: i16) -> Choice {
    let young = |m: &Member| year - m.birth_year < rule.least_age;
    let (mut asked, mut never): (Vec<&Member>, Vec<&Member>) =
        members.iter().partition(|m| m.exempt.is_none() && !young(m));
    asked.sort_by_key(|m| rank(m, rule));
    never.sort_by_key(|m| m.person);

    let chosen = wanted.min(asked.len());
    let again = asked.iter().take(chosen).any(|m| m.represented_last_round);
    let mut severity = None;
    if rule.another_than_last_round.is_some() && again {
        severity = severity.max(rule.another_than_last_round);
    }
    if chosen < wanted {
        severity = severity.max(Some(if chosen == 0 { Severity::Warn } else { Severity::Note }));
    }
    let refused = severity == Some(Severity::Refuse);

    let mut subjects = Vec::with_capacity(members.len());
    for (at, m) in asked.iter().enumerate() {
        let swab = at < chosen && !refused;
        subjects.push(Subject {
            person: m.person,
            expected: if swab { Expected::Swab } else { Expected::Represented },
            choice: u16::try_from(at + 1).unwrap_or(u16::MAX),
            reasons: if at < chosen { why(&asked, at, wanted, rule) } else { Vec::new() },
        });
    }
    for m in never {
        let reason = m.exempt.unwrap_or(Reason::Age);
        // Somebody too young lives with the others and is represented; somebody in hospital does not.
        let represented = m.exempt.is_none() && chosen > 0 && !refused;
        subjects.push(Subject {
            person: m.person,
            expected: if represented { Expected::Represented } else { Expected::Exempt },
            choice: 0,
            reasons: vec![reason],
        });
    }
    Choice { subjects, severity }
}

/// Smaller is asked earlier.
fn rank(m: &Member, rule: &SamplingRule) -> (bool, Vec<usize>, i16, PersonId) {
    let again = rule.another_than_last_round.is_some() && m.represented_last_round;
    let weights = rule.order.iter().map(|preference| weight(*preference, m, rule)).collect();
    (again, weights, m.birth_year, m.person)
}

fn weight(preference: Preference, m: &Member, rule: &SamplingRule) -> usize {
    match preference {
        Preference::LeastVaccinated => usize::try_from(m.vaccine_doses).unwrap_or(0),
        Preference::MostExposed => {
            rule.exposures.iter().position(|e| *e == m.exposure).unwrap_or(rule.exposures.len())
        }
    }
}

/// What put `asked[at]` before those who were not taken.
fn why(asked: &[&Member], at: usize, wanted: usize, rule: &SamplingRule) -> Vec<Reason> {
    let Some(m) = asked.get(at) else { return Vec::new() };
    let mut reasons = Vec::new();
    if asked.len() == 1 {
        reasons.push(Reason::OnlyOne);
    }
    if m.represented_last_round && rule.another_than_last_round.is_some() {
        reasons.push(Reason::SamePersonAgain);
    }
    if asked.len() < wanted {
        reasons.push(Reason::TooFew);
    }
    let others = asked.get(wanted.min(asked.len())..).unwrap_or(&[]);
    if rule.another_than_last_round.is_some()
        && !m.represented_last_round
        && others.iter().any(|o| o.represented_last_round)
    {
        reasons.push(Reason::AnotherPerson);
    }
    for preference in &rule.order {
        let mine = weight(*preference, m, rule);
        if others.iter().any(|o| weight(*preference, o, rule) > mine) {
            reasons.push(match preference {
                Preference::LeastVaccinated => Reason::LeastVaccinated,
                Preference::MostExposed => Reason::MostExposed,
            });
        }
    }
    if at > 0 {
        reasons.push(Reason::LargeHousehold);
    }
    reasons
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;
