//! The names of the log's files. A file that is finished says in its name which times it covers, so that a
//! search opens only the files it needs, and sorting by name is sorting by time.

use std::{fmt, str::FromStr};

use jiff::{civil::DateTime, tz::TimeZone};

use crate::domain::Timestamp;

/// The file that lines are written to.
pub const ACTIVE: &str = "active.jsonl";

/// Bytes of a line before its time, and of the time: `2026-05-01T19:00:00.250123Z`.
const TIME_PREFIX: &[u8] = b"{\"timestamp\":\"";
const TIME_BYTES: usize = 27;
/// How a time stands in a name, where hyphens and colons would be in the way: `20260501T190000250123Z`.
const NAME_TIME_BYTES: usize = 22;

/// The time of a line as its first field gives it: RFC 3339 in UTC with microseconds. Such texts sort as
/// times.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineTime(String);

impl LineTime {
    /// The time a line begins with; none if it is not a whole line of this log.
    pub fn of(line: &[u8]) -> Option<Self> {
        let text = line.strip_prefix(TIME_PREFIX)?.get(..TIME_BYTES)?;
        let text = std::str::from_utf8(text).ok()?;
        let shape = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
        text.bytes().map(shape).eq(*b"0000-00-00T00:00:00.000000Z").then(|| Self(text.to_owned()))
    }

    /// The time, in milliseconds.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.0.parse().ok()
    }

    /// The time a line begins with, in microseconds since 1970; none if it is not a whole line of this log. Whoever searches
    /// asks this of every line.
    pub fn micros_of(line: &[u8]) -> Option<i64> {
        let text: &[u8; TIME_BYTES] = line.strip_prefix(TIME_PREFIX)?.first_chunk()?;
        let [
            y0,
            y1,
            y2,
            y3,
            b'-',
            o0,
            o1,
            b'-',
            d0,
            d1,
            b'T',
            h0,
            h1,
            b':',
            m0,
            m1,
            b':',
            s0,
            s1,
            b'.',
            fraction @ ..,
            b'Z',
        ] = text
        else {
            return None;
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_i32, |number, digit| {
                digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
            })
        };
        let two = |tens: &u8, ones: &u8| i8::try_from(number(&[*tens, *ones])?).ok();
        let year = i16::try_from(number(&[*y0, *y1, *y2, *y3])?).ok()?;
        let nanos = number(fraction)? * 1_000;
        let (month, day, hour) = (two(o0, o1)?, two(d0, d1)?, two(h0, h1)?);
        let time = DateTime::new(year, month, day, hour, two(m0, m1)?, two(s0, s1)?, nanos).ok()?;
        Some(TimeZone::UTC.to_timestamp(time).ok()?.as_microsecond())
    }

    fn in_name(&self) -> String {
        self.0.chars().filter(|c| c.is_ascii_alphanumeric()).collect()
    }
}

/// The times of the first and the last line of something. Lines of several threads come a little out of
/// order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimeSpan {
    /// The least.
    pub first: LineTime,
    /// The greatest.
    pub last: LineTime,
}

impl TimeSpan {
    /// The smallest span over what may be a span already and one more line's time.
    pub fn over(span: Option<Self>, time: LineTime) -> Self {
        match span {
            None => Self { first: time.clone(), last: time },
            Some(Self { first, last }) => Self { first: first.min(time.clone()), last: last.max(time) },
        }
    }

    /// The smallest span over two that may be there.
    pub fn joined(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => {
                Some(Self { first: one.first.min(other.first), last: one.last.max(other.last) })
            }
            (one, other) => one.or(other),
        }
    }
}

/// The name of a finished file: `em-<first>-<last>-<number>.jsonl`. The number tells files of the same times
/// apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SegmentName {
    first: String,
    last: String,
    number: u16,
}

/// A file name that is no finished log file's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotASegment;

impl SegmentName {
    /// Of a file with lines of these times. The number is one that no other file of the same times has.
    pub fn new(span: &TimeSpan, number: u16) -> Self {
        Self { first: span.first.in_name(), last: span.last.in_name(), number }
    }

    /// Whether all its lines are older than a time.
    pub fn ends_before(&self, time: Timestamp) -> bool {
        // Names have microseconds, the time has milliseconds: the shorter one sorts as the beginning of its
        // millisecond.
        let time: String = time.to_string().chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect();
        self.last < time
    }

