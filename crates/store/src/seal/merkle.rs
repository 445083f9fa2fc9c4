//! The Merkle tree of RFC 6962, section 2.1 (SHA-256; leaves and nodes are hashed apart), and the chain over its roots.

use aws_lc_rs::digest::{Context, SHA256};

pub(super) type Hash = [u8; 32];

const LEAF: u8 = 0;
const NODE: u8 = 1;

fn finish(context: Context) -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Hash of an entry: each field behind its length (u32, big-endian), an absent field as the length `u32::MAX`, so that
/// no two different entries have the same bytes.
pub(super) fn leaf(fields: &[Option<&[u8]>]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[LEAF]);
    for field in fields {
        let length = field.map_or(u32::MAX, |f| u32::try_from(f.len()).unwrap_or(u32::MAX - 1));
        context.update(&length.to_be_bytes());
        context.update(field.unwrap_or_default());
    }
    finish(context)
}

/// Root of the tree over `leaves`; the hash of nothing where there are none.
pub(super) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => finish(Context::new(&SHA256)),
        [one] => *one,
        more => {
            let split = more.len().next_power_of_two() / 2;
            let (left, right) = more.split_at(split);
            let mut context = Context::new(&SHA256);
            context.update(&[NODE]);
            context.update(&root(left));
            context.update(&root(right));
            finish(context)
        }
    }
}

/// SHA-256 of the previous chain value, the position (i64, big-endian) and the root.
pub(super) fn chain(before: &Hash, seq: i64, root: &Hash) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(before);
    context.update(&seq.to_be_bytes());
    context.update(root);
    finish(context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_tree_of_rfc_6962_splits_at_the_largest_power_of_two_below() {
        let leaves: Vec<Hash> = (0..3_u8).map(|n| leaf(&[Some(&[n])])).collect();
        let left = root(&leaves[..2]);
        let mut context = Context::new(&SHA256);
        context.update(&[NODE]);
        context.update(&left);
        context.update(&leaves[2]);
        assert_eq!(root(&leaves), finish(context));
    }

    #[test]
    fn moving_a_byte_from_one_field_to_the_next_changes_the_leaf() {
        assert_ne!(leaf(&[Some(b"ab"), Some(b"c")]), leaf(&[Some(b"a"), Some(b"bc")]));
        assert_ne!(leaf(&[None, Some(b"")]), leaf(&[Some(b""), None]));
    }

    proptest! {
        #[test]
        fn any_changed_removed_or_swapped_leaf_changes_the_root(
            seeds in prop::collection::hash_set(any::<u32>(), 2..40), at: prop::sample::Index
        ) {
            let leaves: Vec<Hash> = seeds.iter().map(|s| leaf(&[Some(&s.to_be_bytes())])).collect();
            let whole = root(&leaves);
            let at = at.index(leaves.len());
            let mut changed = leaves.clone();
            changed[at][0] ^= 1;
            prop_assert_ne!(root(&changed), whole);
            let mut fewer = leaves.clone();
            fewer.remove(at);
            prop_assert_ne!(root(&fewer), whole);
            let mut swapped = leaves.clone();
            swapped.swap(at, (at + 1) % leaves.len());
            prop_assert_ne!(root(&swapped), whole);
        }
    }
}
