//! How messages are worded: the text that comes with the product, tenants' own in its place, and how it would look.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Permit, ServiceError, Services, template_check};
use crate::{
    domain::{Kind, Language, MessageKind, TenantId, Wording, noun::UniqueField},
    store::{Live, StoreError},
    text::{Catalogue, Rendered, variables},
};

/// How messages of a kind are worded.
#[derive(Clone, Debug)]
pub struct MessageTexts {
    /// What they are about.
    pub kind: MessageKind,
    /// What a template may name, in braces.
    pub placeholders: Vec<String>,
    /// In each language in which there is any wording.
    pub texts: Vec<TextIn>,
}

/// How messages of a kind are worded in a language.
#[derive(Clone, Debug)]
pub struct TextIn {
    /// Which.
    pub language: Language,
    /// What comes with the product, if it knows the language.
    pub built_in: Option<Wording>,
    /// What the tenant has put in its place.
    pub own: Option<OwnText>,
}

/// A tenant's own wording that there is.
#[derive(Clone, Copy, Debug)]
pub struct OwnText {
    /// Which.
    pub id: Uuid,
    /// Its version.
    pub version: u64,
}

impl Services {
    /// Every kind of message, with the wording that comes with the product and the tenant's own.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn message_texts(&self, permit: &Permit) -> Result<Vec<MessageTexts>, ServiceError> {
        let own = self
            .store
            .read(|view| {
                let place = view.tenant(permit.tenant())?.map(|row| row.place());
                let rows = view.children::<Wording>(&place.ok_or(ServiceError::NotFound(Kind::Tenant))?)?;
                let told = rows.into_iter().map(|row| {
                    let own = OwnText { id: row.id(), version: row.row().version };
                    (row.body().kind, row.body().language.clone(), own)
                });
                Ok::<_, ServiceError>(told.collect::<Vec<_>>())
            })
            .await?;
        let catalogue = Catalogue::builtin();
        let of_kind = |kind: MessageKind| {
            let words = own.iter().filter(|(of, ..)| *of == kind);
            let languages: BTreeSet<Language> = words.map(|(_, language, _)| language.clone()).collect();
            let others = languages.into_iter().filter(|language| !Catalogue::LANGUAGES.contains(language));
            let text_in = |language: Language| {
                let own = own.iter().find(|(of, found, _)| *of == kind && *found == language);
                let own = own.map(|(.., own)| *own);
                TextIn { built_in: catalogue.wording(kind, &language), language, own }
            };
            let texts = Catalogue::LANGUAGES.into_iter().chain(others).map(text_in).collect();
            MessageTexts { kind, placeholders: catalogue.variables(kind), texts }
        };
        Ok(MessageKind::ALL.into_iter().map(of_kind).collect())
    }

    /// What would come of wording, with made-up names, in the look of the tenant.
    ///
    /// # Errors
    /// The faults of its templates.
    pub async fn preview_wording(
        &self,
        permit: &Permit,
        wording: &Wording,
    ) -> Result<Rendered, ServiceError> {
        let faults = template_check::of_wording(wording);
        if !faults.is_empty() {
            return Err(ServiceError::invalid(faults));
        }
        let tenant = self.settings(permit).await?.row.body;
        let catalogue = Catalogue::builtin();
        let look = variables::Tenant {
            name: tenant.settings.display_name.unwrap_or(tenant.name),
            accent: tenant.settings.accent_colour,
        };
        let sample = catalogue.sample(wording.kind, &wording.language, look);
        let rendered = catalogue.render(&wording.language, Some(wording), &sample);
        rendered.map_err(|fault| ServiceError::invalid(vec![template_check::fault(&fault)]))
    }
}

/// A tenant's own wording of a kind of message in some languages.
pub(super) fn wordings_of(
    view: &Live<'_>,
    tenant: TenantId,
    kind: MessageKind,
    languages: &[Language],
) -> Result<Vec<Wording>, StoreError> {
    let mut found = Vec::new();
    for language in languages {
        let key = Wording::key(kind, language);
        let holder = view.holder(tenant, tenant.uuid(), UniqueField::Wording, &key)?;
        let row = holder.map(|id| view.find::<Wording>(tenant, id)).transpose()?.flatten();
        found.extend(row.map(|row| row.body().clone()));
    }
    Ok(found)
}
