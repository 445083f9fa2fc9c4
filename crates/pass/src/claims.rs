//! What a pass says, and its form on the wire (`docs/pass-format.md`).

use crate::cbor::{Reader, Writer};
use crate::error::DecodeError;

pub use crate::codes::{Basis, Kind, Method, Scopes};

/// The private CWT claim that holds the pass: the first integer that RFC 8392 reserves for private use.
pub const PASS_CLAIM: i64 = -65_537;

/// 9999-01-01: no pass ends later, so that every calendar can write its times.
const LAST: i64 = 253_370_764_800;

/// Where the pass opens: a unit, and its level in the tree (1 = province). Codes are re-used between
/// levels, so a code alone would not do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Area {
    /// Code of the unit, ASCII, at most 12 characters.
    pub code: String,
    /// Its level, from 1.
    pub depth: u8,
}

/// A truncated keyed hash that revokes (see [`crate::handle`]).
pub type Handle = [u8; 6];

/// Everything a pass says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Issuer, at most 12 bytes; equals the issuer of the signing key in the trust list.
    pub issuer: String,
    /// End of validity, UTC seconds.
    pub expires: i64,
    /// Time of issue, UTC seconds.
    pub issued: i64,
    /// Id of this pass: 96 random bits.
    pub id: [u8; 12],
    /// Who may pass.
    pub kind: Kind,
    /// Masked name, organisation's short name, or plate in full.
    pub name: String,
    /// What it rests on.
    pub basis: Basis,
    /// How it was tested.
    pub method: Method,
    /// Time of sampling, UTC seconds; whole minutes before `issued`. Validity begins here.
    pub sampled: i64,
    /// What it opens.
    pub scopes: Scopes,
    /// Where; everywhere when absent.
    pub area: Option<Area>,
    /// Revokes every pass of a household or organisation in a round.
    pub holder: Handle,
    /// Revokes every pass that rests on a release.
    pub batch: Handle,
    /// Members covered (household, organisation).
    pub members: Option<u32>,
    /// Masked names of the drivers (vehicle).
    pub drivers: Vec<String>,
    /// Route (vehicle).
    pub route: Option<String>,
    /// Last four digits of the holder's ID, for comparison at the gate (person, by policy).
    pub id_tail: Option<u16>,
    /// A minor, who passes with a guardian.
    pub guardian: bool,
}

const CODES: DecodeError = DecodeError::claims("an unknown code");

