use serde_json::{Map, Value};

use super::time::{Moment, Unit};
use crate::cbor::MAX_INT;

/// Why an expression has no value. A rule with an error is a rule that is not met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub &'static str);

type Result<T> = std::result::Result<T, RuleError>;

const DEPTH: u32 = 64;
const STEPS: u32 = 100_000;
/// What a step costs beside copying one value, or 16 characters of text.
const STEP: u32 = 16;

/// What an expression comes to: JSON, or a date-time, which is no JSON.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    Json(Value),
    Time(Moment),
}

/// Evaluates `logic` on `data`. A date-time as the outcome is given as ISO 8601.
///
/// # Errors
/// An expression outside the specification, an operand of the wrong type, or beyond the bounds.
pub fn evaluate(logic: &Value, data: &Value) -> Result<Value> {
    let mut machine = Machine { work: STEPS * STEP };
    Ok(match machine.run(logic, data, DEPTH)? {
        Term::Json(v) => v,
        Term::Time(t) => Value::String(t.iso()),
    })
}

struct Machine {
    work: u32,
}

impl Machine {
    fn spend(&mut self, cost: usize) -> Result<()> {
        let left = u32::try_from(cost).ok().and_then(|cost| self.work.checked_sub(cost));
        self.work = left.ok_or(RuleError("too many steps"))?;
        Ok(())
    }

    /// What is copied counts as work, or a value that grows in a loop would escape the bounds.
    fn weigh(&mut self, value: &Value, depth: u32) -> Result<()> {
        let depth = depth.checked_sub(1).ok_or(RuleError("nested too deep"))?;
        self.spend(1)?;
        match value {
            Value::String(text) => self.spend(text.encode_utf16().count() / 16),
            Value::Array(items) => items.iter().try_for_each(|item| self.weigh(item, depth)),
            Value::Object(map) => map.values().try_for_each(|item| self.weigh(item, depth)),
            _ => Ok(()),
        }
    }

    fn run(&mut self, logic: &Value, data: &Value, depth: u32) -> Result<Term> {
        self.spend(STEP as usize)?;
        let depth = depth.checked_sub(1).ok_or(RuleError("nested too deep"))?;
        match logic {
            Value::Bool(_) | Value::String(_) => Ok(Term::Json(logic.clone())),
            Value::Number(_) => integer(logic).map(|_| Term::Json(logic.clone())),
            Value::Null => Err(RuleError("null is no expression")),
            Value::Array(items) => {
                let mut all = Vec::new();
                for item in items {
                    all.push(self.json(item, data, depth)?);
                }
                Ok(Term::Json(Value::Array(all)))
            }
            Value::Object(map) => self.operation(map, data, depth),
        }
    }

    fn json(&mut self, logic: &Value, data: &Value, depth: u32) -> Result<Value> {
        match self.run(logic, data, depth)? {
            Term::Json(v) => Ok(v),
            Term::Time(t) => Ok(Value::String(t.iso())),
        }
    }

    fn int(&mut self, logic: &Value, data: &Value, depth: u32) -> Result<i64> {
        match self.run(logic, data, depth)? {
            Term::Json(v) => integer(&v),
            Term::Time(_) => Err(RuleError("an integer was expected")),
        }
    }

    fn truth(&mut self, logic: &Value, data: &Value, depth: u32) -> Result<(bool, Term)> {
        let term = self.run(logic, data, depth)?;
        Ok((truthy(&term)?, term))
    }

