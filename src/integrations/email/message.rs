//! A mail as a value, and its text: MIME in ASCII, every line short, no field able to leave its header. Pure: time and
//! ids are given, so that the same mail is the same text. Uses `lettre` for MIME, `address` and `dkim`.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Attachment as Part, Body as Encoded, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use super::{address::ascii_address, dkim::Signer, settings::SetUpFault};

/// Longest line that SMTP carries, without its end.
const LINE_BYTES_MAX: usize = 998;
/// Longest id and address of a page: they cannot be folded.
const UNFOLDED_BYTES_MAX: usize = 900;
/// The last second that a date header can name, in milliseconds: the end of the year 9999.
const DATE_MS_MAX: u64 = 253_402_300_799_999;
/// The longest correlation id that requests are known by.
const CORRELATION_BYTES_MAX: usize = 128;

/// Somebody who sends or receives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// As it is shown; empty for none.
    pub name: String,
    /// `local@domain`; the domain may be of any script.
    pub address: String,
}

/// A file that goes along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its media type, such as `application/pdf`.
    pub media_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// One mail to one recipient.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// Who sends it, also to the relay.
    pub from: Person,
    /// Who gets answers, if not the sender.
    pub reply_to: Option<Person>,
    /// Who gets it.
    pub to: Person,
    /// One line.
    pub subject: String,
    /// The text for every reader.
    pub text: String,
    /// The same for readers that show HTML.
    pub html: Option<String>,
    /// `<id@domain>`: the same for every attempt, so that receivers recognise a mail that comes twice.
    pub message_id: String,
    /// When it was written, in milliseconds since the Unix epoch.
    pub date_ms: u64,
    /// The language of the text, such as `en` or `pt-BR`.
    pub language: String,
    /// For mails to many: the https address that ends them with one request.
    pub unsubscribe: Option<String>,
    /// Files that go along.
    pub attachments: Vec<Attachment>,
}

/// Why a mail cannot be sent as it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MailFault {
    /// The sender's address.
    #[error("the sender's address is none that can be used")]
    Sender,
    /// The recipient's address.
    #[error("the recipient's address is none that can be used")]
    Recipient,
    /// The address for answers.
    #[error("the address for answers is none that can be used")]
    ReplyTo,
    /// The message id.
    #[error("the message id is not of the form <id@domain>")]
    MessageId,
    /// The date.
    #[error("the date lies behind the year 9999")]
    Date,
    /// The language.
    #[error("the language is no language tag")]
    Language,
    /// The address that ends mails to many.
    #[error("the address for unsubscribing is no https address of at most 900 bytes")]
    Unsubscribe,
    /// The media type of an attachment.
    #[error("the media type of an attachment is none, or one that cannot be attached")]
    MediaType,
    /// A signature does not stand for the sender.
    #[error(transparent)]
    Misaligned(#[from] SetUpFault),
    /// A signature could not be made.
    #[error("the mail could not be signed")]
    Unsigned,
    /// The text has a line that cannot be folded, or cannot be put together.
    #[error("the mail cannot be written as MIME")]
    Unwritable,
}

/// A mail as it goes over the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rendered {
    /// The address for MAIL.
    pub(super) sender: Address,
    /// The address for RCPT.
    pub(super) recipient: Address,
    /// Headers and body: ASCII, lines end with CR LF, the last one too.
    pub(super) bytes: Vec<u8>,
}

