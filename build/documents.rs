//! Renders `docs/*.md` to complete pages without script or inline style, with the headings' ids that GitHub gives them,
//! and an index of them. A page knows its neighbours by relative links only, so it works beneath any base path.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use pulldown_cmark::{Alignment, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use crate::{
    Result,
    assets::{self, Files},
};

/// A document, ready to be put between navigation and footer.
struct Document {
    /// The last part of its address: the file's name in lower case.
    name: String,
    title: String,
    /// The first sentence, as text.
    summary: String,
    sections: Vec<Section>,
    content: String,
}

/// A heading of the second level.
struct Section {
    id: String,
    text: String,
}

/// The address of each served file, by its name.
type Addresses = BTreeMap<String, String>;

/// The pages of all documents of a folder, and of their index, by the paths beneath which they are embedded.
pub fn pages(folder: &Path) -> Result<Files> {
    let sources = assets::read(folder)?;
    let address = |file: &String| file.strip_suffix(".md").map(|stem| (file.clone(), stem.to_lowercase()));
    let addresses: Addresses = sources.keys().filter_map(address).collect();
    let mut documents = Vec::new();
    for (file, name) in &addresses {
        let markdown = std::str::from_utf8(sources.get(file).map(Vec::as_slice).unwrap_or_default())?;
        let document = render(name, markdown, &addresses).map_err(|error| format!("docs/{file}: {error}"))?;
        documents.push(document);
    }
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    let mut pages: Files =
        documents.iter().map(|document| (path(&document.name), page(document, &documents))).collect();
    pages.insert(path("index"), page(&index(&documents), &documents));
    Ok(pages)
}

fn path(name: &str) -> String {
    format!("docs/{name}.html")
}

fn page(document: &Document, all: &[Document]) -> Vec<u8> {
    let page = format!(
        include_str!("document.html"),
        title = escaped(&document.title),
        navigation = navigation(document, all),
        content = document.content,
    );
    page.into_bytes()
}

/// Links to all documents, with the sections of the one that is open.
fn navigation(open: &Document, all: &[Document]) -> String {
    let mut links = String::new();
    for document in all {
        let is_open = document.name == open.name;
        let current = if is_open { " aria-current=\"page\"" } else { "" };
        let (name, title) = (&document.name, escaped(&document.title));
        links.push_str(&format!("        <li><a href=\"{name}\"{current}>{title}</a>"));
        if is_open && !document.sections.is_empty() {
            links.push_str("\n          <ul>\n");
            for Section { id, text } in &document.sections {
                links.push_str(&format!("            <li><a href=\"#{id}\">{}</a></li>\n", escaped(text)));
            }
            links.push_str("          </ul>\n        ");
        }
        links.push_str("</li>\n");
    }
    links
}

fn index(documents: &[Document]) -> Document {
    let mut content = "<h1>Documents</h1>\n<ul class=\"shelf\">\n".to_owned();
    let api_reference =
        ("../api/docs", "API reference", "Every operation of the API, from the program itself.");
    let entries = documents.iter().map(|it| (it.name.as_str(), it.title.as_str(), it.summary.as_str()));
    for (address, title, summary) in entries.chain([api_reference]) {
        let (title, summary) = (escaped(title), escaped(summary));
        content.push_str(&format!("<li><a href=\"{address}\">{title}</a><p>{summary}</p></li>\n"));
    }
    content.push_str("</ul>\n");
    let (title, summary) = ("Documents".to_owned(), String::new());
    Document { name: "index".to_owned(), title, summary, sections: Vec::new(), content }
}

fn render(name: &str, markdown: &str, addresses: &Addresses) -> Result<Document> {
    let mut events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let headings = name_headings(&mut events);
    let title = headings.iter().find(|(level, _)| *level == HeadingLevel::H1);
    let title = title.map(|(_, heading)| heading.text.clone()).ok_or("it has no title, such as `# Title`")?;
    let summary = first_sentence(&events);
    let of_second_level = |(level, section)| (level == HeadingLevel::H2).then_some(section);
    let sections = headings.into_iter().filter_map(of_second_level).collect();
    let mut content = String::new();
    html::push_html(&mut content, adapted(events, addresses)?.into_iter());
    Ok(Document { name: name.to_owned(), title, summary, sections, content })
}

