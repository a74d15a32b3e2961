//! Messages to people: the wording of mails and text messages in several languages, built in and of tenants, and what goes
//! with it (times, telephone numbers, JSON bodies for chat tools). Pure functions without I/O. May use `domain`.

mod catalogue;
mod clean;
mod fault;
mod html;
mod json_template;
mod markup;
mod phone_number;
mod samples;
mod sms;
mod template;
#[cfg(test)]
mod tests;
mod times;
pub mod variables;

pub use self::{
    catalogue::{Catalogue, Rendered, SUBJECT_CHARS_MAX},
    fault::{Problem, TemplateFault},
    json_template::{check_json, render_json},
    phone_number::{NoPhoneNumber, PhoneNumber},
    sms::{Encoding, SEGMENTS_MAX, Segments},
    times::format_time,
    variables::Variables,
};
