use std::collections::VecDeque;

use super::{Laboratory, Limits};
use crate::error::{Error, Result, count, within};

/// What a commune sends to its laboratory.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Laboratory, by index.
    pub laboratory: usize,
    /// Specimens.
    pub specimens: f64,
    /// Expected (tests, people waiting for them) of each stage.
    pub stages: Vec<(f64, f64)>,
    /// Hours lost between a stage and the next (recall after swab pooling).
    pub recall_hours: f64,
}

/// Swab to result of a commune's people.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Journey {
    /// Hours from swab to final result for half of the people, and for nine of ten.
    pub p50: f64,
    /// The same for nine of ten.
    pub p90: f64,
    /// Hours from the start of the round to the last expected result; infinite where the queue does not empty within 60 days.
    pub finish: f64,
}

/// How long people hold a valid pass, rounds following one another.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct PassHours {
    /// Hours from a result to the end of its pass, nine of ten people having at least this.
    pub usable: f64,
    /// Hours without a valid pass between one pass and the next.
    pub gap: f64,
    /// Share of the time covered by a pass.
    pub covered: f64,
}

impl PassHours {
    /// A pass runs from the result (p90 after the swab) to the swab + validity; the next result comes one interval later.
    #[must_use]
    pub fn of(journey: &Journey, limits: &Limits) -> Self {
        let usable = (limits.validity_hours - journey.p90).max(0.0);
        let covered = usable.min(limits.interval_hours);
        Self { usable, gap: limits.interval_hours - covered, covered: covered / limits.interval_hours }
    }
}

/// One hour of one laboratory.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Hour {
    /// Tests that came in, were started, and still wait at its end.
    pub arrived: f64,
    /// Tests begun in the hour.
    pub started: f64,
    /// Tests waiting at its end.
    pub waiting: f64,
}

/// Tests of one flow and stage that became ready in the same hour.
#[derive(Debug, Clone, Copy)]
struct Batch {
    flow: usize,
    stage: usize,
    /// Hours from the start of the round at which its people were swabbed, on average.
    swabbed: f64,
    tests: f64,
    people: f64,
}

/// Hours looked at: 60 days.
const LONGEST: usize = 60 * 24;

