//! Expressions of CertLogic, made from a fixed seed, for two implementations to compare themselves on. Left
//! out is what the implementations of the language do not agree on among themselves: months added to the
//! last days of a month, paths into texts, operands too many.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

pub(crate) struct Maker(ChaCha20Rng);

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    fn below(&mut self, n: u32) -> u32 {
        self.0.next_u32() % n
    }

    fn one_of(&mut self, of: &[&str]) -> String {
        let at = self.below(u32::try_from(of.len()).unwrap());
        of[at as usize].to_owned()
    }

    /// What the expressions look into.
    pub(crate) fn data(&mut self) -> Value {
        let births = ["1985", "1985-04", "1985-04-12", "2000-02-29", "85"];
        json!({
            "n": self.below(5), "zero": 0, "s": self.one_of(&["a", "b", ""]), "flag": self.below(2) == 1, "nothing": null,
            "list": (0..self.below(5)).map(|_| self.one_of(&["a", "b", "c"])).collect::<Vec<_>>(),
            "numbers": (0..self.below(5)).collect::<Vec<_>>(), "empty": {}, "obj": { "k": "a", "deep": [{ "n": 1 }] },
            "date": self.one_of(&["2021-06-11T23:00:30+02:00", "2021-06-11T21:00:30.999Z", "2021-06-11T21:00:30"]),
            "day": "2021-06-11", "birth": self.one_of(&births),
            "uvci": self.one_of(&["URN:UVCI:01:VN:50/ABC#1", "01/VN//X", "a::c/#/f", ""]),
        })
    }

    /// An expression of any outcome.
    pub(crate) fn expression(&mut self, depth: u32) -> Value {
        match self.below(8) {
            0 => self.time(),
            1 | 2 => self.truth(depth),
            3 => self.number(depth),
            4 => self.list(depth),
            5 => self.text(),
            _ => self.any(depth),
        }
    }

    /// Anything but a date-time.
    fn any(&mut self, depth: u32) -> Value {
        if depth == 0 || self.below(3) == 0 {
            return match self.below(8) {
                0 => json!(self.below(2) == 1),
                1 => json!(self.below(6)),
                2 => json!(self.one_of(&["a", "b", ""])),
                3 => json!(null),
                4 => json!({ "unknown": [1] }),
                5 => json!({ "===": [1] }),
                _ => self.var(),
            };
        }
        match self.below(5) {
            0 => json!({ "if": [self.any(depth - 1), self.any(depth - 1), self.any(depth - 1)] }),
            1 => self.truth(depth),
            2 => self.number(depth),
            3 => self.list(depth),
            _ => json!({ "reduce": [self.list(depth - 1), self.lambda(), self.below(3)] }),
        }
    }

    fn var(&mut self) -> Value {
        let paths = [
            "n",
            "zero",
            "s",
            "flag",
            "nothing",
            "nothing.x",
            "list",
            "list.0",
            "list.9",
            "numbers",
            "empty",
            "obj",
            "obj.k",
            "obj.deep.0.n",
            "obj.deep.1.n",
            "missing",
            "missing.x",
            "uvci",
            "birth",
            "",
        ];
        json!({ "var": self.one_of(&paths) })
    }

    fn lambda(&mut self) -> Value {
        let (current, accumulator) = (json!({ "var": "current" }), json!({ "var": "accumulator" }));
        match self.below(4) {
            0 => json!({ "+": [accumulator, 1] }),
            1 => json!({ "+": [accumulator, current] }),
            2 => json!({ "if": [{ "===": [current, "a"] }, { "+": [accumulator, 2] }, accumulator] }),
            _ => json!({ "in": [current, ["a", 1]] }),
        }
    }

    fn number(&mut self, depth: u32) -> Value {
        match self.below(8) {
            0 if depth > 0 => self.any(depth - 1),
            1 if depth > 0 => json!({ "+": [self.number(depth - 1), self.number(depth - 1)] }),
            2 | 3 => json!({ "var": self.one_of(&["n", "zero", "numbers.1"]) }),
            _ => json!(self.below(6)),
        }
    }

    fn list(&mut self, depth: u32) -> Value {
        match self.below(6) {
            0 if depth > 0 => self.any(depth - 1),
            1 if depth > 0 => json!([self.any(depth - 1), self.number(depth - 1)]),
            2 => json!([]),
            _ => json!({ "var": self.one_of(&["list", "numbers", "nothing"]) }),
        }
    }

    fn text(&mut self) -> Value {
        let of = json!({ "var": self.one_of(&["uvci", "s", "nothing", "n"]) });
        json!({ "extractFromUVCI": [of, i64::from(self.below(7)) - 1] })
    }

    fn time(&mut self) -> Value {
        let amount = i64::from(self.below(60)) - 30;
        match self.below(8) {
            0 => json!({ "dccDateOfBirth": [{ "var": self.one_of(&["birth", "day", "n", "nothing"]) }] }),
            1 => json!({ "plusTime": [{ "var": "birth" }, amount, self.one_of(&["day", "hour"])] }),
            2 => {
                let forms = [
                    "2021-06-11T21:00:30+2",
                    "2021-06-11T21:00:30-02",
                    "2021-06-11T21:00:30+0230",
                    "2021-06-11T21:00:30+2:30",
                    "2021-06-11T21:00:30.1",
                    "2021-06-11T21:00:30.123456Z",
                    "2021-6-11",
                    "yesterday",
                    "2021-06-11 21:00:30Z",
                ];
                json!({ "plusTime": [self.one_of(&forms), amount, "hour"] })
            }
            3 => json!({ "plusTime": [{ "var": "day" }, amount, "week"] }),
            _ => {
                let (of, unit) =
                    (self.one_of(&["date", "day"]), self.one_of(&["day", "hour", "month", "year"]));
                json!({ "plusTime": [{ "var": of }, amount, unit] })
            }
        }
    }

    fn truth(&mut self, depth: u32) -> Value {
        if depth == 0 {
            return self.var();
        }
        let d = depth - 1;
        match self.below(7) {
            0 => json!({ "!": [self.any(d)] }),
            1 => json!({ "and": (0..2 + self.below(2)).map(|_| self.any(d)).collect::<Vec<_>>() }),
            2 => json!({ "===": [self.any(d), self.any(d)] }),
            3 => json!({ "in": [self.any(d), self.list(d)] }),
            4 => {
                let sign = self.one_of(&["<", ">", "<=", ">="]);
                json!({ sign: (0..2 + self.below(2)).map(|_| self.number(d)).collect::<Vec<_>>() })
            }
            _ => {
                let word = self.one_of(&["after", "before", "not-after", "not-before"]);
                let mut operands: Vec<Value> = (0..2 + self.below(2)).map(|_| self.time()).collect();
                if self.below(10) == 0 {
                    operands[0] = self.any(d);
                }
                json!({ word: operands })
            }
        }
    }
}