impl Mail {
    /// The mail's text, with a header that names what it belongs to, and with a signature of every signer.
    ///
    /// # Errors
    /// A field that cannot be written.
    pub(super) fn rendered(&self, correlation_id: &str, signers: &[Signer]) -> Result<Rendered, MailFault> {
        let from = ascii_address(&self.from.address).ok_or(MailFault::Sender)?;
        let to = ascii_address(&self.to.address).ok_or(MailFault::Recipient)?;
        let mut builder = Message::builder();
        if let Some(person) = &self.reply_to {
            let address = ascii_address(&person.address).ok_or(MailFault::ReplyTo)?;
            builder = builder.reply_to(Mailbox::new(shown(&person.name), address));
        }
        signers.iter().try_for_each(|signer| signer.check_sender(from.domain()))?;
        let envelope =
            Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(|_| MailFault::Unwritable)?;
        if self.date_ms > DATE_MS_MAX {
            return Err(MailFault::Date);
        }
        builder = builder
            .envelope(envelope)
            .from(Mailbox::new(shown(&self.from.name), from.clone()))
            .to(Mailbox::new(shown(&self.to.name), to.clone()))
            .subject(one_line(&self.subject))
            .date(UNIX_EPOCH + Duration::from_millis(self.date_ms))
            .message_id(Some(self.checked_message_id()?));
        for (name, value) in self.further_headers(correlation_id)? {
            builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        let message = match self.body()? {
            Body::Single(part) => builder.singlepart(part),
            Body::Multi(parts) => builder.multipart(parts),
        };
        let text = message.map_err(|_| MailFault::Unwritable)?.formatted();
        if !can_be_sent(&text) {
            return Err(MailFault::Unwritable);
        }
        let mut bytes = Vec::new();
        for signer in signers {
            let signature = signer.signature(&text, self.date_ms / 1_000).ok_or(MailFault::Unsigned)?;
            bytes.extend_from_slice(signature.as_bytes());
        }
        bytes.extend(text);
        Ok(Rendered { sender: from, recipient: to, bytes })
    }

    fn further_headers(&self, correlation_id: &str) -> Result<Vec<(&'static str, String)>, MailFault> {
        let mut headers = vec![
            ("Content-Language", self.checked_language()?),
            ("Auto-Submitted", "auto-generated".to_owned()),
        ];
        let is_kept = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
        let correlation: String =
            correlation_id.chars().filter(is_kept).take(CORRELATION_BYTES_MAX).collect();
        if !correlation.is_empty() {
            headers.push(("X-Correlation-ID", correlation));
        }
        if let Some(address) = &self.unsubscribe {
            let url = url::Url::parse(address).map_err(|_| MailFault::Unsubscribe)?;
            let is_safe = url.as_str().bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,".contains(&byte));
            if url.scheme() != "https" || !is_safe || url.as_str().len() > UNFOLDED_BYTES_MAX {
                return Err(MailFault::Unsubscribe);
            }
            headers.push(("List-Unsubscribe", format!("<{url}>")));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        Ok(headers)
    }

    fn checked_message_id(&self) -> Result<String, MailFault> {
        let id = &self.message_id;
        let inner = id.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        let (local, domain) = inner.and_then(|inner| inner.split_once('@')).ok_or(MailFault::MessageId)?;
        let is_word = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+=~".contains(&b))
        };
        let fits = is_word(local) && is_word(domain) && id.len() <= UNFOLDED_BYTES_MAX;
        if fits { Ok(id.clone()) } else { Err(MailFault::MessageId) }
    }

    fn checked_language(&self) -> Result<String, MailFault> {
        let tag = &self.language;
        let fits = (1..=35).contains(&tag.len())
            && tag.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if fits { Ok(tag.clone()) } else { Err(MailFault::Language) }
    }

    fn body(&self) -> Result<Body, MailFault> {
        let text = SinglePart::plain(lines(&self.text));
        let readable = match &self.html {
            None => Body::Single(text),
            Some(html) => Body::Multi(
                MultiPart::alternative()
                    .boundary(self.boundary("alternative"))
                    .singlepart(text)
                    .singlepart(SinglePart::html(lines(html))),
            ),
        };
        if self.attachments.is_empty() {
            return Ok(readable);
        }
        let mixed = MultiPart::mixed().boundary(self.boundary("mixed"));
        let mut mixed = match readable {
            Body::Single(part) => mixed.singlepart(part),
            Body::Multi(parts) => mixed.multipart(parts),
        };
        for attachment in &self.attachments {
            mixed = mixed.singlepart(attachment.part()?);
        }
        Ok(Body::Multi(mixed))
    }

    /// What separates the parts: nobody can write a text that holds the hash of itself.
    fn boundary(&self, kind: &str) -> String {
        let mut hash = Sha256::new();
        for field in [kind, &self.message_id, &self.text, self.html.as_deref().unwrap_or_default()] {
            hash.update(Sha256::digest(field));
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

enum Body {
    Single(SinglePart),
    Multi(MultiPart),
}

impl Attachment {
    fn part(&self) -> Result<SinglePart, MailFault> {
        let is_tame = self.media_type.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        // Parts of these types may not be encoded as files are.
        let kind = self.media_type.trim_start().to_ascii_lowercase();
        let is_nested = kind.starts_with("multipart/") || kind.starts_with("message/");
        if !is_tame || is_nested {
            return Err(MailFault::MediaType);
        }
        let media_type = ContentType::parse(&self.media_type).map_err(|_| MailFault::MediaType)?;
        let name = one_line(&self.name).replace(['/', '\\'], "_");
        // Without this, text would go as it is, with whatever line ends it has.
        let encoded = Encoded::new_with_encoding(self.bytes.clone(), ContentTransferEncoding::Base64)
            .map_err(|_| MailFault::Unwritable)?;
        Ok(Part::new(name).body(encoded, media_type))
    }
}

/// A name as it is shown, or none.
fn shown(name: &str) -> Option<String> {
    let name = one_line(name);
    (!name.is_empty()).then_some(name)
}

/// Text that fits into a header: what could end the line becomes a space.
fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    line.trim().to_owned()
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Text of several lines, each ended as in mails, and without characters that have no place in text.
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')) {
        // The builder would do this as well, but takes the square of the time.
        lines.push_str(if c == '\n' { "\r" } else { "" });
        lines.push(c);
    }
    lines
}

/// Whether every relay carries the text as it is: ASCII, whole line ends, no long lines, the last line ended.
fn can_be_sent(text: &[u8]) -> bool {
    let fits = |line: &[u8]| {
        line.strip_suffix(b"\r\n").is_some_and(|line| {
            line.len() <= LINE_BYTES_MAX && line.is_ascii() && !line.contains(&b'\r') && !line.contains(&0)
        })
    };
    text.split_inclusive(|byte| *byte == b'\n').all(fits)
}
