//! A competition in a tenant: one category with criteria, entries and judges who are signed in.

use std::sync::Arc;

use event_manager::domain::Role;
use serde_json::{Value, json};

use super::{
    client::{Answer, Client},
    server::Server,
    tenant::Tenant,
};

/// The ids of a competition. Paths of the API are made from them.
pub struct Competition {
    pub tenant: Tenant,
    pub event: String,
    pub contest: String,
    pub category: String,
    /// In running order.
    pub criteria: Vec<String>,
    /// In running order; the entry at `n` has the number `n + 1`.
    pub entries: Vec<String>,
    /// The contestant of each entry.
    pub contestants: Vec<String>,
    pub judges: Vec<JudgeSeat>,
}

/// A judge who sits on the category and is signed in.
pub struct JudgeSeat {
    pub id: String,
    pub assignment: String,
    pub user: String,
    pub client: Client,
}

/// The id of a resource.
#[track_caller]
pub fn id_of(resource: &Value) -> String {
    resource["id"].as_str().unwrap_or_else(|| panic!("no id: {resource}")).to_owned()
}

impl Competition {
    /// Two criteria of equal weight with marks from 0 to 10 in steps of 0.5, three entries and two judges, in a
    /// tenant of its own.
    pub fn new() -> Self {
        Self::of(Tenant::new())
    }

    /// The same on a server of its own.
    pub fn on(server: Server) -> Self {
        Self::of(Tenant::on(Arc::new(server)))
    }

    /// The same in the operators' tenant of the shared server, where judges are SUPER_ADMINs.
    pub fn of_operators() -> Self {
        Self::of(Tenant::of_operators())
    }

    fn of(tenant: Tenant) -> Self {
        let mut competition = Self::empty(tenant, &json!({"name": "Talent"}));
        for name in ["Technique", "Expression"] {
            competition.add_criterion(&json!({"name": name, "step": "0.5"}));
        }
        for name in ["Ann", "Ben", "Cem"] {
            competition.add_entry(name);
        }
        for name in ["Jo", "Kim"] {
            competition.add_judge(name);
        }
        competition
    }

    /// An event with a contest with an empty category of this body.
    pub fn empty(tenant: Tenant, category: &Value) -> Self {
        let admin = &tenant.admin;
        let event = id_of(&admin.create("/events", &json!({"name": "Gala"})));
        let contest = id_of(&admin.create(&format!("/events/{event}/contests"), &json!({"name": "Solo"})));
        let category = id_of(&admin.create(&format!("/contests/{contest}/categories"), category));
        let (criteria, entries, contestants, judges) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { tenant, event, contest, category, criteria, entries, contestants, judges }
    }

    pub fn admin(&self) -> &Client {
        &self.tenant.admin
    }

    /// Adds a criterion; its position is behind those there are.
    pub fn add_criterion(&mut self, body: &Value) -> String {
        let mut body = body.clone();
        body["position"] = json!(self.criteria.len());
        let id = id_of(&self.admin().create(&format!("/categories/{}/criteria", self.category), &body));
        self.criteria.push(id.clone());
        id
    }

    /// Adds a contestant with an entry.
    pub fn add_entry(&mut self, name: &str) -> String {
        let contestant = id_of(&self.admin().create("/contestants", &json!({"name": name})));
        let path = format!("/contests/{}/entries", self.contest);
        let entry = id_of(&self.admin().create(&path, &json!({"contestantId": contestant})));
        self.contestants.push(contestant);
        self.entries.push(entry.clone());
        entry
    }

    /// Adds a judge with an account and a seat on the category. Returns the index in `judges`.
    pub fn add_judge(&mut self, name: &str) -> usize {
        let role = if self.tenant.slug == "system" { Role::SuperAdmin } else { Role::Judge };
        let user = self.tenant.user(&json!([{"role": role}]));
        let client = self.tenant.server.sign_in(&self.tenant.slug, user["email"].as_str().unwrap());
        let user = id_of(&user);
        let id = id_of(&self.admin().create("/judges", &json!({"name": name, "userId": user})));
        let path = format!("/categories/{}/assignments", self.category);
        let assignment = id_of(&self.admin().create(&path, &json!({"judgeId": id})));
        self.judges.push(JudgeSeat { id, assignment, user, client });
        self.judges.len() - 1
    }

    /// The path of a judge's own sheet for an entry.
    pub fn own_sheet(&self, entry: usize) -> String {
        format!("/categories/{}/entries/{}/sheet", self.category, self.entries[entry])
    }

    /// The path of a judge's sheet for an entry, as officials see it.
    pub fn sheet(&self, entry: usize, judge: usize) -> String {
        let (category, entry, judge) = (&self.category, &self.entries[entry], &self.judges[judge].id);
        format!("/categories/{category}/entries/{entry}/sheets/{judge}")
    }

    /// The body of a first sheet with one value a criterion.
    pub fn marks(&self, values: &[&str]) -> Value {
        let score = |(criterion, value): (&String, &&str)| json!({"criterionId": criterion, "value": value});
        json!({"scores": self.criteria.iter().zip(values).map(score).collect::<Vec<_>>()})
    }

    /// A judge submits a first sheet with one value a criterion.
    pub fn submit(&self, judge: usize, entry: usize, values: &[&str]) -> Answer {
        self.judges[judge].client.put(&self.own_sheet(entry), &self.marks(values))
    }

    /// Every judge submits a sheet for every entry. Marks differ, so that places do: the first entry is best.
    pub fn submit_all(&self) {
        for judge in 0..self.judges.len() {
            for entry in 0..self.entries.len() {
                let value = (9 - entry).to_string();
                self.submit(judge, entry, &vec![value.as_str(); self.criteria.len()]).expect(201);
            }
        }
    }

    /// The results as the ADMIN sees them.
    #[track_caller]
    pub fn results(&self) -> Value {
        self.admin().get(&format!("/categories/{}/results", self.category)).expect(200)
    }

    /// The placement of an entry in the results.
    #[track_caller]
    pub fn placement(&self, entry: usize) -> Value {
        let results = self.results();
        let placements = results["placements"].as_array().unwrap();
        let found =
            placements.iter().find(|placement| placement["entry"]["id"] == self.entries[entry].as_str());
        found.unwrap_or_else(|| panic!("no placement of {entry} in {results}")).clone()
    }
}
