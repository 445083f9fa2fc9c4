//! Trust lists and revocation lists: good, old, forged.

use greenfort_pass::cose::{Kid, assemble, protected_header, to_be_signed};
use greenfort_pass::keys::{Es256Signer as _, PublicKey, kid_of};
use greenfort_pass::revoke::{RevocationList, Section};
use greenfort_pass::token::{message_of, sign_message};
use greenfort_pass::trust::{TRUST_AAD, TrustList, TrustedKey, Usage};

use super::keys::TestKey;
use super::tokens::{Token, person, signature_hash};
use super::{NOW, World};

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;

/// One signed list, and what opening it gives.
pub(crate) struct List {
    pub(crate) id: &'static str,
    pub(crate) about: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The list in hand when it arrives.
    pub(crate) in_hand: Option<&'static str>,
    /// `ok`, or the code of the error.
    pub(crate) expected: &'static str,
}

pub(crate) fn trusted_keys(w: &World) -> Vec<TrustedKey> {
    let (from, to) = (NOW - 30 * DAY, NOW + 60 * DAY);
    let mut same_kid = w.same_kid.trusted("VN-50", Usage::PASS, from, to);
    same_kid.kid = w.signer.kid();
    let mut withdrawn = w.withdrawn.trusted("VN-50", Usage::PASS, from, to);
    withdrawn.revoked = true;
    let spki = &w.ps256.spki;
    vec![
        w.signer.trusted("VN-50", Usage::PASS, from, to),
        w.next_signer.trusted("VN-50", Usage::PASS, NOW - 3 * DAY, NOW + 90 * DAY),
        w.old_signer.trusted("VN-50", Usage::PASS, NOW - 90 * DAY, NOW - HOUR),
        same_kid,
        withdrawn,
        w.other_issuer.trusted("VN-51", Usage::PASS, from, to),
        w.revoker.trusted("VN-50", Usage::REVOCATION, from, to),
        w.dcc_signer.trusted("VN", Usage::TEST, from, to),
        TrustedKey {
            kid: kid_of(spki),
            key: PublicKey::from_spki(spki).unwrap(),
            issuer: "VN".to_owned(),
            usage: Usage::DCC,
            not_before: from,
            not_after: to,
            revoked: false,
            certificate: None,
        },
    ]
}

fn seal(w: &World, version: u64, issued: i64) -> Vec<u8> {
    TrustList::new(version, issued, trusted_keys(w)).seal(w.root.kid(), &w.root).unwrap()
}

/// The same list signed by somebody else.
fn forge(list: &[u8], kid: Kid, by: &TestKey) -> Vec<u8> {
    let payload = greenfort_pass::cose::Sign1::read(list).unwrap().payload;
    let protected = protected_header(kid);
    assemble(&protected, payload, &by.sign(&to_be_signed(&protected, TRUST_AAD, payload)).unwrap())
}

pub(crate) fn trust(w: &World, tokens: &[Token]) -> Vec<List> {
    let fresh = seal(w, 7, NOW - 2 * HOUR);
    let mut flipped = fresh.clone();
    flipped[30] ^= 1;
    let pass = tokens.iter().find(|t| t.id == "person").unwrap();
    let l = |id, about, bytes, in_hand, expected| List { id, about, bytes, in_hand, expected };
    vec![
        l("fresh", "two hours old", fresh.clone(), None, "ok"),
        l("newer", "replaces it", seal(w, 8, NOW - HOUR), Some("fresh"), "ok"),
        l("stale", "49 hours old", seal(w, 6, NOW - 49 * HOUR), None, "ok"),
        l("from-the-future", "issued an hour from now", seal(w, 9, NOW + HOUR), None, "ok"),
        l("older", "an old list comes back", seal(w, 6, NOW - 49 * HOUR), Some("fresh"), "not-newer"),
        l("same", "the same list again", fresh.clone(), Some("fresh"), "not-newer"),
        l(
            "other-root",
            "signed by the attacker's root",
            forge(&fresh, w.attacker.kid(), &w.attacker),
            None,
            "unknown-key",
        ),
        l(
            "forged-root",
            "signed by the attacker under the root's key id",
            forge(&fresh, w.root.kid(), &w.attacker),
            None,
            "bad-signature",
        ),
        l(
            "signer-as-root",
            "signed by a pass signer under the root's key id",
            forge(&fresh, w.root.kid(), &w.signer),
            None,
            "bad-signature",
        ),
        l("flipped", "one bit turned", flipped, None, "bad-signature"),
        l(
            "not-a-trust-list",
            "the root's signature on something else",
            sign_message(&[0xa0], TRUST_AAD, w.root.kid(), &w.root).unwrap(),
            None,
            "malformed",
        ),
        l("pass-as-list", "a pass is no list", message_of(&pass.text).unwrap(), None, "unknown-key"),
        l("truncated", "the last byte missing", fresh[..fresh.len() - 1].to_vec(), None, "malformed"),
    ]
}

