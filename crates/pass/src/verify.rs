//! The verdict: green, amber or red, with a reason and one line that tells the officer what to do.
//!
//! It fails closed, needs no network, and its work is bounded by the length of the token.

use serde_json::{Value, json};

use crate::certlogic::{self, Moment};
use crate::claims::Claims;
use crate::cose::Sign1;
use crate::dcc::{self, Dcc, check_schema};
use crate::error::{DecodeError, Stage};
use crate::policy::{Clock, Policy, Severity, Subject};
use crate::revoke::{RevocationList, Section};
use crate::token::{self, message_of};
use crate::trust::{TrustList, TrustedKey, Usage};

/// The colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// May pass.
    Green,
    /// Ask, or look again.
    Amber,
    /// May not pass on this.
    Red,
}

impl Verdict {
    /// The word in vectors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

macro_rules! reasons {
    ($($variant:ident $verdict:ident $code:literal $en:literal $vi:literal;)+) => {
        /// Why. Each reason has one colour, one word for machines and one line for people.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $(#[doc = $en] $variant),+ }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its colour.
            #[must_use]
            pub const fn verdict(self) -> Verdict {
                match self { $(Self::$variant => Verdict::$verdict),+ }
            }

            /// The word in vectors and logs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// What the officer does, in English.
            #[must_use]
            pub const fn advice_en(self) -> &'static str {
                match self { $(Self::$variant => $en),+ }
            }

            /// What the officer does, in Vietnamese.
            #[must_use]
            pub const fn advice_vi(self) -> &'static str {
                match self { $(Self::$variant => $vi),+ }
            }
        }
    };
}
reasons! {
    Valid Green "valid" "Valid. Compare name and papers, let pass." "Hợp lệ. Đối chiếu tên và giấy tờ, cho qua.";
    ClockUntrusted Amber "clock-untrusted" "Valid, but this device's clock is in doubt. Set the clock and scan again." "Chữ ký đúng, nhưng giờ của máy chưa chắc. Chỉnh giờ rồi quét lại.";
    TrustListStale Amber "trust-list-stale" "Valid, but the key list is old. Connect and scan again, or check by hand." "Chữ ký đúng, nhưng danh sách khóa đã cũ. Nối mạng rồi quét lại, hoặc kiểm tra bằng tay.";
    RevocationListStale Amber "revocation-list-stale" "Valid, but the revocation list is old. Connect and scan again, or check by hand." "Chữ ký đúng, nhưng danh sách thu hồi đã cũ. Nối mạng rồi quét lại, hoặc kiểm tra bằng tay.";
    NotYetValid Amber "not-yet-valid" "Not valid yet. Check the clock; ask for the pass in force." "Chưa có hiệu lực. Xem lại giờ; hỏi giấy đang có hiệu lực.";
    Scope Amber "scope" "Valid, but not for this purpose. Ask the purpose of the journey." "Hợp lệ, nhưng không dùng cho mục đích này. Hỏi mục đích đi lại.";
    Area Amber "area" "Valid, but not in this area. Ask where the journey goes." "Hợp lệ, nhưng không dùng cho khu vực này. Hỏi nơi đến.";
    RuleAsk Amber "rule-ask" "Valid, but a rule of this checkpoint asks for more. Check by hand." "Hợp lệ, nhưng chốt này yêu cầu thêm. Kiểm tra bằng tay.";
    UnknownKeyStaleList Amber "unknown-key-stale-list" "Signed by a key this device does not know yet. Connect and scan again." "Khóa ký chưa có trong máy. Nối mạng rồi quét lại.";
    Appointment Amber "appointment" "This is an appointment, not a pass. Ask for the pass code." "Đây là mã lịch hẹn, không phải giấy đi đường. Hỏi mã giấy đi đường.";
    Malformed Red "malformed" "Not a pass. Ask for the original code." "Không phải giấy đi đường. Hỏi mã gốc.";
    Algorithm Red "algorithm" "Forged: signed in a way no issuer uses. Do not accept." "Giả mạo: cách ký không nơi cấp nào dùng. Không chấp nhận.";
    UnknownKey Red "unknown-key" "Not signed by a trusted issuer. Do not accept." "Không do nơi cấp được tin cậy ký. Không chấp nhận.";
    KeyRevoked Red "key-revoked" "The issuer's key was withdrawn. Do not accept; the holder needs a new pass." "Khóa của nơi cấp đã bị thu hồi. Không chấp nhận; cần cấp lại.";
    KeyUsage Red "key-usage" "The key may not sign this. Do not accept." "Khóa không được phép ký loại này. Không chấp nhận.";
    IssuerMismatch Red "issuer-mismatch" "Issuer and key do not belong together. Do not accept." "Nơi cấp và khóa không khớp. Không chấp nhận.";
    BadSignature Red "bad-signature" "Altered or forged. Do not accept." "Bị sửa hoặc giả mạo. Không chấp nhận.";
    KeyExpired Red "key-expired" "Signed outside the validity of the issuer's key. Do not accept." "Ký ngoài thời hạn của khóa. Không chấp nhận.";
    Schema Red "schema" "The certificate is incomplete or wrong. Do not accept." "Chứng nhận thiếu hoặc sai nội dung. Không chấp nhận.";
    Expired Red "expired" "Expired. Ask for a newer pass, or send to the test site." "Hết hạn. Hỏi giấy mới hơn, hoặc mời đến điểm xét nghiệm.";
    TooOld Red "too-old" "The sample is too old for this checkpoint. Ask for a newer pass." "Mẫu đã quá thời hạn của chốt này. Hỏi giấy mới hơn.";
    Revoked Red "revoked" "Not valid any more. Do not let pass; the holder calls the health station." "Không còn hợp lệ. Không cho qua; gọi trạm y tế.";
    RuleNotMet Red "rule-not-met" "A rule of this checkpoint is not met. Do not accept." "Không đạt quy định của chốt này. Không chấp nhận.";
}

