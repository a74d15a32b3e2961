/** The organisations on this server; only those who operate it see them. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';

export function TenantsPage() {
  const tenants = useList('/tenants');
  const [creating, setCreating] = useState(false);
  const manage = can('tenants.manage');
  const create = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New tenant<//>`;
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ name }) => name },
    { label: 'Short name', cell: ({ slug }) => html`<code>${slug}</code>` },
    manage && { label: 'Actions', kind: 'row-actions', cell: (tenant) => html`
      <${RowActions} kind="tenant" resource=${tenant} onChanged=${tenants.reload} />` },
  ].filter(Boolean);
  return html`
    <${Page} title="Tenants" actions=${create}
      intro=${html`<p>Each tenant has its own users, events and log; none sees another’s.</p>`}>
      <${Loaded} state=${tenants}>${(items) => html`
        <${Table} caption="Tenants" columns=${columns} rows=${items} />`}<//>
      ${creating && html`<${EditorDialog} kind="tenant" onClose=${() => setCreating(false)}
        onDone=${() => { setCreating(false); tenants.reload(); }} />`}
    <//>`;
}
