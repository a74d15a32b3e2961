//! What the product asks of a row in a table, and the headings by which people call it, in the languages that they write
//! them in. Uses nothing.

/// What the product itself asks of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Property {
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
    /// How to speak of somebody.
    Pronouns,
    /// What may be said about somebody on stage.
    Bio,
    /// The address to reach somebody at.
    ContactEmail,
    /// The telephone number to reach somebody at.
    ContactPhone,
    /// Who belongs to a team, separated by semicolons, what each does in brackets behind the name.
    Members,
    /// Whether an entry can be placed.
    Eligible,
    /// The judge of a conflict of interest, by name.
    Judge,
    /// The contestant of a conflict of interest, by name.
    Contestant,
    /// How the two are connected.
    Reason,
}

const EMAIL_HEADINGS: &[&str] = &[
    "email",
    "e mail",
    "mail",
    "email address",
    "e mail address",
    "contactemail",
    "contact email",
    "e mail adresse",
    "courriel",
    "adresse mail",
    "correo",
    "correo electronico",
];

impl Property {
    /// All of them. Of two that a heading could mean the first that fits what is imported is taken.
    pub const ALL: [Self; 18] = [
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Roles,
        Self::Form,
        Self::Description,
        Self::Number,
        Self::Position,
        Self::Pronouns,
        Self::Bio,
        Self::ContactEmail,
        Self::ContactPhone,
        Self::Members,
        Self::Eligible,
        Self::Judge,
        Self::Contestant,
        Self::Reason,
    ];

    /// Its word, as in JSON and in the headings of exports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
            Self::Email => "email",
            Self::Roles => "roles",
            Self::Form => "form",
            Self::Description => "description",
            Self::Number => "number",
            Self::Position => "position",
            Self::Pronouns => "pronouns",
            Self::Bio => "bio",
            Self::ContactEmail => "contactEmail",
            Self::ContactPhone => "contactPhone",
            Self::Members => "members",
            Self::Eligible => "eligible",
            Self::Judge => "judge",
            Self::Contestant => "contestant",
            Self::Reason => "reason",
        }
    }

    /// The headings by which it is known, folded.
    pub const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Name => &[
                "name",
                "full name",
                "fullname",
                "display name",
                "contestant",
                "participant",
                "competitor",
                "contestant name",
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
            Self::Email => EMAIL_HEADINGS,
            Self::Roles => &["role", "roles", "rolle", "rollen", "droits", "rol", "permissions"],
            Self::Form => &["form", "type", "kind", "art", "categorie de participant", "tipo"],
            Self::Description => &[
                "description",
                "notes",
                "remarks",
                "beschreibung",
                "notizen",
                "descripcion",
                "descrizione",
                "opis",
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
            Self::Pronouns => {
                &["pronouns", "pronoun", "pronomen", "pronoms", "pronombres", "pronomi", "zaimki"]
            }
            Self::Bio => &[
                "bio",
                "biography",
                "about",
                "uber",
                "lebenslauf",
                "vorstellung",
                "biographie",
                "biografia",
                "biografie",
            ],
            Self::ContactEmail => EMAIL_HEADINGS,
            Self::ContactPhone => &[
                "phone",
                "telephone",
                "phone number",
                "mobile",
                "mobile number",
                "cell",
                "contactphone",
                "contact phone",
                "telefon",
                "telefonnummer",
                "handy",
                "tel",
                "telefono",
                "movil",
                "telefoon",
            ],
            Self::Members => {
                &["members", "team members", "mitglieder", "membres", "miembros", "membri", "leden"]
            }
            Self::Eligible => &["eligible", "competes", "wertung", "in wertung", "classe", "elegible"],
            Self::Judge => {
                &["judge", "judge name", "juror", "jury", "jurymitglied", "juge", "juez", "giudice", "sedzia"]
            }
            Self::Contestant => &[
                "contestant",
                "contestant name",
                "participant",
                "competitor",
                "team",
                "name",
                "teilnehmer",
                "teilnehmerin",
                "participante",
            ],
            Self::Reason => &[
                "reason",
                "relation",
                "relationship",
                "conflict",
                "connection",
                "grund",
                "beziehung",
                "raison",
                "motivo",
                "powod",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Property;
    use crate::domain::folded;

    #[test]
    fn every_heading_is_written_as_it_is_compared() {
        for property in Property::ALL {
            for heading in property.headings() {
                assert_eq!(folded(heading), *heading);
            }
        }
    }

    #[test]
    fn the_word_of_each_is_one_of_its_headings() {
        for property in
            Property::ALL.into_iter().filter(|property| property.word().to_lowercase() == property.word())
        {
            assert!(property.headings().contains(&property.word()), "{}", property.word());
        }
    }
}
