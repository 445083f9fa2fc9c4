//! Whatever the signer is given: it never panics, stores before it signs, and lets nothing leave that a
//! checkpoint would not take.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(feature = "issue")]

use std::cell::Cell;

use greenfort_pass::claims::{Area, Method, Scopes};
use greenfort_pass::dcc::{TestCertificate, ValueSets, issue_test};
use greenfort_pass::handle::HandleKey;
use greenfort_pass::keys::{Es256Signer, KeyError, PublicKey, SigningKey, kid_of};
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::rotation::{Published, may_leave, signing_key};
use greenfort_pass::sign::{Conclusion, Evidence, Material, NotIssued, Order, Signer, Terms};
use greenfort_pass::trust::{TrustList, TrustedKey, Usage};
use greenfort_pass::verify::{Verdict, Verifier};
use proptest::option;
use proptest::prelude::*;

const NOW: i64 = 1_631_062_800;
const DAY: i64 = 86_400;

/// A key that remembers whether it was used.
struct Watched {
    key: SigningKey,
    signed: Cell<u32>,
}

impl Es256Signer for Watched {
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
        self.signed.set(self.signed.get() + 1);
        self.key.sign(message)
    }
}

thread_local! {
    static KEY: Watched = Watched {
        key: SigningKey::from_pkcs8(&SigningKey::generate_pkcs8().unwrap()).unwrap(),
        signed: Cell::new(0),
    };
}

fn entry(key: &SigningKey) -> TrustedKey {
    TrustedKey {
        kid: kid_of(&key.spki()),
        key: PublicKey::from_spki(&key.spki()).unwrap(),
        issuer: "VN-50".to_owned(),
        usage: Usage::PASS.and(Usage::TEST),
        not_before: NOW - 30 * DAY,
        not_after: NOW + 30 * DAY,
        revoked: false,
        certificate: None,
    }
}

/// Times that make sense, and any others.
fn time() -> impl Strategy<Value = i64> {
    prop_oneof![6 => (NOW - 3 * DAY)..(NOW + 9 * DAY), 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

/// Words that make sense, and any others.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[A-ZĐƠ]{1,9} 19[0-9]{2}", 1 => any::<String>(), 1 => ".{0,50}"]
}

fn evidence() -> impl Strategy<Value = Option<Evidence>> {
    let methods = [Method::RtPcr, Method::RapidAntigen, Method::OtherNaat, Method::None];
    let materials = [Material::Own, Material::OwnInPool, Material::Representative];
    let tested = (
        [word(), word(), word(), word(), word()],
        prop::sample::select(materials.to_vec()),
        prop::sample::select(methods.to_vec()),
        time(),
    )
        .prop_map(|([id, round, release, specimen, reaction], material, method, sampled)| {
            let released = Conclusion::new(&id, &round).ok()?.released(&release).ok()?;
            released.resting_on(&[&specimen], &[&reaction], material, method, sampled).ok()
        });
    let overridden = ([word(), word(), word(), word(), word(), word()], time()).prop_map(
        |([id, round, one, other, reason, decision], from)| {
            Conclusion::new(&id, &round).ok()?.overridden([&one, &other], &reason, &decision, from).ok()
        },
    );
    prop_oneof![4 => tested, 1 => overridden]
}

fn order() -> impl Strategy<Value = Option<Order>> {
    let details = (
        word(),
        any::<bool>(),
        option::of(any::<u16>()),
        prop_oneof![Just(4u32), any::<u32>()],
        prop::collection::vec(word(), 0..6),
        option::of(word()),
    );
    (evidence(), 0..4, details).prop_map(
        |(evidence, kind, (name, guardian, tail, members, drivers, route))| {
            let evidence = evidence?;
            let drivers: Vec<&str> = drivers.iter().map(String::as_str).collect();
            Some(match kind {
                0 => evidence.person(&name, guardian, tail),
                1 => evidence.household(&name, members),
                2 => evidence.organisation(&name, members),
                _ => evidence.vehicle(&name, &drivers, route.as_deref()),
            })
        },
    )
}

fn terms() -> impl Strategy<Value = Terms> {
    let area = ("[A-Z0-9]{1,12}|.{0,14}", prop_oneof![1..=8u8, any::<u8>()]);
    (word(), any::<u16>(), option::of(area.prop_map(|(code, depth)| Area { code, depth })), time())
        .prop_map(|(holder, scopes, area, expires)| Terms { holder, scopes: Scopes(scopes), area, expires })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_what_leaves_is_green(
        order in order(), terms in terms(), now in time(), random in any::<[u8; 12]>(), entropy in prop::bool::weighted(0.9),
        storing in prop::bool::weighted(0.9),
    ) {
        let Some(order) = order else { return Ok(()) };
        KEY.with(|key| {
            key.signed.set(0);
            let (handles, entry) = (HandleKey::new(&[7; 32]), entry(&key.key));
            let mut fill = |buffer: &mut [u8]| {
                buffer.copy_from_slice(&random[..buffer.len()]);
                entropy
            };
            let stored = Cell::new(0);
            let mut store = |_: &_| {
                assert_eq!(key.signed.get(), 0, "stored before anything is signed");
                stored.set(stored.get() + 1);
                storing
            };
            let issued = Signer::new(key, &handles, entry.clone()).issue(order, terms, now, &mut fill, &mut store);
            match issued {
                Ok(pass) => {
                    prop_assert_eq!((stored.get(), key.signed.get()), (1, 1));
                    let trust = TrustList::new(1, now, vec![entry]);
                    let list = RevocationList::new(1, now, &[]);
                    let policy = Policy::default();
                    let clock = Clock { now, trusted: true };
                    let gate = Verifier { trust: &trust, revocations: Some(&list), policy: &policy, clock };
                    prop_assert_eq!(gate.verify(&pass.token).verdict(), Verdict::Green);
                }
                Err(NotIssued::NotStored) => prop_assert_eq!((stored.get(), key.signed.get()), (1, 0)),
                Err(NotIssued::SelfCheck(_)) => prop_assert_eq!((stored.get(), key.signed.get()), (1, 1)),
                Err(_) => prop_assert_eq!((stored.get(), key.signed.get()), (0, 0)),
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_words_and_no_times_make_a_certificate_panic(
        evidence in evidence(), words in prop::array::uniform8(word()), issued in time(), expires in time(),
    ) {
        let Some(evidence) = evidence else { return Ok(()) };
        KEY.with(|key| {
            let entry = entry(&key.key);
            let [surname, forename, birth, kit, centre, country, issuer, uci] = words.each_ref().map(String::as_str);
            let content =
                TestCertificate { surname, forename, birth, kit, centre, country, issuer, uci, issued, expires };
            let _ = issue_test(&evidence, &content, &ValueSets::default(), entry.kid, key, &entry.key);
        });
    }

    #[test]
    fn rotation_takes_any_times(now in time(), since in time(), expires in time(), age in time()) {
        KEY.with(|key| {
            let keys = [Published { key: entry(&key.key), since }];
            if let Some(chosen) = signing_key(&keys, now, expires, age) {
                assert!(chosen.key.not_after >= expires);
            }
            let _ = may_leave(since, age, now);
        });
    }
}
