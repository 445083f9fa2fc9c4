//! The synthetic province in the database: whole after a cut, counted right on both trees, unreadable in a dump.
#![expect(clippy::unwrap_used, reason = "a test stops where something is missing")]

use greenfort_domain::registry::Query;
use greenfort_kernel::{PersonId, UnitId};
use greenfort_server::demo::load::{DemoProvince, LOAD, load_province};
use greenfort_store::registry::{people, search};
use greenfort_store::units::{self, UnitFilter, figures};
use greenfort_store::{Db, DbRole, Scope, StoreError, tx};
use greenfort_testkit::TestDb;
use jiff::civil::{Date, date};
use sqlx::Row as _;

/// The smallest district by people: Chợ Lách.
const DISTRICT: &str = "832";
const BEFORE: Date = date(2021, 9, 10);
const AFTER: Date = date(2026, 9, 10);

async fn count(db: &TestDb, sql: &str) -> i64 {
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut db.owner().await).await.unwrap().get(0)
}

async fn unit(app: &Db, level: &str, code: &str, on: Date) -> units::UnitRow {
    let filter = UnitFilter { level: Some(level.into()), limit: 500, ..UnitFilter::default() };
    let all = tx!(app, "units", Scope::nobody(), |tx| units::list(tx, on, &filter).await).unwrap();
    all.into_iter().find(|u| u.code == code).unwrap()
}

async fn totals(app: &Db, unit: i32, on: Date) -> figures::Totals {
    tx!(app, "totals", Scope::nobody(), |tx| figures::totals(tx, unit, on).await).unwrap()
}

#[tokio::test]
async fn a_district_is_loaded_whole_though_the_load_was_cut_and_every_figure_adds_up() {
    let db = TestDb::new().await;
    let owner = db.db(DbRole::Owner);
    let demo = DemoProvince { seed: 2021, district: Some(DISTRICT.into()) };

    // Cut: the load is dropped in the middle, as kill -9 would.
    let (cut, mut at) = tokio::sync::mpsc::channel(100);
    let load = load_province(&owner, &demo, move |_| {
        let _ = cut.try_send(());
    });
    tokio::select! {
        done = load => panic!("the load was not cut: {done:?}"),
        () = async { at.recv().await; let _ = at.recv().await; } => {}
    }
    let whole = count(&db, "select count(*) from load_progress where id like 'demo-province/%'").await;
    let communes_with_people = "select count(distinct a.ancestor) from person p join unit_ancestor a on a.descendant = p.unit
        join unit u on u.id = a.ancestor and u.level = 'commune' where date '2021-09-10' between a.valid_from and a.valid_to";
    assert!(whole > 0, "something was loaded before the cut");
    assert_eq!(count(&db, communes_with_people).await, whole, "only whole communes are there");

    // The next start has connections of its own.
    drop(owner);
    let owner = db.db(DbRole::Owner);
    load_province(&owner, &demo, |_| ()).await.unwrap();
    load_province(&owner, &demo, |_| ()).await.unwrap(); // once more changes nothing
    assert_eq!(
        count(
            &db,
            &format!("select count(*) from load_progress where id = '{LOAD}' and finished_at is not null")
        )
        .await,
        1
    );

    let app = db.db(DbRole::App);
    let district = unit(&app, "district", DISTRICT, BEFORE).await;
    let sums = totals(&app, district.id, BEFORE).await;
    assert_eq!((sums.persons, sums.households), (111_418, 34_896), "the census of 2019, exactly");
    assert_eq!(count(&db, "select count(*) from person where removed is null").await, sums.persons);
    assert_eq!(count(&db, "select count(*) from household").await, sums.households);
    assert_eq!(count(&db, "select sum(members)::bigint from household").await, sums.persons);

    every_level_adds_up(&app, district.id, sums).await;
    counters_follow_a_change(&db, &app, district.id).await;
    the_tree_of_2025_holds_the_same_people(&app).await;
    nobody_is_seen_outside_the_area(&app).await;
    a_dump_shows_no_name_number_or_phone(&db).await;
}

async fn every_level_adds_up(app: &Db, district: i32, sums: figures::Totals) {
    let communes =
        tx!(app, "children", Scope::nobody(), |tx| figures::children(tx, district, BEFORE).await).unwrap();
    assert_eq!(communes.iter().map(|c| c.persons).sum::<i64>(), sums.persons);
    assert_eq!(communes.iter().map(|c| c.households).sum::<i64>(), sums.households);
    let born =
        tx!(app, "born", Scope::nobody(), |tx| figures::birth_years(tx, district, BEFORE).await).unwrap();
    assert_eq!(born.iter().map(|b| b.persons).sum::<i64>(), sums.persons);
    let sizes = tx!(app, "sizes", Scope::nobody(), |tx| figures::household_sizes(tx, district, BEFORE).await)
        .unwrap();
    assert_eq!(sizes.iter().map(|s| s.households).sum::<i64>(), sums.households);
    assert_eq!(sizes.iter().map(|s| s.households * i64::from(s.members)).sum::<i64>(), sums.persons);
}

