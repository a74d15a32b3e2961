//! Walks over the lines of the log that may be meant: in the order they were written or back from the newest, past
//! files and blocks that cannot have any, from any place on, until whoever looks has seen enough.

use std::{cmp::Ordering, fmt, io, ops::ControlFlow, str::FromStr};

use memchr::{memchr, memrchr};

use super::{
    LogStore,
    block::Block,
    erasing::is_blank,
    head::{IdHash, Level},
    needle::{self, Needle},
    segment::{Segment, begins},
    storage::Stored,
};
use crate::telemetry::{log::LineTime, metrics};

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// As they were written.
    OldestFirst,
    /// From the last one back.
    NewestFirst,
}

/// A set of levels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Levels([bool; 5]);

impl Levels {
    /// These.
    pub fn of(levels: &[Level]) -> Self {
        Self(Level::ALL.map(|level| levels.contains(&level)))
    }

    fn is_in(&self, block: &Block) -> bool {
        Level::ALL.into_iter().zip(self.0).any(|(level, wanted)| wanted && block.count(level) > 0)
    }
}

/// Where a line stands. It stays the same when its file is finished and packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// When its file begins, in microseconds.
    segment: i64,
    /// Where it begins among the lines of the file, in bytes.
    offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:x}", self.segment, self.offset)
    }
}

impl FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (segment, offset) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { segment: i64::from_str_radix(segment, 16)?, offset: u64::from_str_radix(offset, 16)? })
    }
}

/// What is walked over. Blocks are left out by it, not lines: whoever looks has to look at each line.
#[derive(Clone, Debug)]
pub struct Plan {
    /// From this time on, in microseconds.
    pub from: Option<i64>,
    /// Before this time, in microseconds.
    pub until: Option<i64>,
    /// Only blocks with all of these ids.
    pub ids: Vec<IdHash>,
    /// Only blocks with lines of one of these levels.
    pub levels: Option<Levels>,
    /// Only blocks with requests that failed for a fault of the server's.
    pub failed: bool,
    /// Only blocks in which each of these stands. Of another one, the last line is shown, so that whoever looks knows how far
    /// it is.
    pub words: Vec<Needle>,
    /// Which way.
    pub order: Order,
    /// Goes on behind this line.
    pub after: Option<Place>,
}

impl Plan {
    /// Over everything.
    pub const fn all(order: Order) -> Self {
        Self {
            from: None,
            until: None,
            ids: Vec::new(),
            levels: None,
            failed: false,
            words: Vec::new(),
            order,
            after: None,
        }
    }

    pub(super) fn covers(&self, (first, last): (i64, i64)) -> bool {
        self.from.is_none_or(|from| last >= from) && self.until.is_none_or(|until| first < until)
    }

    fn wants(&self, block: &Block) -> bool {
        block.span.is_none_or(|span| self.covers(span))
            && self.levels.is_none_or(|levels| levels.is_in(block))
            && (!self.failed || block.failed > 0)
    }
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Where it stands.
    pub place: Place,
    /// Its time, in microseconds; none if it does not begin as a line of this log.
    pub micros: Option<i64>,
    /// All of it, without the line feed.
    pub text: &'a [u8],
}

/// What a walk comes to.
#[derive(Debug)]
pub enum Seen<'a> {
    /// A block that it is about to read.
    Block(&'a Report),
    /// A line.
    Line(Line<'a>),
}

/// What cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

/// How far a walk has come.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Report {
    /// Blocks that were read.
    pub blocks: u64,
    /// Blocks of the files that were looked at.
    pub blocks_of: u64,
    /// Bytes of the lines that were read.
    pub bytes: u64,
    /// What could not be read.
    pub faults: Vec<Fault>,
    /// Whether it came to the end.
    pub complete: bool,
}

/// A file that is walked over.
struct Walked {
    stored: Stored,
    /// When it begins, in microseconds.
    begins: i64,
    /// If it had to be opened to know that.
    opened: Option<Segment>,
}

/// Looks at what a walk comes to, and ends it when it has seen enough.
pub type Visitor<'a> = dyn FnMut(Seen<'_>) -> ControlFlow<()> + 'a;