    fn operation(&mut self, map: &Map<String, Value>, data: &Value, depth: u32) -> Result<Term> {
        let mut entries = map.iter();
        let (Some((operator, arguments)), None) = (entries.next(), entries.next()) else {
            return Err(RuleError("an operation has one operator"));
        };
        if operator == "var" {
            let path = match arguments {
                Value::String(path) => path.clone(),
                Value::Number(n) => n.to_string(),
                _ => return Err(RuleError("var takes a path")),
            };
            return self.access(data, &path);
        }
        let Value::Array(arguments) = arguments else { return Err(RuleError("operands stand in an array")) };
        let yes = |b| Ok(Term::Json(Value::Bool(b)));
        match (operator.as_str(), arguments.as_slice()) {
            ("if", [guard, then, otherwise]) => {
                let branch = if self.truth(guard, data, depth)?.0 { then } else { otherwise };
                self.run(branch, data, depth)
            }
            ("and", operands @ [_, _, ..]) => {
                let mut last = Term::Json(Value::Bool(true));
                for operand in operands {
                    let (truth, term) = self.truth(operand, data, depth)?;
                    if !truth {
                        return Ok(term);
                    }
                    last = term;
                }
                Ok(last)
            }
            ("!", [operand]) => yes(!self.truth(operand, data, depth)?.0),
            ("===", [a, b]) => {
                let (a, b) = (self.run(a, data, depth)?, self.run(b, data, depth)?);
                yes(identical(&a, &b))
            }
            ("in", [item, list]) => {
                let item = self.run(item, data, depth)?;
                let Term::Json(Value::Array(list)) = self.run(list, data, depth)? else {
                    return Err(RuleError("in looks into an array"));
                };
                yes(list.into_iter().any(|other| identical(&item, &Term::Json(other))))
            }
            ("+", [a, b]) => {
                let (a, b) = (self.int(a, data, depth)?, self.int(b, data, depth)?);
                Ok(Term::Json(Value::from(integer(&Value::from(a + b))?)))
            }
            (
                "<" | ">" | "<=" | ">=" | "after" | "before" | "not-after" | "not-before",
                operands @ ([_, _] | [_, _, _]),
            ) => {
                let mut terms = Vec::new();
                for operand in operands {
                    terms.push(self.run(operand, data, depth)?);
                }
                yes(ordered(operator, &comparable(operator, &terms)?))
            }
            ("plusTime", [date, amount, Value::String(unit)]) => {
                let unit = Unit::from_name(unit).ok_or(RuleError("an unknown time unit"))?;
                let amount = integer(amount)?;
                let text = self.json(date, data, depth)?;
                // A date of birth may be partial.
                let moment = text.as_str().and_then(|t| Moment::parse(t).or_else(|| Moment::parse_birth(t)));
                let moment = moment.ok_or(RuleError("no date or date-time"))?;
                moment.plus(amount, unit).map(Term::Time).ok_or(RuleError("a date out of range"))
            }
            ("dccDateOfBirth", [operand]) => {
                let text = self.json(operand, data, depth)?;
                let birth = text.as_str().and_then(Moment::parse_birth);
                birth.map(Term::Time).ok_or(RuleError("no date of birth"))
            }
            ("reduce", [operand, lambda, initial]) => self.reduce(operand, lambda, initial, data, depth),
            ("extractFromUVCI", [operand, index]) => {
                let index = integer(index)?;
                match self.json(operand, data, depth)? {
                    Value::Null => Ok(Term::Json(Value::Null)),
                    Value::String(uvci) => Ok(Term::Json(fragment(&uvci, index))),
                    _ => Err(RuleError("a UVCI is a text")),
                }
            }
            _ => Err(RuleError("an unknown operator, or operands that it does not take")),
        }
    }

    fn reduce(
        &mut self,
        operand: &Value,
        lambda: &Value,
        initial: &Value,
        data: &Value,
        depth: u32,
    ) -> Result<Term> {
        let items = match self.json(operand, data, depth)? {
            Value::Null => Vec::new(),
            Value::Array(items) => items,
            _ => return Err(RuleError("reduce takes an array")),
        };
        let mut accumulator = self.json(initial, data, depth)?;
        for current in items {
            let mut context = Map::new();
            context.insert("accumulator".to_owned(), accumulator);
            context.insert("current".to_owned(), current);
            accumulator = self.json(lambda, &Value::Object(context), depth)?;
        }
        Ok(Term::Json(accumulator))
    }

