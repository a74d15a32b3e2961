//! How extractors and answers describe themselves. A handler's signature is all there is to say about its operation,
//! so the OpenAPI document cannot drift from the code.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::domain::Action;

/// An operation of the document while it is put together.
#[derive(Default)]
pub struct Operation {
    /// The permission it needs.
    pub action: Option<Action>,
    /// Query parameters and headers.
    pub parameters: Vec<Value>,
    /// The request body.
    pub body: Option<Value>,
    /// Answers that are no problems: status to response object.
    pub answers: BTreeMap<u16, Value>,
    /// Statuses answered with a problem.
    pub problems: BTreeSet<u16>,
}

/// Named schemas, collected while operations describe themselves.
pub struct Schemas {
    generator: SchemaGenerator,
    own: BTreeMap<String, Value>,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self { generator: settings.into_generator(), own: BTreeMap::new() }
    }
}

impl Schemas {
    /// The schema of a type, by reference if it has a name.
    pub fn of<T: JsonSchema>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// The schema of a type that is read. It has to bear the type's own name, by which it is found again.
    pub fn of_input<T: JsonSchema>(&mut self) -> Value {
        let schema = self.of::<T>();
        let name = T::schema_name();
        assert_eq!(schema, json!({"$ref": format!("#/components/schemas/{name}")}), "two types are a {name}");
        schema
    }

    /// The schema of a type itself, to be changed.
    pub fn inline<T: JsonSchema>(&mut self) -> Map<String, Value> {
        match T::json_schema(&mut self.generator).to_value() {
            Value::Object(schema) => schema,
            other => Map::from_iter([("const".to_owned(), other)]),
        }
    }

    /// Names a schema and gives a reference to it.
    pub fn named(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.own.contains_key(name) {
            let schema = make(self);
            self.own.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// All named schemas.
    pub fn into_components(mut self) -> Value {
        let mut all: Map<String, Value> = self.generator.take_definitions(true);
        all.extend(self.own);
        Value::Object(all)
    }
}

/// Which of the parts of a request that need not be there are read.
#[derive(Clone, Copy)]
pub struct TakesInput {
    /// The query.
    pub query: bool,
    /// The body.
    pub body: bool,
    /// The versions that were seen.
    pub versions: bool,
}

impl TakesInput {
    /// None of them.
    pub const NOTHING: Self = Self { query: false, body: false, versions: false };
    /// The query.
    pub const QUERY: Self = Self { query: true, ..Self::NOTHING };
    /// The body.
    pub const BODY: Self = Self { body: true, ..Self::NOTHING };
    /// The versions that were seen.
    pub const VERSIONS: Self = Self { versions: true, ..Self::NOTHING };

    const fn and(self, other: Self) -> Self {
        Self {
            query: self.query || other.query,
            body: self.body || other.body,
            versions: self.versions || other.versions,
        }
    }
}

/// What a handler takes from a request.
pub trait DescribeInput {
    /// What it reads; the rest must not be there.
    const TAKES: TakesInput = TakesInput::NOTHING;

    /// Adds itself to the operation.
    fn describe(operation: &mut Operation, schemas: &mut Schemas);
}

/// What a handler answers.
pub trait DescribeAnswer {
    /// Adds its statuses to the operation.
    fn describe(operation: &mut Operation, schemas: &mut Schemas);
}

impl<T: DescribeAnswer, E> DescribeAnswer for Result<T, E> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        T::describe(operation, schemas);
    }
}

macro_rules! describe_tuples {
    ($(($($name:ident),*)),+ $(,)?) => {$(
        impl<$($name: DescribeInput),*> DescribeInput for ($($name,)*) {
            const TAKES: TakesInput = TakesInput::NOTHING$(.and($name::TAKES))*;

            #[allow(unused_variables, reason = "the empty tuple describes nothing")]
            fn describe(operation: &mut Operation, schemas: &mut Schemas) {
                $($name::describe(operation, schemas);)*
            }
        }
    )+};
}

describe_tuples!((), (A), (A, B), (A, B, C), (A, B, C, D), (A, B, C, D, E), (A, B, C, D, E, F));

/// A response object with a JSON body and headers.
pub fn json_answer(description: &str, schema: &Value, headers: &Value) -> Value {
    json!({"description": description, "headers": headers, "content": {"application/json": {"schema": schema}}})
}

/// Shared state is no part of a request.
impl<T: ?Sized + 'static> DescribeInput for actix_web::web::Data<T> {
    fn describe(_: &mut Operation, _: &mut Schemas) {}
}

impl DescribeInput for actix_web::HttpRequest {
    fn describe(_: &mut Operation, _: &mut Schemas) {}
}
