//! What a failed step says about the relay, and what is to become of the mail. Pure.

use std::time::Duration;

use super::{message::MailFault, reply::Reply};
use crate::integrations::attempt::{Blame, Failure, Next};

/// A recipient that is not served now (grey-listing, a full mailbox) is asked again after this.
const DEFERRED: Duration = Duration::from_secs(300);
/// What an operator has to mend is tried again after this.
const TO_BE_MENDED: Duration = Duration::from_secs(900);

/// What relays say that take no mail from whom they do not know.
const SAY_WHO_YOU_ARE: [&str; 8] = [
    "authenti",
    "logged in",
    "rcpthosts",
    "relay access",
    "relay denied",
    "relay not permitted",
    "relaying",
    "to relay",
];

/// The steps of a call, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Stage {
    /// Name and TCP connection.
    Connect,
    /// The relay's first words.
    Greeting,
    /// EHLO.
    Hello,
    /// STARTTLS and the handshake.
    Encrypt,
    /// AUTH.
    SignIn,
    /// RSET or NOOP.
    Idle,
    /// MAIL.
    Sender,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// The content, but for the dot that ends it.
    Content,
    /// From the final dot on.
    End,
}

impl Stage {
    /// Trouble at this step.
    pub(super) fn fault(self, trouble: Trouble) -> Fault {
        Fault { stage: self, trouble }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::Greeting => "the greeting",
            Self::Hello => "EHLO",
            Self::Encrypt => "STARTTLS",
            Self::SignIn => "AUTH",
            Self::Idle => "NOOP or RSET",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the content",
            Self::End => "the end of the content",
        }
    }
}

/// What went wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// The name was not found.
    Dns(String),
    /// No connection was made.
    Connect(String),
    /// The handshake or a certificate failed, or TLS cannot be had.
    Tls(String),
    /// Time was up.
    Late,
    /// The connection ended.
    Lost(String),
    /// What came is no SMTP.
    Malformed(&'static str),
    /// The relay said no, for now or for good.
    Said(Reply),
    /// The relay offers no way of signing in that we know.
    NoMechanism,
    /// The relay takes less than the mail has.
    TooLarge {
        /// What it takes.
        limit: usize,
        /// What the mail has.
        bytes: usize,
    },
}

/// What went wrong, and at which step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    /// The step.
    pub(super) stage: Stage,
    /// What happened.
    pub(super) trouble: Trouble,
}

impl Fault {
    /// The same with another telling of what the relay said.
    pub(super) fn map_reply(self, tell: impl FnOnce(Reply) -> Reply) -> Self {
        match self.trouble {
            Trouble::Said(reply) => Self { trouble: Trouble::Said(tell(reply)), ..self },
            _ => self,
        }
    }

    /// Whether the relay had given a kept connection up: it is gone, or closing, at the first step of a mail.
    pub(super) fn is_stale(&self) -> bool {
        let gone = match &self.trouble {
            Trouble::Lost(_) => true,
            Trouble::Said(reply) => reply.code == 421,
            _ => false,
        };
        gone && self.stage <= Stage::Sender
    }

    /// Whether the next mail may go over the same connection.
    pub(super) fn leaves_connection(&self) -> bool {
        match &self.trouble {
            Trouble::Said(reply) => self.stage >= Stage::Sender && reply.code != 421,
            Trouble::TooLarge { .. } => true,
            _ => false,
        }
    }
}