    /// The least and the greatest time of its lines, in microseconds since 1970.
    pub fn span(&self) -> Option<(i64, i64)> {
        Some((micros_in_name(&self.first)?, micros_in_name(&self.last)?))
    }

    /// The name of the file once it is packed.
    pub fn sealed(&self) -> String {
        format!("{self}.zst")
    }

    /// The name of the index beside it.
    pub fn index(&self) -> String {
        format!("{self}.idx")
    }
}

/// The time that [`LineTime::in_name`] has written, in microseconds since 1970.
fn micros_in_name(text: &str) -> Option<i64> {
    let time = jiff::fmt::strtime::parse("%Y%m%dT%H%M%S", text.get(..15)?).ok()?.to_datetime().ok()?;
    let seconds = TimeZone::UTC.to_timestamp(time).ok()?.as_second();
    Some(seconds * 1_000_000 + text.get(15..21)?.parse::<i64>().ok()?)
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "em-{}-{}-{:04}.jsonl", self.first, self.last, self.number)
    }
}

impl FromStr for SegmentName {
    type Err = NotASegment;

    fn from_str(name: &str) -> Result<Self, NotASegment> {
        let stem =
            name.strip_prefix("em-").and_then(|rest| rest.strip_suffix(".jsonl")).ok_or(NotASegment)?;
        let mut parts = stem.split('-');
        let (Some(first), Some(last), Some(number), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotASegment);
        };
        let is_time =
            |text: &str| text.len() == NAME_TIME_BYTES && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_time(first) || !is_time(last) {
            return Err(NotASegment);
        }
        let number = number.parse().map_err(|_| NotASegment)?;
        Ok(Self { first: first.to_owned(), last: last.to_owned(), number })
    }
}

#[cfg(test)]
mod tests {
    use super::{LineTime, SegmentName, TimeSpan};

    fn time(text: &str) -> LineTime {
        LineTime::of(format!("{{\"timestamp\":\"{text}\",\"level\":\"info\"}}\n").as_bytes()).unwrap()
    }

    #[test]
    fn a_name_says_which_times_the_file_covers() {
        let span = TimeSpan::over(None, time("2026-05-01T19:30:00.250123Z"));
        let span = TimeSpan::over(Some(span), time("2026-05-01T19:00:00.000000Z"));
        let name = SegmentName::new(&span, 2);
        assert_eq!(name.to_string(), "em-20260501T190000000000Z-20260501T193000250123Z-0002.jsonl");
        assert_eq!(name.to_string().parse(), Ok(name.clone()));
        assert!(!name.ends_before("2026-05-01T19:30:00.250Z".parse().unwrap()));
        assert!(name.ends_before("2026-05-01T19:30:00.251Z".parse().unwrap()));
        assert_eq!(name.span(), Some((1_777_662_000_000_000, 1_777_663_800_250_123)));
        let line = b"{\"timestamp\":\"2026-05-01T19:30:00.250123Z\",\"level\":\"info\"}\n";
        assert_eq!(LineTime::micros_of(line), Some(1_777_663_800_250_123));
    }

    #[test]
    fn names_sort_by_time() {
        let name = |text| SegmentName::new(&TimeSpan::over(None, time(text)), 0).to_string();
        assert!(name("2026-05-01T19:00:00.000009Z") < name("2026-05-01T19:00:00.000010Z"));
        assert!(name("2026-12-31T23:59:59.999999Z") < name("2027-01-01T00:00:00.000000Z"));
    }

    #[test]
    fn other_files_and_lines_are_not_taken_for_ours() {
        for name in ["active.jsonl", "em-1-2-3.jsonl", "em-20260501T190000000000Z-0001.jsonl", "notes.txt"] {
            assert!(name.parse::<SegmentName>().is_err(), "{name}");
        }
        for line in [
            "",
            "{\"timestamp\":\"2026-05-01T19:0",
            "plain text",
            "{\"timestamp\":\"2026-05-01 19:00:00.000000Z\"}",
        ] {
            assert_eq!(LineTime::of(line.as_bytes()), None, "{line}");
            assert_eq!(LineTime::micros_of(line.as_bytes()), None, "{line}");
        }
        let of = |time: &str| LineTime::micros_of(format!("{{\"timestamp\":\"{time}\",").as_bytes());
        assert_eq!(of("2026-13-01T19:00:00.000000Z"), None, "there is no such month");
    }
}
