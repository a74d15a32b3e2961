//! Tables as CSV files (RFC 4180) that every spreadsheet opens. Uses the domain.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use crate::domain::{Cell, Table, defused};

/// A table that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the table cannot be written: {0}")]
pub struct CsvError(#[from] csv::Error);

/// A mark before the text, without which spreadsheets on Windows do not know that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A table as a file: headings first, lines end in CR LF, and nothing that people wrote is taken for a formula.
///
/// # Errors
/// Never, as long as there is memory.
pub fn csv(table: &Table) -> Result<Vec<u8>, CsvError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(table.headings().iter().map(|heading| defused(heading).into_owned()))?;
    let heading = writer.into_inner().map_err(|error| CsvError(error.into_error().into()))?;
    Ok([heading, csv_rows(table)?].concat())
}

/// The rows of a table alone, for a file that is written piece by piece.
///
/// # Errors
/// Never, as long as there is memory.
pub fn csv_rows(table: &Table) -> Result<Vec<u8>, CsvError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in table.rows() {
        writer.write_record(row.iter().map(|cell| text(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| CsvError(error.into_error().into()))
}

/// What stands in the file. Numbers are the product's own and stay numbers, also negative ones.
fn text(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty(()) => Cow::Borrowed(""),
        Cell::Text(text) => defused(text),
        Cell::Exact(number) => Cow::Borrowed(number),
        Cell::Whole(number) => Cow::Owned(number.to_string()),
        Cell::Flag(true) => Cow::Borrowed("yes"),
        Cell::Flag(false) => Cow::Borrowed("no"),
    }
}

#[cfg(test)]
mod tests {
    use super::csv;
    use crate::domain::{Cell, Table};

    fn written(headings: &[&str], row: Vec<Cell>) -> String {
        let mut table = Table::new(headings.iter().map(|heading| (*heading).to_owned()));
        table.push(row);
        String::from_utf8(csv(&table).unwrap()).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let row = vec![text("Ann \"Annie\" Bell"), text("a, b"), text("one\r\ntwo"), text("Zoë")];
        let expected = "\u{feff}a,b,c,d\r\n\"Ann \"\"Annie\"\" Bell\",\"a, b\",\"one\r\ntwo\",Zoë\r\n";
        assert_eq!(written(&["a", "b", "c", "d"], row), expected);
    }

    #[test]
    fn texts_are_defused_headings_too_and_numbers_stay_numbers() {
        let row = vec![Cell::Text("=HYPERLINK(1)".to_owned()), Cell::Whole(-2), Cell::exact(Some("-1.5"))];
        assert_eq!(written(&["@a", "b", "c"], row), "\u{feff}'@a,b,c\r\n'=HYPERLINK(1),-2,-1.5\r\n");
        let row = vec![Cell::Flag(true), Cell::Flag(false), Cell::Empty(())];
        assert_eq!(written(&["a", "b", "c"], row), "\u{feff}a,b,c\r\nyes,no,\r\n");
    }
}
