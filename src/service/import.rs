//! From a table to changes: each row becomes one or two creations, planned against what is there already, and is then
//! made, rehearsed or left to a job like any other many changes.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    BulkOperation, BulkOutcome, Permit, ServiceError, Services,
    bulk::How,
    bulk_operation::{OPERATIONS_MAX, Planned},
    custom_fields,
    idempotency::{IdempotencyKey, Once},
    import_columns::{Column, Imported, guess},
    import_conflicts::Conflicts,
    import_headings::Property,
    import_rows::{Cells, flag},
};
use crate::{
    domain::{Contestant, CustomField, Email, Fault, Judge, Kind, Noun, Role, Table, User, folded},
    store::{Live, LiveRow},
};

/// A table: headings, and rows of as many cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportTable {
    /// The headings.
    pub headings: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// A table to import.
#[derive(Clone, Debug)]
pub struct Import {
    /// What it holds.
    pub what: Imported,
    /// The contest of entries.
    pub contest: Option<Uuid>,
    /// The table.
    pub table: ImportTable,
    /// What columns hold, by heading, where the caller knows better than the guess; nothing for one that is left out.
    pub columns: HashMap<String, Option<Column>>,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Import what can be imported and leave out the rest.
    pub skip_faulty: bool,
}

/// What became of an import.
#[derive(Debug)]
pub struct ImportOutcome {
    /// What each column holds.
    pub columns: Vec<Option<Column>>,
    /// Rows of whom is there already, left out.
    pub known: Vec<usize>,
    /// Rows that mean nothing, each with its fault.
    pub unreadable: Vec<(usize, Fault)>,
    /// The row of each change, in order.
    pub row_of: Vec<usize>,
    /// What became of the changes; nothing if there were none to make.
    pub outcome: Option<BulkOutcome>,
}

impl Services {
    /// Imports a table, once under a key.
    ///
    /// # Errors
    /// A column that is needed is missing, there are too many rows, a cell cannot be read.
    pub async fn import(
        &self,
        permit: &Permit,
        import: Import,
        key: Option<&IdempotencyKey>,
    ) -> Result<ImportOutcome, ServiceError> {
        let chosen: BTreeMap<_, _> = import.columns.iter().collect();
        let ImportTable { headings, rows } = &import.table;
        let asked = ("import", import.what, import.contest, headings, rows, chosen, import.skip_faulty);
        let key = key.filter(|_| !import.dry_run);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        // Whom it has brought is known by now, so that the same table would mean something else.
        if let Some(before) = self.made_under(permit, once.clone()).await? {
            return Ok(ImportOutcome {
                columns: Vec::new(),
                known: Vec::new(),
                unreadable: Vec::new(),
                row_of: Vec::new(),
                outcome: Some(before),
            });
        }
        let rows = import.table.rows.len();
        if rows > OPERATIONS_MAX / 2 {
            let message = format!("must not have more than {} rows", OPERATIONS_MAX / 2);
            return Err(ServiceError::fault("invalid", "/csv", message));
        }
        let (known, fields) = self
            .store
            .read(|view| {
                let known = Known::of(view, permit, import.what)?;
                Ok::<_, ServiceError>((known, fields_of(view, permit, import.what)?))
            })
            .await?;
        let columns = columns_of(&import, &fields)?;
        let mut plan = Plan {
            permit,
            import: &import,
            known,
            columns: &columns,
            fields: &fields,
            rows: Vec::new(),
            unreadable: Vec::new(),
        };
        let mut left_out = Vec::new();
        for (row, cells) in import.table.rows.iter().enumerate() {
            if !plan.add(row, cells) {
                left_out.push(row);
            }
        }
        let Plan { rows: planned, unreadable, .. } = plan;
        let faults: Vec<Fault> = unreadable.iter().map(|(_, fault)| fault.clone()).collect();
        if !faults.is_empty() && !import.skip_faulty && !import.dry_run {
            return Err(ServiceError::invalid(faults));
        }
        let (row_of, planned): (Vec<usize>, Vec<Planned>) = planned.into_iter().unzip();
        let how = How { dry_run: import.dry_run, skip_faulty: import.skip_faulty, ..How::default() };
        let name = format!("import of {}", import.what.word());
        let outcome = if planned.is_empty() {
            None
        } else {
            Some(self.make(permit, (name, once), planned, how, faults).await?)
        };
        Ok(ImportOutcome { columns, known: left_out, unreadable, row_of, outcome })
    }

