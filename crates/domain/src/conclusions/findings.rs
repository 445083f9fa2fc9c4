//! What each specimen is, from all readings of its schemes (rules 1, 3, 5, 6).

use super::index::{Relation, Table};
use super::{Facts, Fate, Inconsistent, Judgement, Policy, Recall, Released, SchemeFacts, Specimen};
use greenfort_kernel::{LotId, ReactionId, RunId, SchemeId, SpecimenId};
use greenfort_pooling::Accuracy;
use greenfort_pooling::decode::{Decision, Next, Reaction, Reading, Scheme};
use greenfort_pooling::posterior::{PooledReading, posterior};

/// The released reading that decides a specimen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deciding {
    pub released: Released,
    /// The reaction held material of one donor only.
    pub alone: bool,
}

/// What is known of one specimen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    Awaiting,
    Negative(Deciding),
    /// Not cleared, and something was seen: it opens those it stands for.
    Suspicious(Suspicion, Deciding),
    /// Gives nothing to anybody and opens nobody; a new swab is due, or the laboratory's repeat.
    Void(Void),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// In a pool, or a tube of several donors, that read detected or inconclusive.
    Held,
    Presumptive,
    Positive,
    /// Chance of infection in millionths.
    Discordant(u32),
    /// The single donor's own reaction.
    Inconclusive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Void {
    Invalid(Deciding),
    Resample(Fate),
}

/// What a scheme asks for next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextSteps {
    pub scheme: SchemeId,
    /// Tests to run now, or again.
    pub run: Vec<usize>,
    /// Tubes whose donors are to be swabbed again: nothing is left to test.
    pub reswab: Vec<SpecimenId>,
}

/// The finding of each specimen of the table, in its order, and what each scheme asks for next.
pub(super) fn findings(
    facts: &Facts,
    specimens: &Table<SpecimenId, Specimen>,
    donors: &Relation,
    policy: &Policy,
) -> Result<(Vec<Finding>, Vec<NextSteps>), Inconsistent> {
    let schemes = Table::new("scheme", &facts.schemes, |s: &SchemeFacts| s.id)?;
    let readings = in_force(facts)?;
    let mut decided: Vec<Option<Finding>> = vec![None; specimens.len()];
    let mut steps = Vec::with_capacity(schemes.len());
    let mut rest = readings.as_slice();
    for scheme in schemes.rows() {
        if scheme.specimens.len() != scheme.scheme.specimens() {
            return Err(Inconsistent::SchemeSize {
                scheme: scheme.id,
                wants: scheme.scheme.specimens(),
                has: scheme.specimens.len(),
            });
        }
        let own = rest.iter().take_while(|r| r.scheme == scheme.id).count();
        let (own, others) = rest.split_at(own);
        rest = others;
        let pool = Pool { scheme, readings: own, judgements: &facts.judgements, policy };
        let (found, next) = pool.decode(specimens, donors)?;
        steps.push(next);
        for (finding, specimen) in found {
            let before = decided[specimen].replace(finding);
            if let Some(before) = before {
                decided[specimen] = Some(graver(before, finding));
            }
        }
    }
    if let Some(stray) = rest.first() {
        return Err(Inconsistent::Unknown { what: "scheme", id: stray.scheme.to_string() });
    }
    let findings = decided
        .into_iter()
        .zip(specimens.rows())
        .map(|(finding, specimen)| with_fate(finding.unwrap_or(Finding::Awaiting), specimen.fate))
        .collect();
    Ok((findings, steps))
}

/// A rejected or lost tube gives nobody a negative; what was seen in it stays seen.
fn with_fate(finding: Finding, fate: Fate) -> Finding {
    match (finding, fate) {
        (_, Fate::InHand) | (Finding::Suspicious(..), _) => finding,
        (_, fate) => Finding::Void(Void::Resample(fate)),
    }
}

/// A tube that went from a failed pool into another: what was suspicious anywhere stays, else a negative counts.
fn graver(a: Finding, b: Finding) -> Finding {
    let weight = |finding: &Finding| match finding {
        Finding::Suspicious(Suspicion::Positive, _) => 7,
        Finding::Suspicious(Suspicion::Presumptive, _) => 6,
        Finding::Suspicious(Suspicion::Held, _) => 5,
        Finding::Suspicious(Suspicion::Discordant(_), _) => 4,
        Finding::Suspicious(Suspicion::Inconclusive, _) => 3,
        Finding::Negative(_) => 2,
        Finding::Void(_) => 1,
        Finding::Awaiting => 0,
    };
    if weight(&b) > weight(&a) { b } else { a }
}