/// Hour by hour: swabs come in evenly over the collection hours, laboratories start the oldest tests first within each hour's
/// capacity, positives come back as the next stage after turn-around (and recall). Expected numbers, not a random draw.
pub fn queue(
    flows: &[Flow],
    laboratories: &[Laboratory],
    limits: &Limits,
) -> Result<(Vec<Journey>, Vec<Vec<Hour>>)> {
    limits.check()?;
    count("flows", flows.len(), 0, 20_000)?;
    for flow in flows {
        count("laboratory", flow.laboratory, 0, laboratories.len().saturating_sub(1))?;
        within("specimens", flow.specimens, 0.0, 1e9)?;
        count("stages", flow.stages.len(), 1, 8)?;
        within("recall_hours", flow.recall_hours, 0.0, 2000.0)?;
    }
    if laboratories.is_empty() {
        return Err(Error::new("laboratories", "is an empty list"));
    }
    for laboratory in laboratories {
        within("turnaround", laboratory.turnaround, 0.0, 500.0)?;
    }
    let mut state = State {
        ready: vec![Vec::new(); LONGEST],
        in_flight: 0,
        decided: vec![Vec::new(); flows.len()],
        finish: vec![0.0; flows.len()],
    };
    let collection = limits.collection_hours.ceil() as usize;
    let lead = limits.lead_hours.ceil() as usize;
    for (index, flow) in flows.iter().enumerate() {
        let share = 1.0 / collection as f64;
        for hour in 0..collection {
            if let Some((tests, people)) = flow.stages.first() {
                let swabbed = hour as f64 + 0.5;
                let batch =
                    Batch { flow: index, stage: 0, swabbed, tests: tests * share, people: people * share };
                state.send(hour + lead, batch);
            }
        }
    }
    let mut queues: Vec<VecDeque<Batch>> = vec![VecDeque::new(); laboratories.len()];
    let mut hours: Vec<Vec<Hour>> = vec![Vec::new(); laboratories.len()];
    for hour in 0..LONGEST {
        if state.in_flight == 0 {
            break;
        }
        let mut arriving = std::mem::take(&mut state.ready[hour]);
        // Those who have waited longest first.
        arriving.sort_by(|a, b| a.swabbed.total_cmp(&b.swabbed));
        let mut now = vec![Hour::default(); laboratories.len()];
        for batch in arriving {
            let home = flows[batch.flow].laboratory;
            now[home].arrived += batch.tests;
            queues[home].push_back(batch);
        }
        for (l, laboratory) in laboratories.iter().enumerate() {
            let mut left = laboratory.per_hour[(hour + limits.start_hour) % 24];
            while let Some(batch) = queues[l].front_mut() {
                if batch.tests <= left {
                    let done = *batch;
                    queues[l].pop_front();
                    state.in_flight -= 1;
                    left -= done.tests;
                    now[l].started += done.tests;
                    state.release(done, hour, laboratory, &flows[done.flow]);
                } else if left > 0.0 {
                    let part = left / batch.tests;
                    let done = Batch { tests: left, people: batch.people * part, ..*batch };
                    batch.tests -= done.tests;
                    batch.people -= done.people;
                    now[l].started += left;
                    left = 0.0;
                    state.release(done, hour, laboratory, &flows[done.flow]);
                } else {
                    break;
                }
            }
            now[l].waiting = queues[l].iter().map(|b| b.tests).sum();
            hours[l].push(now[l]);
        }
    }
    let State { ready, decided, finish, .. } = state;
    let mut stuck = vec![false; flows.len()];
    for batch in queues.iter().flatten().chain(ready.iter().flatten()) {
        stuck[batch.flow] = true;
    }
    let journeys = decided
        .into_iter()
        .enumerate()
        .map(|(flow, mut all)| {
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            let total: f64 = all.iter().map(|d| d.1).sum();
            let reach = |share: f64| {
                let mut sum = 0.0;
                for (hours, people) in &all {
                    sum += people;
                    if sum >= share * total {
                        return *hours;
                    }
                }
                0.0
            };
            Journey {
                p50: reach(0.5),
                p90: reach(0.9),
                finish: if stuck[flow] { f64::INFINITY } else { finish[flow] },
            }
        })
        .collect();
    Ok((journeys, hours))
}

/// Tests on their way, and what is decided.
struct State {
    /// By the hour they can be started.
    ready: Vec<Vec<Batch>>,
    /// Batches in `ready` and in the queues.
    in_flight: usize,
    /// (hours from swab, people), per flow.
    decided: Vec<Vec<(f64, f64)>>,
    finish: Vec<f64>,
}

impl State {
    fn send(&mut self, hour: usize, batch: Batch) {
        // What comes after the last hour looked at stays there and keeps its flow from finishing.
        let hour = hour.min(LONGEST - 1);
        self.ready[hour].push(batch);
        self.in_flight += 1;
    }

    fn release(&mut self, done: Batch, hour: usize, laboratory: &Laboratory, flow: &Flow) {
        let out = hour as f64 + 1.0 + laboratory.turnaround;
        let (tests, people) = flow.stages[done.stage];
        let share = if tests > 0.0 { done.tests / tests } else { 0.0 };
        let next = flow.stages.get(done.stage + 1).map_or((0.0, 0.0), |(t, p)| (t * share, p * share));
        let staying = people * share - next.1;
        if staying > 0.0 {
            self.decided[done.flow].push((out - done.swabbed, staying));
        }
        self.finish[done.flow] = self.finish[done.flow].max(out);
        if next.0 > 0.0 {
            let at = (out + flow.recall_hours).ceil() as usize;
            self.send(
                at,
                Batch {
                    flow: done.flow,
                    stage: done.stage + 1,
                    swabbed: done.swabbed,
                    tests: next.0,
                    people: next.1,
                },
            );
        }
    }
}
