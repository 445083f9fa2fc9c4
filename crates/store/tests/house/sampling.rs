//! A round in a hamlet against a real database: planned, sampled by two phones, and what can go wrong.

use crate::people::hex;
use greenfort_domain::campaign::Window;
use greenfort_domain::sampling::{
    Added, Collected, Donor, Event, IdentifiedBy, NotSwabbed, StandsFor, Stay, Tube, Visited, What, Whose,
    own_label,
};
use greenfort_kernel::{
    AccountId, AssayId, DeviceId, HouseholdId, IntakeId, PersonId, RoundId, SpecimenId, UnitId,
};
use greenfort_store::campaign::plan::{Wish, rule_in_force};
use greenfort_store::campaign::{self, Round, plan, subjects};
use greenfort_store::sampling::intake::{How, Sender, Taken, print_labels, take};
use greenfort_store::sampling::lists;
use greenfort_store::{Db, DbRole, Result, Scope, tx};
use greenfort_testkit::TestDb;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use uuid::Uuid;

const PROVINCE: UnitId = UnitId(1);
const HAMLET: UnitId = UnitId(2);
const PCR: AssayId = AssayId(Uuid::from_u128(0x7000_8000_0000_0000_0001));

/// A province with one hamlet, a household of four, two phones, ten labels, and a round that is planned.
struct Field {
    db: TestDb,
    app: Db,
    round: Round,
    home: HouseholdId,
    people: Vec<PersonId>,
    account: AccountId,
    phones: [DeviceId; 2],
}

impl Field {
    async fn new() -> Self {
        let db = TestDb::new().await;
        let account: AccountId = db.world.id();
        let home: HouseholdId = db.world.id();
        let phones: [DeviceId; 2] = [db.world.id(), db.world.id()];
        let address =
            hex(&db.keys.seal("household.sealed", home.0.as_bytes(), &serde_json::json!({"a": "Ấp 3"})));
        let name =
            hex(&db.keys.seal("account.sealed", account.0.as_bytes(), &serde_json::json!({"n": "Lấy mẫu"})));
        let key = format!("04{}", "00".repeat(64));
        db.execute(&format!(
            "insert into unit (code, valid_from, level, kind, name, folded_name) values
                 ('83', '2020-01-01', 'province', 'Tỉnh', 'Tỉnh Bến Tre', 'tinh ben tre'),
                 ('83-01', '2020-01-01', 'hamlet', 'Ấp', 'Ấp 3', 'ap 3');
             insert into unit_ancestor values (1, 1, 0, '2020-01-01', 'infinity'), (2, 1, 1, '2020-01-01', 'infinity'),
                 (2, 2, 0, '2020-01-01', 'infinity');
             insert into account (id, kind, sealed, created_at) values ('{account}', 'field', '\\x{name}', now());
             insert into device (id, label, unit, public_key, enrolled_by, enrolled_at)
                 select d::uuid, 'Máy', 2, '\\x{key}', '{account}', now() from unnest(array['{}', '{}']) d;
             insert into household (id, unit, walk_order, sealed, created_at) values ('{home}', 2, 1, '\\x{address}', now())",
            phones[0], phones[1]
        ))
        .await;
        let mut people = Vec::new();
        for (n, birth_year) in [(1, 1960), (2, 1962), (3, 1995), (4, 2020)] {
            let id: PersonId = db.world.id();
            let sealed = hex(&db.keys.seal(
                "person.sealed",
                id.0.as_bytes(),
                &serde_json::json!({"n": format!("Người {n}")}),
            ));
            db.execute(&format!(
                "insert into person (id, unit, household, birth_year, sex, vaccine_doses, sealed, created_at)
                 values ('{id}', 2, '{home}', {birth_year}, 'female', {}, '\\x{sealed}', now())",
                if n == 3 { 0 } else { 1 }
            ))
            .await;
            people.push(id);
        }
        let app = db.db(DbRole::App);
        let round = open(&app, &db, account).await.unwrap();
        Self { db, app, round, home, people, account, phones }
    }

