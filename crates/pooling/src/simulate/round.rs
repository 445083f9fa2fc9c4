//! One commune's round: who is infected, who is swabbed, what the laboratory reads, what the decoder says.

use super::province::{Province, RoundResult, Settlement, Tests};
use super::{Rng, accuracy_of};
use crate::decode::{Decision, Reaction, Reading, Scheme};
use crate::design::Design;
use crate::error::Result;

/// One swabbed person: its household, and its Ct if infected and visible.
#[derive(Debug, Clone, Copy)]
struct Specimen {
    household: u32,
    infected: bool,
    /// Whether there is anything a test could see.
    visible: bool,
    ct: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct House {
    infected: bool,
    found: bool,
    opened: bool,
    /// All specimens so far read negative, and there is one.
    negative: bool,
}

pub(super) fn commune(province: &Province, s: &Settlement, rng: &mut Rng) -> Result<RoundResult> {
    let mut out = RoundResult { name: s.name.clone(), ..RoundResult::default() };
    let mut sizes: Vec<usize> = Vec::new();
    for (size, number) in &s.households {
        sizes.extend(std::iter::repeat_n(*size, *number as usize));
    }
    // Households in walking order, not by size.
    rng.shuffle(&mut sizes);
    let mut houses = vec![House::default(); sizes.len()];
    let mut specimens = Vec::with_capacity(sizes.len());
    for (household, size) in sizes.iter().enumerate() {
        out.households += 1;
        out.people += *size as u64;
        let infected = rng.chance(s.prevalence);
        let sent = if province.two_from.is_some_and(|from| *size >= from) { 2.min(*size) } else { 1 };
        let house = &mut houses[household];
        house.infected = infected;
        out.infected_households += u64::from(infected);
        let mut sick = [false; 2];
        if infected {
            // The first representative carries `exposure` shares of being the index, everyone else one.
            let index = rng.uniform() * (province.exposure + *size as f64 - 1.0);
            let index = if index < province.exposure { 0 } else { (index - province.exposure) as usize + 1 };
            let mut ill = 0;
            let mut seen = sick.iter_mut();
            for member in 0..*size {
                let now = member == index || rng.chance(province.sar);
                ill += u64::from(now);
                if let Some(slot) = seen.next() {
                    *slot = now;
                }
            }
            out.infected_people += ill;
        }
        if rng.chance(province.faults.absent) {
            continue;
        }
        out.represented += 1;
        house.negative = true;
        for infected in sick.into_iter().take(sent) {
            let visible = infected && !rng.chance(province.faults.invisible);
            let ct = match &province.tests {
                Tests::Load { loads, .. } if visible => loads.draw(rng),
                _ => 0.0,
            };
            out.infected_specimens += u64::from(infected);
            specimens.push(Specimen { household: household as u32, infected, visible, ct });
        }
    }
    out.specimens = specimens.len() as u64;
    let full = Scheme::new(&s.design, province.material);
    for group in specimens.chunks(s.design.members()) {
        if group.len() == s.design.members() {
            pool(province, &full, group, rng, &mut houses, &mut out)?;
        } else {
            // What is left over fills one plain pool, or stands alone.
            let rest = rest(&s.design, group.len())?;
            pool(province, &Scheme::new(&rest, province.material), group, rng, &mut houses, &mut out)?;
        }
    }
    for house in &houses {
        out.opened += u64::from(house.opened);
        if house.infected {
            out.households_found += u64::from(house.found);
            out.households_missed += u64::from(house.negative && !house.found && !house.opened);
        }
    }
    out.unseen_communes = u64::from(out.infected_households > 0 && out.households_found == 0);
    Ok(out)
}

/// A design of the same number of stages for the people left over.
fn rest(design: &Design, people: usize) -> Result<Design> {
    Ok(match design {
        Design::Hierarchy(h) => {
            let mut stages = Vec::new();
            for sizes in h.stages() {
                let mut left = people;
                let mut kept = Vec::new();
                for size in sizes {
                    let take = (*size).min(left);
                    if take > 0 {
                        kept.push(take);
                        left -= take;
                    }
                }
                stages.push(kept);
            }
            Design::Hierarchy(crate::hierarchy::Hierarchy::new(stages)?)
        }
        // Single tests in as many (nominal) stages as the array has accuracies.
        Design::Array(a) => {
            Design::Hierarchy(crate::hierarchy::Hierarchy::new(vec![vec![1; people]; a.accuracies() - 1])?)
        }
    })
}

fn pool(
    province: &Province,
    scheme: &Scheme,
    group: &[Specimen],
    rng: &mut Rng,
    houses: &mut [House],
    out: &mut RoundResult,
) -> Result<()> {
    let mut reactions: Vec<Reaction> = Vec::new();
    let mut asked: Vec<bool> = Vec::new();
    loop {
        let decoded = scheme.decode(&reactions)?;
        let mut tests = decoded.tests_to_run();
        if tests.is_empty() {
            // Re-swabbed people are tested singly, once; who is not reached stays held.
            if asked.is_empty() {
                asked = vec![false; group.len()];
            }
            for specimen in decoded.to_reswab() {
                if let (Some(asked), Some(single)) = (asked.get_mut(specimen), scheme.single(specimen))
                    && !*asked
                {
                    *asked = true;
                    if !rng.chance(province.faults.unreached) {
                        out.reswabs += 1;
                        tests.push(single);
                    }
                }
            }
        }
        if tests.is_empty() {
            for (specimen, decision) in group.iter().zip(&decoded.decisions) {
                settle(*specimen, *decision, houses, out);
            }
            return Ok(());
        }
        for test in tests {
            let reading = read(province, scheme, group, test, rng);
            let stage = scheme.stage(test).unwrap_or(0);
            if out.stages.len() <= stage {
                out.stages.resize(stage + 1, 0);
                out.waiting.resize(stage + 1, 0);
            }
            let people = scheme.specimens_in(test).count() as u64;
            out.stages[stage] += 1;
            out.waiting[stage] += people;
            out.tests += 1;
            if !scheme.is_single(test) && matches!(reading, Reading::Detected | Reading::Inconclusive) {
                for x in scheme.specimens_in(test) {
                    if let Some(house) = group.get(x).and_then(|s| houses.get_mut(s.household as usize)) {
                        house.opened = true;
                    }
                }
            }
            reactions.push(Reaction { test, reading });
        }
    }
}

fn read(province: &Province, scheme: &Scheme, group: &[Specimen], test: usize, rng: &mut Rng) -> Reading {
    if rng.chance(province.faults.invalid) {
        return Reading::Invalid;
    }
    let members = || scheme.specimens_in(test).filter_map(|x| group.get(x));
    let infected = members().any(|s| s.visible);
    let detected = match &province.tests {
        Tests::Fixed(accuracy) => {
            let a = accuracy_of(scheme, accuracy, test);
            rng.chance(if infected { a.se() } else { a.false_positive() })
        }
        Tests::Load { dilution, specificity, .. } => {
            if infected {
                let people = scheme.specimens_in(test).count();
                rng.chance(dilution.detects_loads(members().filter(|s| s.visible).map(|s| s.ct), people))
            } else {
                rng.chance(1.0 - specificity)
            }
        }
    };
    if detected { Reading::Detected } else { Reading::NotDetected }
}

fn settle(specimen: Specimen, decision: Decision, houses: &mut [House], out: &mut RoundResult) {
    let o = &mut out.outcomes;
    match decision {
        Decision::Negative { .. } => o.negative += 1,
        Decision::Positive { .. } => o.positive += 1,
        Decision::Discordant { .. } => o.discordant += 1,
        Decision::Held { .. } => o.held += 1,
        Decision::Invalid { .. } => o.invalid += 1,
        Decision::Inconclusive { .. } => o.inconclusive += 1,
        Decision::Awaiting => o.awaiting += 1,
    }
    let Some(house) = houses.get_mut(specimen.household as usize) else { return };
    house.negative &= decision.is_negative();
    if decision.is_positive() {
        house.opened = true;
        if specimen.infected {
            out.found += 1;
            house.found = true;
        } else {
            out.false_positives += 1;
        }
    }
}
