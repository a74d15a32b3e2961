//! The wording of every kind of message in every language, built in or a tenant's own, and how it becomes a message. May
//! use `domain`.

use std::fmt;

use super::{
    clean,
    fault::{Flaw, Problem, TemplateFault},
    html, markup, samples,
    sms::{SEGMENTS_MAX, fitting, in_plain_signs},
    template::{Budget, Template, names},
    variables::{Tenant, Variables},
};
use crate::domain::{Language, MessageKind, Wording};

/// Most characters of a subject.
pub const SUBJECT_CHARS_MAX: usize = 200;

/// The built-in wording of a kind in a language.
struct BuiltIn {
    subject: &'static str,
    text: &'static str,
    sms: Option<&'static str>,
}

/// A file that is not there is an error of the compiler: no language lacks a kind.
macro_rules! wording {
    ($language:literal, $kind:literal) => {
        BuiltIn {
            subject: include_str!(concat!("catalogue/", $language, "/", $kind, ".subject.txt")),
            text: include_str!(concat!("catalogue/", $language, "/", $kind, ".text.txt")),
            sms: None,
        }
    };
    ($language:literal, $kind:literal, sms) => {
        BuiltIn {
            sms: Some(include_str!(concat!("catalogue/", $language, "/", $kind, ".sms.txt"))),
            ..wording!($language, $kind)
        }
    };
}

macro_rules! catalogue {
    ($language:literal, $kind:ident) => {
        match $kind {
            MessageKind::Invitation => wording!($language, "invitation"),
            MessageKind::JudgeLink => wording!($language, "judge_link", sms),
            MessageKind::Results => wording!($language, "results", sms),
            MessageKind::Alert => wording!($language, "alert", sms),
            MessageKind::PasswordReset => wording!($language, "password_reset"),
            MessageKind::Message => wording!($language, "message", sms),
            MessageKind::Test => wording!($language, "test", sms),
        }
    };
}

/// A message that can be sent. It may hold links that let whoever has them sign in: `Debug` shows sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line of at most 200 characters.
    pub subject: String,
    /// The plain part of the mail, lines ending in `\n`.
    pub text: String,
    /// The HTML part of the mail.
    pub html: String,
    /// For telephones, if messages of this kind go there. At most [`SEGMENTS_MAX`] segments.
    pub sms: Option<String>,
    /// Whether the text message was cut to that length, and ends in dots. The mail has all of it.
    pub sms_is_cut: bool,
    /// In which it is worded.
    pub language: Language,
}

/// The wording that comes with the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Catalogue(());

impl Catalogue {
    /// The languages with wording for everything.
    pub const LANGUAGES: [Language; 2] = [Language::ENGLISH, Language::GERMAN];

    /// The wording in English and German.
    pub const fn builtin() -> Self {
        Self(())
    }