    fn event(&self, phone: usize, seq: i64, what: What) -> Event {
        Event {
            id: IntakeId(Uuid::from_u128((phone as u128 + 1) * 1_000_000 + seq.unsigned_abs() as u128)),
            seq,
            device_at: self.db.world.now() + SignedDuration::from_secs(seq),
            offset_ms: 0,
            account: self.account,
            what,
        }
    }

    fn donor(&self, n: usize) -> Donor {
        Donor {
            whose: Whose { person: self.people[n], added: None },
            identified_by: IdentifiedBy::List,
            stands_for: None,
        }
    }

    /// Person `n` stands for the household with the others of `members`.
    fn representative(&self, n: usize, members: &[usize]) -> Donor {
        let members: Vec<Whose> =
            members.iter().map(|m| Whose { person: self.people[*m], added: None }).collect();
        let present = u16::try_from(members.len() + 1).unwrap();
        let stands_for =
            StandsFor { household: Some(self.home), group: None, unit: HAMLET, present, members };
        Donor { stands_for: Some(stands_for), ..self.donor(n) }
    }

    async fn upload(&self, phone: usize, events: &[Event]) -> Vec<Taken> {
        let sender = Sender { device: self.phones[phone], unit: HAMLET };
        let sent_at = self.db.world.now();
        tx!(self.app, "take", Scope::area([PROVINCE]), |tx| take(tx, &self.round, sender, sent_at, events)
            .await)
        .unwrap()
    }

    async fn count(&self, of: &str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {of}")))
            .fetch_one(&mut self.db.owner().await)
            .await
            .unwrap()
    }

    /// Everything derived, as text, without ids that the server made.
    async fn truth(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select 'specimen ' || concat_ws(' ', id, barcode, donors, flags, voided_at, sound) from specimen
             union all select 'donor ' || concat_ws(' ', specimen, person, position) from specimen_donor
             union all select 'member ' || concat_ws(' ', r.specimen, r.representative, r.present, m.person)
                 from represented_member m join specimen_represents r on r.id = m.represents
             union all select 'tube ' || concat_ws(' ', barcode, specimen) from tube where specimen is not null
             union all select 'visit ' || concat_ws(' ', id, person, reach) from visit
             union all select 'problem ' || concat_ws(' ', intake, code, person) from intake_problem where gone_at is null
             order by 1",
        )
        .fetch_all(&mut self.db.owner().await)
        .await
        .unwrap()
    }
}

async fn open(app: &Db, db: &TestDb, by: AccountId) -> Result<Round> {
    let window = Window::new(db.world.now() - SignedDuration::from_hours(1), 72).unwrap();
    tx!(app, "open_round", Scope::area([PROVINCE]), |tx| -> Result<Round> {
        let campaign = campaign::create(tx, PROVINCE, "Vòng thử", "Thử", by).await?;
        let id: RoundId = campaign::open_round(tx, campaign, window, by).await?;
        let round = campaign::round(tx, id).await?;
        let rule = rule_in_force(tx, "household-representatives").await?;
        let wish = Wish {
            whom: "household_representatives",
            assay: PCR,
            pool_size: 10,
            pooling: "media",
            laboratory: None,
        };
        let hamlets = plan::hamlets(tx, PROVINCE).await?;
        plan::save(tx, &round, &hamlets, &wish, &rule, by).await?;
        subjects::expect(tx, &round, &hamlets, false, &rule).await?;
        print_labels(tx, 10).await?;
        Ok(round)
    })
}

fn tube(n: u32) -> Tube {
    Tube { issuer: "own".to_owned(), barcode: own_label(n) }
}

fn collected(label: u32, donors: Vec<Donor>) -> What {
    What::Collected(Collected {
        tube: tube(label),
        unit: HAMLET,
        site: None,
        assay: PCR,
        lot: None,
        donors,
        follows: None,
        written_at: None,
        seconds: 10,
    })
}

fn problems(taken: &[Taken]) -> Vec<&str> {
    taken.iter().flat_map(|t| t.problems.iter().map(String::as_str)).collect()
}