impl From<Fault> for Failure {
    fn from(Fault { stage, trouble }: Fault) -> Self {
        let step = stage.name();
        let retry = |class, detail: String| Self::new(Blame::Service, Next::Retry, class, detail);
        match trouble {
            Trouble::Said(reply) => said(stage, &reply),
            Trouble::Late if stage == Stage::End => {
                unknown("the relay did not say in time whether it took the mail")
            }
            Trouble::Lost(_) | Trouble::Tls(_) | Trouble::Malformed(_) if stage == Stage::End => {
                unknown("the mail was sent whole, but no answer came that could be read")
            }
            Trouble::Dns(detail) => retry("dns", format!("the name of the relay was not found: {detail}")),
            Trouble::Connect(detail) => retry("connect", format!("the relay cannot be reached: {detail}")),
            Trouble::Tls(detail) => retry("tls", format!("no secure connection: {detail}")),
            Trouble::Late => retry("timeout", format!("{step} took too long")),
            Trouble::Lost(detail) => retry("reset", format!("the connection was lost at {step}: {detail}")),
            Trouble::Malformed(detail) => retry("malformed", format!("at {step}: {detail}")),
            Trouble::NoMechanism => {
                credentials("the relay offers neither AUTH PLAIN nor AUTH LOGIN, but a password is set")
            }
            Trouble::TooLarge { limit, bytes } => {
                let detail = format!("the mail has {bytes} bytes, the relay takes {limit}");
                Self::new(Blame::Call, Next::GiveUp, "too_large", detail)
            }
        }
    }
}

impl From<MailFault> for Failure {
    fn from(fault: MailFault) -> Self {
        let (next, class) = match fault {
            MailFault::Recipient => (Next::GiveUp, "recipient"),
            MailFault::Misaligned(_) | MailFault::Unsigned => (Next::RetryAfter(TO_BE_MENDED), "dkim"),
            _ => (Next::GiveUp, "message"),
        };
        Self::new(Blame::Call, next, class, fault.to_string())
    }
}

fn unknown(detail: &str) -> Failure {
    Failure::new(Blame::Service, Next::Unknown, "unknown_end", detail)
}

fn credentials(detail: impl Into<String>) -> Failure {
    Failure::new(Blame::Service, Next::RetryAfter(TO_BE_MENDED), "credentials", detail)
}

/// The verdict on a refusal.
fn said(stage: Stage, reply: &Reply) -> Failure {
    let detail = format!("the relay answered {} with {}", stage.name(), reply.text());
    let temporary = reply.class() == 4;
    // 4.3.x is trouble of the relay itself, 4.4.x of the network behind it.
    let is_system = matches!(reply.enhanced(), Some((4, 3, _)));
    let is_network = matches!(reply.enhanced(), Some((4, 4, _)));
    let failure = match (stage, reply.code) {
        (_, 530 | 534 | 535 | 538) => credentials(detail),
        (Stage::SignIn, 500..) => credentials(detail),
        (_, 421 | 454) => service(detail),
        _ if temporary && is_network => service(detail),
        (Stage::Sender | Stage::Recipient | Stage::Data, 500..) if asks_who_we_are(reply) => {
            credentials(detail)
        }
        (Stage::Recipient, 400..=499) => call(Next::RetryAfter(DEFERRED), "recipient", detail),
        (Stage::Recipient, _) if denies_recipient(reply) => call(Next::GiveUp, "recipient", detail),
        (Stage::Recipient, _) => call(Next::GiveUp, "refused", detail),
        // Relays that look at the content put single mails off here; only the full disk is all mails' trouble.
        (Stage::Content | Stage::End, 400..=499) if !is_system && reply.code != 452 => {
            call(Next::RetryAfter(DEFERRED), "deferred", detail)
        }
        (Stage::Sender | Stage::Data | Stage::Content | Stage::End, 500..) => {
            call(Next::GiveUp, "refused", detail)
        }
        _ => service(detail),
    };
    failure.with_status(reply.code)
}

/// Whether a refusal says that the relay does not take mail from us before it knows us: no recipient can mend that, and no
/// other recipient would fare better (RFC 3463 and 5248). Of the many reasons for 5.7.1 and for bare codes, only the text
/// tells.
fn asks_who_we_are(reply: &Reply) -> bool {
    let text = reply.text().to_ascii_lowercase();
    let is_said = || SAY_WHO_YOU_ARE.iter().any(|words| text.contains(words));
    match reply.enhanced() {
        // Wrong credentials, too weak a mechanism, no encryption, a password to be changed, an account that is closed.
        Some((_, 7, 8..=14)) => true,
        Some((_, 7, _)) | None => is_said(),
        Some(_) => false,
    }
}

