//! The rules of a body by itself: of its single fields, those that join several, and those of templates in it.

use super::{ServiceError, template_check};
use crate::domain::{Fault, Noun};

/// Rules of single fields, rules that join fields, and those of templates, all faults at once.
pub fn check<N: Noun>(body: &N) -> Result<(), ServiceError> {
    let mut faults = field_faults(body);
    faults.extend(body.faults());
    faults.extend(template_check::faults(body));
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::invalid(faults)) }
}

/// Faults of single fields, with JSON pointers in the names of the API.
pub fn field_faults<T: garde::Validate<Context = ()>>(body: &T) -> Vec<Fault> {
    let Err(report) = body.validate() else { return Vec::new() };
    let fault = |(path, error): &(garde::Path, garde::Error)| {
        Fault::new(pointer(&path.to_string()), in_words(error.message()))
    };
    report.iter().map(fault).collect()
}

/// What the library says of bounds, in words for people.
fn in_words(message: &str) -> String {
    for (of_library, ours) in [
        ("length is lower than ", "must not be shorter than "),
        ("length is greater than ", "must not be longer than "),
        ("lower than ", "must not be below "),
        ("greater than ", "must not be above "),
    ] {
        match message.strip_prefix(of_library) {
            Some("1") if of_library == "length is lower than " => return "must not be empty".to_owned(),
            Some(bound) => return format!("{ours}{bound}"),
            None => {}
        }
    }
    message.to_owned()
}

/// `grants[0].time_zone` becomes `/grants/0/timeZone`.
fn pointer(path: &str) -> String {
    let mut pointer = String::from("/");
    let mut upper = false;
    for c in path.chars() {
        match c {
            '_' => upper = true,
            '.' | '[' => pointer.push('/'),
            ']' => {}
            c if upper => {
                pointer.extend(c.to_uppercase());
                upper = false;
            }
            c => pointer.push(c),
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn paths_of_fields_become_pointers_in_the_names_of_the_api() {
        assert_eq!(pointer("grants[0].time_zone"), "/grants/0/timeZone");
        assert_eq!(pointer("name"), "/name");
    }
}
