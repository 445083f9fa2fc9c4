//! The demonstration: a synthetic province, labelled as such everywhere.

pub mod clock;
pub mod economy;
pub mod load;
pub mod units;

use uuid::Uuid;

/// Kinds of synthetic things, so that their ids never meet.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Household = 1,
    Person,
    Organisation,
    Part,
    Group,
    Vehicle,
    /// Household businesses and boarding rows stand in their commune, not in the province's lists.
    CommuneOrganisation,
    CommuneGroup,
}

/// The id of the `index`-th thing of a kind in a commune: the same for a seed, so that a load cut in the middle can go
/// on and still refer to what it stored before. Shaped as UUID version 7 of the day the demonstration starts.
fn synthetic_id(seed: u64, kind: Kind, commune: u16, index: u32) -> Uuid {
    let place = (kind as u64) << 56 | u64::from(commune) << 32 | u64::from(index);
    let mut random = [0_u8; 16];
    random[..8].copy_from_slice(&mix(seed ^ mix(place)).to_be_bytes());
    random[8..].copy_from_slice(&mix(seed.rotate_left(32) ^ mix(place ^ u64::MAX)).to_be_bytes());
    let mut tail = [0_u8; 10];
    tail.copy_from_slice(&random[..10]);
    // Ascending within a commune, so that index pages fill in order and lists keep the walking order.
    let millis =
        clock::START.as_millisecond().unsigned_abs() + u64::from(commune) * 100_000 + u64::from(index);
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

/// The finaliser of splitmix64: spreads every input bit over the word.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn synthetic_ids_never_meet_and_ascend_within_a_commune() {
        let mut seen = HashSet::new();
        for kind in [Kind::Household, Kind::Person, Kind::CommuneGroup] {
            for commune in [0, 1, 156] {
                let ids: Vec<Uuid> = (0..2000).map(|i| synthetic_id(2021, kind, commune, i)).collect();
                assert!(ids.is_sorted());
                seen.extend(ids);
            }
        }
        assert_eq!(seen.len(), 3 * 3 * 2000);
    }
}
