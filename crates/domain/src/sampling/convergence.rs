//! Two phones on one queue, a network that loses, repeats and reorders, clocks that are wrong, a phone that is wiped: whatever
//! happens, the server ends with what an office would have seen that stood beside both phones.

use super::scenarios::{HAMLET, collected, donor, known, person, standing_for, start, tube};
use super::*;
use greenfort_kernel::{AccountId, DeviceId, IntakeId, SpecimenId};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What happens next; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Fill {
        phone: usize,
        tube: u32,
        donors: Vec<u128>,
        members: Vec<u128>,
    },
    Void {
        phone: usize,
        which: usize,
    },
    Visit {
        phone: usize,
        person: u128,
    },
    /// The phone sends some of what it has not been told has arrived.
    Send {
        phone: usize,
        first: usize,
        count: usize,
    },
    /// A message in the air arrives, whichever; it may arrive again.
    Arrive {
        message: usize,
        again: bool,
    },
    Lose {
        message: usize,
    },
    /// The wiped phone forgets everybody and takes no more; its outbox stays, sealed to the server.
    Wipe {
        phone: usize,
    },
    /// Somebody sets the phone's clock.
    Jump {
        phone: usize,
        minutes: i64,
    },
    Wait {
        minutes: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let people = || prop::collection::vec(1_u128..=45, 0..4);
    prop_oneof![
        6 => (0_usize..2, 0_u32..24, people(), people())
            .prop_map(|(phone, tube, donors, members)| Step::Fill { phone, tube, donors, members }),
        1 => (0_usize..2, 0_usize..3).prop_map(|(phone, which)| Step::Void { phone, which }),
        1 => (0_usize..2, 1_u128..=42).prop_map(|(phone, person)| Step::Visit { phone, person }),
        4 => (0_usize..2, 0_usize..4, 1_usize..6).prop_map(|(phone, first, count)| Step::Send { phone, first, count }),
        5 => (any::<usize>(), any::<bool>()).prop_map(|(message, again)| Step::Arrive { message, again }),
        2 => any::<usize>().prop_map(|message| Step::Lose { message }),
        1 => (0_usize..2).prop_map(|phone| Step::Wipe { phone }),
        1 => (0_usize..2, -3000_i64..3000).prop_map(|(phone, minutes)| Step::Jump { phone, minutes }),
        3 => (1_i64..600).prop_map(|minutes| Step::Wait { minutes }),
    ]
}

enum Message {
    Events { phone: usize, events: Vec<Event>, sent_at: Timestamp },
    Acknowledged { phone: usize, ids: Vec<IntakeId> },
}

struct Phone {
    device: DeviceId,
    /// Milliseconds by which its clock is behind the server's …
    offset_ms: i64,
    /// … and what it believes since the last contact.
    believed_ms: i64,
    seq: i64,
    outbox: Vec<Event>,
    /// Its last tubes, for undo.
    filled: Vec<(SpecimenId, Tube)>,
    wiped: bool,
}

impl Phone {
    fn record(&mut self, now: Timestamp, all: &mut Vec<(DeviceId, Event)>, what: What) {
        self.seq += 1;
        let id = Uuid::from_u128((self.device.0.as_u128() << 32) + self.seq.unsigned_abs() as u128);
        let event = Event {
            id: IntakeId(id),
            seq: self.seq,
            device_at: now - SignedDuration::from_millis(self.offset_ms),
            offset_ms: self.believed_ms,
            account: AccountId(Uuid::from_u128(700)),
            what,
        };
        if let What::Collected(c) = &event.what {
            self.filled.push((SpecimenId(id), c.tube.clone()));
        }
        all.push((self.device, event.clone()));
        self.outbox.push(event);
    }
}

/// The server as the store builds it: what arrived, and truth derived anew only for the tubes concerned.
#[derive(Default)]
struct Server {
    intake: BTreeMap<(DeviceId, i64), Received>,
    truth: Truth,
    answers: usize,
}

fn device_times(intake: &BTreeMap<(DeviceId, i64), Received>) -> BTreeSet<(DeviceId, i64)> {
    let devices: BTreeSet<DeviceId> = intake.keys().map(|(device, _)| *device).collect();
    devices
        .into_iter()
        .flat_map(|device| {
            let of_it = intake
                .iter()
                .filter(|((d, _), _)| *d == device)
                .map(|((_, seq), r)| (*seq, r.event.occurred_at()));
            backwards(of_it).into_iter().map(move |seq| (device, seq))
        })
        .collect()
}

