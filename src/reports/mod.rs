//! What is made of values for people and machines outside: pictures and documents. May use `text`.

mod qr;

pub use qr::{QrError, qr_svg};
