//! "Did you mean ...?"

/// The candidate that a misspelt name probably stands for.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.6;
    candidates
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_most_similar_name_is_meant_unless_none_is_similar() {
        let names = ["address", "base_path", "workers"];
        assert_eq!(nearest("adress", names.into_iter()), Some("address"));
        assert_eq!(nearest("worker", names.into_iter()), Some("workers"));
        assert_eq!(nearest("colour", names.into_iter()), None);
    }
}
