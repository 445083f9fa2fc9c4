//! From evidence to a token: nothing else leads there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says what it skips")]

use std::cell::RefCell;

use greenfort_pass::ca::{Subject, root_certificate, signer_certificate};
use greenfort_pass::cert::Certificate;
use greenfort_pass::claims::{Area, Basis, Claims, Method, Scopes};
use greenfort_pass::dcc::{NotCertifiable, TestCertificate, ValueSets, issue_test};
use greenfort_pass::handle::HandleKey;
use greenfort_pass::keyfile::{Cost, KeyFileError, open_key, seal_key};
use greenfort_pass::keys::{Es256Signer, KeyError, PublicKey, SigningKey};
use greenfort_pass::policy::{Clock, Policy};
use greenfort_pass::revoke::{RevocationList, Section};
use greenfort_pass::rotation::{Published, may_leave, signing_key};
use greenfort_pass::sign::{Conclusion, Evidence, Material, NotIssued, Serial, Signer, Terms};
use greenfort_pass::token;
use greenfort_pass::trust::{TrustList, TrustedKey, Usage};
use greenfort_pass::verify::{Reason, Verdict, Verifier};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

const NOW: i64 = 1_631_062_830;
const DAY: i64 = 86_400;

struct Issuer {
    key: SigningKey,
    entry: TrustedKey,
    handles: HandleKey,
}

impl Issuer {
    fn new(usage: Usage) -> Self {
        let key = SigningKey::from_pkcs8(&SigningKey::generate_pkcs8().unwrap()).unwrap();
        let entry = TrustedKey {
            kid: greenfort_pass::keys::kid_of(&key.spki()),
            key: PublicKey::from_spki(&key.spki()).unwrap(),
            issuer: "VN-50".to_owned(),
            usage,
            not_before: NOW - DAY,
            not_after: NOW + 30 * DAY,
            revoked: false,
            certificate: None,
        };
        Self { key, entry, handles: HandleKey::new(&[7; 32]) }
    }

    fn signer(&self) -> Signer<'_> {
        Signer::new(&self.key, &self.handles, self.entry.clone())
    }
}

fn evidence(material: Material) -> Evidence {
    Conclusion::new("c-1", "round-3")
        .unwrap()
        .released("release-9")
        .unwrap()
        .resting_on(&["s-1"], &["r-1"], material, Method::RtPcr, NOW - 20 * 3600)
        .unwrap()
}

fn terms() -> Terms {
    Terms {
        holder: "household-1".to_owned(),
        scopes: Scopes::MOVEMENT,
        area: Some(Area { code: "83".to_owned(), depth: 1 }),
        expires: NOW + 52 * 3600,
    }
}

fn random(seed: u64) -> impl FnMut(&mut [u8]) -> bool {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    move |buffer| {
        rng.fill_bytes(buffer);
        true
    }
}

fn stored(_: &Serial) -> bool {
    true
}

#[test]
fn a_pass_says_what_its_evidence_says() {
    let issuer = Issuer::new(Usage::PASS);
    for (material, basis) in [
        (Material::Own, Basis::Tested),
        (Material::OwnInPool, Basis::Pooled),
        (Material::Representative, Basis::Represented),
    ] {
        let order = evidence(material).person("NTMK 1985", false, None);
        let issued = issuer.signer().issue(order, terms(), NOW, &mut random(1), &mut stored).unwrap();
        let (_, claims) = token::peek(&issued.token).unwrap();
        assert_eq!(claims.basis, basis);
        assert_eq!(claims.sampled, (NOW - 20 * 3600) / 60 * 60);
        assert_eq!(issued.serial.lineage, ["s-1", "r-1"]);
        assert_eq!(issued.serial.pass, claims.pass_handle());
    }
}

#[test]
fn no_lineage_no_evidence() {
    let released = || Conclusion::new("c", "r").unwrap().released("x").unwrap();
    let none = |e: Result<Evidence, NotIssued>| matches!(e, Err(NotIssued::NoEvidence(_)));
    assert!(Conclusion::new("", "r").is_err());
    assert!(Conclusion::new("c", "r").unwrap().released(" ").is_err());
    assert!(none(released().resting_on(&[], &["r"], Material::Own, Method::RtPcr, 60)));
    assert!(none(released().resting_on(&["s"], &[], Material::Own, Method::RtPcr, 60)));
    assert!(none(released().resting_on(&["s"], &["r"], Material::Own, Method::None, 60)));
}

