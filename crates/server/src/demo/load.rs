//! Loading the synthetic province: commune by commune, each in one transaction, so that a cut leaves whole communes and
//! the next start goes on with the missing ones.

use super::{Kind, economy, synthetic_id, units};
use greenfort_kernel::personal_id::Sex;
use greenfort_store::registry::load::{
    NameKeys, NewEconomy, NewHousehold, NewPerson, SealedPeople, after_first_load, before_first_load,
    seal_people, store_economy, store_people,
};
use greenfort_store::registry::{HouseholdSecret, PersonSecret};
use greenfort_store::units::load::UnitKey;
use greenfort_store::{Db, Scope, StoreError, access, load as progress, tx};
use greenfort_synth::{Commune, Exposure, Options, Province, Relation, Roster};
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The load in `load_progress`.
pub const LOAD: &str = "demo-province";
/// A commune whose people are stored, behind this word.
const COMMUNE: &str = "demo-province/";
/// Which province the folder was begun with, behind this word: two of them must not be mixed.
const CHOICE: &str = "demo-choice ";
/// The first day of the 2021 tree.
const TREE: Date = jiff::civil::date(2020, 2, 1);

/// The commune of the park Giao Long, in Châu Thành.
const STAGE: &str = "Xã An Phước";

/// Which province to make.
#[derive(Debug, Clone)]
pub struct DemoProvince {
    pub seed: u64,
    /// Only this district.
    pub district: Option<String>,
}

impl DemoProvince {
    fn marker(&self) -> String {
        let district = self.district.as_deref().map_or("all districts".into(), |d| format!("district {d}"));
        format!("{CHOICE}seed {}, {district}", self.seed)
    }
}

/// Loads what is missing. `said` is told about progress in words.
///
/// # Errors
/// When the database refuses or the district is unknown.
pub async fn load_province(owner: &Db, demo: &DemoProvince, said: impl Fn(&str)) -> Result<(), String> {
    let options = Options { district: demo.district.as_deref(), ..Options::default() };
    let province = Arc::new(Province::generate(demo.seed, &options).map_err(|e| e.to_string())?);
    let everything = Scope::nobody();
    let loaded = tx!(owner, "demo_is_loaded", everything, |tx| -> Result<bool, StoreError> {
        Ok(progress::is_finished(tx, LOAD).await? && progress::is_finished(tx, &demo.marker()).await?)
    })
    .map_err(words)?;
    if loaded {
        return Ok(());
    }
    let total = i64::try_from(province.numbers().len()).unwrap_or(0);
    let tree = units::trees()?;
    let begun = tx!(owner, "demo_begin", everything, |tx| -> Result<Option<String>, StoreError> {
        let begun = progress::begun(tx, CHOICE).await?;
        if begun.is_none() {
            progress::report(tx, &demo.marker(), "choice", 1, 1).await?;
            progress::finish(tx, &demo.marker()).await?;
        }
        Ok(begun)
    })
    .map_err(words)?;
    if let Some(begun) = begun.filter(|begun| *begun != demo.marker()) {
        let (begun, wanted) = (begun.trim_start_matches(CHOICE), demo.marker());
        return Err(format!(
            "this data folder already holds the province of {begun}, not of {}; give another folder with --data",
            wanted.trim_start_matches(CHOICE)
        ));
    }
    let first = tx!(owner, "demo_units", everything, |tx| -> Result<bool, StoreError> {
        progress::report(tx, LOAD, "units", 0, total).await?;
        greenfort_store::units::load::load(tx, &tree).await?;
        let first = greenfort_store::registry::load::is_empty(tx).await?;
        if first {
            before_first_load(tx).await?;
        }
        Ok(first)
    })
    .map_err(words)?;
    said(&format!(
        "{} units loaded{}",
        tree.units.len(),
        if first { "" } else { "; going on where it was cut" }
    ));
    let ids = tx!(owner, "unit_ids", everything, |tx| greenfort_store::units::load::ids(tx).await)
        .map_err(words)?;
    let ids = Arc::new(ids);

    let rosters = load_communes(owner, demo.seed, &province, &ids, total, &said).await?;

    said("organisations, groups, vehicles");
    let economy = province.economy(&rosters.iter().map(|l| l.roster.clone()).collect::<Vec<_>>());
    let mut all: NewEconomy = economy::of_province(demo.seed, &economy, &province, &ids)?;
    for commune in &rosters {
        economy::add_commune(demo.seed, &mut all, commune, &ids)?;
    }
    // The accounts of the demonstration play where a park stands, else in the first commune.
    let stage =
        rosters.iter().find(|c| c.unit.name == STAGE).or(rosters.first()).ok_or("no commune was loaded")?;
    let stage_code = stage.unit.code.clone();
    let from = owner.world().today();
    tx!(owner, "demo_economy", everything, |tx| -> Result<(), StoreError> {
        progress::report(tx, LOAD, "organisations", total, total).await?;
        if greenfort_store::registry::load::has_organisations(tx).await? {
            return Ok(());
        }
        store_economy(tx, &all, from).await
    })
    .map_err(words)?;

    said("search index and accounts");
    tx!(owner, "demo_index", everything, |tx| -> Result<(), StoreError> {
        progress::report(tx, LOAD, "search index", total, total).await?;
        after_first_load(tx).await?;
        let stage = access::demo::stage(tx, &stage_code).await?;
        access::demo::ensure_demo_accounts(tx, &stage).await?;
        progress::finish(tx, LOAD).await
    })
    .map_err(words)?;
    Ok(())
}