    /// An empty table to fill in: a column for everything that an import of its kind can hold.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn import_template(&self, permit: &Permit, what: Imported) -> Result<Table, ServiceError> {
        self.store.read(|view| Ok(what.template(&fields_of(view, permit, what)?))).await
    }
}

/// The custom fields whose values columns can hold: those that the permit's holder sees.
fn fields_of(view: &Live<'_>, permit: &Permit, what: Imported) -> Result<Vec<CustomField>, ServiceError> {
    what.entity().map_or_else(|| Ok(Vec::new()), |entity| custom_fields::seen_of(view, permit, entity))
}

/// What each column holds; a name must be among them, and what an import of its kind needs beside.
fn columns_of(import: &Import, fields: &[CustomField]) -> Result<Vec<Option<Column>>, ServiceError> {
    let headings = &import.table.headings;
    let guessed = guess(import.what, fields, headings);
    let chosen = |(heading, guess): (&String, Option<Column>)| match import.columns.get(heading) {
        Some(chosen) => chosen.clone(),
        None => guess,
    };
    let columns: Vec<Option<Column>> = headings.iter().zip(guessed).map(chosen).collect();
    let has = |property| columns.contains(&Some(Column::Property(property)));
    let mut faults = Vec::new();
    for heading in import.columns.keys().filter(|heading| !headings.contains(heading)) {
        faults.push(Fault::new(format!("/columns/{heading}"), "is no heading of the table"));
    }
    for column in columns.iter().flatten().filter(|column| !column.fits(import.what, fields)) {
        faults.push(Fault::new("/columns", format!("{} means nothing here", String::from(column.clone()))));
    }
    let names_somebody = has(Property::Name) || has(Property::FirstName) && has(Property::LastName);
    if import.what == Imported::Conflicts {
        let needed = [Property::Judge, Property::Contestant, Property::Reason];
        let missing = needed.into_iter().filter(|property| !has(*property));
        faults.extend(
            missing
                .map(|property| Fault::new("/columns", format!("no column holds the {}", property.word()))),
        );
    } else if !names_somebody {
        let message = "no column holds the name; name it in columns, or call its heading \"name\"";
        faults.push(Fault::new("/columns", message));
    }
    if import.what == Imported::Users && !has(Property::Email) {
        faults.push(Fault::new("/columns", "no column holds the e-mail address"));
    }
    match (import.what, import.contest) {
        (Imported::Entries, None) => faults.push(Fault::new("/contestId", "is needed for entries")),
        (Imported::Entries, Some(_)) | (_, None) => {}
        (_, Some(_)) => faults.push(Fault::new("/contestId", "is for entries only")),
    }
    if faults.is_empty() { Ok(columns) } else { Err(ServiceError::invalid(faults)) }
}

/// Who is there already, by folded name or address.
#[derive(Default)]
struct Known {
    contestants: HashMap<String, Uuid>,
    others: HashMap<String, Uuid>,
    conflicts: Conflicts,
}

impl Known {
    fn of(view: &Live<'_>, permit: &Permit, what: Imported) -> Result<Self, ServiceError> {
        let mut known = Self::default();
        match what {
            Imported::Contestants | Imported::Entries => {
                known.contestants = by_name(view, permit, |row: &Contestant| folded(&row.name))?;
            }
            Imported::Judges => known.others = by_name(view, permit, |row: &Judge| folded(&row.name))?,
            Imported::Users => known.others = by_name(view, permit, |row: &User| row.email.comparable())?,
            Imported::Conflicts => known.conflicts = Conflicts::of(view, permit.tenant())?,
        }
        Ok(known)
    }
}

fn by_name<N: Noun>(
    view: &Live<'_>,
    permit: &Permit,
    name: impl Fn(&N) -> String,
) -> Result<HashMap<String, Uuid>, ServiceError> {
    let tenant = view.tenant(permit.tenant())?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
    let rows: Vec<LiveRow<N>> = view.children(&tenant.place())?;
    Ok(rows.iter().map(|row| (name(row.body()), row.id())).collect())
}

/// Changes that come of a table, each with its row.
struct Plan<'a> {
    permit: &'a Permit,
    import: &'a Import,
    known: Known,
    columns: &'a [Option<Column>],
    fields: &'a [CustomField],
    rows: Vec<(usize, Planned)>,
    unreadable: Vec<(usize, Fault)>,
}

