use super::{Decision, Decoded, Next, Scheme, State};
use crate::array::Array;

pub(super) fn decode(scheme: &Scheme, array: Array, states: &[State], out: &mut Decoded) {
    let (n, m) = (array.rows(), array.columns());
    let first = usize::from(array.master());
    let rows = &states[first..first + n];
    let columns = &states[first + n..first + n + m];
    let singles = &states[first + n + m..];
    let plate = Plate::read(rows, columns, singles);
    let lines_read = rows.iter().chain(columns).any(|s| *s != State::Unread);
    let singles_read = singles.iter().any(|s| *s != State::Unread);
    let master = if array.master() { Some(states[0]) } else { None };
    let no_line_detects = !rows.iter().chain(columns).any(|s| s.suspicious());
    for (i, row) in rows.iter().copied().enumerate() {
        for (j, column) in columns.iter().copied().enumerate() {
            let cell = i * m + j;
            let own = singles[cell];
            let test = first + n + m + cell;
            if own == State::Detected {
                out.set(cell, Decision::Positive { by: test }, Next::Nothing);
                continue;
            }
            let quiet_lines = !row.suspicious() && !column.suspicious();
            let mut held = None;
            match master {
                Some(State::NotDetected) if quiet_lines && own == State::Unread => {
                    out.set(cell, Decision::Negative { by: 0 }, Next::Nothing);
                    continue;
                }
                Some(State::Unread) if !lines_read && !singles_read => {
                    out.set(cell, Decision::Awaiting, Next::Test(0));
                    continue;
                }
                Some(State::Invalid(1)) if !lines_read && !singles_read => {
                    out.set(cell, Decision::Invalid { by: 0 }, Next::Test(0));
                    continue;
                }
                Some(State::Detected | State::Inconclusive(_)) => held = Some(0),
                _ => {}
            }
            let at = Cell { first, i, j, n, row, column };
            let verdict = at.verdict(&plate);
            let (decision, next) = match verdict {
                Verdict::Wait(line) => (at.waiting(held), scheme.runnable(line, array.master())),
                Verdict::Cleared(by) => {
                    if master == Some(State::Detected) && no_line_detects {
                        if plate.rows_settled && plate.columns_settled {
                            (Decision::Discordant { by: 0 }, Next::Nothing)
                        } else {
                            (Decision::Held { by: 0 }, Next::Nothing)
                        }
                    } else {
                        (Decision::Negative { by }, Next::Nothing)
                    }
                }
                Verdict::Hold(by) => (Decision::Held { by }, Next::Nothing),
                Verdict::Retest(by) if own == State::NotDetected => {
                    (at.retested(test, by, &plate), Next::Nothing)
                }
                Verdict::Retest(by) => {
                    let held = by.or(held);
                    let (decision, next) = scheme.unsettled_single(test, own, held);
                    let failed = if row.failed() { first + i } else { first + n + j };
                    match decision {
                        Decision::Awaiting => (Decision::Invalid { by: failed }, next),
                        other => {
                            (other, if next == Next::Reswab { next } else { scheme.runnable(test, true) })
                        }
                    }
                }
            };
            // A negative single outside the plan is one's own material, read negative; nothing suspicious holds it.
            let decision = match (own, decision) {
                (State::NotDetected, Decision::Awaiting | Decision::Invalid { .. }) if held.is_none() => {
                    Decision::Negative { by: test }
                }
                (State::Inconclusive(_), Decision::Negative { .. }) => Decision::Inconclusive { by: test },
                (_, other) => other,
            };
            out.set(cell, decision, next);
        }
    }
}

/// What the lines say together.
struct Plate {
    rows_settled: bool,
    columns_settled: bool,
    any_row: bool,
    any_column: bool,
    row: Vec<Line>,
    column: Vec<Line>,
}

/// What the single tests on a line found.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Some single on it is detected.
    found: bool,
    /// Every planned single on it has been read negative.
    cleared: bool,
}