/// What later steps need of a commune once its people are stored.
pub(super) struct LoadedCommune {
    pub number: u16,
    pub unit: greenfort_synth::units::Unit,
    pub hamlets: Vec<greenfort_synth::units::Unit>,
    pub groups: Vec<greenfort_synth::Group>,
    pub organisations: Vec<greenfort_synth::Organisation>,
    pub roster: Roster,
}

async fn load_communes(
    owner: &Db,
    seed: u64,
    province: &Arc<Province>,
    ids: &Arc<HashMap<UnitKey, i32>>,
    total: i64,
    said: &impl Fn(&str),
) -> Result<Vec<LoadedCommune>, String> {
    let stored = tx!(owner, "demo_stored", Scope::nobody(), |tx| progress::finished(tx, COMMUNE).await);
    let stored = Arc::new(stored.map_err(words)?);
    // Two at a time: one is made and sealed while the other is stored.
    let queue = Arc::new(std::sync::Mutex::new(province.numbers().to_vec().into_iter()));
    let done = Arc::new(AtomicI64::new(0));
    let (send, mut receive) = tokio::sync::mpsc::channel(4);
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (owner, province, ids) = (owner.clone(), Arc::clone(province), Arc::clone(ids));
        let (queue, done, send) = (Arc::clone(&queue), Arc::clone(&done), send.clone());
        let stored = Arc::clone(&stored);
        workers.spawn(async move {
            let mut names = NameKeys::default();
            loop {
                let next = queue.lock().map_err(|_| "a loader stopped".to_owned())?.next();
                let Some(number) = next else { return Ok::<(), String>(()) };
                let (province, ids, keys, stored) =
                    (Arc::clone(&province), Arc::clone(&ids), Arc::clone(owner.keys()), Arc::clone(&stored));
                let now = owner.world().now();
                let prepared = tokio::task::spawn_blocking(move || {
                    let commune = province.commune(number);
                    let missing = !stored.contains(&commune.unit.code);
                    let rows = missing.then(|| prepare(seed, &commune, &ids, &mut names, &keys, now));
                    (commune, rows.transpose(), names)
                });
                let (commune, rows, back) = prepared.await.map_err(|e| e.to_string())?;
                names = back;
                if let Some(rows) = rows? {
                    let marker = format!("{COMMUNE}{}", commune.unit.code);
                    tx!(owner, "demo_commune", Scope::nobody(), |tx| -> Result<(), StoreError> {
                        store_people(tx, &rows).await?;
                        progress::report(tx, &marker, "commune", 1, 1).await?;
                        progress::finish(tx, &marker).await
                    })
                    .map_err(words)?;
                }
                let n = done.fetch_add(1, Ordering::Relaxed) + 1;
                tx!(owner, "demo_progress", Scope::nobody(), |tx| progress::report(
                    tx, LOAD, "people", n, total
                )
                .await)
                .map_err(words)?;
                let loaded = LoadedCommune {
                    number: commune.number,
                    unit: commune.unit,
                    hamlets: commune.hamlets,
                    groups: commune.groups,
                    organisations: commune.organisations,
                    roster: commune.roster,
                };
                send.send((loaded, n)).await.map_err(|e| e.to_string())?;
            }
        });
    }
    drop(send);
    let mut loaded = Vec::new();
    while let Some((commune, n)) = receive.recv().await {
        if n % 10 == 0 || n == total {
            said(&format!("{n} of {total} communes"));
        }
        loaded.push(commune);
    }
    while let Some(worker) = workers.join_next().await {
        worker.map_err(|e| e.to_string())??;
    }
    loaded.sort_by_key(|c| c.number);
    Ok(loaded)
}

