/** Custom fields: what the organisation wants to know beyond what every form asks. */
import { html, useState } from '../lib/view.js';
import { words } from '../lib/format.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';

export function FieldsPage() {
  const fields = useList('/fields');
  const [creating, setCreating] = useState(false);
  const manage = can('fields.manage');
  const create = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New field<//>`;
  const columns = [
    { label: 'Field', kind: 'main', cell: ({ label, key, required }) => html`${label}
      ${required && html` <${Badge}>Required<//>`} <small>${key}</small>` },
    { label: 'Asked of each', cell: ({ entity }) => words(entity) },
    { label: 'Type', cell: ({ rule }) => words(rule.type) },
    { label: 'Seen by', cell: ({ visibility }) => [...new Set(['ADMIN', ...visibility])].join(', ') },
    manage && { label: 'Actions', kind: 'row-actions', cell: (field) => html`
      <${RowActions} kind="field" resource=${field} onChanged=${fields.reload}
        consequence="The field goes to the trash; its values stay out of sight until it is back." />` },
  ].filter(Boolean);
  return html`
    <${Page} title="Fields" actions=${fields.data?.length > 0 && create}
      intro=${html`<p>What you want to know of contestants, judges, entries and events beyond what every form asks.</p>`}>
      <${Loaded} state=${fields}>${(items) => (items.length === 0
        ? html`<${Empty} icon="list-checks" title="No fields yet" action=${create}>
            A field may ask for a shirt size, a school or a piece of music. You say who sees it.<//>`
        : html`<${Table} caption="Fields" columns=${columns} rows=${items} />`)}<//>
      ${creating && html`<${EditorDialog} kind="field" onClose=${() => setCreating(false)}
        onDone=${() => { setCreating(false); fields.reload(); }} />`}
    <//>`;
}