/// Gives each heading the id that GitHub gives it, and returns all of them.
fn name_headings(events: &mut [Event<'_>]) -> Vec<(HeadingLevel, Section)> {
    let mut headings = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut rest = events;
    while let Some((event, following)) = rest.split_first_mut() {
        if let Event::Start(Tag::Heading { level, id, .. }) = event {
            let text = text_until(following, |end| matches!(end, TagEnd::Heading(_)));
            let mut unique = slug(&text);
            let count = seen.entry(unique.clone()).or_default();
            if *count > 0 {
                unique = format!("{unique}-{count}");
            }
            *count += 1;
            *id = Some(unique.clone().into());
            headings.push((*level, Section { id: unique, text }));
        }
        rest = following;
    }
    headings
}

/// GitHub's rule: lower case, blanks as hyphens, nothing but letters, digits, hyphens and underscores.
fn slug(heading: &str) -> String {
    let kept = |c: char| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    };
    heading.to_lowercase().chars().filter_map(kept).collect()
}

fn first_sentence(events: &[Event<'_>]) -> String {
    let start = events.iter().position(|event| matches!(event, Event::Start(Tag::Paragraph)));
    let paragraph = start.and_then(|start| events.get(start..)).unwrap_or_default();
    let text = text_until(paragraph, |end| *end == TagEnd::Paragraph);
    text.split_once(". ").map_or_else(|| text.clone(), |(first, _)| format!("{first}."))
}

/// The text of what stands before an end, without its markup.
fn text_until(events: &[Event<'_>], is_end: impl Fn(&TagEnd) -> bool) -> String {
    let within = events.iter().take_while(|event| !matches!(event, Event::End(end) if is_end(end)));
    let text = |event: &Event<'_>| match event {
        Event::Text(text) | Event::Code(text) => text.to_string(),
        Event::SoftBreak | Event::HardBreak => " ".to_owned(),
        _ => String::new(),
    };
    within.map(text).collect()
}

/// Makes a document fit for its page: wide parts scroll within themselves, links lead to pages, and nothing of it is
/// HTML that a policy against inline styles or scripts would have to refuse.
fn adapted<'a>(events: Vec<Event<'a>>, addresses: &Addresses) -> Result<Vec<Event<'a>>> {
    let mut adapted = Vec::with_capacity(events.len());
    let mut in_link_to_file = false;
    for event in events {
        match event {
            Event::Start(Tag::Table(columns)) => {
                // Alignments would be written as inline styles.
                let columns = vec![Alignment::None; columns.len()];
                adapted.push(Event::Html("<div class=\"wide\" tabindex=\"0\">".into()));
                adapted.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                adapted.extend([Event::End(TagEnd::Table), Event::Html("</div>\n".into())]);
            }
            Event::Start(Tag::CodeBlock(_)) => {
                adapted.push(Event::Html("<pre class=\"wide\" tabindex=\"0\"><code>".into()));
            }
            Event::End(TagEnd::CodeBlock) => adapted.push(Event::Html("</code></pre>\n".into())),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                match address(link_type, &dest_url, addresses) {
                    Some(address) => adapted.push(Event::Start(Tag::Link {
                        link_type,
                        dest_url: address.into(),
                        title,
                        id,
                    })),
                    None => in_link_to_file = true,
                }
            }
            Event::End(TagEnd::Link) if in_link_to_file => in_link_to_file = false,
            Event::Text(text) if in_link_to_file => adapted.push(Event::Code(text)),
            Event::Html(text) | Event::InlineHtml(text) if is_comment(&text) => {}
            Event::Html(text) | Event::InlineHtml(text) => {
                return Err(format!("write Markdown in place of {:?}", text.trim()).into());
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                return Err(format!("the picture {dest_url} would not be served").into());
            }
            other => adapted.push(other),
        }
    }
    Ok(adapted)
}

/// Where a link leads from a page; nowhere, if it names a file of the repository that is not served.
fn address(link_type: LinkType, destination: &str, addresses: &Addresses) -> Option<String> {
    let is_absolute = link_type == LinkType::Email || destination.contains(':');
    if is_absolute || destination.starts_with('#') {
        return Some(destination.to_owned());
    }
    let (file, fragment) = destination.split_once('#').unwrap_or((destination, ""));
    let name = addresses.get(file)?;
    Some(if fragment.is_empty() { name.clone() } else { format!("{name}#{fragment}") })
}

fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.starts_with("<!--") && html.ends_with("-->")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    html::push_html(&mut escaped, [Event::Text(text.into())].into_iter());
    escaped
}
