//! Rows in the order of their places. Depends on nothing.

/// Items in the order of their places. Only the places are sorted: rows are large, and of many types.
pub fn in_order<T>(items: Vec<T>, place: impl Fn(&T) -> Place) -> Vec<T> {
    let mut places: Vec<(Place, usize)> = items.iter().map(place).zip(0..).collect();
    places.sort_unstable();
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    places.into_iter().filter_map(|(_, index)| items.get_mut(index)?.take()).collect()
}

/// Position, number, and the id that decides among equals.
type Place = ((i32, u32), uuid::Uuid);

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::in_order;

    #[test]
    fn items_stand_by_position_then_number_then_id() {
        let id = Uuid::from_u128;
        let items =
            vec![((1, 0), id(1)), ((0, 2), id(2)), ((0, 1), id(4)), ((0, 1), id(3)), ((-1, 9), id(5))];
        let mut sorted = items.clone();
        sorted.sort_unstable();
        assert_eq!(in_order(items, |item| *item), sorted);
    }
}
