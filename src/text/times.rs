//! Points in time as people write them, in the time zone of an event. Uses nothing of ours.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

use crate::domain::Language;

const DAYS_GERMAN: [&str; 7] =
    ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
const DAYS_ENGLISH: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_GERMAN: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const MONTHS_ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// An instant in milliseconds since 1970, in an IANA time zone, to the minute: `Samstag, 9. Mai 2026, 19:00 Uhr (MESZ)`.
/// In a zone that is not known it is told in UTC, and in a language without words for it in digits.
pub fn format_time(unix_ms: i64, zone: &str, language: &Language) -> String {
    let instant = Timestamp::from_millisecond(unix_ms).unwrap_or(if unix_ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    });
    let time = instant.to_zoned_datetime(TimeZone::get(zone).unwrap_or(TimeZone::UTC));
    let clock = format!("{:02}:{:02}", time.hour(), time.minute());
    let (day, year) = (time.day(), time.year());
    match language.primary().as_str() {
        "de" => {
            let (weekday, month) = words(&time, &DAYS_GERMAN, &MONTHS_GERMAN);
            format!("{weekday}, {day}. {month} {year}, {clock} Uhr ({})", german_zone(&zone_name(&time)))
        }
        "en" => {
            let (weekday, month) = words(&time, &DAYS_ENGLISH, &MONTHS_ENGLISH);
            format!("{weekday}, {day} {month} {year}, {clock} ({})", zone_name(&time))
        }
        _ => format!("{} {clock} ({})", time.date(), zone_name(&time)),
    }
}

fn words(
    time: &ZonedDateTime,
    days: &[&'static str; 7],
    months: &[&'static str; 12],
) -> (&'static str, &'static str) {
    let day = usize::try_from(time.weekday().to_monday_zero_offset()).ok();
    let month = usize::try_from(time.month() - 1).ok();
    let word =
        |index: Option<usize>, words: &[&'static str]| index.and_then(|index| words.get(index).copied());
    (word(day, days).unwrap_or_default(), word(month, months).unwrap_or_default())
}

/// Zones without letters of their own are told by their distance.
fn zone_name(time: &ZonedDateTime) -> String {
    let name = time.strftime("%Z").to_string();
    if name.starts_with(['+', '-']) { format!("UTC{}", time.strftime("%:z")) } else { name }
}

fn german_zone(name: &str) -> &str {
    match name {
        "CET" => "MEZ",
        "CEST" => "MESZ",
        "EET" => "OEZ",
        "EEST" => "OESZ",
        "WET" => "WEZ",
        "WEST" => "WESZ",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, format_time};

    const SATURDAY: i64 = 1_778_346_000_000;
    const WINTER: i64 = 1_772_319_600_000;

    #[test]
    fn german_times_read_as_germans_write_them() {
        let told = |ms, zone| format_time(ms, zone, &Language::GERMAN);
        assert_eq!(told(SATURDAY, "Europe/Vienna"), "Samstag, 9. Mai 2026, 19:00 Uhr (MESZ)");
        assert_eq!(told(WINTER, "Europe/Berlin"), "Sonntag, 1. März 2026, 00:00 Uhr (MEZ)");
        assert_eq!(told(SATURDAY, "Asia/Dubai"), "Samstag, 9. Mai 2026, 21:00 Uhr (UTC+04:00)");
    }

    #[test]
    fn english_times_cannot_be_taken_for_another_day_or_half_of_the_day() {
        let told = |ms, zone| format_time(ms, zone, &Language::ENGLISH);
        assert_eq!(told(SATURDAY, "Europe/Vienna"), "Saturday, 9 May 2026, 19:00 (CEST)");
        assert_eq!(told(SATURDAY, "America/New_York"), "Saturday, 9 May 2026, 13:00 (EDT)");
        assert_eq!(told(-1, "UTC"), "Wednesday, 31 December 1969, 23:59 (UTC)");
    }

    #[test]
    fn what_is_not_known_is_told_in_digits_and_in_utc() {
        let french: Language = "fr-CH".parse().unwrap();
        assert_eq!(format_time(SATURDAY, "Europe/Zurich", &french), "2026-05-09 19:00 (CEST)");
        assert_eq!(format_time(SATURDAY, "Mars/Olympus", &french), "2026-05-09 17:00 (UTC)");
        assert!(format_time(i64::MAX, "UTC", &french).contains("(UTC)"));
        assert!(format_time(i64::MIN, "UTC", &french).contains("(UTC)"));
    }
}