/// Seals one commune's people and households.
fn prepare(
    seed: u64,
    commune: &Commune,
    ids: &HashMap<UnitKey, i32>,
    names: &mut NameKeys,
    keys: &greenfort_store::crypt::KeyRing,
    now: jiff::Timestamp,
) -> Result<SealedPeople, String> {
    let hamlets = commune.hamlets.iter().map(|h| unit_id(ids, &h.code)).collect::<Result<Vec<_>, _>>()?;
    let home = |household: u32| {
        let household = &commune.households[household as usize];
        hamlets[usize::from(household.hamlet)]
    };
    let households: Vec<NewHousehold> = (0_u32..)
        .zip(&commune.households)
        .map(|(index, h)| NewHousehold {
            id: synthetic_id(seed, Kind::Household, commune.number, index),
            unit: hamlets[usize::from(h.hamlet)],
            walk_order: i32::try_from(index).unwrap_or(i32::MAX),
            secret: HouseholdSecret { address: h.address.to_string() },
        })
        .collect();
    let people: Vec<NewPerson> = (0_u32..)
        .zip(&commune.people)
        .map(|(index, p)| NewPerson {
            id: synthetic_id(seed, Kind::Person, commune.number, index),
            unit: home(p.household),
            household: Some(synthetic_id(seed, Kind::Household, commune.number, p.household)),
            birth_year: p.birth.year,
            sex: match p.sex {
                Sex::Male => "male",
                Sex::Female => "female",
            },
            relation: relation(p.relation),
            vaccine_doses: i16::from(p.doses),
            exposure: exposure(p.exposure),
            secret: PersonSecret {
                name: p.name.to_string(),
                birthday: p.birth.day.map(|(month, day)| (month.cast_signed(), day.cast_signed())),
                id_number: p.id.map(|id| id.to_string()),
                phone: p.phone.map(|phone| phone.to_string()),
                insurance: None,
            },
        })
        .collect();
    Ok(seal_people(keys, names, now, &households, &people))
}

/// The store's id of a unit of the 2021 tree.
pub(super) fn unit_id(ids: &HashMap<UnitKey, i32>, code: &str) -> Result<i32, String> {
    ids.get(&(code.to_owned(), TREE)).copied().ok_or_else(|| format!("unit {code} of 2021 is not loaded"))
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Head => "head",
        Relation::Spouse => "spouse",
        Relation::Parent => "parent",
        Relation::Child => "child",
        Relation::ChildInLaw => "child_in_law",
        Relation::Grandchild => "grandchild",
        Relation::Sibling => "sibling",
        Relation::OtherRelative => "relative",
        Relation::Lodger => "lodger",
    }
}

fn exposure(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::None => "none",
        Exposure::Trader => "trader",
        Exposure::Driver => "driver",
        Exposure::Worker => "worker",
        Exposure::HealthWorker => "health_worker",
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn words(error: StoreError) -> String {
    error.to_string()
}
