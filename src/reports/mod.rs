//! What is made of values for people and machines outside: pictures and documents. May use `text`.

mod csv;
mod qr;

pub use csv::{CsvError, csv, csv_rows};
pub use qr::{QrError, qr_svg, qr_text};
