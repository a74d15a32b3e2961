//! The place of a request in a distributed trace: the `traceparent` header of W3C Trace Context.
//! <https://www.w3.org/TR/trace-context/#traceparent-header>

use std::{
    fmt,
    num::{NonZeroU64, NonZeroU128},
    str::FromStr,
};

use crate::telemetry::clock::Clock;

/// Identifies a trace: 16 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TraceId(NonZeroU128);

/// Identifies a span of a trace: 8 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SpanId(NonZeroU64);

/// A text that is not a `traceparent`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of W3C Trace Context")]
pub struct InvalidTraceparent;

/// The caller's place in a trace, as its `traceparent` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Traceparent {
    /// The trace.
    pub trace: TraceId,
    /// The caller's span.
    pub span: SpanId,
}

/// The place of a request in a trace. Displayed, it is the `traceparent` for whatever the request calls;
/// everything is recorded here, so the sampled flag is always set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceContext {
    trace: TraceId,
    span: SpanId,
    parent: Option<SpanId>,
}

impl TraceContext {
    /// The beginning of a new trace.
    pub fn root(clock: &Clock) -> Self {
        let trace = NonZeroU128::new(clock.new_uuid().as_u128()).unwrap_or(NonZeroU128::MIN);
        Self { trace: TraceId(trace), span: SpanId::draw(clock), parent: None }
    }

    /// A new span beneath the caller's.
    pub fn beneath(caller: Traceparent, clock: &Clock) -> Self {
        Self { trace: caller.trace, span: SpanId::draw(clock), parent: Some(caller.span) }
    }

    /// A new span beneath this one.
    pub fn child(&self, clock: &Clock) -> Self {
        Self::beneath(Traceparent { trace: self.trace, span: self.span }, clock)
    }

    /// The trace.
    pub const fn trace_id(&self) -> TraceId {
        self.trace
    }

    /// The request's own span.
    pub const fn span_id(&self) -> SpanId {
        self.span
    }

    /// The span above, unless the trace begins here.
    pub const fn parent_span_id(&self) -> Option<SpanId> {
        self.parent
    }
}

impl SpanId {
    /// The low half of a UUIDv7 holds no time; its variant bits keep it from being zero.
    fn draw(clock: &Clock) -> Self {
        let (_, low) = clock.new_uuid().as_u64_pair();
        Self(NonZeroU64::new(low).unwrap_or(NonZeroU64::MIN))
    }
}

impl FromStr for Traceparent {
    type Err = InvalidTraceparent;

    /// Reads version 00 and, as the recommendation asks, as much of a later version as 00 has.
    fn from_str(text: &str) -> Result<Self, InvalidTraceparent> {
        let mut parts = text.split('-');
        let mut hex = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits).ok_or(InvalidTraceparent)?;
            let lowercase = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            let number = lowercase.then(|| u128::from_str_radix(part, 16).ok()).flatten();
            number.ok_or(InvalidTraceparent)
        };
        let (version, trace, span, _flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        let trailing = parts.next().is_some();
        if version == 0xff || (version == 0 && trailing) {
            return Err(InvalidTraceparent);
        }
        let trace = NonZeroU128::new(trace).ok_or(InvalidTraceparent)?;
        let span = u64::try_from(span).ok().and_then(NonZeroU64::new).ok_or(InvalidTraceparent)?;
        Ok(Self { trace: TraceId(trace), span: SpanId(span) })
    }
}

impl FromStr for TraceId {
    type Err = InvalidTraceparent;

    /// Reads 32 hexadecimal digits, as they are displayed.
    fn from_str(text: &str) -> Result<Self, InvalidTraceparent> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = digits.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        number.and_then(NonZeroU128::new).map(Self).ok_or(InvalidTraceparent)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-01", self.trace, self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::{TraceContext, Traceparent};
    use crate::telemetry::clock::Clock;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_request_continues_the_trace_of_its_caller_in_a_span_of_its_own() {
        let clock = Clock::system();
        let context = TraceContext::beneath(EXAMPLE.parse().unwrap(), &clock);
        assert_eq!(context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.parent_span_id().unwrap().to_string(), "b7ad6b7169203331");
        assert_ne!(context.span_id(), context.parent_span_id().unwrap());
        let sent: Traceparent = context.to_string().parse().unwrap();
        assert_eq!((sent.trace, sent.span), (context.trace_id(), context.span_id()));
    }

    #[test]
    fn children_share_the_trace_and_name_their_parent() {
        let clock = Clock::system();
        let root = TraceContext::root(&clock);
        let child = root.child(&clock);
        assert_eq!((root.parent_span_id(), child.parent_span_id()), (None, Some(root.span_id())));
        assert_eq!(child.trace_id(), root.trace_id());
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = EXAMPLE.replacen("00", "cc", 1);
        assert_eq!(later.parse::<Traceparent>(), EXAMPLE.parse());
        assert_eq!(format!("{later}-what-the-future-brings").parse::<Traceparent>(), EXAMPLE.parse());
    }

    #[test]
    fn what_the_recommendation_forbids_is_refused() {
        for text in [
            "",
            "00",
            &EXAMPLE.to_uppercase(),
            &EXAMPLE.replacen("00", "ff", 1),
            &format!("{EXAMPLE}-more"),
            &format!("{EXAMPLE} "),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        ] {
            assert!(text.parse::<Traceparent>().is_err(), "{text:?}");
        }
    }
}