pub(crate) struct Revocations {
    pub(crate) lists: Vec<List>,
}

pub(crate) fn revocations(w: &World, tokens: &[Token]) -> Revocations {
    let by_id = |id: &str| &tokens.iter().find(|t| t.id == id).unwrap().text;
    let certificate = greenfort_pass::dcc::Dcc::decode(by_id("dcc-revoked-uci")).unwrap();
    let (pass, restored) = (person("revoked-pass").pass_handle(), person("restored").pass_handle());
    let (holder, batch) = (person("revoked-holder").holder, person("revoked-batch").batch);
    let uci = certificate.uci_hash().unwrap();
    let signature = signature_hash(by_id("dcc-revoked-signature"));
    let entries_41: Vec<(Section, &[u8])> =
        vec![(Section::Holder, &holder), (Section::Pass, &restored), (Section::Uci, &uci)];
    let entries_42: Vec<(Section, &[u8])> =
        vec![(Section::Pass, &pass), (Section::Batch, &batch), (Section::Signature, &signature)];
    let all = [&entries_41[..], &entries_42[..]].concat();
    let now_43: Vec<_> = all.iter().filter(|(_, hash)| *hash != restored).copied().collect();
    let v41 = RevocationList::new(41, NOW - 3 * HOUR, &entries_41);
    let v42 = RevocationList::new(42, NOW - 2 * HOUR, &all);
    let v43 = RevocationList::new(43, NOW - HOUR, &now_43);
    let v44 = RevocationList::new(44, NOW - HOUR / 2, &now_43);
    let (kid, key) = (w.revoker.kid(), &w.revoker);
    let full = |list: &RevocationList| list.seal(kid, key).unwrap();
    let delta = |from: &RevocationList, to: &RevocationList| to.seal_delta(from, kid, key).unwrap();
    // A delta from a base that says it is 42 but is not.
    let other_42 = RevocationList::new(42, NOW - 2 * HOUR, &entries_41[..1]);
    let unsorted = {
        let payload = full(&v42);
        let mut payload = greenfort_pass::cose::Sign1::read(&payload).unwrap().payload.to_vec();
        let at = payload.windows(2).position(|x| x == [0x86, 0x4c]).unwrap() + 2;
        payload[at..at + 12].rotate_left(6);
        sign_message(&payload, greenfort_pass::revoke::REVOCATION_AAD, kid, key).unwrap()
    };
    let l = |id, about, bytes, in_hand, expected| List { id, about, bytes, in_hand, expected };
    Revocations {
        lists: vec![
            l("full-41", "the full list", full(&v41), None, "ok"),
            l("delta-42", "adds three entries to it", delta(&v41, &v42), Some("full-41"), "ok"),
            l("delta-43", "takes one entry from that", delta(&v42, &v43), Some("delta-42"), "ok"),
            l("delta-44", "no change, a newer date", delta(&v43, &v44), Some("delta-43"), "ok"),
            l("full-43", "the same list in full", full(&v43), None, "ok"),
            l("empty", "nothing is revoked", full(&RevocationList::new(1, NOW - HOUR, &[])), None, "ok"),
            l(
                "stale",
                "13 hours old",
                full(&RevocationList::new(40, NOW - 13 * HOUR, &entries_41)),
                None,
                "ok",
            ),
            l(
                "future",
                "issued an hour from now",
                full(&RevocationList::new(50, NOW + HOUR, &[])),
                None,
                "ok",
            ),
            l(
                "wrong-base",
                "a delta on a list that is not in hand",
                delta(&v42, &v43),
                Some("full-41"),
                "wrong-base",
            ),
            l("no-base", "a delta with no list in hand", delta(&v41, &v42), None, "wrong-base"),
            l(
                "wrong-digest",
                "a delta that leads elsewhere",
                delta(&other_42, &v43),
                Some("delta-42"),
                "digest",
            ),
            l("older", "an old list comes back", full(&v41), Some("delta-43"), "not-newer"),
            l(
                "by-pass-signer",
                "signed by a key for passes",
                v43.seal(w.signer.kid(), &w.signer).unwrap(),
                None,
                "key-usage",
            ),
            l(
                "by-attacker",
                "signed by the attacker",
                v43.seal(w.attacker.kid(), &w.attacker).unwrap(),
                None,
                "unknown-key",
            ),
            l(
                "forged",
                "signed by the attacker under the right key id",
                v43.seal(kid, &w.attacker).unwrap(),
                None,
                "bad-signature",
            ),
            l("unsorted", "entries not ascending", unsorted, None, "malformed"),
        ],
    }
}