impl Plate {
    fn read(rows: &[State], columns: &[State], singles: &[State]) -> Self {
        let mut plate = Self {
            rows_settled: rows.iter().all(|s| s.settled()),
            columns_settled: columns.iter().all(|s| s.settled()),
            any_row: rows.iter().any(|s| s.suspicious()),
            any_column: columns.iter().any(|s| s.suspicious()),
            row: vec![Line { found: false, cleared: true }; rows.len()],
            column: vec![Line { found: false, cleared: true }; columns.len()],
        };
        for (i, row) in rows.iter().enumerate() {
            for (j, column) in columns.iter().enumerate() {
                let own = singles[i * columns.len() + j];
                let planned =
                    Cell { first: 0, i, j, n: rows.len(), row: *row, column: *column }.verdict(&plate);
                let open = match planned {
                    Verdict::Retest(_) => own != State::NotDetected,
                    Verdict::Wait(_) | Verdict::Hold(_) => true,
                    Verdict::Cleared(_) => false,
                };
                let found = own == State::Detected;
                plate.row[i].found |= found;
                plate.row[i].cleared &= !open && !found;
                plate.column[j].found |= found;
                plate.column[j].cleared &= !open && !found;
            }
        }
        plate
    }
}

enum Verdict {
    /// This line must be read first.
    Wait(usize),
    /// By this line.
    Cleared(usize),
    /// Held by this line until other lines are read.
    Hold(usize),
    /// To be tested alone, held by this line; none where lines failed rather than detected.
    Retest(Option<usize>),
}

struct Cell {
    first: usize,
    i: usize,
    j: usize,
    n: usize,
    row: State,
    column: State,
}

impl Cell {
    fn lines(&self) -> (usize, usize) {
        (self.first + self.i, self.first + self.n + self.j)
    }

    fn verdict(&self, plate: &Plate) -> Verdict {
        let (row, column) = self.lines();
        // Both unread: half the cells ask for the row, half for the column, so that all lines are run at once.
        if !self.row.settled() && (self.column.settled() || (self.i + self.j).is_multiple_of(2)) {
            return Verdict::Wait(row);
        }
        if !self.column.settled() {
            return Verdict::Wait(column);
        }
        match (self.row.suspicious(), self.column.suspicious()) {
            (true, true) => Verdict::Retest(Some(row)),
            (true, false) if self.column.failed() => Verdict::Retest(Some(row)),
            (false, true) if self.row.failed() => Verdict::Retest(Some(column)),
            (true, false) if plate.any_column => Verdict::Cleared(column),
            (true, false) if plate.columns_settled => Verdict::Retest(Some(row)),
            (true, false) => Verdict::Hold(row),
            (false, true) if plate.any_row => Verdict::Cleared(row),
            (false, true) if plate.rows_settled => Verdict::Retest(Some(column)),
            (false, true) => Verdict::Hold(column),
            (false, false) if self.row.failed() || self.column.failed() => Verdict::Retest(None),
            (false, false) => Verdict::Cleared(row),
        }
    }

    /// What the cell is while one of its lines is unread.
    fn waiting(&self, held: Option<usize>) -> Decision {
        let (row, column) = self.lines();
        if self.row.suspicious() {
            Decision::Held { by: row }
        } else if self.column.suspicious() {
            Decision::Held { by: column }
        } else if let Some(by) = held {
            Decision::Held { by }
        } else if matches!(self.row, State::Invalid(_)) {
            Decision::Invalid { by: row }
        } else if matches!(self.column, State::Invalid(_)) {
            Decision::Invalid { by: column }
        } else {
            Decision::Awaiting
        }
    }

    /// A planned single that read negative, against the claims of its detected lines.
    fn retested(&self, test: usize, by: Option<usize>, plate: &Plate) -> Decision {
        let (row, column) = self.lines();
        let claims =
            [(self.row, plate.row[self.i], row), (self.column, plate.column[self.j], column)].into_iter();
        let mut decision = Decision::Negative { by: test };
        for (_, line, index) in claims.filter(|(state, line, _)| *state == State::Detected && !line.found) {
            if line.cleared {
                return Decision::Discordant { by: index };
            }
            decision = Decision::Held { by: by.unwrap_or(index) };
        }
        decision
    }
}
