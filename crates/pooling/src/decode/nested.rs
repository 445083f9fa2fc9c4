use super::{Decision, Decoded, Material, Next, Scheme, State};

/// What is known below a test, gathered from the leaves up.
#[derive(Debug, Clone, Copy)]
struct Below {
    /// Some test at or below read detected.
    found: bool,
    /// Some test at or below was read at all.
    read: bool,
    /// Everything below read negative: nothing there explains a detected pool above.
    cleared: bool,
    children: bool,
}

/// What the pools above say about the members of a test.
#[derive(Debug, Clone, Copy, Default)]
struct Above {
    /// The nearest suspicious pool.
    held: Option<usize>,
    /// The nearest detected pool: its claim must be explained before a negative below counts.
    claim: Option<usize>,
    /// The nearest pool that failed for good.
    failed: Option<usize>,
    /// A pool inside the nearest suspicious one read negative: tests below it are not needed.
    closed: bool,
}

pub(super) fn decode(scheme: &Scheme, states: &[State], out: &mut Decoded) {
    let count = states.len();
    // `found` and `cleared` of the children of each test; tests stand after their parents.
    let mut below = vec![Below { found: false, read: false, cleared: true, children: false }; count];
    for index in (0..count).rev() {
        let Below { found, read, cleared, children } = below[index];
        let state = states[index];
        let found_here = found || state == State::Detected;
        let cleared_here = match state {
            State::Detected => false,
            State::NotDetected => !found,
            _ => children && cleared,
        };
        if let Some(parent) = scheme.test(index).parent {
            let up = &mut below[parent];
            up.children = true;
            up.found |= found_here;
            up.read |= read || state != State::Unread;
            up.cleared &= cleared_here;
        }
    }
    let mut above = vec![Above::default(); count];
    for index in 0..count {
        let test = scheme.test(index);
        let state = states[index];
        let from = match test.parent {
            Some(parent) => pass_down(above[parent], parent, states[parent]),
            None => Above::default(),
        };
        above[index] = from;
        let everyone = test.start..test.start + test.count;
        if test.count == 1 {
            let (decision, next) = match state {
                State::Detected => (Decision::Positive { by: index }, Next::Nothing),
                State::NotDetected => negative(index, from, &below),
                // An outer pool that read negative has already decided.
                _ if from.closed => continue,
                _ => waiting(scheme, index, test.parent, state, from, states, &below),
            };
            out.set(test.start, decision, next);
            continue;
        }
        let (decision, next) = match state {
            State::NotDetected => negative(index, from, &below),
            State::Detected | State::Inconclusive(_) => (Decision::Held { by: index }, Next::Nothing),
            _ if from.closed => continue,
            State::Unread | State::Invalid(_) => {
                let decision = match (from.held, state, from.failed) {
                    (Some(by), ..) => Decision::Held { by },
                    (None, State::Invalid(_), _) => Decision::Invalid { by: index },
                    (None, _, Some(by)) => Decision::Invalid { by },
                    (None, _, None) => Decision::Awaiting,
                };
                // Where later stages are already read, or this test failed for good, they go on without it.
                let skip = state.failed() || below[index].read;
                let next = if skip { Next::Nothing } else { scheme.runnable(index, test.parent.is_some()) };
                (decision, next)
            }
        };
        for specimen in everyone {
            out.set(specimen, decision, next);
        }
    }
}

fn pass_down(from: Above, test: usize, state: State) -> Above {
    match state {
        State::Detected => Above { held: Some(test), claim: Some(test), failed: None, closed: false },
        State::Inconclusive(_) => Above { held: Some(test), claim: from.claim, failed: None, closed: false },
        State::Invalid(_) => Above { failed: Some(test), ..from },
        State::NotDetected => Above { closed: true, ..from },
        State::Unread => from,
    }
}

/// A not-detected reading, against the claim of the pools above.
fn negative(test: usize, from: Above, below: &[Below]) -> (Decision, Next) {
    match from.claim {
        Some(pool) if below[pool].found => (Decision::Negative { by: test }, Next::Nothing),
        Some(pool) if below[pool].cleared => (Decision::Discordant { by: pool }, Next::Nothing),
        Some(pool) => (Decision::Held { by: pool }, Next::Nothing),
        None => (Decision::Negative { by: test }, Next::Nothing),
    }
}

/// A single test not yet settled: whether it is due depends on the pool above it.
fn waiting(
    scheme: &Scheme,
    index: usize,
    parent: Option<usize>,
    state: State,
    from: Above,
    states: &[State],
    below: &[Below],
) -> (Decision, Next) {
    let Some(pool) = parent else { return scheme.unsettled_single(index, state, None) };
    let due = match states[pool] {
        State::Detected | State::Inconclusive(_) => true,
        State::Unread | State::Invalid(1) => below[pool].read,
        _ => true,
    };
    if due {
        let (mut decision, mut next) = scheme.unsettled_single(index, state, from.held);
        if decision == Decision::Awaiting
            && let Some(by) = from.failed
        {
            decision = Decision::Invalid { by };
        }
        if scheme.material() == Material::Swab && next != Next::Nothing {
            next = Next::Reswab;
        }
        return (decision, next);
    }
    // The pool itself is next; it already said what its members are.
    let decision = match (from.held, states[pool]) {
        (Some(by), _) => Decision::Held { by },
        (None, State::Invalid(_)) => Decision::Invalid { by: pool },
        _ => Decision::Awaiting,
    };
    let next = first_open(scheme, pool, states, below);
    (decision, next)
}

/// The outermost pool on the way down that still has to be read.
fn first_open(scheme: &Scheme, pool: usize, states: &[State], below: &[Below]) -> Next {
    let mut chain = vec![pool];
    while let Some(up) = chain.last().and_then(|p| scheme.test(*p).parent) {
        chain.push(up);
    }
    for test in chain.into_iter().rev() {
        if !states[test].settled() && !below[test].read {
            return scheme.runnable(test, scheme.test(test).parent.is_some());
        }
    }
    Next::Nothing
}