    fn access(&mut self, data: &Value, path: &str) -> Result<Term> {
        let mut at = data;
        if !path.is_empty() {
            for step in path.split('.') {
                let next = match at {
                    Value::Array(items) => index(step).and_then(|i| items.get(i)),
                    Value::Object(map) => map.get(step),
                    _ => None,
                };
                match next {
                    Some(value) => at = value,
                    None => return Ok(Term::Json(Value::Null)),
                }
            }
        }
        self.weigh(at, DEPTH)?;
        Ok(Term::Json(at.clone()))
    }
}

/// An integer within ±(2⁵³ − 1), also written as `1.0`: what it is in every implementation.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the range is checked")]
fn integer(value: &Value) -> Result<i64> {
    let whole = |x: f64| (x.fract() == 0.0 && x.abs() <= MAX_INT as f64).then_some(x as i64);
    let n = value.as_i64().or_else(|| value.as_f64().and_then(whole));
    n.filter(|n| n.unsigned_abs() <= MAX_INT.unsigned_abs()).ok_or(RuleError("an integer was expected"))
}

/// Truthy and falsy exclude each other but leave values that are neither: those are errors.
fn truthy(term: &Term) -> Result<bool> {
    match term {
        Term::Json(Value::Null) => Ok(false),
        Term::Json(Value::Bool(b)) => Ok(*b),
        Term::Json(Value::String(s)) => Ok(!s.is_empty()),
        Term::Json(Value::Array(a)) => Ok(!a.is_empty()),
        Term::Json(Value::Object(o)) => Ok(!o.is_empty()),
        Term::Json(Value::Number(n)) => Ok(n.as_f64() != Some(0.0)),
        Term::Time(_) => Err(RuleError("a date-time is neither truthy nor falsy")),
    }
}

/// Equality without coercion; arrays, objects and date-times are compared by identity in the
/// reference, so two of them are never equal.
fn identical(a: &Term, b: &Term) -> bool {
    match (a, b) {
        (Term::Json(Value::Number(a)), Term::Json(Value::Number(b))) => a.as_f64() == b.as_f64(),
        (Term::Json(Value::Array(_) | Value::Object(_)), _) | (Term::Time(_), _) => false,
        (a, b) => a == b,
    }
}

/// Date-times as milliseconds, or integers for the signs alone. Before version 1.0 of the language the signs
/// compared date-times too, and rules of 2021 still do.
fn comparable(operator: &str, terms: &[Term]) -> Result<Vec<i64>> {
    let time = |term: &Term| if let Term::Time(moment) = term { Some(moment.0) } else { None };
    if let Some(times) = terms.iter().map(time).collect() {
        return Ok(times);
    }
    if !operator.starts_with(['<', '>']) {
        return Err(RuleError("date-times were expected"));
    }
    let int = |term: &Term| match term {
        Term::Json(value) => integer(value),
        Term::Time(_) => Err(RuleError("an integer was expected")),
    };
    terms.iter().map(int).collect()
}

fn ordered(operator: &str, values: &[i64]) -> bool {
    values.windows(2).all(|pair| match pair {
        [a, b] => match operator {
            "<" | "before" => a < b,
            ">" | "after" => a > b,
            "<=" | "not-after" => a <= b,
            _ => a >= b,
        },
        _ => false,
    })
}

/// An index is written in digits alone.
fn index(step: &str) -> Option<usize> {
    step.bytes().all(|b| b.is_ascii_digit()).then(|| step.parse().ok())?
}

fn fragment(uvci: &str, index: i64) -> Value {
    let bare = uvci.strip_prefix("URN:UVCI:").unwrap_or(uvci);
    let found = usize::try_from(index).ok().and_then(|i| bare.split(['/', '#', ':']).nth(i));
    found.map_or(Value::Null, Value::from)
}