#[tokio::test]
async fn a_household_is_planned_sampled_and_stands_in_the_list_of_its_hamlet() {
    let f = Field::new().await;
    let list = async || {
        tx!(f.app, "list", Scope::area([HAMLET]), |tx| lists::subjects(tx, &f.round, HAMLET).await).unwrap()
    };
    let planned = list().await;
    assert_eq!(planned[0].name, "Người 3", "the unvaccinated comes first");
    assert_eq!((planned[0].expected.as_str(), planned[0].choice), ("swab", 1));
    assert_eq!(planned[0].reasons, ["least_vaccinated"]);
    assert_eq!(planned[0].address, "Ấp 3");
    assert_eq!(planned[3].name, "Người 4", "the infant is never swabbed");

    let taken = f.upload(0, &[f.event(0, 1, collected(1, vec![f.representative(2, &[0, 3])]))]).await;
    assert_eq!((taken[0].how, problems(&taken)), (How::New, vec![]));
    let reach: Vec<Option<String>> = list().await.into_iter().map(|s| s.reach).collect();
    assert_eq!(
        reach,
        [Some("collected".to_owned()), Some("represented".to_owned()), None, Some("represented".to_owned())]
    );
    let progress =
        tx!(f.app, "progress", Scope::area([HAMLET]), |tx| lists::progress(tx, &f.round, PROVINCE).await)
            .unwrap();
    assert_eq!((progress[0].expected, progress[0].collected, progress[0].represented), (4, 1, 2));
    assert_eq!((progress[0].not_yet_reached, progress[0].tubes), (1, 1));
    assert_eq!(f.count("specimen where sound and pooling = 'none'").await, 1);
}

#[tokio::test]
async fn a_repeated_upload_is_answered_like_the_first_and_writes_nothing() {
    let f = Field::new().await;
    let events = [
        f.event(0, 1, collected(1, vec![f.donor(0), f.donor(1)])),
        f.event(0, 2, collected(77, vec![f.donor(2)])),
    ];
    let first = f.upload(0, &events).await;
    assert_eq!(problems(&first), ["tube_unknown"]);
    let before = f.truth().await;
    let again = f.upload(0, &events).await;
    assert!(again.iter().all(|t| t.how == How::Repeated));
    assert_eq!(problems(&again), problems(&first));
    assert_eq!(f.truth().await, before);
    assert_eq!(f.count("intake").await, 2);
}

#[tokio::test]
async fn a_number_used_for_another_event_is_refused_and_the_first_stays() {
    let f = Field::new().await;
    f.upload(0, &[f.event(0, 1, collected(1, vec![f.donor(0)]))]).await;
    let mut copy = f.event(0, 1, collected(2, vec![f.donor(1)]));
    copy.id = f.db.world.id();
    let taken = f.upload(0, &[copy]).await;
    assert_eq!(taken[0].how, How::Clash);
    assert_eq!(f.count("intake").await, 1);
}

#[tokio::test]
async fn two_phones_that_fill_one_tube_at_once_make_both_specimens_doubtful() {
    let f = Field::new().await;
    let one = [f.event(0, 1, collected(1, vec![f.donor(0)]))];
    let two = [f.event(1, 1, collected(1, vec![f.donor(1)]))];
    let (_, _) = tokio::join!(f.upload(0, &one), f.upload(1, &two));
    assert_eq!(f.count("specimen where flags = '{tube_twice}' and not sound").await, 2);
    assert_eq!(f.count("specimen_donor").await, 2);
    assert_eq!(f.count("tube where specimen is not null").await, 1);
}

#[tokio::test]
async fn taking_back_one_of_two_settles_the_tube() {
    let f = Field::new().await;
    let wrong = f.event(0, 1, collected(1, vec![f.donor(0)]));
    let specimen = SpecimenId(wrong.id.0);
    f.upload(0, &[wrong, f.event(0, 2, collected(1, vec![f.donor(1)]))]).await;
    assert_eq!(f.count("specimen where sound").await, 0);
    let void = What::Voided { specimen, tube: tube(1), reason: "wrong_person".to_owned() };
    f.upload(0, &[f.event(0, 3, void)]).await;
    assert_eq!(f.count("specimen where sound and voided_at is null").await, 1);
    assert_eq!(f.count("intake_problem where gone_at is null").await, 0);
    assert_eq!(f.count(&format!("tube where specimen <> '{specimen}'")).await, 1);
}

