//! Pages of lists: where one starts, how long it is, where the next one starts. Uses nothing but the store's page.

use crate::store::{Cursor, Page};

/// How a list is cut.
#[derive(Clone, Copy, Debug)]
pub struct Paging<C = Cursor> {
    /// Behind which row.
    pub after: Option<C>,
    /// How many rows at most.
    pub limit: usize,
    /// Whether deleted and hidden rows are wanted.
    pub with_deleted: bool,
}

/// Cuts a page out of a list that is in the order of its rows' places.
pub(super) fn cut<T, C: Ord>(
    rows: impl IntoIterator<Item = T>,
    paging: Paging<C>,
    place: impl Fn(&T) -> C,
) -> Page<T, C> {
    let behind = |row: &T| paging.after.as_ref().is_none_or(|cursor| place(row) > *cursor);
    let mut items: Vec<T> = rows.into_iter().filter(behind).take(paging.limit + 1).collect();
    let more = items.len() > paging.limit;
    items.truncate(paging.limit);
    let next = items.last().filter(|_| more).map(place);
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::{Page, Paging, cut};

    #[test]
    fn a_page_starts_behind_the_cursor_and_names_the_next_one_only_if_there_is_more() {
        let page = |after, limit| {
            let Page { items, next } =
                cut([1, 3, 5], Paging { after, limit, with_deleted: false }, |row| *row);
            (items, next)
        };
        assert_eq!(page(None, 2), (vec![1, 3], Some(3)));
        assert_eq!(page(Some(3), 2), (vec![5], None));
        assert_eq!(page(Some(2), 2), (vec![3, 5], None), "what the cursor named is gone");
        assert_eq!(page(Some(5), 2), (vec![], None));
    }
}
