//! Where prefixes end, and that keys keep apart what is apart.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn the_end_of_a_prefix_lies_behind_all_it_starts_and_before_the_rest(
        prefix in proptest::collection::vec(any::<u8>(), 1..6),
        tail in proptest::collection::vec(any::<u8>(), 0..6),
    ) {
        prop_assume!(prefix.iter().any(|byte| *byte < u8::MAX));
        let end = end_of(&prefix);
        let mut key = prefix.clone();
        key.extend(tail);
        prop_assert!(key < end);
        prop_assert!(!end.starts_with(&prefix));
    }

    #[test]
    fn a_deleted_row_finds_its_way_back(tenant: u128, parent: u128, id: u128, change: u64) {
        let live = row(
            Kind::Contest,
            TenantId::new(Uuid::from_u128(tenant)),
            Uuid::from_u128(parent),
            Uuid::from_u128(id),
        );
        let dead = trash(&live, change);
        prop_assert!(dead.starts_with(&trash_of(&live)));
        prop_assert_eq!(number_of(&dead), Some(change));
        prop_assert_eq!(kind_of(&dead), Some(Kind::Contest));
        prop_assert_eq!(id_of(&live), Some(Uuid::from_u128(id)));
        prop_assert_eq!(live_of_trash(&dead), Some(live));
    }
}
