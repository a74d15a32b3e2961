//! Documents made from values of the domain. May use `text` only.

mod qr;

pub use qr::{QrError, qr_svg};