/// The readings that stand: of each reaction the highest version, unless it was recalled; by scheme and test.
fn in_force(facts: &Facts) -> Result<Vec<Released>, Inconsistent> {
    let mut runs: Vec<RunId> = Vec::new();
    let mut lots: Vec<LotId> = Vec::new();
    let mut single: Vec<(ReactionId, u16)> = Vec::new();
    for recall in &facts.recalls {
        match *recall {
            Recall::Run(run) => runs.push(run),
            Recall::Lot(lot) => lots.push(lot),
            Recall::Reading { reaction, version } => single.push((reaction, version)),
        }
    }
    lots.sort_unstable();
    runs.extend(
        facts.lot_uses.iter().filter(|(_, lot)| lots.binary_search(lot).is_ok()).map(|(run, _)| *run),
    );
    runs.sort_unstable();
    single.sort_unstable();
    let mut latest = facts.readings.clone();
    latest.sort_unstable_by_key(|r| (r.reaction, std::cmp::Reverse(r.version)));
    for pair in latest.windows(2) {
        let same = (pair[0].reaction, pair[0].version) == (pair[1].reaction, pair[1].version);
        if same && pair[0] != pair[1] {
            return Err(Inconsistent::Contradiction { what: "reading", id: pair[0].reaction.to_string() });
        }
    }
    latest.dedup_by_key(|r| r.reaction);
    latest.retain(|r| {
        let recalled_up_to = single.partition_point(|(reaction, _)| *reaction <= r.reaction);
        let recalled = recalled_up_to
            .checked_sub(1)
            .map(|last| single[last])
            .is_some_and(|(reaction, version)| reaction == r.reaction && version >= r.version);
        !recalled && runs.binary_search(&r.run).is_err()
    });
    latest.sort_unstable_by_key(|r| (r.scheme, r.test, r.reaction));
    Ok(latest)
}

/// One scheme with its readings in force, sorted by test.
struct Pool<'a> {
    scheme: &'a SchemeFacts,
    readings: &'a [Released],
    judgements: &'a [Judgement],
    policy: &'a Policy,
}

