//! What a person is: the graver of all that is known of them wins, unless a later negative answers it (rules 2–7).

use super::index::Relation;
use super::{
    Answer, Basis, Conclusion, Deciding, Evidence, Finding, Outcome, Person, Policy, Reach, Specimen,
    Suspicion, Void, Withheld,
};
use greenfort_kernel::{Method, SpecimenId, local_date};
use jiff::Timestamp;

/// Specimens with their findings, by position.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub specimens: &'a [Specimen],
    pub findings: &'a [Finding],
    pub donors: &'a Relation,
    pub policy: &'a Policy,
}

/// What concerns one person, as positions of specimens.
#[derive(Clone, Copy)]
pub(super) struct Concerns<'a> {
    /// Given by the person.
    pub own: &'a [usize],
    /// Given by others, naming the person.
    pub naming: &'a [usize],
    /// Suspicious ones that open a household or group of the person.
    pub openings: &'a [usize],
    /// Another member of the household is positive.
    pub contact: bool,
}

/// Candidates for the outcome: the gravest, then the newest, wins.
#[derive(Default)]
struct Gravest(Option<((u8, Timestamp, SpecimenId), Outcome)>);

impl Gravest {
    fn add(&mut self, outcome: Outcome, specimen: &Specimen) {
        let key = (outcome.kind() as u8, specimen.sampled_at, specimen.id);
        if self.0.as_ref().is_none_or(|(best, _)| key > *best) {
            self.0 = Some((key, outcome));
        }
    }
}

/// Whether something seen has been answered.
enum Standing {
    /// By a negative of this time.
    Answered(Timestamp),
    As(Outcome),
}