impl Claims {
    /// The claims as JSON: what rules and vectors see. Times are ISO 8601 in UTC, ids hexadecimal.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let time = |t: i64| jiff::Timestamp::from_second(t).map(|t| t.to_string()).unwrap_or_default();
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        serde_json::json!({
            "iss": self.issuer,
            "exp": time(self.expires),
            "iat": time(self.issued),
            "cti": hex(&self.id),
            "kind": self.kind.name(),
            "name": self.name,
            "basis": self.basis.name(),
            "method": self.method.name(),
            "sampled_at": time(self.sampled),
            "scopes": self.scopes.names(),
            "area": self.area.as_ref().map(|a| serde_json::json!({ "code": a.code, "depth": a.depth })),
            "holder": hex(&self.holder),
            "batch": hex(&self.batch),
            "members": self.members,
            "drivers": self.drivers,
            "route": self.route,
            "id_tail": self.id_tail.map(|t| format!("{t:04}")),
            "guardian": self.guardian,
        })
    }

    /// What revokes this one pass: the first 6 bytes of its id.
    #[must_use]
    pub const fn pass_handle(&self) -> Handle {
        let [a, b, c, d, e, f, ..] = self.id;
        [a, b, c, d, e, f]
    }

    /// Refuses what the format cannot say: the one check for encoding and decoding.
    ///
    /// # Errors
    /// [`crate::error::Stage::Claims`] with the rule that is broken.
    pub fn check(&self) -> Result<(), DecodeError> {
        let rule = |ok: bool, what| if ok { Ok(()) } else { Err(DecodeError::claims(what)) };
        rule(text_ok(&self.issuer, 12), "issuer: 1 to 12 bytes of plain text")?;
        rule(text_ok(&self.name, 40), "name: 1 to 40 bytes of plain text")?;
        rule(
            self.issued > 0 && self.expires > self.issued && self.expires < LAST,
            "expiry after issue, after 1970 and before 9999",
        )?;
        let age = self.issued.checked_sub(self.sampled);
        rule(
            age.is_some_and(|s| s >= 0 && s % 60 == 0 && s / 60 <= 0xffff),
            "sampling: whole minutes before issue",
        )?;
        rule(self.scopes != Scopes::default(), "at least one scope")?;
        rule((self.method == Method::None) == (self.basis == Basis::Override), "a method, or an override")?;
        if let Some(area) = &self.area {
            let plain = area.code.bytes().all(|b| b.is_ascii_alphanumeric());
            rule(plain && matches!(area.code.len(), 1..=12), "area: 1 to 12 letters or digits")?;
            rule(matches!(area.depth, 1..=8), "area: depth 1 to 8")?;
        }
        let counted = matches!(self.kind, Kind::Household | Kind::Organisation);
        rule(
            self.members.is_some_and(|n| n > 0) == counted,
            "members: with household and organisation only",
        )?;
        let driven = self.kind == Kind::Vehicle;
        rule(
            self.drivers.is_empty() != driven && self.drivers.len() <= 4,
            "drivers: 1 to 4, with a vehicle only",
        )?;
        rule(self.drivers.iter().all(|d| text_ok(d, 40)), "driver: 1 to 40 bytes of plain text")?;
        rule(self.route.is_none() || driven, "route: with a vehicle only")?;
        rule(self.route.as_deref().is_none_or(|r| text_ok(r, 64)), "route: 1 to 64 bytes of plain text")?;
        let person = self.kind == Kind::Person;
        rule(
            person || (self.id_tail.is_none() && !self.guardian),
            "ID digits, guardian: with a person only",
        )?;
        rule(self.id_tail.is_none_or(|t| t <= 9999), "ID digits: four")
    }

    /// The CWT claims set in deterministic CBOR.
    ///
    /// # Errors
    /// As [`Claims::check`].
    pub fn encode(&self) -> Result<Vec<u8>, DecodeError> {
        self.check()?;
        let minutes = u64::try_from((self.issued - self.sampled) / 60).unwrap_or_default();
        let optional = [
            self.kind != Kind::Person,
            self.area.is_some(),
            self.members.is_some(),
            !self.drivers.is_empty(),
            self.route.is_some(),
            self.id_tail.is_some(),
            self.guardian,
        ];
        let mut w = Writer::with_capacity(128);
        w.map(5).uint(1).text(&self.issuer).uint(4).int(self.expires).uint(6).int(self.issued);
        w.uint(7).bytes(&self.id).int(PASS_CLAIM).map(6 + optional.iter().filter(|o| **o).count());
        if self.kind != Kind::Person {
            w.uint(1).uint(self.kind.code());
        }
        w.uint(2).text(&self.name).uint(3).uint(self.basis.code()).uint(4).uint(self.method.code());
        w.uint(5).uint(minutes).uint(6).uint(u64::from(self.scopes.0));
        if let Some(area) = &self.area {
            w.uint(7).array(2).text(&area.code).uint(u64::from(area.depth));
        }
        w.uint(8).bytes(&[self.holder, self.batch].concat());
        if let Some(members) = self.members {
            w.uint(9).uint(u64::from(members));
        }
        if !self.drivers.is_empty() {
            w.uint(10).array(self.drivers.len());
            for driver in &self.drivers {
                w.text(driver);
            }
        }
        if let Some(route) = &self.route {
            w.uint(11).text(route);
        }
        if let Some(tail) = self.id_tail {
            w.uint(12).uint(u64::from(tail));
        }
        if self.guardian {
            w.uint(13).simple(21);
        }
        Ok(w.finish())
    }

    /// Reads the claims set; the inverse of [`Claims::encode`], and of nothing else.
    ///
    /// # Errors
    /// [`crate::error::Stage::Claims`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let claims = Self::read(bytes).map_err(|e| e.at(crate::error::Stage::Claims))?;
        claims.check()?;
        Ok(claims)
    }

    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let missing = DecodeError::claims("the five claims 1, 4, 6, 7 and the private one");
        let key = |r: &mut Reader<'_>, k| if r.int()? == k { Ok(()) } else { Err(missing) };
        if r.map()? != 5 {
            return Err(missing);
        }
        key(&mut r, 1)?;
        let issuer = r.text()?.to_owned();
        key(&mut r, 4)?;
        let expires = r.int()?;
        key(&mut r, 6)?;
        let issued = r.int()?;
        key(&mut r, 7)?;
        let id = r.array_of()?;
        key(&mut r, PASS_CLAIM)?;
        let mut fields = Fields { left: r.map()?, next: None, last: 0 };
        let kind = match fields.has(&mut r, 1)? {
            // Zero is said by silence: one pass has one encoding.
            true => Kind::from_code(r.uint()?).filter(|k| *k != Kind::Person).ok_or(CODES)?,
            false => Kind::Person,
        };
        fields.must(&mut r, 2)?;
        let name = r.text()?.to_owned();
        fields.must(&mut r, 3)?;
        let basis = Basis::from_code(r.uint()?).ok_or(CODES)?;
        fields.must(&mut r, 4)?;
        let method = Method::from_code(r.uint()?).ok_or(CODES)?;
        fields.must(&mut r, 5)?;
        let minutes = u16::try_from(r.uint()?).map_err(|_| DecodeError::claims("sampled too long ago"))?;
        fields.must(&mut r, 6)?;
        let scopes = Scopes(u16::try_from(r.uint()?).map_err(|_| CODES)?);
        let area = match fields.has(&mut r, 7)? {
            true if r.array()? == 2 => {
                let code = r.text()?.to_owned();
                Some(Area { code, depth: u8::try_from(r.uint()?).map_err(|_| CODES)? })
            }
            true => return Err(DecodeError::claims("area: code and depth")),
            false => None,
        };
        fields.must(&mut r, 8)?;
        let [a, b, c, d, e, f, g, h, i, j, k, l] = r.array_of()?;
        let members = match fields.has(&mut r, 9)? {
            true => Some(u32::try_from(r.uint()?).map_err(|_| DecodeError::claims("too many members"))?),
            false => None,
        };
        let mut drivers = Vec::new();
        if fields.has(&mut r, 10)? {
            let n = r.array()?;
            if !matches!(n, 1..=4) {
                return Err(DecodeError::claims("drivers: 1 to 4"));
            }
            for _ in 0..n {
                drivers.push(r.text()?.to_owned());
            }
        }
        let route = if fields.has(&mut r, 11)? { Some(r.text()?.to_owned()) } else { None };
        let id_tail = match fields.has(&mut r, 12)? {
            true => Some(u16::try_from(r.uint()?).map_err(|_| DecodeError::claims("ID digits: four"))?),
            false => None,
        };
        let guardian = fields.has(&mut r, 13)?;
        if guardian {
            r.yes()?;
        }
        fields.end()?;
        r.end()?;
        Ok(Self {
            sampled: issued.saturating_sub(i64::from(minutes) * 60),
            holder: [a, b, c, d, e, f],
            batch: [g, h, i, j, k, l],
            issuer,
            expires,
            issued,
            id,
            kind,
            name,
            basis,
            method,
            scopes,
            area,
            members,
            drivers,
            route,
            id_tail,
            guardian,
        })
    }
}