impl Pool<'_> {
    fn decode(
        &self,
        specimens: &Table<SpecimenId, Specimen>,
        donors: &Relation,
    ) -> Result<(Vec<(Finding, usize)>, NextSteps), Inconsistent> {
        let scheme = &self.scheme.scheme;
        let reactions: Vec<Reaction> =
            self.readings.iter().map(|r| Reaction { test: r.test, reading: r.reading }).collect();
        let no_such_test = || {
            let stray = self.readings.iter().find(|r| r.test >= scheme.tests());
            Inconsistent::NoSuchTest {
                reaction: stray.map_or(ReactionId(uuid::Uuid::nil()), |r| r.reaction),
                test: stray.map_or(0, |r| r.test),
            }
        };
        let decoded = scheme.decode(&reactions).map_err(|_| no_such_test())?;
        let discordant = decoded.decisions.iter().any(|d| matches!(d, Decision::Discordant { .. }));
        let posteriors = if discordant { self.posteriors() } else { Vec::new() };
        let mut out = Vec::with_capacity(self.scheme.specimens.len());
        let mut steps = NextSteps { scheme: self.scheme.id, run: Vec::new(), reswab: Vec::new() };
        for (at, (decision, id)) in decoded.decisions.iter().zip(&self.scheme.specimens).enumerate() {
            let specimen = specimens.at(*id)?;
            let donors = donors.of(specimen).len();
            let posterior = posteriors.get(at).copied().unwrap_or(0);
            let finding = self.finding(at, *decision, donors, posterior);
            // The last test of a tube of several donors cannot say which of them it was.
            let last = matches!(decision, Decision::Positive { .. });
            let in_hand = specimens.rows()[specimen].fate == Fate::InHand;
            match decoded.next[at] {
                Next::Test(test) if in_hand || !scheme.is_single(test) => steps.run.push(test),
                Next::Reswab => steps.reswab.push(*id),
                _ if last && donors > 1 => steps.reswab.push(*id),
                Next::Test(_) | Next::Nothing => {}
            }
            out.push((finding, specimen));
        }
        steps.run.sort_unstable();
        steps.run.dedup();
        Ok((out, steps))
    }

    fn finding(&self, at: usize, decision: Decision, donors: usize, posterior: u32) -> Finding {
        use Reading::{Detected, Inconclusive, Invalid, NotDetected};
        // A tube of several donors is a pool that no laboratory can take apart.
        let one_donor = donors <= 1;
        let suspicious = |kind, deciding: Option<Deciding>| match deciding {
            Some(deciding) => Finding::Suspicious(kind, deciding),
            None => Finding::Awaiting,
        };
        match decision {
            Decision::Awaiting => Finding::Awaiting,
            Decision::Negative { by } => {
                self.last(by, one_donor, &[NotDetected]).map_or(Finding::Awaiting, Finding::Negative)
            }
            Decision::Invalid { by } => match self.last(by, one_donor, &[Invalid]) {
                Some(deciding) => Finding::Void(Void::Invalid(deciding)),
                None => Finding::Awaiting,
            },
            Decision::Held { by } => {
                suspicious(Suspicion::Held, self.last(by, one_donor, &[Detected, Inconclusive]))
            }
            Decision::Inconclusive { by } => {
                let kind = if one_donor { Suspicion::Inconclusive } else { Suspicion::Held };
                suspicious(kind, self.last(by, one_donor, &[Inconclusive]))
            }
            Decision::Positive { by } if !one_donor => {
                suspicious(Suspicion::Held, self.last(by, one_donor, &[Detected]))
            }
            Decision::Positive { by } => {
                let confirmed = self
                    .of(by)
                    .filter(|r| r.reading == Detected)
                    .rfind(|r| self.policy.case.confirms(r.examined.method, r.examined.authorised))
                    .map(|released| Deciding { released: *released, alone: true });
                match confirmed {
                    Some(deciding) => Finding::Suspicious(Suspicion::Positive, deciding),
                    None => suspicious(Suspicion::Presumptive, self.last(by, one_donor, &[Detected])),
                }
            }
            Decision::Discordant { by } => {
                let judged = Judgement { scheme: self.scheme.id, test: by };
                if self.judgements.contains(&judged)
                    && let Some(negative) = self.own_negative(at, one_donor)
                {
                    return Finding::Negative(negative);
                }
                suspicious(Suspicion::Discordant(posterior), self.last(by, one_donor, &[Detected]))
            }
        }
    }

    fn of(&self, test: usize) -> impl DoubleEndedIterator<Item = &Released> {
        let from = self.readings.partition_point(|r| r.test < test);
        let to = self.readings.partition_point(|r| r.test <= test);
        self.readings[from..to].iter()
    }

    fn last(&self, test: usize, one_donor: bool, readings: &[Reading]) -> Option<Deciding> {
        let alone = one_donor && self.scheme.scheme.is_single(test);
        let released = self.of(test).rfind(|r| readings.contains(&r.reading))?;
        Some(Deciding { released: *released, alone })
    }

    /// The latest-stage negative reaction that held the specimen.
    fn own_negative(&self, specimen: usize, one_donor: bool) -> Option<Deciding> {
        let scheme: &Scheme = &self.scheme.scheme;
        let tests = self.readings.iter().filter(|r| r.reading == Reading::NotDetected).map(|r| r.test);
        let test = tests
            .filter(|t| scheme.specimens_in(*t).any(|x| x == specimen))
            .max_by_key(|t| scheme.stage(*t))?;
        self.last(test, one_donor, &[Reading::NotDetected])
    }

    /// Chance of infection of each specimen in millionths, from the valid readings; zero where the odds allow none.
    fn posteriors(&self) -> Vec<u32> {
        let odds = self.policy.odds;
        let share = |millionths: u32| f64::from(millionths) / 1e6;
        let pool = Accuracy::new(share(odds.pool_sensitivity), share(odds.pool_specificity));
        let single = Accuracy::new(share(odds.single_sensitivity), share(odds.single_specificity));
        let (Ok(pool), Ok(single)) = (pool, single) else { return Vec::new() };
        let scheme = &self.scheme.scheme;
        let readings: Vec<PooledReading> = self
            .readings
            .iter()
            .filter(|r| matches!(r.reading, Reading::Detected | Reading::NotDetected))
            .map(|r| PooledReading {
                members: scheme.specimens_in(r.test).collect(),
                positive: r.reading == Reading::Detected,
                accuracy: if scheme.is_single(r.test) { single } else { pool },
            })
            .collect();
        let priors = vec![share(odds.prior); scheme.specimens()];
        posterior(&priors, &readings).map_or_else(
            |_| Vec::new(),
            |p| p.each.iter().map(|a| (a.probability * 1e6).round() as u32).collect(),
        )
    }
}
