//! Who may release what: policy as data, and two laws no policy changes – an invalid run releases nothing, and nobody
//! releases as a person what he read himself.

use greenfort_kernel::{AccountId, Method, Role};
use greenfort_pooling::decode::Reading;
use serde::{Deserialize, Serialize};

/// Rules in order; the first that covers a batch and lets the releaser through decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasePolicy {
    pub rules: Vec<ReleaseRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRule {
    pub method: Method,
    /// True: only batches in which every reading is negative.
    pub only_negative: bool,
    pub by: ReleaseBy,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseBy {
    /// By itself, where the controls are valid, nothing is anomalous and every reading window has closed.
    Rule,
    /// By a person in one of these roles.
    Person(Vec<Role>),
}

/// What is to be released together: the readings of one run or session.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    pub method: Method,
    pub readings: &'a [Reading],
    /// The run's controls were judged valid.
    pub run_valid: bool,
    /// Anomalies found and not explained.
    pub anomalies: usize,
    /// Rapid cassettes: the reading window of every one has closed. True for PCR.
    pub windows_closed: bool,
    /// Everybody who read, imported or typed one of the readings.
    pub readers: &'a [AccountId],
}

/// Who wants to release.
#[derive(Debug, Clone, Copy)]
pub enum Releaser<'a> {
    /// The system, by rule.
    Rule,
    Person {
        account: AccountId,
        roles: &'a [Role],
    },
}

/// Proof that the policy let a release through; storing a release wants one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    by: Option<AccountId>,
}

impl Permit {
    /// The releasing account; none: by rule.
    pub fn by(self) -> Option<AccountId> {
        self.by
    }
}

/// Why a batch is not released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no reading to release")]
    Empty,
    #[error("the run is invalid: its controls failed, so nothing of it is released; run it again")]
    RunInvalid,
    #[error("whoever read or imported a result does not release it; a second person must")]
    OwnReading,
    #[error("releasing this needs one of the roles {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NeedsRole(Vec<Role>),
    #[error("the reading window of a cassette has not closed yet")]
    WindowOpen,
    #[error("{0} anomalies have to be looked at by a person first")]
    Anomalies(usize),
    #[error("no rule of the release policy covers this method and these readings")]
    NoRule,
}

impl ReleasePolicy {
    /// Default of the field: rapid negatives of a site by rule after the window; negative PCR by rule with valid controls
    /// and no anomaly, else by the laboratory lead; anything not negative by a laboratory lead who did not read it.
    pub fn standard() -> Self {
        let rule = |method, only_negative, by| ReleaseRule { method, only_negative, by };
        let lead = || ReleaseBy::Person(vec![Role::LabLead]);
        let site = || ReleaseBy::Person(vec![Role::SiteLead, Role::LabLead]);
        Self {
            rules: vec![
                rule(Method::Rapid, true, ReleaseBy::Rule),
                rule(Method::Rapid, false, site()),
                rule(Method::Pcr, true, ReleaseBy::Rule),
                rule(Method::Pcr, false, lead()),
            ],
        }
    }