impl Server {
    fn take(
        &mut self,
        device: DeviceId,
        events: Vec<Event>,
        now: Timestamp,
        sent_at: Timestamp,
    ) -> Vec<IntakeId> {
        let received_offset_ms = i64::try_from(now.duration_since(sent_at).as_millis()).unwrap();
        let mut concerned: BTreeSet<Tube> = BTreeSet::new();
        let mut lowest = i64::MAX;
        let ids = events.iter().map(|e| e.id).collect();
        for event in events {
            let key = (device, event.seq);
            if self.intake.contains_key(&key) {
                self.answers += 1;
                continue;
            }
            lowest = lowest.min(event.seq);
            concerned.extend(event.tube().cloned());
            self.intake
                .insert(key, Received { device, unit: HAMLET, event, received_at: now, received_offset_ms });
        }
        // An earlier event that arrives late may cast doubt on the time of later ones.
        let later = self.intake.range((device, lowest)..).take_while(|((d, _), _)| *d == device);
        concerned.extend(later.filter_map(|(_, r)| r.event.tube().cloned()));
        self.derive(&concerned);
        ids
    }

    fn derive(&mut self, concerned: &BTreeSet<Tube>) {
        let events: Vec<Received> = self
            .intake
            .values()
            .filter(|r| r.event.tube().is_none_or(|t| concerned.contains(t)))
            .cloned()
            .collect();
        let known = Known { backwards: device_times(&self.intake), ..known() };
        let new = reduce(&events, &known);
        let touched: BTreeSet<IntakeId> = events.iter().map(|e| e.event.id).collect();
        self.truth.problems.retain(|(id, ..)| !touched.contains(id));
        self.truth.tubes.retain(|tube, _| !concerned.contains(tube));
        self.truth.problems.extend(new.problems);
        self.truth.tubes.extend(new.tubes);
        self.truth.specimens.extend(new.specimens);
        self.truth.visits.extend(new.visits);
        self.truth.people.extend(new.people);
    }
}

struct Run {
    now: Timestamp,
    phones: [Phone; 2],
    air: Vec<Message>,
    server: Server,
    /// Everything that happened, by whoever stood beside both.
    all: Vec<(DeviceId, Event)>,
}

impl Run {
    fn new(offsets_ms: [i64; 2]) -> Self {
        let phone = |n: u128, offset_ms| Phone {
            device: DeviceId(Uuid::from_u128(n)),
            offset_ms,
            believed_ms: offset_ms,
            seq: 0,
            outbox: Vec::new(),
            filled: Vec::new(),
            wiped: false,
        };
        Self {
            now: start() + SignedDuration::from_mins(1),
            phones: [phone(1, offsets_ms[0]), phone(2, offsets_ms[1])],
            air: Vec::new(),
            server: Server::default(),
            all: Vec::new(),
        }
    }

    fn record(&mut self, phone: usize, what: What) {
        let phone = &mut self.phones[phone];
        if !phone.wiped {
            phone.record(self.now, &mut self.all, what);
        }
    }

    fn apply(&mut self, step: Step) {
        self.now += SignedDuration::from_secs(10);
        match step {
            Step::Fill { phone, tube: label, donors, members } => {
                let mut donors: Vec<Donor> = donors.into_iter().map(donor).collect();
                if let Some(first) = donors.first_mut() {
                    let present = u16::try_from(members.len() + 1).unwrap();
                    let n = first.whose.person.0.as_u128();
                    *first = standing_for(n, present, &members);
                }
                self.record(phone, collected(label, donors));
            }
            Step::Void { phone, which } => {
                let filled = &self.phones[phone].filled;
                if let Some((specimen, tube)) = filled.iter().rev().nth(which).cloned() {
                    self.record(phone, What::Voided { specimen, tube, reason: "wrong_person".to_owned() });
                }
            }
            Step::Visit { phone, person: n } => {
                let visited = Visited {
                    person: person(n),
                    unit: HAMLET,
                    reach: NotSwabbed::Absent,
                    reason: "at_work".to_owned(),
                };
                self.record(phone, What::Visited(visited));
            }
            Step::Send { phone, first, count } => self.send(phone, first, count),
            Step::Arrive { message, again } => {
                if !self.air.is_empty() {
                    self.arrive(message % self.air.len(), again);
                }
            }
            Step::Lose { message } => {
                if !self.air.is_empty() {
                    self.air.swap_remove(message % self.air.len());
                }
            }
            Step::Wipe { phone } => {
                self.phones[phone].wiped = true;
                self.phones[phone].filled.clear();
            }
            Step::Jump { phone, minutes } => self.phones[phone].offset_ms -= minutes * 60_000,
            Step::Wait { minutes } => self.now += SignedDuration::from_mins(minutes),
        }
    }