#[test]
fn an_override_needs_two_persons_and_a_reason() {
    let conclusion = || Conclusion::new("c", "r").unwrap();
    assert!(conclusion().overridden(["an", "an"], "because", "d-1", 60).is_err());
    assert!(conclusion().overridden(["an", "binh"], " ", "d-1", 60).is_err());
    let evidence = conclusion().overridden(["an", "binh"], "hospital", "d-1", 60).unwrap();
    assert_eq!((evidence.basis(), evidence.method()), (Basis::Override, Method::None));
}

#[test]
fn nothing_is_signed_before_its_serial_is_stored() {
    struct Watched<'a>(&'a SigningKey, &'a RefCell<Vec<&'static str>>);
    impl Es256Signer for Watched<'_> {
        fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
            self.1.borrow_mut().push("signed");
            self.0.sign(message)
        }
    }
    let issuer = Issuer::new(Usage::PASS);
    let log = RefCell::new(Vec::new());
    let key = Watched(&issuer.key, &log);
    let signer = Signer::new(&key, &issuer.handles, issuer.entry.clone());
    let order = || evidence(Material::Own).person("NTMK 1985", false, None);
    let mut refuse = |_: &Serial| {
        log.borrow_mut().push("refused");
        false
    };
    let refused = signer.issue(order(), terms(), NOW, &mut random(2), &mut refuse);
    assert_eq!(refused, Err(NotIssued::NotStored));
    let mut keep = |_: &Serial| {
        log.borrow_mut().push("stored");
        true
    };
    signer.issue(order(), terms(), NOW, &mut random(2), &mut keep).unwrap();
    assert_eq!(*log.borrow(), ["refused", "stored", "signed"]);
}

#[test]
fn what_the_verifier_refuses_does_not_leave() {
    struct Broken;
    impl Es256Signer for Broken {
        fn sign(&self, _: &[u8]) -> Result<[u8; 64], KeyError> {
            Ok([1; 64])
        }
    }
    let issuer = Issuer::new(Usage::REVOCATION);
    let order = || evidence(Material::Own).person("NTMK 1985", false, None);
    let issued = issuer.signer().issue(order(), terms(), NOW, &mut random(3), &mut stored);
    assert_eq!(issued, Err(NotIssued::SelfCheck(Reason::KeyUsage)));
    let signer = Signer::new(&Broken, &issuer.handles, issuer.entry.clone());
    let issued = signer.issue(order(), terms(), NOW, &mut random(3), &mut stored);
    assert_eq!(issued, Err(NotIssued::SelfCheck(Reason::BadSignature)));
}

#[test]
fn times_that_contradict_each_other_are_refused() {
    let issuer = Issuer::new(Usage::PASS);
    let order = || evidence(Material::Own).person("NTMK 1985", false, None);
    let try_with = |terms: Terms, now| {
        issuer.signer().issue(order(), terms, now, &mut random(4), &mut stored).map(|_| ())
    };
    assert!(matches!(try_with(terms(), NOW - 21 * 3600), Err(NotIssued::Time(_))));
    assert!(matches!(try_with(Terms { expires: NOW + 20 * DAY, ..terms() }, NOW), Err(NotIssued::Time(_))));
    assert!(matches!(try_with(terms(), NOW - 2 * DAY), Err(NotIssued::Time(_))));
    let mut silent = |_: &mut [u8]| false;
    let issued = issuer.signer().issue(order(), terms(), NOW, &mut silent, &mut stored);
    assert_eq!(issued, Err(NotIssued::Entropy));
}

#[test]
fn every_kind_is_issued_and_passes_the_gate() {
    let issuer = Issuer::new(Usage::PASS);
    let trust = TrustList::new(1, NOW, vec![issuer.entry.clone()]);
    let revocations = RevocationList::new(1, NOW, &[]);
    let policy = Policy::default();
    let clock = Clock { now: NOW + 60, trusted: true };
    let verifier = Verifier { trust: &trust, revocations: Some(&revocations), policy: &policy, clock };
    for order in [
        evidence(Material::Own).person("NTMK 1985", true, Some(417)),
        evidence(Material::Representative).household("Hộ NVT, ấp 3", 4),
        evidence(Material::OwnInPool).organisation("Cty Dừa Xanh", 318),
        evidence(Material::Own).vehicle("71C-123.45", &["TVH 1979"], Some("Giao Long – Cát Lái")),
    ] {
        let issued = issuer.signer().issue(order, terms(), NOW, &mut random(5), &mut stored).unwrap();
        assert_eq!(verifier.verify(&issued.token).verdict(), Verdict::Green);
    }
}