async fn counters_follow_a_change(db: &TestDb, app: &Db, district: i32) {
    let before = totals(app, district, BEFORE).await.persons;
    db.execute("update person set removed = 'moved', removed_on = '2021-09-09' where id in (select id from person limit 3)").await;
    assert_eq!(totals(app, district, BEFORE).await.persons, before - 3);
    assert_eq!(count(db, "select sum(members)::bigint from household").await, before - 3);
    db.execute("update person set removed = null, removed_on = null where removed = 'moved'").await;
    assert_eq!(totals(app, district, BEFORE).await.persons, before);
}

async fn the_tree_of_2025_holds_the_same_people(app: &Db) {
    let old = unit(app, "province", "83", BEFORE).await;
    let new = unit(app, "province", "86", AFTER).await;
    assert_eq!(totals(app, new.id, AFTER).await.persons, totals(app, old.id, BEFORE).await.persons);
    let communes =
        tx!(app, "children", Scope::nobody(), |tx| figures::children(tx, new.id, AFTER).await).unwrap();
    assert!(communes.iter().all(|c| c.level == "commune"), "districts were abolished");
    assert_eq!(communes.iter().map(|c| c.persons).sum::<i64>(), 111_418);
    // What an officer of the old district may see follows the tree of the day.
    let district = unit(app, "district", DISTRICT, BEFORE).await;
    let area = [UnitId(new.id)];
    let inside =
        tx!(app, "inside", Scope::nobody(), |tx| units::is_within(tx, district.id, &area, AFTER, BEFORE)
            .await);
    assert!(inside.unwrap(), "the old district lies wholly in the new province");
}

async fn nobody_is_seen_outside_the_area(app: &Db) {
    let filter = UnitFilter { level: Some("commune".into()), limit: 500, ..UnitFilter::default() };
    let communes = tx!(app, "units", Scope::nobody(), |tx| units::list(tx, BEFORE, &filter).await).unwrap();
    let district = unit(app, "district", DISTRICT, BEFORE).await;
    let mut own = communes.into_iter().filter(|c| c.parent_id == Some(district.id));
    let (here, there) = (own.next().unwrap(), own.next().unwrap());
    let everywhere = Scope::area([UnitId(district.id)]);
    let query = Query::read("nguyễn văn");
    let found = tx!(app, "search", everywhere, |tx| search::search(tx, &query, None).await).unwrap();
    assert!(!found.people.is_empty());
    let someone =
        tx!(app, "page", everywhere, |tx| people::page(tx, there.id, BEFORE, None, 1).await).unwrap();
    let someone: PersonId = someone[0].id;

    let scope = Scope::area([UnitId(here.id)]);
    let list = tx!(app, "page", scope, |tx| people::page(tx, there.id, BEFORE, None, 10).await).unwrap();
    assert!(list.is_empty(), "the list of another commune is empty");
    let hits = tx!(app, "search", scope, |tx| search::search(tx, &query, Some(there.id)).await).unwrap();
    assert!(hits.people.is_empty(), "search finds nobody there");
    let one = tx!(app, "find", scope, |tx| people::find(tx, someone).await);
    assert!(matches!(one, Err(StoreError::NotFound(_))), "a known id finds nobody");
    let nobody = tx!(app, "search", Scope::nobody(), |tx| search::search(tx, &query, None).await).unwrap();
    assert!(nobody.people.is_empty(), "without an area nobody is seen");
    let linked = Scope::persons([someone]);
    assert_eq!(tx!(app, "find", linked, |tx| people::find(tx, someone).await).unwrap().id, someone);
}

async fn a_dump_shows_no_name_number_or_phone(db: &TestDb) {
    let province = greenfort_synth::Province::generate(
        2021,
        &greenfort_synth::Options { district: Some(DISTRICT), ..greenfort_synth::Options::default() },
    )
    .unwrap();
    let dump = db.dump();
    let dump = String::from_utf8_lossy(&dump);
    assert!(dump.contains("Huyện Chợ Lách"), "the dump holds the data");
    let commune = province.communes().next().unwrap();
    for person in commune.people.iter().step_by(97) {
        assert!(!dump.contains(&person.name.to_string()), "a name is readable: {}", person.name);
        for secret in
            [person.id.map(|id| id.to_string()), person.phone.map(|p| p.to_string())].into_iter().flatten()
        {
            // Nine digits do turn up by chance inside the hashes; a number that stands by itself does not.
            let alone = dump.match_indices(&secret).any(|(at, _)| {
                let outside = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
                outside(dump[..at].chars().next_back()) && outside(dump[at + secret.len()..].chars().next())
            });
            assert!(!alone, "a number is readable: {secret}");
        }
    }
}
