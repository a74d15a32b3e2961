//! Tables as people save them from a spreadsheet: comma, semicolon or tab between cells, a heading in the first line.

use csv::{ReaderBuilder, Trim};

use crate::{
    domain::{Fault, undefused},
    http::problem::Failure,
    service::ImportTable,
};

/// Reads a table; whatever separates the cells of the heading separates all.
///
/// # Errors
/// It has no heading, or a line has another number of cells.
pub fn table(text: &str) -> Result<ImportTable, Failure> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = ReaderBuilder::new()
        .delimiter(separator(text))
        .trim(Trim::Headers)
        .flexible(false)
        .from_reader(text.as_bytes());
    let headings: Vec<String> =
        reader.headers().map_err(|error| refused(&error))?.iter().map(str::to_owned).collect();
    if headings.iter().all(String::is_empty) {
        return Err(Failure::invalid(vec![Fault::new("/csv", "has no line of headings")]));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| refused(&error))?;
        // Spreadsheets leave empty lines behind.
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(record.iter().map(|cell| undefused(cell).to_owned()).collect());
        }
    }
    Ok(ImportTable { headings, rows })
}

/// Whichever of the usual separators the first line has most of.
fn separator(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| heading.bytes().filter(|byte| byte == separator).count();
    // Of several that are as frequent the last is taken: the comma, also when there is none of them.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

fn refused(error: &csv::Error) -> Failure {
    let line = error.position().map_or_else(String::new, |position| format!("line {}: ", position.line()));
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells, and the heading has {expected_len}")
        }
        _ => "cannot be read".to_owned(),
    };
    Failure::invalid(vec![Fault::new("/csv", format!("{line}{what}"))])
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn the_heading_tells_what_separates_cells() {
        for text in ["name,no\nAnn,1\n", "\u{feff}name;no\r\nAnn;1\r\n", "name\tno\nAnn\t1\n\t\n"] {
            let table = table(text).unwrap();
            assert_eq!(table.headings, ["name", "no"]);
            assert_eq!(table.rows, [["Ann", "1"]]);
        }
        assert_eq!(table("name\n\"Ann, \"\"Annie\"\"\nBell\"\n").unwrap().rows, [["Ann, \"Annie\"\nBell"]]);
    }

    #[test]
    fn a_line_of_another_length_is_refused_with_its_number() {
        let failure = table("name,no\nAnn,1\nBen\n").unwrap_err();
        let (_, _, faults) = failure.parts();
        assert_eq!(faults[0].message, "line 3: has 1 cells, and the heading has 2");
        assert!(table("").is_err());
    }
}