#[test]
fn two_rounds_of_a_household_cannot_be_linked() {
    let key = HandleKey::new(&[1; 32]);
    assert_ne!(key.holder(b"household-1", b"round-1"), key.holder(b"household-1", b"round-2"));
    assert_ne!(key.holder(b"a", b"b"), key.batch(b"a", b"b"));
    assert_ne!(key.holder(b"ab", b"c"), key.holder(b"a", b"bc"));
    assert_ne!(key.holder(b"a", b"b"), HandleKey::new(&[2; 32]).holder(b"a", b"b"));
}

#[test]
fn a_hundred_thousand_revocations_stay_under_a_megabyte() {
    let issuer = Issuer::new(Usage::REVOCATION);
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let mut entries = vec![[0; 6]; 100_000];
    entries.iter_mut().for_each(|e| rng.fill_bytes(e));
    let as_refs = |es: &[[u8; 6]]| -> Vec<(Section, Vec<u8>)> {
        es.iter().map(|e| (Section::Pass, e.to_vec())).collect()
    };
    let owned = as_refs(&entries);
    let borrowed: Vec<(Section, &[u8])> = owned.iter().map(|(s, e)| (*s, e.as_slice())).collect();
    let list = RevocationList::new(1, NOW, &borrowed);
    let full = list.seal(issuer.entry.kid, &issuer.key).unwrap();
    assert!(full.len() < 610_000, "{}", full.len());
    let more = RevocationList::new(2, NOW, &borrowed[..99_900]);
    let delta = more.seal_delta(&list, issuer.entry.kid, &issuer.key).unwrap();
    assert!(delta.len() < 1_000, "{}", delta.len());
    let trust = TrustList::new(1, NOW, vec![issuer.entry.clone()]);
    let first = RevocationList::open(&full, &trust, None).unwrap();
    let second = RevocationList::open(&delta, &trust, Some(&first)).unwrap();
    assert_eq!(second, more);
    assert!(entries.iter().take(1000).all(|e| first.contains(Section::Pass, e)));
    assert!(!second.contains(Section::Pass, &entries[99_950]));
}

#[test]
fn a_key_file_opens_with_its_passphrase_alone() {
    let key = SigningKey::generate_pkcs8().unwrap();
    let cost = Cost { memory_kib: 64, passes: 1 };
    let file = seal_key(&key, "signer 1", "đúng mật khẩu", cost, &mut random(7)).unwrap();
    assert_eq!(*open_key(&file, "đúng mật khẩu").unwrap(), key);
    assert_eq!(open_key(&file, "sai"), Err(KeyFileError::Refused));
    assert_eq!(open_key(&file.replace("signer 1", "signer 2"), "đúng mật khẩu"), Err(KeyFileError::Refused));
    assert_eq!(
        open_key(&file.replace("\"passes\": 1", "\"passes\": 9999"), "x"),
        Err(KeyFileError::Malformed)
    );
    assert_eq!(open_key("{}", "x"), Err(KeyFileError::Malformed));
}

#[test]
fn certificates_carry_key_usage_and_name_their_key() {
    let (root_key, key) = (SigningKey::generate_pkcs8().unwrap(), SigningKey::generate_pkcs8().unwrap());
    let subject = |name, serial| Subject {
        name,
        country: "VN",
        not_before: NOW - DAY,
        not_after: NOW + 365 * DAY,
        serial: [serial; 16],
    };
    let root = subject("Greenfort root", 1);
    let certificate = Certificate::from_der(&root_certificate(&root, &root_key).unwrap()).unwrap();
    assert_eq!((certificate.country.as_str(), certificate.not_before), ("VN", NOW - DAY));
    let der = signer_certificate(&subject("DCC 1", 255), &key, Usage::TEST, &root, &root_key).unwrap();
    let signer = Certificate::from_der(&der).unwrap();
    assert_eq!(signer.usage, Usage::TEST);
    assert_eq!(signer.kid, greenfort_pass::keys::kid_of(&der));
    assert_eq!(signer.key.spki(), SigningKey::from_pkcs8(&key).unwrap().spki());
}

