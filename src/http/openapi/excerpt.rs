//! Parts of the embedded document, each with all it refers to: what is sent is held against the very schemas that are
//! shown. Reading one goes through the whole document (some milliseconds), so callers keep what they read.

use std::{borrow::Cow, collections::BTreeMap};

use actix_web::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::text;

/// A schema and the named ones that it refers to.
#[derive(Default)]
pub struct Excerpt {
    /// The schema.
    pub root: Value,
    /// Those it refers to, by their names.
    pub named: Map<String, Value>,
}

/// As much of the document as is looked at; the rest is only skipped.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    paths: BTreeMap<Cow<'a, str>, BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow)]
    components: Components<'a>,
}

#[derive(Deserialize)]
struct Components<'a> {
    #[serde(borrow)]
    schemas: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

impl Excerpt {
    /// The schema that has a name.
    pub fn of_schema(name: &str) -> Option<Self> {
        let text = text();
        let document: Document<'_> = serde_json::from_str(&text).ok()?;
        document.components.schemas.contains_key(name).then(|| document.excerpt(reference(name)))
    }

    /// The query parameters of an operation, as the members of an object.
    pub fn of_query(method: &Method, path: &str) -> Option<Self> {
        let text = text();
        let document: Document<'_> = serde_json::from_str(&text).ok()?;
        // What can be had can be asked about.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let operation = document.paths.get(path)?.get(method.as_str().to_ascii_lowercase().as_str())?;
        let operation: Value = serde_json::from_str(operation.get()).ok()?;
        let parameters = operation.get("parameters")?.as_array()?;
        let (mut members, mut required) = (Map::new(), Vec::new());
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str()?;
            members.insert(name.to_owned(), parameter["schema"].clone());
            if parameter["required"] == true {
                required.push(name);
            }
        }
        Some(document.excerpt(json!({
            "type": "object", "properties": members, "required": required, "additionalProperties": false,
        })))
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("{REFERENCE}{name}")})
}

const REFERENCE: &str = "#/components/schemas/";

impl Document<'_> {
    fn excerpt(&self, root: Value) -> Excerpt {
        let mut named = Map::new();
        let mut missing = Vec::new();
        collect_names(&root, &mut missing);
        while let Some(name) = missing.pop() {
            if named.contains_key(&name) {
                continue;
            }
            let text = self.components.schemas.get(name.as_str()).map_or("null", |raw| raw.get());
            let schema: Value = serde_json::from_str(text).unwrap_or_default();
            collect_names(&schema, &mut missing);
            named.insert(name, schema);
        }
        Excerpt { root, named }
    }
}

/// The names of the schemas that one refers to.
fn collect_names(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (word, member) in members {
                match member.as_str().filter(|_| word == "$ref").and_then(|path| path.strip_prefix(REFERENCE))
                {
                    Some(name) => names.push(name.to_owned()),
                    None => collect_names(member, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;

    use super::Excerpt;

    #[test]
    fn an_excerpt_has_all_that_it_refers_to_and_no_more() {
        let excerpt = Excerpt::of_schema("Category").unwrap();
        assert_eq!(excerpt.root["$ref"], "#/components/schemas/Category");
        assert!(excerpt.named.contains_key("Category"));
        assert!(excerpt.named.len() < 30, "{:?}", excerpt.named.keys());
        let text = serde_json::to_string(&excerpt.named).unwrap();
        for name in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(excerpt.named.contains_key(name), "{name}");
        }
        assert!(Excerpt::of_schema("Nothing").is_none());
    }

    #[test]
    fn the_query_of_an_operation_has_its_parameters_as_members() {
        let excerpt = Excerpt::of_query(&Method::GET, "/events").unwrap();
        assert_eq!(excerpt.root["properties"]["limit"]["type"], "integer");
        assert_eq!(excerpt.root["additionalProperties"], false);
        assert!(
            excerpt.root["properties"].get("If-None-Match").is_none(),
            "headers are no parameters of the query"
        );
        assert!(Excerpt::of_query(&Method::TRACE, "/events").is_none());
    }
}
