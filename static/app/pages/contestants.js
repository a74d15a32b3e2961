/** The register of contestants: persons, teams and exhibits that take part in contests. */
import { html, useState } from '../lib/view.js';
import { words } from '../lib/format.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Button } from '../components/button.js';
import { DeletableTable } from '../components/deletable-table.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { ExportMenu } from '../components/export-menu.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { Portrayed, usePhotos } from '../components/photo.js';
import { RowActions } from '../components/row-actions.js';
import { SearchField, matching, useSearchText } from '../components/search.js';
import { SeveralDialog } from '../components/several-dialog.js';
import { useImport } from '../components/use-import.js';

const consequence = 'Contestants go to the trash; their entries and sheets go out of sight in every contest.';

export function ContestantsPage() {
  const contestants = useList('/contestants');
  const photo = usePhotos('contestant');
  const [open, setOpen] = useState(null);
  const [search, setSearch] = useSearchText(contestants.data);
  const manage = can('people.manage');
  const done = () => {
    setOpen(null);
    contestants.reload();
  };
  const imports = useImport({ what: 'contestants', onChanged: contestants.reload });
  const add = manage && html`
    ${imports.button}
    <${Button} icon="users" onClick=${() => setOpen('several')}>Add several<//>
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen('one')}>New contestant<//>`;
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ id, name, pronouns, members, description }) => html`
      <${Portrayed} photo=${photo({ id, name })}>${name}
        ${pronouns && html` <small>${pronouns}</small>`}
        ${members && html`<small>${members.map((member) => member.name).join(', ')}</small>`}
        ${description && html`<small>${description}</small>`}<//>` },
    { label: 'Kind', cell: ({ form }) => words(form) },
    manage && { label: 'Actions', kind: 'row-actions', cell: (contestant) => html`
      <${RowActions} kind="contestant" resource=${contestant} onChanged=${contestants.reload}
        consequence=${consequence} />` },
  ].filter(Boolean);
  return html`
    <${Page} title="Contestants" actions=${contestants.data?.length > 0 && html`<${ExportMenu} what="contestants" />${add}`}
      intro=${html`<p>Whoever takes part, once for all events. In a contest they become entries with a number.</p>`}>
      <${Loaded} state=${contestants}>${(items) => (items.length === 0
        ? html`<${Empty} icon="users" title="No contestants yet" action=${html`<div class="actions">${add}</div>`}>
            Add them here, or straight into a contest: both end up in this register.<//>`
        : html`
          <${SearchField} label="Find a contestant" value=${search} onChange=${setSearch} />
          <${DeletableTable} kind="contestant" manage=${manage} caption="Contestants" columns=${columns}
            rows=${matching(items, search)} consequence=${consequence} onChanged=${contestants.reload} />`)}<//>
      ${imports.dialog}
      ${open === 'one' && html`<${EditorDialog} kind="contestant" onClose=${() => setOpen(null)} onDone=${done} />`}
      ${open === 'several' && html`<${SeveralDialog} title="Add contestants" nouns=${['contestant', 'contestants']}
        hint="Each line becomes a person; change teams and exhibits afterwards."
        operations=${(name) => [{ op: 'create', type: 'contestant', body: { name } }]} onClose=${() => setOpen(null)}
        onDone=${done} />`}
    <//>`;
}
