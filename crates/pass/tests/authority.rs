//! The holder of the root key: certificates and the trust list, as the command line makes them.
#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use greenfort_pass::cert::Certificate;
use greenfort_pass::claims::{Method, Scopes};
use greenfort_pass::handle::HandleKey;
use greenfort_pass::keyfile::{Cost, open_key};
use greenfort_pass::keys::SigningKey;
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::RevocationList;
use greenfort_pass::sign::{Conclusion, Material, Signer, Terms};
use greenfort_pass::tools::{
    KeyFile, Validity, key_new, open_trust, root_certificate, signer_certificate, trust_list,
};
use greenfort_pass::trust::Usage;
use greenfort_pass::verify::{Reason, Verdict, Verifier};

const NOW: i64 = 1_631_062_830;
const VALID: Validity = Validity { now: NOW - 86_400, days: 90 };
const PASSPHRASE: &str = "đồng khởi 1960";
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

fn random() -> impl FnMut(&mut [u8]) -> bool {
    let mut next = 0_u8;
    move |buffer| {
        buffer.fill_with(|| {
            next = next.wrapping_add(37);
            next
        });
        true
    }
}

fn key() -> String {
    key_new("key", PASSPHRASE, CHEAP, &mut random()).unwrap().0
}

fn file(text: &str) -> KeyFile<'_> {
    KeyFile { text, passphrase: PASSPHRASE }
}

fn opened(text: &str) -> SigningKey {
    SigningKey::from_pkcs8(&open_key(text, PASSPHRASE).unwrap()).unwrap()
}

#[test]
fn a_pass_of_a_certified_signer_is_green_and_red_once_its_key_is_withdrawn() {
    let (root, signer) = (key(), key());
    let root_pem = root_certificate(file(&root), "Gốc Bến Tre", "VN", VALID, &mut random()).unwrap();
    let month = Validity { now: NOW - 86_400, days: 30 };
    let above = (file(&root), root_pem.as_str());
    let pem =
        signer_certificate(file(&signer), "CDC", Usage::default(), month, above, &mut random()).unwrap();
    let signers = [("VN-50".to_owned(), pem.clone())];
    let seal = |withdrawn: &[String], version| {
        trust_list(&signers, Vec::new(), withdrawn, version, NOW - 60, file(&root)).unwrap()
    };
    let spki = opened(&root).spki();
    let list = open_trust(&seal(&[], 1), &spki).unwrap();
    let entry = list.keys()[0].clone();
    assert_eq!(entry.kid, Certificate::from_text(&pem).unwrap().kid);

    let (signing, handles) = (opened(&signer), HandleKey::new(&[7; 32]));
    let order = Conclusion::new("c-1", "round-3")
        .unwrap()
        .released("release-9")
        .unwrap()
        .resting_on(&["s-1"], &["r-1"], Material::Own, Method::RtPcr, NOW - 7200)
        .unwrap()
        .person("NTMK 1985", false, None);
    let terms = Terms {
        holder: "household-1".to_owned(),
        scopes: Scopes::MOVEMENT,
        area: None,
        expires: NOW + 86_400,
    };
    let issued = Signer::new(&signing, &handles, entry.clone())
        .issue(order, terms, NOW, &mut random(), &mut |_| true)
        .unwrap();
    let none = RevocationList::new(1, NOW - 60, &[]);
    let verdict = |bytes: &[u8]| {
        let list = open_trust(bytes, &spki).unwrap();
        Verifier {
            trust: &list,
            revocations: Some(&none),
            policy: &Policy::default(),
            clock: Clock { now: NOW, trusted: true },
        }
        .verify(&issued.token)
    };
    assert_eq!(verdict(&seal(&[], 1)).verdict(), Verdict::Green);
    let kid: String = entry.kid.iter().map(|b| format!("{b:02X}")).collect();
    let withdrawn = verdict(&seal(&[kid], 2));
    assert_eq!((withdrawn.verdict(), withdrawn.reason), (Verdict::Red, Reason::KeyRevoked));
}

#[test]
fn what_would_not_verify_is_not_certified() {
    let (root, other) = (key(), key());
    let root_pem = root_certificate(file(&root), "Gốc", "VN", VALID, &mut random()).unwrap();
    let certify = |key: KeyFile<'_>, days, root: &str| {
        let until = Validity { now: NOW, days };
        signer_certificate(key, "CDC", Usage::TEST, until, (file(root), &root_pem), &mut random())
            .map_err(|e| e.to_string())
    };
    assert!(certify(file(&other), 30, &root).is_ok());
    assert!(certify(file(&other), 400, &root).unwrap_err().contains("the root certificate ends before"));
    assert!(certify(file(&other), 30, &other).unwrap_err().contains("not that of the root key"));
    let wrong = KeyFile { text: &other, passphrase: "another passphrase" };
    assert!(certify(wrong, 30, &root).unwrap_err().starts_with("key: "));
    assert!(root_certificate(file(&root), "Gốc", "Vietnam", VALID, &mut random()).is_err());
    let pem = certify(file(&other), 30, &root).unwrap();
    let list = |issuer: &str, withdrawn: &[String]| {
        let signers = [(issuer.to_owned(), pem.clone())];
        trust_list(&signers, Vec::new(), withdrawn, 1, NOW, file(&root)).map_err(|e| e.to_string())
    };
    assert!(list("a name of thirteen bytes", &[]).unwrap_err().contains("1 to 12 bytes"));
    assert!(list("VN-50", &["00".to_owned()]).unwrap_err().contains("not in the list"));
}