    fn send(&mut self, phone: usize, first: usize, count: usize) {
        let p = &self.phones[phone];
        let events: Vec<Event> = p.outbox.iter().skip(first).take(count).cloned().collect();
        let sent_at = self.now - SignedDuration::from_millis(p.offset_ms);
        if !events.is_empty() {
            self.air.push(Message::Events { phone, events, sent_at });
        }
    }

    fn arrive(&mut self, at: usize, again: bool) {
        let message = self.air.swap_remove(at);
        match &message {
            Message::Events { phone, events, sent_at } => {
                let device = self.phones[*phone].device;
                let ids = self.server.take(device, events.clone(), self.now, *sent_at);
                self.air.push(Message::Acknowledged { phone: *phone, ids });
            }
            Message::Acknowledged { phone, ids } => {
                let phone = &mut self.phones[*phone];
                phone.outbox.retain(|e| !ids.contains(&e.id));
                phone.believed_ms = phone.offset_ms;
            }
        }
        if again {
            self.air.push(message);
        }
    }

    /// Coverage at last: both phones send until their outboxes are empty.
    fn settle(&mut self) {
        for phone in 0..2 {
            while !self.phones[phone].outbox.is_empty() {
                self.send(phone, 0, 50);
                while !self.air.is_empty() {
                    self.arrive(0, false);
                }
            }
        }
    }
}

/// What arrival itself adds and no bystander can know: a message that travelled long looks like a changed clock, and a time
/// lies ahead only of an arrival.
fn without_arrival(mut truth: Truth) -> Truth {
    let of_arrival = [Flag::ClockChanged, Flag::TimeAhead];
    for specimen in truth.specimens.values_mut() {
        specimen.flags.retain(|flag| !of_arrival.contains(flag));
    }
    truth.problems.retain(|(_, problem, _)| !of_arrival.iter().any(|flag| *problem == Problem::Flag(*flag)));
    truth
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_gives_the_same_truth_with_nothing_lost_and_nothing_doubled(
        steps in prop::collection::vec(step(), 1..120),
        offsets_ms in [-90_000_000_i64..90_000_000, -90_000_000_i64..90_000_000],
    ) {
        let mut run = Run::new(offsets_ms);
        for step in steps {
            run.apply(step);
        }
        run.settle();

        let arrived: Vec<IntakeId> = run.server.intake.values().map(|r| r.event.id).collect();
        let happened: BTreeSet<IntakeId> = run.all.iter().map(|(_, e)| e.id).collect();
        prop_assert_eq!(arrived.len(), run.all.len(), "lost or doubled");
        prop_assert_eq!(arrived.into_iter().collect::<BTreeSet<_>>(), happened);

        // The bystander: every event at once, in the order in which it happened, with no network at all.
        let witnessed: Vec<Received> = run.all.iter().map(|(device, event)| Received {
            device: *device,
            unit: HAMLET,
            event: event.clone(),
            received_at: event.occurred_at(),
            received_offset_ms: event.offset_ms,
        }).collect();
        let times = witnessed.iter().map(|r| ((r.device, r.event.seq), r.clone())).collect();
        let bystander = reduce(&witnessed, &Known { backwards: device_times(&times), ..known() });
        prop_assert_eq!(without_arrival(run.server.truth), without_arrival(bystander));
    }

    #[test]
    fn a_specimen_never_holds_a_donor_twice_nor_represents_a_donor(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut run = Run::new([0, 0]);
        for step in steps {
            run.apply(step);
        }
        run.settle();
        for specimen in run.server.truth.specimens.values() {
            let donors: BTreeSet<_> = specimen.donors.iter().map(|(p, ..)| *p).collect();
            prop_assert_eq!(donors.len(), specimen.donors.len());
            for represents in &specimen.represents {
                prop_assert!(donors.contains(&represents.representative));
                prop_assert!(represents.members.iter().all(|(p, _)| !donors.contains(p)));
            }
        }
        let labels: BTreeSet<Tube> = (0..24).map(tube).collect();
        prop_assert!(run.server.truth.tubes.keys().all(|t| labels.contains(t)));
    }
}