/// What was read. Present only when the signature is good: forged names are not shown.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A Greenfort pass.
    Pass(Box<Claims>),
    /// An EU certificate.
    Certificate(Box<Dcc>),
}

/// A verdict and what stands behind it.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Why; it has the colour and the advice.
    pub reason: Reason,
    /// For the log: the fault in the bytes, or the rule that is not met.
    pub detail: Option<String>,
    /// What was read, when its signature is good.
    pub credential: Option<Credential>,
}

impl Assessment {
    fn bare(reason: Reason) -> Self {
        Self { reason, detail: None, credential: None }
    }

    /// The colour.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.reason.verdict()
    }
}

/// Everything a verdict depends on but the token.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// The keys.
    pub trust: &'a TrustList,
    /// What is revoked; without a list, verdicts are amber as with an old one.
    pub revocations: Option<&'a RevocationList>,
    /// What the checkpoint asks for.
    pub policy: &'a Policy,
    /// The time.
    pub clock: Clock,
}

impl Verifier<'_> {
    /// The verdict on what was scanned. Only line ends are cut off: spaces belong to base45.
    #[must_use]
    pub fn verify(&self, scanned: &str) -> Assessment {
        let token = scanned.trim_end_matches(['\r', '\n']);
        if self.policy.appointment_prefixes.iter().any(|p| !p.is_empty() && token.starts_with(p.as_str())) {
            return Assessment::bare(Reason::Appointment);
        }
        let done = if token.starts_with(dcc::PREFIX) && self.policy.accept_dcc {
            self.certificate(token)
        } else {
            self.pass(token)
        };
        done.unwrap_or_else(|e| Assessment {
            reason: if e.stage == Stage::Algorithm { Reason::Algorithm } else { Reason::Malformed },
            detail: Some(e.to_string()),
            credential: None,
        })
    }

    fn pass(&self, token: &str) -> Result<Assessment, DecodeError> {
        let message = message_of(token)?;
        let sign1 = Sign1::read(&message)?;
        let claims = Claims::decode(sign1.payload)?;
        let to_be_signed = sign1.to_be_signed(&[]);
        let key = match self.signer(&sign1.kid, |k| k.key.verifies(&to_be_signed, sign1.signature)) {
            Ok(key) => key,
            Err(reason) => return Ok(Assessment::bare(reason)),
        };
        let (reason, rule) = self.judge_pass(&claims, key);
        Ok(Assessment { reason, detail: rule, credential: Some(Credential::Pass(Box::new(claims))) })
    }

    fn judge_pass(&self, claims: &Claims, key: &TrustedKey) -> (Reason, Option<String>) {
        let (now, tolerance) = (self.clock.now, self.policy.clock_tolerance_s);
        let ended = |end: i64| now >= end.saturating_add(tolerance);
        if key.revoked {
            return (Reason::KeyRevoked, None);
        } else if !key.usage.contains(Usage::PASS) {
            return (Reason::KeyUsage, None);
        } else if key.issuer != claims.issuer {
            return (Reason::IssuerMismatch, None);
        } else if claims.issued < key.not_before || now >= key.not_after {
            return (Reason::KeyExpired, None);
        } else if ended(claims.expires) {
            return (Reason::Expired, None);
        } else if self.policy.max_age(claims).is_some_and(|age| ended(claims.sampled.saturating_add(age))) {
            return (Reason::TooOld, None);
        } else if self.revocations.is_some_and(|list| list.revokes(claims)) {
            return (Reason::Revoked, None);
        }
        let broken = self.rules(Subject::Pass, || claims.to_json());
        if let Some((Severity::Red, rule)) = broken {
            return (Reason::RuleNotMet, Some(rule));
        }
        if let Some(reason) = self.doubt(Some(claims.issued)) {
            return (reason, None);
        }
        if !self.policy.required_scopes().is_some_and(|s| claims.scopes.contains(s)) {
            return (Reason::Scope, None);
        } else if !self.policy.covers(claims) {
            return (Reason::Area, None);
        }
        match broken {
            Some((_, rule)) => (Reason::RuleAsk, Some(rule)),
            None => (Reason::Valid, None),
        }
    }

    fn certificate(&self, token: &str) -> Result<Assessment, DecodeError> {
        let dcc = Dcc::decode(token)?;
        if dcc.message.algorithm.and_then(crate::keys::Algorithm::from_cose).is_none() {
            return Ok(Assessment::bare(Reason::Algorithm));
        }
        let Some(kid) = dcc.message.kid.as_deref() else {
            return Ok(Assessment::bare(Reason::UnknownKey));
        };
        let key = match self.signer(kid, |k| dcc.verifies(&k.key)) {
            Ok(key) => key,
            Err(reason) => return Ok(Assessment::bare(reason)),
        };
        let (reason, rule) = self.judge_certificate(&dcc, key);
        Ok(Assessment { reason, detail: rule, credential: Some(Credential::Certificate(Box::new(dcc))) })
    }

    fn judge_certificate(&self, dcc: &Dcc, key: &TrustedKey) -> (Reason, Option<String>) {
        let (now, tolerance) = (self.clock.now, self.policy.clock_tolerance_s);
        if key.revoked {
            return (Reason::KeyRevoked, None);
        }
        if let Err(fault) = check_schema(&dcc.payload) {
            return (Reason::Schema, Some(fault.to_string()));
        }
        let (Some(group), Some(expires)) = (dcc.group(), dcc.expires) else {
            return (Reason::Schema, Some("no expiry".to_owned()));
        };
        if !key.usage.contains(group.usage()) {
            return (Reason::KeyUsage, None);
        } else if now < key.not_before || now >= key.not_after {
            return (Reason::KeyExpired, None);
        } else if now >= expires.saturating_add(tolerance) {
            return (Reason::Expired, None);
        } else if self.revocations.is_some_and(|list| revokes_dcc(list, dcc)) {
            return (Reason::Revoked, None);
        }
        let broken = self.rules(Subject::Dcc, || dcc.payload.clone());
        if let Some((Severity::Red, rule)) = broken {
            return (Reason::RuleNotMet, Some(rule));
        }
        match (self.doubt(dcc.issued), broken) {
            (Some(reason), _) => (reason, None),
            (None, Some((_, rule))) => (Reason::RuleAsk, Some(rule)),
            (None, None) => (Reason::Valid, None),
        }
    }

    /// The key of this name whose signature it is. A name without a key is red on a fresh list; on an
    /// old one the key may simply be new.
    fn signer(&self, kid: &[u8], signed_by: impl Fn(&TrustedKey) -> bool) -> Result<&TrustedKey, Reason> {
        let mut any = false;
        for key in self.trust.with_kid(kid) {
            any = true;
            if signed_by(key) {
                return Ok(key);
            }
        }
        Err(match any {
            true => Reason::BadSignature,
            false if self.stale(self.trust.issued, self.policy.trust_max_age_s) => {
                Reason::UnknownKeyStaleList
            }
            false => Reason::UnknownKey,
        })
    }

    fn stale(&self, issued: i64, max_age: i64) -> bool {
        self.clock.now >= issued.saturating_add(max_age)
    }

    /// What makes a good pass amber before its contents are asked about.
    fn doubt(&self, issued: Option<i64>) -> Option<Reason> {
        let horizon = self.clock.now.saturating_add(self.policy.clock_tolerance_s);
        // A list from the future was signed by a clock that is right: ours is not.
        let behind = self.trust.issued > horizon || self.revocations.is_some_and(|r| r.issued > horizon);
        let old = |r: &RevocationList| self.stale(r.issued, self.policy.revocation_max_age_s);
        if !self.clock.trusted || behind {
            Some(Reason::ClockUntrusted)
        } else if self.stale(self.trust.issued, self.policy.trust_max_age_s) {
            Some(Reason::TrustListStale)
        } else if self.revocations.is_none_or(old) {
            Some(Reason::RevocationListStale)
        } else if issued.is_some_and(|i| i > horizon) {
            Some(Reason::NotYetValid)
        } else {
            None
        }
    }

    /// The gravest rule that is not met.
    fn rules(&self, subject: Subject, payload: impl Fn() -> Value) -> Option<(Severity, String)> {
        let mut rules = self.policy.rules.iter().filter(|r| r.subject == subject).peekable();
        rules.peek()?;
        let data = json!({
            "payload": payload(),
            "external": {
                "validationClock": Moment(self.clock.now.saturating_mul(1000)).iso(),
                "valueSets": self.policy.value_sets,
                "scopes": self.policy.scopes,
                "place": self.policy.place,
            }
        });
        let mut broken = None;
        for rule in rules {
            if certlogic::evaluate(&rule.logic, &data) != Ok(Value::Bool(true)) {
                if rule.severity == Severity::Red {
                    return Some((Severity::Red, rule.id.clone()));
                }
                broken = broken.or_else(|| Some((Severity::Amber, rule.id.clone())));
            }
        }
        broken
    }
}

fn revokes_dcc(list: &RevocationList, dcc: &Dcc) -> bool {
    let hit = |section, hash: Option<[u8; 32]>| hash.is_some_and(|h| list.contains(section, &h));
    hit(Section::Uci, dcc.uci_hash())
        || hit(Section::CountryUci, dcc.country_uci_hash())
        || hit(Section::Signature, Some(dcc.signature_hash()))
}

/// The prefix of a Greenfort pass, for scanners that sort what they read.
pub const PASS_PREFIX: &str = token::PREFIX;
