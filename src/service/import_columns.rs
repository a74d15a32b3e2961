//! Which column of a table holds what: guessed from its heading, in the languages that people write them in, unless the
//! caller says so. Uses the domain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::folded;

/// What is imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Imported {
    /// Contestants of the tenant.
    Contestants,
    /// Judges of the tenant.
    Judges,
    /// Users of the tenant.
    Users,
    /// Entries of a contest, with contestants who are not there yet.
    Entries,
}

/// What a column can hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Column {
    /// The whole name.
    Name,
    /// The first part of a name that is in two columns.
    FirstName,
    /// The second part of a name that is in two columns.
    LastName,
    /// An address to sign in with.
    Email,
    /// Roles, separated by commas or semicolons.
    Roles,
    /// Person, team or exhibit.
    Form,
    /// A text about somebody.
    Description,
    /// An entry's number.
    Number,
    /// An entry's place in the running order.
    Position,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Roles,
        Self::Form,
        Self::Description,
        Self::Number,
        Self::Position,
    ];

    /// The headings by which it is known, as [`folded`] writes them.
    const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Name => &[
                "name",
                "full name",
                "fullname",
                "display name",
                "contestant",
                "participant",
                "competitor",
                "team",
                "team name",
                "exhibit",
                "title",
                "judge",
                "teilnehmer",
                "teilnehmerin",
                "vollstandiger name",
                "nom",
                "nom complet",
                "participant e",
                "nombre",
                "nombre completo",
                "participante",
                "nome",
                "naam",
                "imie i nazwisko",
                "juror",
                "jury",
            ],
            Self::FirstName => &[
                "first name",
                "firstname",
                "given name",
                "vorname",
                "prenom",
                "nombre de pila",
                "voornaam",
                "imie",
                "forename",
            ],
            Self::LastName => &[
                "last name",
                "lastname",
                "surname",
                "family name",
                "nachname",
                "familienname",
                "nom de famille",
                "apellido",
                "apellidos",
                "cognome",
                "achternaam",
                "nazwisko",
            ],
            Self::Email => &[
                "email",
                "e mail",
                "mail",
                "email address",
                "e mail address",
                "e mail adresse",
                "courriel",
                "adresse mail",
                "correo",
                "correo electronico",
            ],
            Self::Roles => &["role", "roles", "rolle", "rollen", "droits", "rol", "permissions"],
            Self::Form => &["form", "type", "kind", "art", "categorie de participant", "tipo"],
            Self::Description => &[
                "description",
                "bio",
                "biography",
                "about",
                "notes",
                "beschreibung",
                "uber",
                "descripcion",
                "descrizione",
            ],
            Self::Number => &[
                "number",
                "no",
                "nr",
                "num",
                "entry",
                "entry number",
                "contestant number",
                "start number",
                "bib",
                "startnummer",
                "nummer",
                "numero",
                "numer",
            ],
            Self::Position => {
                &["position", "order", "running order", "reihenfolge", "ordre", "orden", "kolejnosc", "pos"]
            }
        }
    }

    /// Whether it means something in what is imported.
    pub const fn fits(self, what: Imported) -> bool {
        match self {
            Self::Name | Self::FirstName | Self::LastName => true,
            Self::Email | Self::Roles => matches!(what, Imported::Users),
            Self::Form => matches!(what, Imported::Contestants | Imported::Entries),
            Self::Description => !matches!(what, Imported::Users),
            Self::Number | Self::Position => matches!(what, Imported::Entries),
        }
    }
}

/// What each column holds, by its heading; each meaning is given once, to the first that claims it.
pub fn guess(what: Imported, headings: &[String]) -> Vec<Option<Column>> {
    let mut given = Vec::new();
    let guess = |heading: &String| {
        let heading = folded(heading);
        let known = |column: &Column| column.fits(what) && column.headings().contains(&heading.as_str());
        let column = Column::ALL.into_iter().find(known).filter(|column| !given.contains(column));
        given.extend(column);
        column
    };
    headings.iter().map(guess).collect()
}

#[cfg(test)]
mod tests {
    use super::{Column, Imported, guess};

    fn guessed(what: Imported, headings: &[&str]) -> Vec<Option<Column>> {
        guess(what, &headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn columns_are_known_by_their_headings_in_several_languages() {
        use Column::{Description, Email, FirstName, LastName, Name, Number, Roles};
        for (what, headings, columns) in [
            (Imported::Contestants, vec!["Full Name", "Bio"], vec![Some(Name), Some(Description)]),
            (Imported::Judges, vec!["Vorname", "Nachname"], vec![Some(FirstName), Some(LastName)]),
            (
                Imported::Users,
                vec!["E-Mail-Adresse", "NAME", "Rolle"],
                vec![Some(Email), Some(Name), Some(Roles)],
            ),
            (
                Imported::Entries,
                vec!["Nr.", "Participant(e)", "shoe size"],
                vec![Some(Number), Some(Name), None],
            ),
        ] {
            assert_eq!(guessed(what, &headings), columns, "{headings:?}");
        }
    }

    #[test]
    fn a_meaning_is_given_once_and_only_where_it_fits() {
        assert_eq!(guessed(Imported::Judges, &["name", "Judge", "number"]), [Some(Column::Name), None, None]);
    }

    #[test]
    fn every_heading_is_written_as_it_is_compared() {
        for column in Column::ALL {
            for heading in column.headings() {
                assert_eq!(crate::domain::folded(heading), *heading);
            }
        }
    }
}