/// Whether a refusal says that there is no such recipient: their address gets no more mail. Without an enhanced code, that is
/// what RFC 5321 has these codes for.
fn denies_recipient(reply: &Reply) -> bool {
    match reply.enhanced() {
        // No such mailbox or domain, or one that has moved or takes no mail; a mailbox that is closed.
        Some((_, 1, 0..=6 | 10) | (_, 2, 0 | 1)) => true,
        Some(_) => false,
        None => matches!(reply.code, 550 | 551 | 553),
    }
}

fn service(detail: String) -> Failure {
    Failure::new(Blame::Service, Next::Retry, "status", detail)
}

fn call(next: Next, class: &'static str, detail: String) -> Failure {
    Failure::new(Blame::Call, next, class, detail)
}

#[cfg(test)]
mod tests {
    use super::{DEFERRED, Fault, Reply, Stage, TO_BE_MENDED, Trouble};
    use crate::integrations::attempt::{Blame, Failure, Next};

    const ALL: [Stage; 11] = [
        Stage::Connect,
        Stage::Greeting,
        Stage::Hello,
        Stage::Encrypt,
        Stage::SignIn,
        Stage::Idle,
        Stage::Sender,
        Stage::Recipient,
        Stage::Data,
        Stage::Content,
        Stage::End,
    ];

    fn verdict(stage: Stage, trouble: Trouble) -> (Blame, Next, &'static str) {
        let failure = Failure::from(stage.fault(trouble));
        (failure.blame, failure.next, failure.class)
    }

    fn said(stage: Stage, code: u16, text: &str) -> (Blame, Next, &'static str) {
        let fault = Fault { stage, trouble: Trouble::Said(Reply { code, lines: vec![text.to_owned()] }) };
        assert_eq!(Failure::from(fault.clone()).status, Some(code));
        verdict(stage, fault.trouble)
    }

    /// As [`said`], of a line as it is sent.
    fn answered(stage: Stage, line: &str) -> (Blame, Next, &'static str) {
        let (code, text) = line.split_once(' ').unwrap();
        said(stage, code.parse().unwrap(), text)
    }

    #[test]
    fn what_is_lost_before_the_final_dot_is_tried_again_and_after_it_is_unknown() {
        let troubles = [
            (Trouble::Late, "timeout"),
            (Trouble::Lost("reset".to_owned()), "reset"),
            (Trouble::Malformed("noise"), "malformed"),
            (Trouble::Tls("alert".to_owned()), "tls"),
        ];
        for (trouble, class) in troubles {
            for stage in ALL {
                let expected = match stage {
                    Stage::End => (Blame::Service, Next::Unknown, "unknown_end"),
                    _ => (Blame::Service, Next::Retry, class),
                };
                assert_eq!(verdict(stage, trouble.clone()), expected, "{stage:?}");
            }
        }
    }

    #[test]
    fn a_relay_that_says_not_now_is_in_trouble_itself() {
        let service = (Blame::Service, Next::Retry, "status");
        for stage in ALL {
            assert_eq!(said(stage, 421, "closing"), service, "{stage:?}");
            assert_eq!(said(stage, 454, "4.7.0 TLS not available"), service, "{stage:?}");
            assert_eq!(said(stage, 451, "4.4.2 timeout"), service, "{stage:?}");
        }
        for stage in ALL.into_iter().filter(|stage| *stage <= Stage::Sender || *stage == Stage::Data) {
            assert_eq!(said(stage, 450, "4.7.1 later"), service, "{stage:?}");
        }
        assert_eq!(said(Stage::End, 451, "4.3.0 queue"), service);
        assert_eq!(said(Stage::End, 452, "disk full"), service);
        assert_eq!(said(Stage::Greeting, 554, "go away"), service);
    }