#[test]
fn only_a_single_donor_becomes_an_eu_certificate() {
    let issuer = Issuer::new(Usage::TEST);
    let content = TestCertificate {
        surname: "Nguyễn",
        forename: "Thị Minh Khai",
        birth: "1985-04-12",
        kit: "Real-time RT-PCR",
        centre: "CDC Bến Tre",
        country: "VN",
        issuer: "Ben Tre Department of Health",
        uci: "URN:UVCI:01:VN:50/ABC#1",
        issued: NOW,
        expires: NOW + 10 * DAY,
    };
    let sets = ValueSets::default();
    let (kid, public) = (issuer.entry.kid, &issuer.entry.key);
    let issue = |evidence: &Evidence| issue_test(evidence, &content, &sets, kid, &issuer.key, public);
    for material in [Material::OwnInPool, Material::Representative] {
        assert_eq!(issue(&evidence(material)), Err(NotCertifiable::NotSingle));
    }
    let token = issue(&evidence(Material::Own)).unwrap();
    let trust = TrustList::new(1, NOW, vec![issuer.entry.clone()]);
    let list = RevocationList::new(1, NOW, &[]);
    let policy = Policy::default();
    let clock = Clock { now: NOW + 60, trusted: true };
    let verifier = Verifier { trust: &trust, revocations: Some(&list), policy: &policy, clock };
    assert_eq!(verifier.verify(&token).reason, Reason::Valid);
    let rapid = Conclusion::new("c", "r").unwrap().released("x").unwrap();
    let rapid = rapid.resting_on(&["s"], &["r"], Material::Own, Method::RapidAntigen, NOW - 3600).unwrap();
    assert_eq!(issue(&rapid), Err(NotCertifiable::KitNotApproved));
}

#[test]
fn a_key_signs_only_after_it_has_stood_in_the_list() {
    let (old, new) = (Issuer::new(Usage::PASS), Issuer::new(Usage::PASS));
    let max_age = 2 * DAY;
    let keys = [
        Published { key: old.entry.clone(), since: NOW - 20 * DAY },
        Published { key: new.entry.clone(), since: NOW - DAY },
    ];
    let expires = NOW + 3 * DAY;
    assert_eq!(signing_key(&keys, NOW, expires, max_age).unwrap().key.kid, old.entry.kid);
    assert_eq!(signing_key(&keys, NOW + DAY, expires, max_age).unwrap().key.kid, new.entry.kid);
    assert!(signing_key(&keys, NOW, NOW + 31 * DAY, max_age).is_none());
    let mut withdrawn = keys.clone();
    withdrawn[0].key.revoked = true;
    assert!(signing_key(&withdrawn, NOW, expires, max_age).is_none());
    assert!(!may_leave(NOW, 14 * DAY, NOW + 13 * DAY) && may_leave(NOW, 14 * DAY, NOW + 14 * DAY));
}

#[test]
fn an_ordinary_persons_pass_fits_version_11_at_level_q() {
    // Whatever the name, the masked one keeps the pass inside 259 characters.
    let issuer = Issuer::new(Usage::PASS);
    for name in ["Nguyễn Thị Minh Khai", "Đỗ Ấn", "Công Tằng Tôn Nữ Thị Ánh Đào", "Ơ Ư Ă Â"]
    {
        let masked = greenfort_pass::name::mask(name, Some(1985), 9);
        let order = evidence(Material::OwnInPool).person(&masked, false, None);
        let area = Some(Area { code: "28756".to_owned(), depth: 3 });
        let terms = Terms { area, scopes: Scopes(15), ..terms() };
        let issued = issuer.signer().issue(order, terms, NOW, &mut random(8), &mut stored).unwrap();
        assert!(issued.token.len() <= 259, "{masked}: {}", issued.token.len());
    }
}

#[test]
fn claims_round_trip() {
    let (_, claims): (_, Claims) = {
        let issuer = Issuer::new(Usage::PASS);
        let order = evidence(Material::Own).person("NTMK 1985", false, None);
        token::peek(&issuer.signer().issue(order, terms(), NOW, &mut random(9), &mut stored).unwrap().token)
            .unwrap()
    };
    assert_eq!(Claims::decode(&claims.encode().unwrap()).unwrap(), claims);
}