    /// May this releaser release this batch?
    ///
    /// # Errors
    /// The reason of the last rule that covers the batch, which is the one asking for the least.
    pub fn permit(&self, batch: &Batch<'_>, releaser: Releaser<'_>) -> Result<Permit, Refusal> {
        if batch.readings.is_empty() {
            return Err(Refusal::Empty);
        }
        if !batch.run_valid {
            return Err(Refusal::RunInvalid);
        }
        let negative = batch.readings.iter().all(|r| *r == Reading::NotDetected);
        let mut refusal = Refusal::NoRule;
        for rule in &self.rules {
            if rule.method != batch.method || (rule.only_negative && !negative) {
                continue;
            }
            match let_through(&rule.by, batch, releaser) {
                Ok(permit) => return Ok(permit),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }
}

fn let_through(by: &ReleaseBy, batch: &Batch<'_>, releaser: Releaser<'_>) -> Result<Permit, Refusal> {
    if !batch.windows_closed {
        return Err(Refusal::WindowOpen);
    }
    match (by, releaser) {
        (ReleaseBy::Rule, Releaser::Rule) if batch.anomalies > 0 => Err(Refusal::Anomalies(batch.anomalies)),
        (ReleaseBy::Rule, Releaser::Rule) => Ok(Permit { by: None }),
        // What may go by itself, a person hastens only as a person: by a later rule that names his role.
        (ReleaseBy::Rule, Releaser::Person { .. }) => Err(Refusal::NoRule),
        (ReleaseBy::Person(roles), Releaser::Rule) => Err(Refusal::NeedsRole(roles.clone())),
        (ReleaseBy::Person(roles), Releaser::Person { account, roles: own }) => {
            if !own.iter().any(|role| roles.contains(role)) {
                Err(Refusal::NeedsRole(roles.clone()))
            } else if batch.readers.contains(&account) {
                Err(Refusal::OwnReading)
            } else {
                Ok(Permit { by: Some(account) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenfort_pooling::decode::Reading::{Detected, Inconclusive, Invalid, NotDetected};
    use proptest::prelude::*;

    fn account(n: u128) -> AccountId {
        AccountId(uuid::Uuid::from_u128(n))
    }

    fn batch<'a>(method: Method, readings: &'a [Reading], readers: &'a [AccountId]) -> Batch<'a> {
        Batch { method, readings, run_valid: true, anomalies: 0, windows_closed: true, readers }
    }

    fn lead(n: u128) -> Releaser<'static> {
        Releaser::Person { account: account(n), roles: &[Role::LabLead] }
    }

    #[test]
    fn a_quiet_negative_plate_goes_by_rule() {
        let policy = ReleasePolicy::standard();
        let got = policy.permit(&batch(Method::Pcr, &[NotDetected; 90], &[account(1)]), Releaser::Rule);
        assert_eq!(got.unwrap().by(), None);
    }

    #[test]
    fn one_reading_that_is_not_negative_needs_a_person_for_the_whole_plate() {
        let policy = ReleasePolicy::standard();
        for other in [Detected, Inconclusive, Invalid] {
            let readings = [NotDetected, other, NotDetected];
            let batch = batch(Method::Pcr, &readings, &[]);
            assert_eq!(policy.permit(&batch, Releaser::Rule), Err(Refusal::NeedsRole(vec![Role::LabLead])));
            assert_eq!(policy.permit(&batch, lead(2)).unwrap().by(), Some(account(2)));
        }
    }

    #[test]
    fn an_anomaly_stops_the_rule_and_the_lead_may_still_release() {
        let policy = ReleasePolicy::standard();
        let readers = [account(1)];
        let anomalous = Batch { anomalies: 2, ..batch(Method::Pcr, &[NotDetected], &readers) };
        assert!(policy.permit(&anomalous, Releaser::Rule).is_err());
        assert!(policy.permit(&anomalous, lead(2)).is_ok());
    }

    #[test]
    fn a_cassette_is_not_released_before_its_window_closed() {
        let policy = ReleasePolicy::standard();
        let early = Batch { windows_closed: false, ..batch(Method::Rapid, &[NotDetected], &[]) };
        assert_eq!(policy.permit(&early, Releaser::Rule), Err(Refusal::WindowOpen));
    }

    fn reading() -> impl Strategy<Value = Reading> {
        prop::sample::select(vec![Detected, NotDetected, Inconclusive, Invalid])
    }

    proptest! {
        #[test]
        fn no_policy_lets_a_reader_release_his_own_reading_or_anybody_an_invalid_run(
            rules in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 0..6),
            readings in prop::collection::vec(reading(), 0..5),
            run_valid in any::<bool>(), rapid in any::<bool>(), who in 1_u128..4,
        ) {
            let method = |rapid| if rapid { Method::Rapid } else { Method::Pcr };
            let policy = ReleasePolicy {
                rules: rules
                    .into_iter()
                    .map(|(rapid, only_negative, by_rule)| ReleaseRule {
                        method: method(rapid),
                        only_negative,
                        by: if by_rule { ReleaseBy::Rule } else { ReleaseBy::Person(vec![Role::LabLead]) },
                    })
                    .collect(),
            };
            let readers = [account(1), account(2)];
            let batch = Batch { run_valid, ..batch(method(rapid), &readings, &readers) };
            if let Ok(permit) = policy.permit(&batch, lead(who)) {
                prop_assert!(run_valid && !readings.is_empty());
                prop_assert!(!readers.contains(&permit.by().unwrap()));
            }
        }
    }
}
