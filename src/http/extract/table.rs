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
    let separator = separator(text);
    if let Some(line) = unclosed_quote(text, separator) {
        let message = format!("line {line}: a quotation mark is opened here and never closed");
        return Err(Failure::invalid(vec![Fault::new("/csv", message)]));
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
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

/// The line in which a cell is opened with a quotation mark that nothing closes: all that follows would be one cell.
fn unclosed_quote(text: &str, separator: u8) -> Option<usize> {
    let (mut line, mut opened, mut at_start) = (1, None, true);
    for byte in text.bytes() {
        line += usize::from(byte == b'\n');
        match (byte, opened) {
            // A doubled one closes and opens again.
            (b'"', Some(_)) => opened = None,
            (b'"', None) if at_start => opened = Some(line),
            _ => {}
        }
        at_start = opened.is_none() && (byte == separator || byte == b'\n' || byte == b'"');
    }
    opened
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
    fn a_quotation_mark_that_is_never_closed_swallows_no_rows() {
        let failure = table("name,bio\nAnn,\"x\nBen,y\nCem,z\n").unwrap_err();
        let (_, _, faults) = failure.parts();
        assert_eq!(faults[0].message, "line 2: a quotation mark is opened here and never closed");
        let inches = table("name,bio\nAnn,6\" tall\nBen,\"y \"\"z\"\"\"\n").unwrap();
        assert_eq!(inches.rows, [["Ann", "6\" tall"], ["Ben", "y \"z\""]]);
    }

    #[test]
    fn a_line_of_another_length_is_refused_with_its_number() {
        let failure = table("name,no\nAnn,1\nBen\n").unwrap_err();
        let (_, _, faults) = failure.parts();
        assert_eq!(faults[0].message, "line 3: has 1 cells, and the heading has 2");
        assert!(table("").is_err());
    }
}
