/** The register of judges, and the accounts they sign in with. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { Conflicts } from '../components/conflicts.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RowActions } from '../components/row-actions.js';
import { SearchField, matching, useSearchText } from '../components/search.js';
import { Table } from '../components/table.js';
import { useImport } from '../components/use-import.js';

export function JudgesPage() {
  const judges = useList('/judges');
  const users = useList(can('users.read') ? '/users' : null);
  const [creating, setCreating] = useState(false);
  const [search, setSearch] = useSearchText(judges.data);
  const manage = can('people.manage');
  const imports = useImport({ what: 'judges', onChanged: judges.reload });
  const create = manage && html`
    ${imports.button}
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New judge<//>`;
  const account = ({ userId }) => {
    if (!userId) return html`<${Badge} tone="warning">No account: cannot sign in<//>`;
    return users.data?.find(({ id }) => id === userId)?.email ?? html`<${Badge}>Linked<//>`;
  };
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ name, pronouns, description }) => html`${name}
      ${pronouns && html` <small>${pronouns}</small>`}
      ${description && html`<small>${description}</small>`}` },
    { label: 'Signs in as', cell: account },
    manage && { label: 'Actions', kind: 'row-actions', cell: (judge) => html`
      <${RowActions} kind="judge" resource=${judge} onChanged=${judges.reload}
        consequence="The judge goes to the trash; assignments and sheets go out of sight." />` },
  ].filter(Boolean);
  return html`
    <${Page} title="Judges" actions=${judges.data?.length > 0 && create}
      intro=${html`<p>Whoever judges, once for all events. To score, a judge needs a linked user account and an
        assignment to a category.</p>`}>
      <${Loaded} state=${judges}>${(items) => (items.length === 0
        ? html`<${Empty} icon="gavel" title="No judges yet" action=${html`<div class="actions">${create}</div>`}>
            Create judges here, or create their accounts under Users and tick that they judge.<//>`
        : html`
          <${SearchField} label="Find a judge" value=${search} onChange=${setSearch} />
          <${Table} caption="Judges" columns=${columns} rows=${matching(items, search)} />`)}<//>
      ${can('conflicts.read') && judges.data?.length > 0 && html`<${Conflicts} />`}
      ${imports.dialog}
      ${creating && html`<${EditorDialog} kind="judge" onClose=${() => setCreating(false)}
        onDone=${() => { setCreating(false); judges.reload(); }} />`}
    <//>`;
}