/// Walks a map with ascending integer keys, some of them optional.
struct Fields {
    left: usize,
    next: Option<u64>,
    last: u64,
}

impl Fields {
    /// Whether the next pair has this key; its value then follows.
    fn has(&mut self, r: &mut Reader<'_>, key: u64) -> Result<bool, DecodeError> {
        if self.next.is_none() && self.left > 0 {
            let next = r.uint()?;
            if next <= self.last {
                return Err(DecodeError::claims("keys not ascending"));
            }
            (self.next, self.last) = (Some(next), next);
            self.left -= 1;
        }
        let found = self.next == Some(key);
        if found {
            self.next = None;
        }
        Ok(found)
    }

    fn must(&mut self, r: &mut Reader<'_>, key: u64) -> Result<(), DecodeError> {
        match self.has(r, key)? {
            true => Ok(()),
            false => Err(DecodeError::claims("a claim is missing or unknown")),
        }
    }

    fn end(&self) -> Result<(), DecodeError> {
        match (self.next, self.left) {
            (None, 0) => Ok(()),
            _ => Err(DecodeError::claims("an unknown claim")),
        }
    }
}

/// Plain text of 1 to `most` bytes: no control character and none that turns the writing direction, so
/// that what the officer reads is what was signed.
fn text_ok(text: &str, most: usize) -> bool {
    let plain = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    (1..=most).contains(&text.len()) && text.chars().all(plain)
}