impl LogStore {
    /// Walks. A file or block that cannot be read is told in the report and hides nothing else.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn walk(&self, plan: &Plan, visit: &mut Visitor<'_>) -> io::Result<Report> {
        let mut report = Report::default();
        let walked = self.walk_files(plan, &mut report, visit);
        ::metrics::counter!(metrics::LOG_QUERY_BYTES_SCANNED).increment(report.bytes);
        walked.map(|()| report)
    }

    fn walk_files(&self, plan: &Plan, report: &mut Report, visit: &mut Visitor<'_>) -> io::Result<()> {
        let files = self.files_in_order()?;
        let home = |after: Place| files.iter().rposition(|file| file.begins <= after.segment);
        let after = plan.after.map(|after| (home(after), after.offset));
        let mut numbered: Vec<_> = files.into_iter().enumerate().collect();
        if plan.order == Order::NewestFirst {
            numbered.reverse();
        }
        for (number, file) in numbered {
            if let Stored::Plain(name) | Stored::Sealed(name) = &file.stored
                && name.span().is_some_and(|span| !plan.covers(span))
            {
                continue;
            }
            let Some(range) = Range::left(plan.order, after, number) else { continue };
            if let ControlFlow::Break(()) = self.walk_file(plan, file, &range, report, visit) {
                return Ok(());
            }
        }
        report.complete = true;
        Ok(())
    }

    /// The files, the oldest first.
    fn files_in_order(&self) -> io::Result<Vec<Walked>> {
        let with_begin = |stored: Stored| match &stored {
            // It may have got its name a moment ago.
            Stored::Active => {
                let segment = self.open(&stored).ok()?;
                let begins = begins(&stored, &segment.blocks())?;
                Some(Walked { stored, begins, opened: Some(segment) })
            }
            Stored::Plain(_) | Stored::Sealed(_) => {
                begins(&stored, &[]).map(|begins| Walked { stored, begins, opened: None })
            }
        };
        Ok(self.list()?.into_iter().filter_map(with_begin).collect())
    }

    fn walk_file(
        &self,
        plan: &Plan,
        Walked { stored, begins, opened }: Walked,
        range: &Range,
        report: &mut Report,
        visit: &mut Visitor<'_>,
    ) -> ControlFlow<()> {
        let fault = |report: &mut Report, what: &dyn fmt::Display| {
            report.faults.push(Fault { file: stored.name(), what: what.to_string() });
        };
        let opened = match opened {
            Some(segment) => Ok(segment),
            None => self.open(&stored).or_else(|error| self.renamed(&stored, error)),
        };
        let segment = match opened {
            Ok(segment) => segment,
            Err(error) => {
                fault(report, &error);
                return ControlFlow::Continue(());
            }
        };
        let blocks = segment.blocks();
        match segment.unread() {
            0 => {}
            bytes => fault(report, &format_args!("{bytes} bytes of it cannot be read")),
        }
        report.blocks_of += blocks.len() as u64;
        let mut wanted = match self.candidates(plan, &stored, &segment, &blocks) {
            Ok(wanted) => wanted,
            Err(error) => {
                fault(report, &error);
                return ControlFlow::Continue(());
            }
        };
        if plan.order == Order::NewestFirst {
            wanted.reverse();
        }
        for block in wanted.into_iter().filter(|block| range.touches(block)) {
            visit(Seen::Block(report))?;
            report.blocks += 1;
            report.bytes += u64::from(block.bytes);
            match self.read(&stored, &segment, block) {
                Ok(text) => each_line(plan, (begins, block.at), &text, range, visit)?,
                Err(error) => fault(report, &error),
            }
        }
        ControlFlow::Continue(())
    }

    /// Opens a file that has been packed since the files were listed.
    fn renamed(&self, stored: &Stored, error: io::Error) -> io::Result<Segment> {
        match stored {
            Stored::Plain(name) if error.kind() == io::ErrorKind::NotFound => {
                self.open(&Stored::Sealed(name.clone()))
            }
            _ => Err(error),
        }
    }

    /// The blocks that may have what is looked for, the oldest first.
    pub(super) fn candidates<'b>(
        &self,
        plan: &Plan,
        stored: &Stored,
        segment: &Segment,
        blocks: &'b [Block],
    ) -> io::Result<Vec<&'b Block>> {
        let with_ids = |segment: &Segment| {
            let of = plan.ids.iter().map(|id| segment.blocks_of(*id));
            of.collect::<io::Result<Vec<_>>>()
        };
        let numbers = match (with_ids(segment), stored) {
            (Err(_), Stored::Sealed(name)) => with_ids(&self.reindex(name)?)?,
            (numbers, _) => numbers?,
        };
        let numbered = blocks.iter().zip(0_u32..);
        let has_ids = |number: &u32| numbers.iter().all(|of| of.binary_search(number).is_ok());
        Ok(numbered
            .filter(|(block, number)| plan.wants(block) && has_ids(number))
            .map(|(block, _)| block)
            .collect())
    }
}