impl Known<'_> {
    pub fn conclude(&self, person: &Person, concerns: &Concerns<'_>) -> Conclusion {
        let reach = Reach::of(person.field, !concerns.own.is_empty(), !concerns.naming.is_empty());
        let mut gravest = Gravest::default();
        let negative = match reach {
            Reach::Collected => self.tested(person, concerns, &mut gravest),
            Reach::Represented => self.represented(concerns, &mut gravest),
            Reach::Removed => return Conclusion { reach, outcome: Outcome::None, withheld: None },
            _ => None,
        };
        let excused = matches!(reach, Reach::Exempt(reason) if self.policy.excused.contains(&reason));
        if reach != Reach::Collected && !excused {
            for opening in concerns.openings {
                gravest.add(self.opened(*opening), &self.specimens[*opening]);
            }
        }
        let outcome = match (gravest.0.map(|(_, outcome)| outcome), negative) {
            (Some(Outcome::Awaiting { .. }), standing) => Outcome::Awaiting { standing },
            (Some(outcome), _) => outcome,
            (None, Some(evidence)) => match evidence.basis {
                Basis::Tested => Outcome::Negative(evidence),
                Basis::TestedInPool => Outcome::NegativePooled(evidence),
                Basis::Represented => Outcome::RepresentedNegative(evidence),
            },
            (None, None) => Outcome::None,
        };
        let withheld = match outcome {
            Outcome::Awaiting { standing } => standing,
            outcome => outcome.evidence().copied(),
        }
        .and_then(|evidence| self.withheld(concerns, &evidence));
        Conclusion { reach, outcome, withheld }
    }

    /// Somebody who gave swabs: adds what is not answered, returns the negative that counts.
    fn tested(&self, person: &Person, concerns: &Concerns<'_>, gravest: &mut Gravest) -> Option<Evidence> {
        let own = concerns.own;
        let mut floor = Timestamp::MIN;
        for at in own.iter().copied() {
            let specimen = &self.specimens[at];
            match self.findings[at] {
                Finding::Negative(_) => {}
                Finding::Awaiting => gravest.add(Outcome::Awaiting { standing: None }, specimen),
                Finding::Suspicious(kind, by) => match self.own_suspicion(person, own, at, kind, &by) {
                    Standing::Answered(time) => floor = floor.max(time),
                    Standing::As(outcome) => gravest.add(outcome, specimen),
                },
                // The next swab is what was asked for; it speaks for itself.
                Finding::Void(_) if own.iter().any(|o| self.is_later(*o, at)) => {}
                Finding::Void(Void::Invalid(by)) => {
                    gravest.add(Outcome::Invalid { by: self.answer(at, &by) }, specimen);
                }
                Finding::Void(Void::Resample(fate)) => {
                    gravest.add(Outcome::Resample { specimen: specimen.id, fate }, specimen);
                }
            }
        }
        // Of what one gave oneself, the specimen's own finding has spoken.
        for opening in concerns.openings.iter().copied().filter(|o| !own.contains(o)) {
            match self.first_answer(own, opening) {
                Some(time) => floor = floor.max(time),
                None => gravest.add(self.opened(opening), &self.specimens[opening]),
            }
        }
        self.newest_negative(own, floor)
    }

    fn own_suspicion(
        &self,
        person: &Person,
        own: &[usize],
        at: usize,
        kind: Suspicion,
        by: &Deciding,
    ) -> Standing {
        let answer = self.answer(at, by);
        let since = self.specimens[at].at_the_latest();
        let standing_unless = |time: Option<Timestamp>, outcome| match time {
            Some(time) => Standing::Answered(time),
            None => Standing::As(outcome),
        };
        match kind {
            Suspicion::Positive => {
                Standing::As(Outcome::Positive { by: answer, again: self.is_again(person, at) })
            }
            Suspicion::Presumptive => self.presumptive(own, answer, since),
            Suspicion::Held => {
                standing_unless(self.first_answer(own, at), Outcome::Held { by: answer, repeat_from: None })
            }
            Suspicion::Inconclusive => {
                standing_unless(self.first_answer(own, at), Outcome::Inconclusive { by: answer })
            }
            Suspicion::Discordant(posterior) => {
                let repeat_from = since + self.policy.repeat_after();
                let answers = own.iter().filter(|n| self.answers(**n, at));
                let time = answers.map(|n| self.specimens[*n].sampled_at).filter(|t| *t >= repeat_from).min();
                standing_unless(time, Outcome::Discordant { by: answer, posterior, repeat_from })
            }
        }
    }

    /// A rapid positive takes two negatives of a confirming method, the second so many hours after the first.
    fn presumptive(&self, own: &[usize], by: Answer, since: Timestamp) -> Standing {
        let confirming = || {
            own.iter().copied().filter(|n| self.is_trusted(*n)).filter_map(|n| match self.findings[n] {
                Finding::Negative(d) => {
                    let e = d.released.examined;
                    self.policy.case.confirms(e.method, e.authorised).then(|| self.specimens[n].sampled_at)
                }
                _ => None,
            })
        };
        let Some(first) = confirming().filter(|t| *t >= since).min() else {
            return Standing::As(Outcome::Presumptive { by });
        };
        let repeat_from = first + self.policy.repeat_after();
        match confirming().filter(|t| *t >= repeat_from).min() {
            Some(second) => Standing::Answered(second),
            None => Standing::As(Outcome::Held { by, repeat_from: Some(repeat_from) }),
        }
    }

    /// Somebody others stand for: adds what is missing, returns the earliest negative that counts once nothing is.
    fn represented(&self, concerns: &Concerns<'_>, gravest: &mut Gravest) -> Option<Evidence> {
        let naming = concerns.naming;
        for at in naming.iter().copied() {
            let specimen = &self.specimens[at];
            match self.findings[at] {
                Finding::Negative(_) => {}
                Finding::Suspicious(..) => gravest.add(self.opened(at), specimen),
                Finding::Void(_) if self.is_replaced(at, naming) => {}
                Finding::Awaiting | Finding::Void(_) => {
                    gravest.add(Outcome::Awaiting { standing: None }, specimen);
                }
            }
        }
        let negatives =
            || naming.iter().copied().filter(|n| matches!(self.findings[*n], Finding::Negative(_)));
        let newest = negatives().map(|n| self.specimens[n].sampled_at).max()?;
        let first = negatives()
            .filter(|n| self.specimens[*n].sampled_at >= newest - self.policy.occasion())
            .min_by_key(|n| (self.specimens[*n].sampled_at, self.specimens[*n].id))?;
        self.evidence(first).map(|evidence| Evidence { basis: Basis::Represented, ..evidence })
    }

    /// A void tube is replaced by a later one that one of its donors gave for the same person or place.
    pub fn is_replaced(&self, void: usize, among: &[usize]) -> bool {
        let donors = self.donors.of(void);
        among
            .iter()
            .filter(|later| self.is_later(**later, void))
            .any(|later| self.donors.of(*later).iter().any(|donor| donors.contains(donor)))
    }

    /// Does the negative `n` answer the suspicious `s`? Taken after it, or alone out of the same media pool; by a method
    /// at least as sensitive, unless the policy lets a rapid test answer.
    pub fn answers(&self, n: usize, s: usize) -> bool {
        let (Finding::Negative(negative), Finding::Suspicious(_, seen)) =
            (self.findings[n], self.findings[s])
        else {
            return false;
        };
        let (by, of) = (negative.released.examined, seen.released.examined);
        let enough =
            by.sensitivity >= of.sensitivity || (self.policy.rapid_answers_pcr && by.method == Method::Rapid);
        let after = self.specimens[n].sampled_at > self.specimens[s].at_the_latest() && self.is_trusted(n);
        let alone = negative.alone && negative.released.scheme == seen.released.scheme && by.verified;
        enough && (after || alone)
    }

    fn first_answer(&self, own: &[usize], suspicious: usize) -> Option<Timestamp> {
        own.iter().filter(|n| self.answers(**n, suspicious)).map(|n| self.specimens[*n].sampled_at).min()
    }

    /// The negative a conclusion rests on: none taken before what it answers. Inside the newest occasion the graver name
    /// wins, then the newer swab.
    fn newest_negative(&self, own: &[usize], floor: Timestamp) -> Option<Evidence> {
        let negatives =
            || own.iter().copied().filter_map(|n| self.evidence(n)).filter(|e| e.sampled_at >= floor);
        let newest = negatives().map(|e| e.sampled_at).max()?;
        negatives()
            .filter(|e| e.sampled_at >= newest - self.policy.occasion())
            .max_by_key(|e| (e.basis == Basis::Tested, e.sampled_at, e.specimen))
    }

    fn evidence(&self, at: usize) -> Option<Evidence> {
        let Finding::Negative(by) = self.findings[at] else { return None };
        Some(Evidence {
            specimen: self.specimens[at].id,
            release: by.released.release,
            sampled_at: self.specimens[at].sampled_at,
            assay: by.released.examined.assay,
            method: by.released.examined.method,
            basis: if by.alone { Basis::Tested } else { Basis::TestedInPool },
        })
    }

    fn withheld(&self, concerns: &Concerns<'_>, evidence: &Evidence) -> Option<Withheld> {
        let at = |specimens: &[usize]| {
            specimens.iter().copied().find(|s| self.specimens[*s].id == evidence.specimen)
        };
        let specimen = at(concerns.own).or_else(|| at(concerns.naming))?;
        let verified =
            matches!(self.findings[specimen], Finding::Negative(d) if d.released.examined.verified);
        if concerns.contact {
            Some(Withheld::Contact)
        } else if !self.specimens[specimen].time_confirmed {
            Some(Withheld::TimeInDoubt)
        } else if verified {
            None
        } else {
            Some(Withheld::Unverified)
        }
    }

    fn is_trusted(&self, at: usize) -> bool {
        let verified = matches!(self.findings[at], Finding::Negative(d) if d.released.examined.verified);
        verified && self.specimens[at].time_confirmed
    }

    fn is_later(&self, a: usize, b: usize) -> bool {
        self.specimens[a].sampled_at > self.specimens[b].sampled_at
    }

    fn is_again(&self, person: &Person, at: usize) -> bool {
        person.recovered_on.is_some_and(|recovered| {
            let days = (local_date(self.specimens[at].sampled_at) - recovered).get_days();
            (0..=i32::from(self.policy.recurrence_days)).contains(&days)
        })
    }

    fn answer(&self, at: usize, by: &Deciding) -> Answer {
        Answer {
            specimen: self.specimens[at].id,
            release: by.released.release,
            assay: by.released.examined.assay,
        }
    }

    pub fn opened(&self, at: usize) -> Outcome {
        Outcome::Opened { by: self.specimens[at].id, since: self.specimens[at].at_the_latest() }
    }
}
