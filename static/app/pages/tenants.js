/** The organisations on this server; only those who operate it see them. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { ActDialog } from '../components/act-dialog.js';
import { Button, IconButton } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RowActions } from '../components/row-actions.js';
import { SearchField, matching } from '../components/search.js';
import { Table } from '../components/table.js';

const consequence = 'The tenant goes to the trash with everything in it, and its people are signed out.';

export function TenantsPage() {
  const tenants = useList('/tenants');
  const [open, setOpen] = useState(null);
  const [search, setSearch] = useState('');
  const close = () => setOpen(null);
  const manage = can('tenants.manage');
  const create = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen({ create: true })}>New tenant<//>`;
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ name }) => name },
    { label: 'Short name', cell: ({ slug }) => html`<code>${slug}</code>` },
    // The operators' own tenant stays as it is.
    manage && { label: 'Actions', kind: 'row-actions', cell: (tenant) => tenant.slug !== 'system' && html`
      ${can('tenants.act') && html`<${IconButton} icon="circle-user-round" label="Act in ${tenant.name}"
        onClick=${() => setOpen({ tenant })} />`}
      <${RowActions} kind="tenant" resource=${tenant} onChanged=${tenants.reload} consequence=${consequence} />` },
  ].filter(Boolean);
  return html`
    <${Page} title="Tenants" actions=${create}
      intro=${html`<p>The organisations on this server. Each has its own users, events and log; none sees
        another’s.</p>`}>
      <${Loaded} state=${tenants}>${(items) => html`
        <${SearchField} label="Find a tenant" value=${search} onChange=${setSearch} />
        <${Table} caption="Tenants" columns=${columns} rows=${matching(items, search)} />`}<//>
      ${open?.create && html`<${EditorDialog} kind="tenant" onClose=${close}
        onDone=${(tenant) => { setOpen({ tenant, created: true }); tenants.reload(); }} />`}
      ${open?.tenant && html`<${ActDialog} ...${open} onClose=${close} />`}
    <//>`;
}