#[tokio::test]
async fn somebody_in_quarantine_ticked_as_represented_is_left_out_and_named() {
    let f = Field::new().await;
    let visited = Visited {
        person: f.people[1],
        unit: HAMLET,
        reach: NotSwabbed::Exempt,
        reason: "in_quarantine".to_owned(),
    };
    f.upload(1, &[f.event(1, 1, What::Visited(visited))]).await;
    let taken = f.upload(0, &[f.event(0, 1, collected(1, vec![f.representative(2, &[0, 1])]))]).await;
    assert_eq!(problems(&taken), ["member_barred_contact"]);
    assert_eq!(f.count("represented_member").await, 1);
}

#[tokio::test]
async fn a_lodger_added_on_the_spot_is_in_the_register_and_expected() {
    let f = Field::new().await;
    let added = Added {
        name: "Lê Thị Bé".to_owned(),
        birth_year: 1999,
        female: true,
        unit: HAMLET,
        household: Some(f.home),
        stay: Stay::Lodger,
    };
    let mut lodger = f.donor(0);
    lodger.whose = Whose { person: f.db.world.id(), added: Some(added) };
    let taken = f.upload(0, &[f.event(0, 1, collected(1, vec![lodger]))]).await;
    assert_eq!(problems(&taken), [] as [&str; 0]);
    assert_eq!(f.count("person where relation = 'lodger' and household is not null").await, 1);
    assert_eq!(f.count("round_subject where origin = 'on_the_spot' and expected = 'swab'").await, 1);
}

#[tokio::test]
async fn any_order_of_arrival_leaves_the_same_rows() {
    let mut truths = BTreeSet::new();
    for order in [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 5, 0, 3, 1, 4]] {
        let f = Field::new().await;
        let first = f.event(0, 1, collected(1, vec![f.representative(2, &[0, 1, 3])]));
        let void =
            What::Voided { specimen: SpecimenId(first.id.0), tube: tube(1), reason: "spilt".to_owned() };
        let visited = Visited {
            person: f.people[1],
            unit: HAMLET,
            reach: NotSwabbed::Absent,
            reason: "at_work".to_owned(),
        };
        let mut back = f.event(1, 3, collected(3, vec![f.donor(1)]));
        back.device_at -= SignedDuration::from_mins(30);
        let events = [
            (0, first),
            (0, f.event(0, 2, void)),
            (0, f.event(0, 3, collected(1, vec![f.representative(2, &[0, 3])]))),
            (1, f.event(1, 1, What::Visited(visited))),
            (1, f.event(1, 2, collected(2, vec![f.donor(1), f.donor(1)]))),
            (1, back),
        ];
        for at in order {
            let (phone, event) = &events[at];
            f.upload(*phone, std::slice::from_ref(event)).await;
        }
        truths.insert(f.truth().await);
    }
    assert_eq!(truths.len(), 1, "{truths:#?}");
    let truth = truths.pop_first().unwrap();
    assert!(truth.iter().any(|line| line.contains("time_backwards")), "{truth:#?}");
    assert!(truth.iter().any(|line| line.contains("donor_twice")), "{truth:#?}");
}

#[tokio::test]
async fn what_phones_send_shows_no_name_in_a_dump() {
    let f = Field::new().await;
    let added = Added {
        name: "Tên Không Được Lộ".to_owned(),
        birth_year: 1999,
        female: false,
        unit: HAMLET,
        household: None,
        stay: Stay::Visitor,
    };
    let mut visitor = f.donor(0);
    visitor.whose = Whose { person: f.db.world.id(), added: Some(added) };
    f.upload(0, &[f.event(0, 1, collected(1, vec![visitor]))]).await;
    let dump = String::from_utf8_lossy(&f.db.dump()).into_owned();
    assert!(dump.contains("GF000000001"), "the dump holds the tube");
    assert!(!dump.contains("Không Được Lộ"));
    assert!(!dump.contains(&hex("Không Được Lộ".as_bytes())));
}
