/** The criteria of a category: what judges look at, the range of marks, what they weigh. */
import { html, useState } from '../lib/view.js';
import { can } from '../lib/session.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';

export function CategoryCriteria({ category, criteria }) {
  const [creating, setCreating] = useState(false);
  const manage = can('events.manage');
  const create = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New criterion<//>`;
  const columns = [
    { label: 'Criterion', kind: 'main', cell: ({ name, description }) => html`${name}
      ${description && html`<small>${description}</small>`}` },
    { label: 'Marks', kind: 'number', cell: ({ minimum, maximum }) => `${minimum} to ${maximum}` },
    { label: 'Step', kind: 'number', cell: ({ step }) => step },
    { label: 'Weight', kind: 'number', cell: ({ weight }) => `× ${weight}` },
    manage && { label: 'Actions', kind: 'row-actions', cell: (criterion) => html`
      <${RowActions} kind="criterion" resource=${criterion} onChanged=${criteria.reload}
        consequence="The criterion goes to the trash, and the marks given for it no longer count." />` },
  ].filter(Boolean);
  return html`
    ${criteria.data?.length > 0 && html`<div class="toolbar">${create}</div>`}
    <${Loaded} state=${criteria}>${(items) => (items.length === 0
      ? html`<${Empty} icon="list-checks" title="No criteria yet" action=${create}>
          Say what judges look at, such as poise or technique, with the range of marks and what they weigh. They
          stand on the sheet in this order.<//>`
      : html`<${Table} caption="Criteria" columns=${columns} rows=${items} />`)}<//>
    ${creating && html`<${EditorDialog} kind="criterion" parentId=${category.id} onClose=${() => setCreating(false)}
      onDone=${() => { setCreating(false); criteria.reload(); }} />`}`;
}