/// Shows the lines of a block, if they are in time and place.
fn each_line(
    plan: &Plan,
    (segment, at): (i64, u64),
    text: &[u8],
    range: &Range,
    visit: &mut Visitor<'_>,
) -> ControlFlow<()> {
    let mut lines: Vec<(u64, &[u8])> = Vec::new();
    let last = (!needle::all_in(&plan.words, text)).then(|| last_line(plan.order, at, text));
    // One that was erased shows nothing.
    let (mut offset, text) = last.filter(|(_, line)| !is_blank(line)).unwrap_or((at, text));
    let mut rest = text;
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).map_or(rest.len(), |feed| feed + 1);
        let (line, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        if !is_blank(line) {
            lines.push((offset, line.strip_suffix(b"\n").unwrap_or(line)));
        }
        offset += line.len() as u64;
        rest = behind;
    }
    if plan.order == Order::NewestFirst {
        lines.reverse();
    }
    for (offset, text) in lines.into_iter().filter(|(offset, _)| range.has(*offset)) {
        let micros = LineTime::micros_of(text);
        let timely = micros.map_or(plan.from.is_none() && plan.until.is_none(), |at| plan.covers((at, at)));
        if timely {
            visit(Seen::Line(Line { place: Place { segment, offset }, micros, text }))?;
        }
    }
    ControlFlow::Continue(())
}

/// The line of a block to which a walk comes last, with where it begins.
fn last_line(order: Order, at: u64, text: &[u8]) -> (u64, &[u8]) {
    let begin = match order {
        Order::NewestFirst => 0,
        Order::OldestFirst => {
            let before = text.strip_suffix(b"\n").unwrap_or(text);
            memrchr(b'\n', before).map_or(0, |feed| feed + 1)
        }
    };
    let line = text.get(begin..).unwrap_or_default();
    let end = memchr(b'\n', line).map_or(line.len(), |feed| feed + 1);
    (at + begin as u64, line.get(..end).unwrap_or(line))
}

/// A range of places in a file.
#[derive(Default)]
struct Range {
    from: Option<u64>,
    until: Option<u64>,
}

impl Range {
    /// What is left of the file with a number for a walk that goes on behind a place: the number of its file, if there is
    /// one that begins before it, and where it is there. None of what was walked over before.
    fn left(order: Order, after: Option<(Option<usize>, u64)>, number: usize) -> Option<Self> {
        let Some((home, offset)) = after else { return Some(Self::default()) };
        match order {
            Order::NewestFirst => match number.cmp(&home?) {
                Ordering::Less => Some(Self::default()),
                Ordering::Equal => Some(Self { from: None, until: Some(offset) }),
                Ordering::Greater => None,
            },
            Order::OldestFirst => match home.map(|home| number.cmp(&home)) {
                None | Some(Ordering::Greater) => Some(Self::default()),
                Some(Ordering::Equal) => Some(Self { from: Some(offset + 1), until: None }),
                Some(Ordering::Less) => None,
            },
        }
    }

    fn touches(&self, block: &Block) -> bool {
        let end = block.at + u64::from(block.bytes);
        self.from.is_none_or(|from| end > from) && self.until.is_none_or(|until| block.at < until)
    }

    fn has(&self, offset: u64) -> bool {
        self.from.is_none_or(|from| offset >= from) && self.until.is_none_or(|until| offset < until)
    }
}
