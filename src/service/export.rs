//! Exports: tables of people, entries, results and sheets, as whoever asks may see them, read off the live view in one
//! state. Their headings are those that an import recognises.

use uuid::Uuid;

use super::{
    Page, Permit, ServiceError, Services, custom_fields,
    export_scores::{results, sheets},
    judging::contestant_name,
    resources::find_live,
};
use crate::{
    domain::{
        Action, CategoryId, Cell, Contest, ContestId, Contestant, ContestantForm, Custom, CustomValue, Entry,
        Fault, FieldEntity, Judge, Kind, Noun, Row, Scope, Sight, Table, TeamMember, User,
    },
    store::{Live, LiveRow},
};

/// Most rows of an export.
pub const EXPORT_ROWS_MAX: usize = 50_000;

/// What is exported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exported {
    /// The contestants of the tenant.
    Contestants,
    /// The judges of the tenant.
    Judges,
    /// The users of the tenant.
    Users,
    /// The entries of a contest.
    Entries(ContestId),
    /// The places of a category.
    Results(CategoryId),
    /// The sheets of a category.
    Sheets(CategoryId),
}

/// A table on its way out.
#[derive(Debug)]
pub struct Export {
    /// What people call it.
    pub title: String,
    /// The table.
    pub table: Table,
}