    /// The first language of a chain in which there is wording for a kind, and the tenant's own if it is theirs. English
    /// if there is none. Times are to be formatted in that language.
    pub fn choose<'o>(
        self,
        kind: MessageKind,
        chain: &[Language],
        own: &'o [Wording],
    ) -> (Language, Option<&'o Wording>) {
        for language in chain {
            let found = own.iter().find(|own| own.kind == kind && own.language == *language);
            if found.is_some() || Self::LANGUAGES.contains(language) {
                return (language.clone(), found);
            }
        }
        (Language::ENGLISH, None)
    }

    /// Makes a message in a language, with the tenant's own wording where there is some. Wording of another kind or
    /// language counts as none.
    ///
    /// # Errors
    /// The wording has a fault that [`Catalogue::check`] would have found, or too much comes of it.
    pub fn render(
        self,
        language: &Language,
        own: Option<&Wording>,
        variables: &Variables,
    ) -> Result<Rendered, TemplateFault> {
        let kind = variables.kind();
        let own = own.filter(|own| own.kind == kind && own.language == *language);
        let builtin = builtin(language, kind).or_else(|| builtin(&language.primary(), kind));
        let (language, builtin) = match (builtin, own) {
            (None, None) => (&Language::ENGLISH, Some(english(kind))),
            (builtin, _) => (language, builtin),
        };
        let source = |own: Option<&'_ String>, builtin: Option<&'static str>| {
            own.cloned().or_else(|| builtin.map(str::to_owned))
        };
        let needed =
            |part, source: Option<String>| source.ok_or_else(|| Flaw::whole(Problem::Missing).in_part(part));
        let subject = source(own.and_then(|own| own.subject.as_ref()), builtin.as_ref().map(|of| of.subject));
        let text = source(own.and_then(|own| own.text.as_ref()), builtin.as_ref().map(|of| of.text));
        let sms = source(own.and_then(|own| own.sms.as_ref()), builtin.as_ref().and_then(|of| of.sms));

        let data = variables.to_data();
        let made = |part, source: &str| {
            let template = Template::read(source).map_err(|flaw| flaw.in_part(part))?;
            let made = template.render(&data, &Budget::new()).map_err(|flaw| flaw.in_part(part))?;
            Ok::<_, TemplateFault>(clean::block(&made))
        };
        let subject = clean::line(&made("subject", &needed("subject", subject)?)?);
        let subject: String = subject.chars().take(SUBJECT_CHARS_MAX).collect();
        let text = clean::tidy(&made("text", &needed("text", text)?)?);
        let (sms, sms_is_cut) = if kind.goes_by_sms() {
            let whole = in_plain_signs(&clean::tidy(&made("sms", &needed("sms", sms)?)?));
            let fitting = fitting(&whole);
            if fitting.is_empty() {
                return Err(Flaw::whole(Problem::Empty).in_part("sms"));
            }
            (Some(fitting.clone()), fitting != whole)
        } else {
            (None, false)
        };
        for (part, made) in [("subject", &subject), ("text", &text)] {
            if made.is_empty() {
                return Err(Flaw::whole(Problem::Empty).in_part(part));
            }
        }
        Ok(Rendered {
            html: html::page(language, variables.tenant(), &subject, &text, variables.link()),
            text: markup::with_signature_line(&text),
            subject,
            sms,
            sms_is_cut,
            language: language.clone(),
        })
    }

    /// The same, but a fault in the tenant's own wording does not hold the message up: then it is worded as built in, and
    /// the fault is given with it.
    ///
    /// # Errors
    /// Too much comes of the built-in wording.
    pub fn render_or_builtin(
        self,
        language: &Language,
        own: Option<&Wording>,
        variables: &Variables,
    ) -> Result<(Rendered, Option<TemplateFault>), TemplateFault> {
        match self.render(language, own, variables) {
            Ok(rendered) => Ok((rendered, None)),
            Err(fault) if own.is_some() => Ok((self.render(language, None, variables)?, Some(fault))),
            Err(fault) => Err(fault),
        }
    }

    /// Whether a tenant's own wording can be taken: every variable in it is looked up, and it is rendered with several
    /// samples. Gives what comes of the full one.
    ///
    /// # Errors
    /// The faults of its parts, one of each.
    pub fn check(self, own: &Wording) -> Result<Rendered, Vec<TemplateFault>> {
        let data = samples::full(own.kind, &own.language, samples::choir()).to_data();
        let mut faults: Vec<TemplateFault> =
            [("subject", &own.subject), ("text", &own.text), ("sms", &own.sms)]
                .into_iter()
                .filter_map(|(part, source)| Some((part, source.as_ref()?)))
                .filter_map(|(part, source)| {
                    part_flaw(own.kind, part, source, &data).map(|flaw| flaw.in_part(part))
                })
                .collect();
        if faults.is_empty() {
            match self.tried(own) {
                Ok(full) => return Ok(full),
                Err(fault) => faults.push(fault),
            }
        }
        Err(faults)
    }

    /// What comes of wording with the full sample, if every sample is within the limits.
    fn tried(self, own: &Wording) -> Result<Rendered, TemplateFault> {
        let mut first = None;
        for sample in samples::all(own.kind, &own.language) {
            let rendered = self.render(&own.language, Some(own), &sample)?;
            if rendered.subject.chars().count() == SUBJECT_CHARS_MAX {
                return Err(Flaw::whole(Problem::TooManyCharacters(SUBJECT_CHARS_MAX)).in_part("subject"));
            }
            if rendered.sms_is_cut {
                return Err(Flaw::whole(Problem::TooManySegments(SEGMENTS_MAX)).in_part("sms"));
            }
            first.get_or_insert(rendered);
        }
        first.ok_or_else(|| Flaw::whole(Problem::Empty).in_part("text"))
    }

    /// The built-in wording of a kind in a language, to begin one's own with.
    pub fn wording(self, kind: MessageKind, language: &Language) -> Option<Wording> {
        let BuiltIn { subject, text, sms } = builtin(language, kind)?;
        Some(Wording {
            kind,
            language: language.clone(),
            subject: Some(subject.trim_end().to_owned()),
            text: Some(text.to_owned()),
            sms: sms.map(|sms| sms.trim_end().to_owned()),
        })
    }

    /// The names of the variables of a kind, as wording may use them.
    pub fn variables(self, kind: MessageKind) -> Vec<String> {
        names(&samples::full(kind, &Language::ENGLISH, samples::choir()).to_data())
    }

    /// Made-up variables of a kind in which nothing is left out, to show what comes of wording of a tenant.
    pub fn sample(self, kind: MessageKind, language: &Language, tenant: Tenant) -> Variables {
        samples::full(kind, language, tenant)
    }
}

fn part_flaw(kind: MessageKind, part: &str, source: &str, data: &serde_json::Value) -> Option<Flaw> {
    if part == "sms" && !kind.goes_by_sms() {
        return Some(Flaw::whole(Problem::OnlyMailed));
    }
    if part == "subject" && source.trim_end().contains(['\n', '\r']) {
        return Some(Flaw::whole(Problem::SeveralLines));
    }
    Template::read(source).and_then(|template| template.check(data)).err()
}

fn builtin(language: &Language, kind: MessageKind) -> Option<BuiltIn> {
    match language.as_str() {
        "en" => Some(english(kind)),
        "de" => Some(catalogue!("de", kind)),
        _ => None,
    }
}

fn english(kind: MessageKind) -> BuiltIn {
    catalogue!("en", kind)
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("language", &self.language)
            .field("text_bytes", &self.text.len())
            .field("html_bytes", &self.html.len())
            .field("sms_bytes", &self.sms.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}