impl Plan<'_> {
    /// Plans a row; false if whom it holds is there already.
    fn add(&mut self, row: usize, cells: &[String]) -> bool {
        let cells = Cells { columns: self.columns, fields: self.fields, cells };
        let name = cells.name();
        match self.import.what {
            Imported::Contestants => {
                let key = folded(&name);
                if self.known.contestants.contains_key(&key) {
                    return false;
                }
                let body = with_custom(cells.person(&name), cells);
                let id = self.create(row, Kind::Contestant, None, body);
                self.known.contestants.insert(key, id);
            }
            Imported::Judges => {
                let key = folded(&name);
                if self.known.others.contains_key(&key) {
                    return false;
                }
                let body = with_custom(cells.person(&name), cells);
                let id = self.create(row, Kind::Judge, None, body);
                self.known.others.insert(key, id);
            }
            Imported::Users => return self.add_user(row, &name, cells),
            Imported::Entries => self.add_entry(row, &name, cells),
            Imported::Conflicts => match self.known.conflicts.read(cells) {
                Ok(Some(conflict)) => drop(self.create(row, Kind::Conflict, None, json!(conflict))),
                Ok(None) => return false,
                Err((field, message)) => self.refuse(row, field.word(), message),
            },
        }
        true
    }

    fn add_user(&mut self, row: usize, name: &str, cells: Cells<'_>) -> bool {
        let email = cells.text(Property::Email).unwrap_or_default().to_owned();
        let key = email.parse::<Email>().map_or_else(|_| email.to_lowercase(), |email| email.comparable());
        if self.known.others.contains_key(&key) {
            return false;
        }
        let mut grants = Vec::new();
        let roles = cells.text(Property::Roles).unwrap_or_default();
        for word in roles.split([',', ';', '/']).map(str::trim).filter(|word| !word.is_empty()) {
            match word.to_uppercase().replace([' ', '-'], "_").parse::<Role>() {
                Ok(role) => grants.push(json!({"role": role})),
                Err(error) => {
                    self.refuse(row, "roles", format!("{word}: {error}"));
                    return true;
                }
            }
        }
        let id = self.create(row, Kind::User, None, json!({"email": email, "name": name, "grants": grants}));
        self.known.others.insert(key, id);
        true
    }

    /// Notes that a row means nothing.
    fn refuse(&mut self, row: usize, field: &str, message: String) {
        self.unreadable.push((row, Fault::new(format!("/rows/{row}/{field}"), message)));
    }

    fn add_entry(&mut self, row: usize, name: &str, cells: Cells<'_>) {
        let mut entry = Map::new();
        for property in [Property::Number, Property::Position] {
            let Some(text) = cells.text(property) else { continue };
            match text.parse::<i64>() {
                Ok(number) => drop(entry.insert(property.word().to_owned(), json!(number))),
                Err(_) => return self.refuse(row, property.word(), format!("{text} is not a whole number")),
            }
        }
        if let Some(text) = cells.text(Property::Eligible) {
            let Some(eligible) = flag(text) else {
                return self.refuse(row, Property::Eligible.word(), format!("{text} is neither yes nor no"));
            };
            entry.insert("eligible".to_owned(), json!(eligible));
        }
        let key = folded(name);
        let contestant = match self.known.contestants.get(&key) {
            Some(contestant) => *contestant,
            None => {
                let body = Value::Object(cells.person(name));
                let id = self.create(row, Kind::Contestant, None, body);
                self.known.contestants.insert(key, id);
                id
            }
        };
        entry.insert("contestantId".to_owned(), json!(contestant));
        let contest = self.import.contest.map(|contest| contest.to_string());
        self.create(row, Kind::Entry, contest, with_custom(entry, cells));
    }

    fn create(&mut self, row: usize, kind: Kind, parent: Option<String>, body: Value) -> Uuid {
        let id = self.permit.context().clock().new_uuid();
        let operation = BulkOperation::Create { kind, parent, body };
        self.rows.push((row, Planned { id, operation, place: Some(format!("/rows/{row}")) }));
        id
    }
}

/// A body with the values of its custom fields.
fn with_custom(mut body: Map<String, Value>, cells: Cells<'_>) -> Value {
    let custom = cells.custom();
    if !custom.is_empty() {
        body.insert("custom".to_owned(), Value::Object(custom));
    }
    Value::Object(body)
}