    #[test]
    fn a_recipient_or_a_content_that_is_not_taken_is_not_held_against_the_relay() {
        let later = Next::RetryAfter(DEFERRED);
        for code in [450, 451, 452] {
            assert_eq!(said(Stage::Recipient, code, "4.2.2 later"), (Blame::Call, later, "recipient"));
        }
        for code in [550, 551, 552, 553, 554] {
            assert_eq!(said(Stage::Recipient, code, "5.1.1 no"), (Blame::Call, Next::GiveUp, "recipient"));
            for stage in [Stage::Sender, Stage::Data, Stage::End] {
                assert_eq!(said(stage, code, "no"), (Blame::Call, Next::GiveUp, "refused"), "{stage:?}");
            }
        }
        assert_eq!(said(Stage::End, 451, "4.7.1 greylisted"), (Blame::Call, later, "deferred"));
        let large = Trouble::TooLarge { limit: 1, bytes: 2 };
        assert_eq!(verdict(Stage::Sender, large), (Blame::Call, Next::GiveUp, "too_large"));
    }

    #[test]
    fn only_a_refusal_that_denies_the_recipient_is_about_the_recipient() {
        let gone =
            ["550 5.1.1 no such user", "550 5.1.10 null MX", "553 5.1.3 bad address", "551 5.1.6 moved"];
        for line in gone.into_iter().chain(["550 5.2.1 disabled", "550 No such user here", "553 not allowed"])
        {
            assert_eq!(answered(Stage::Recipient, line), (Blame::Call, Next::GiveUp, "recipient"), "{line}");
        }
        let not_now_or_not_this = [
            "552 5.2.2 mailbox full",
            "552 5.2.3 message too large",
            "550 5.3.0 no",
            "550 5.4.6 loop",
            "550 5.5.0 no",
            "550 5.7.1 blocked by policy",
            "550 5.7.2 only members write to this list",
            "550 5.1.8 sender's domain not found",
            "552 too much",
            "554 transaction failed",
        ];
        for line in not_now_or_not_this {
            assert_eq!(answered(Stage::Recipient, line), (Blame::Call, Next::GiveUp, "refused"), "{line}");
        }
    }

    #[test]
    fn a_relay_that_does_not_know_us_says_nothing_about_the_recipient() {
        let slowly = (Blame::Service, Next::RetryAfter(TO_BE_MENDED), "credentials");
        let said = [
            // As Postfix, Sendmail, Exim, qmail and Exchange say it.
            "554 5.7.1 <ada@example.net>: Relay access denied",
            "550 5.7.1 <ada@example.net>... Relaying denied. Proper authentication required.",
            "550 relay not permitted",
            "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
            "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
            "550 5.7.1 Client was not authenticated",
            "553 5.7.1 <cup@example.org>: Sender address rejected: not logged in",
            "550 5.7.8 bad credentials",
            "554 5.7.11 encryption required",
        ];
        for line in said {
            for stage in [Stage::Sender, Stage::Recipient, Stage::Data] {
                assert_eq!(answered(stage, line), slowly, "{stage:?} {line}");
            }
        }
        let named = "550 5.7.1 relay.example.net: blocked by policy";
        assert_eq!(answered(Stage::Recipient, named), (Blame::Call, Next::GiveUp, "refused"));
    }

    #[test]
    fn credentials_that_are_not_taken_are_tried_again_slowly() {
        let slowly = (Blame::Service, Next::RetryAfter(TO_BE_MENDED), "credentials");
        for stage in [Stage::SignIn, Stage::Sender, Stage::Recipient] {
            for code in [530, 534, 535, 538] {
                assert_eq!(said(stage, code, "no"), slowly, "{stage:?}");
            }
        }
        assert_eq!(said(Stage::SignIn, 504, "no"), slowly);
        assert_eq!(verdict(Stage::SignIn, Trouble::NoMechanism), slowly);
    }
}