impl Exported {
    /// The words for each.
    pub const WORDS: [&'static str; 6] = ["contestants", "judges", "users", "entries", "results", "sheets"];

    /// What a word means, together with the contest or category that it needs; nothing for another word.
    ///
    /// # Errors
    /// The contest or category is missing, or there is one too much.
    pub fn of(
        word: &str,
        contest: Option<ContestId>,
        category: Option<CategoryId>,
    ) -> Result<Option<Self>, ServiceError> {
        let needed = |pointer: &str| Fault::new(pointer, format!("is needed for {word}"));
        let exported = match (word, contest, category) {
            ("contestants", None, None) => Self::Contestants,
            ("judges", None, None) => Self::Judges,
            ("users", None, None) => Self::Users,
            ("entries", Some(contest), None) => Self::Entries(contest),
            ("results", None, Some(category)) => Self::Results(category),
            ("sheets", None, Some(category)) => Self::Sheets(category),
            _ if !Self::WORDS.contains(&word) => return Ok(None),
            ("entries", None, None) => return Err(ServiceError::invalid(vec![needed("/contestId")])),
            ("results" | "sheets", None, None) => {
                return Err(ServiceError::invalid(vec![needed("/categoryId")]));
            }
            _ => {
                let pointer =
                    if contest.is_some() && word != "entries" { "/contestId" } else { "/categoryId" };
                let fault = Fault::new(pointer, format!("means nothing for {word}"));
                return Err(ServiceError::invalid(vec![fault]));
            }
        };
        Ok(Some(exported))
    }

    const fn reading(self) -> Action {
        match self {
            Self::Contestants | Self::Judges => Action::ReadPeople,
            Self::Users => Action::ReadUsers,
            Self::Entries(_) => Action::ReadEvents,
            Self::Results(_) => Action::ReadResults,
            Self::Sheets(_) => Action::ReadSheets,
        }
    }
}

impl Services {
    /// A table of what is live, as the permit's holder may see it.
    ///
    /// # Errors
    /// The holder may not read that, the contest or category is out of reach, there are more than
    /// [`EXPORT_ROWS_MAX`] rows, or results cannot be computed.
    pub async fn export(&self, permit: &Permit, what: Exported) -> Result<Export, ServiceError> {
        let permit = &permit.for_action(what.reading())?;
        match what {
            Exported::Results(category) => Ok(results(&*self.category_results(permit, category).await?)),
            Exported::Contestants => self.store.read(|view| contestants(view, permit)).await,
            Exported::Judges => self.store.read(|view| judges(view, permit)).await,
            Exported::Users => self.store.read(|view| users(view, permit)).await,
            Exported::Entries(contest) => self.store.read(|view| entries(view, permit, contest)).await,
            Exported::Sheets(category) => self.store.read(|view| sheets(view, permit, category)).await,
        }
    }
}

/// No more rows than an export may have.
pub(super) fn ensure_bounded(rows: usize) -> Result<(), ServiceError> {
    if rows <= EXPORT_ROWS_MAX {
        return Ok(());
    }
    let message = format!("has more than {EXPORT_ROWS_MAX} rows; read the list page by page instead");
    Err(ServiceError::fault("invalid", "/what", message))
}

/// Everything of a kind in the tenant, as far as it is in reach, with what the holder sees of it.
fn of_tenant<N: Noun>(view: &Live<'_>, permit: &Permit) -> Result<(Vec<Row<N>>, Sight), ServiceError> {
    let tenant = view.tenant(permit.tenant())?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
    let Page { items, next } = view.page::<N>(&tenant.place(), None, EXPORT_ROWS_MAX)?;
    ensure_bounded(items.len() + usize::from(next.is_some()))?;
    let sight = custom_fields::sight(view, permit)?;
    let seen = items.into_iter().filter(|row| permit.covers(row.lineage())).map(|row| seen(row, &sight));
    Ok((seen.collect(), sight))
}

fn seen<N: Noun>(row: LiveRow<N>, sight: &Sight) -> Row<N> {
    let (row, _) = row.into_parts();
    Row { body: row.body.seen_with(sight), ..row }
}

/// A table with these columns, and one for each custom field that the holder sees.
fn table_with(columns: &[&str], sight: &Sight, entity: FieldEntity) -> (Table, Vec<String>) {
    let fields = sight.fields.iter().filter(|(of, _)| *of == entity).map(|(_, key)| key.clone());
    let mut fields: Vec<String> = fields.collect();
    fields.sort_unstable();
    let custom = fields.iter().map(|key| format!("custom.{key}"));
    (Table::new(columns.iter().map(|column| (*column).to_owned()).chain(custom)), fields)
}

fn custom_cells<'a>(custom: &'a Custom, fields: &'a [String]) -> impl Iterator<Item = Cell> + 'a {
    fields.iter().map(|key| match custom.get(key) {
        None => Cell::Empty(()),
        Some(CustomValue::Text(text)) => Cell::Text(text.clone()),
        Some(CustomValue::Flag(flag)) => Cell::Flag(*flag),
        Some(CustomValue::Choices(choices)) => Cell::Text(choices.join("; ")),
    })
}

fn id(id: Uuid) -> Cell {
    Cell::Text(id.to_string())
}

fn contestants(view: &Live<'_>, permit: &Permit) -> Result<Export, ServiceError> {
    let (rows, sight) = of_tenant::<Contestant>(view, permit)?;
    let columns =
        ["id", "name", "form", "description", "pronouns", "bio", "contactEmail", "contactPhone", "members"];
    let (mut table, fields) = table_with(&columns, &sight, FieldEntity::Contestant);
    for Row { id: row, body, .. } in rows {
        let form = match body.form {
            ContestantForm::Person => "person",
            ContestantForm::Team => "team",
            ContestantForm::Exhibit => "exhibit",
        };
        let member = |TeamMember { name, role }: &TeamMember| match role {
            Some(role) => format!("{name} ({role})"),
            None => name.clone(),
        };
        let members: Vec<String> = body.members.iter().map(member).collect();
        let cells = [
            id(row),
            Cell::Text(body.name),
            Cell::Text(form.to_owned()),
            Cell::text(body.description),
            Cell::text(body.pronouns),
            Cell::text(body.bio),
            Cell::text(body.contact_email.map(|email| email.to_string())),
            Cell::text(body.contact_phone.map(|phone| phone.to_string())),
            Cell::text((!members.is_empty()).then(|| members.join("; "))),
        ];
        table.push(cells.into_iter().chain(custom_cells(&body.custom, &fields)));
    }
    Ok(Export { title: "contestants".to_owned(), table })
}

fn judges(view: &Live<'_>, permit: &Permit) -> Result<Export, ServiceError> {
    let (rows, sight) = of_tenant::<Judge>(view, permit)?;
    let columns = ["id", "name", "description", "pronouns", "bio", "contactEmail", "contactPhone", "userId"];
    let (mut table, fields) = table_with(&columns, &sight, FieldEntity::Judge);
    for Row { id: row, body, .. } in rows {
        let cells = [
            id(row),
            Cell::Text(body.name),
            Cell::text(body.description),
            Cell::text(body.pronouns),
            Cell::text(body.bio),
            Cell::text(body.contact_email.map(|email| email.to_string())),
            Cell::text(body.contact_phone.map(|phone| phone.to_string())),
            Cell::text(body.user_id.map(|user| user.to_string())),
        ];
        table.push(cells.into_iter().chain(custom_cells(&body.custom, &fields)));
    }
    Ok(Export { title: "judges".to_owned(), table })
}

/// Roles for a single event or contest stand apart: an import would give them for everything.
fn users(view: &Live<'_>, permit: &Permit) -> Result<Export, ServiceError> {
    let (rows, _) = of_tenant::<User>(view, permit)?;
    let mut table = Table::new(["id", "name", "email", "roles", "scopedRoles"].map(str::to_owned));
    for Row { id: row, body, .. } in rows {
        let (mut wide, mut scoped) = (Vec::new(), Vec::new());
        for grant in &body.grants {
            match grant.scope {
                Scope::Tenant {} => wide.push(grant.role.to_string()),
                Scope::Event { id } => scoped.push(format!("{} in event {id}", grant.role)),
                Scope::Contest { id } => scoped.push(format!("{} in contest {id}", grant.role)),
            }
        }
        table.push([
            id(row),
            Cell::Text(body.name),
            Cell::Text(body.email.to_string()),
            Cell::Text(wide.join(", ")),
            Cell::text((!scoped.is_empty()).then(|| scoped.join(", "))),
        ]);
    }
    Ok(Export { title: "users".to_owned(), table })
}

fn entries(view: &Live<'_>, permit: &Permit, contest: ContestId) -> Result<Export, ServiceError> {
    let contest = find_live::<Contest>(view, permit, contest.uuid())?;
    let rows = view.children::<Entry>(&contest.place())?;
    ensure_bounded(rows.len())?;
    let sight = custom_fields::sight(view, permit)?;
    let columns = ["id", "number", "name", "position", "eligible", "contestantId"];
    let (mut table, fields) = table_with(&columns, &sight, FieldEntity::Entry);
    for row in rows {
        let name = contestant_name(view, &row)?;
        let Row { id: row, body, .. } = seen(row, &sight);
        let cells = [
            id(row),
            Cell::whole(body.number),
            Cell::Text(name),
            Cell::Whole(body.position.into()),
            Cell::Flag(body.eligible),
            Cell::Text(body.contestant_id.to_string()),
        ];
        table.push(cells.into_iter().chain(custom_cells(&body.custom, &fields)));
    }
    Ok(Export { title: format!("{} entries", contest.body().name), table })
}
