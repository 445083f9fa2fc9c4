//! Rows of a sheet sealed and hashed for the staging table; what a sheet says twice is found here.

use crate::copy::CopyRows;
use crate::crypt::{KeyRing, id_tail};
use crate::registry::load::NameKeys;
use crate::registry::{HOUSEHOLD_SEALED, HouseholdSecret, PERSON_SEALED, PersonSecret};
use greenfort_domain::registry::import::{Entry, Fault, Reason};
use greenfort_kernel::World;
use greenfort_kernel::text::fold;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use uuid::Uuid;

type Key = [u8; 16];

/// A household as the sheet makes it.
struct House {
    id: Uuid,
    unit: i32,
    order: i32,
    address: Option<String>,
}

/// Turns entries into staging rows, and remembers what the whole sheet has said so far: some sixty bytes a person.
pub struct Sealer {
    keys: Arc<KeyRing>,
    world: World,
    names: NameKeys,
    seen: HashMap<Key, (u32, u64)>,
    houses: HashMap<Key, House>,
}

/// Rows ready for [`super::run::stage`].
pub struct SealedBatch {
    pub(super) people: CopyRows,
    /// Rows that repeat an earlier one exactly.
    pub repeated: i64,
    /// Rows that repeat somebody with other data.
    pub faults: Vec<Fault>,
}

impl Sealer {
    pub fn new(keys: Arc<KeyRing>, world: World) -> Self {
        Self { keys, world, names: NameKeys::default(), seen: HashMap::new(), houses: HashMap::new() }
    }

    /// Seals a batch, in the order of the sheet.
    pub fn seal(&mut self, entries: &[Entry]) -> SealedBatch {
        let mut batch = SealedBatch { people: CopyRows::new(), repeated: 0, faults: Vec::new() };
        for entry in entries {
            let key = |purpose, value: &str| self.keys.search_key(purpose, value);
            let id_key = entry.id_number.as_ref().map(|n| key("person.id", n.as_str()));
            let insurance_key = entry.insurance.as_deref().map(|n| key("person.insurance", n));
            let household_key = entry.household.as_deref().map(|h| key("household.sheet", h));
            let code_key = entry.code.as_deref().map(|c| key("person.sheet", c));
            let person_key = id_key.or(insurance_key).or(code_key).or_else(|| {
                let day = entry.birth.day.unwrap_or_default();
                let who = format!("{}:{}:{day:?}:{}", fold(&entry.name), entry.birth.year, entry.sex);
                entry.household.as_deref().map(|home| key("import.person", &format!("{home}:{who}")))
            });
            if let Some(person_key) = person_key {
                let content = content(entry);
                match self.seen.get(&person_key) {
                    Some((_, same)) if *same == content => {
                        batch.repeated += 1;
                        continue;
                    }
                    Some((first, _)) => {
                        let reason = Reason::DiffersFromRow(*first);
                        batch.faults.push(Fault { row: entry.row, column: None, reason });
                        continue;
                    }
                    None => self.seen.insert(person_key, (entry.row, content)),
                };
            }
            if let Some(key) = household_key {
                self.house(key, entry);
            }
            let secret = PersonSecret {
                name: entry.name.clone(),
                birthday: entry.birth.day,
                id_number: entry.id_number.as_ref().map(|n| n.as_str().to_owned()),
                phone: entry.phone.as_ref().map(|n| n.as_str().to_owned()),
                insurance: entry.insurance.clone(),
            };
            let id: Uuid = self.world.id();
            let sealed = self.keys.seal(PERSON_SEALED, id.as_bytes(), &secret);
            let key = |purpose, value: &str| self.keys.search_key(purpose, value);
            let tail = secret.id_number.as_deref().and_then(id_tail).map(|t| key("person.id_tail", t));
            let phone_key = secret.phone.as_deref().map(|n| key("person.phone", n));
            let name_keys = self.names.of(&self.keys, &secret.name);
            batch
                .people
                .row(16)
                .int4(i32::try_from(entry.row).unwrap_or(i32::MAX))
                .uuid(id)
                .int4(entry.unit.0)
                .option(household_key, |row, key| row.bytes(&key))
                .int2(entry.birth.year)
                .text(&entry.sex.to_string())
                .option(entry.relation, CopyRows::text)
                .option(entry.doses, CopyRows::int2)
                .bytes(&sealed)
                .int8_array(&name_keys)
                .option(id_key, |row, key| row.bytes(&key))
                .option(tail, |row, key| row.bytes(&key))
                .option(insurance_key, |row, key| row.bytes(&key))
                .option(phone_key, |row, key| row.bytes(&key))
                .option(entry.address.is_some().then_some(()), |row, ()| row.int2(1))
                .option(code_key, |row, key| row.bytes(&key));
        }
        batch
    }

    fn house(&mut self, key: Key, entry: &Entry) {
        let order = i32::try_from(self.houses.len()).unwrap_or(i32::MAX);
        let world = &self.world;
        let house = self.houses.entry(key).or_insert_with(|| House {
            id: world.id(),
            unit: entry.unit.0,
            order,
            address: None,
        });
        if house.address.is_none() {
            house.address.clone_from(&entry.address);
        }
    }

    /// The households of the whole sheet, in sets.
    pub fn households(&mut self) -> Vec<SealedBatch> {
        let houses: Vec<(Key, House)> = self.houses.drain().collect();
        houses
            .chunks(20_000)
            .map(|some| {
                let mut rows = CopyRows::new();
                for (key, house) in some {
                    let secret = HouseholdSecret { address: house.address.clone().unwrap_or_default() };
                    let sealed = self.keys.seal(HOUSEHOLD_SEALED, house.id.as_bytes(), &secret);
                    rows.row(6).uuid(house.id).bytes(key).int4(house.unit).int4(house.order).bytes(&sealed);
                    rows.option(house.address.is_some().then_some(1_i16), CopyRows::int2);
                }
                SealedBatch { people: rows, repeated: 0, faults: Vec::new() }
            })
            .collect()
    }
}

fn content(entry: &Entry) -> u64 {
    let mut hash = DefaultHasher::new();
    (&entry.name, entry.birth.year, entry.birth.day, entry.unit, &entry.household, &entry.address)
        .hash(&mut hash);
    (entry.sex == greenfort_kernel::personal_id::Sex::Male, entry.relation, entry.doses, &entry.insurance)
        .hash(&mut hash);
    entry.id_number.as_ref().map(greenfort_kernel::personal_id::PersonalId::as_str).hash(&mut hash);
    entry.phone.as_ref().map(greenfort_kernel::phone::Phone::as_str).hash(&mut hash);
    entry.code.hash(&mut hash);
    hash.finish()
}
