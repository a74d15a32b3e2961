/** The criteria of a category: what judges look at, the range of marks, what they weigh. */
import { html, useState } from '../lib/view.js';
import { nextPosition } from '../lib/running-order.js';
import { can } from '../lib/session.js';
import { Button } from '../components/button.js';
import { DeletableTable } from '../components/deletable-table.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { OrderDialog } from '../components/order-dialog.js';
import { RowActions } from '../components/row-actions.js';

const consequence = 'Criteria go to the trash, and the marks given for them no longer count.';

export function CategoryCriteria({ category, criteria, frozen }) {
  const [open, setOpen] = useState(null);
  const done = () => {
    setOpen(null);
    criteria.reload();
  };
  const manage = can('events.manage') && !frozen;
  const create = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen('one')}>New criterion<//>`;
  const columns = [
    { label: 'Criterion', kind: 'main', cell: ({ name, description }) => html`${name}
      ${description && html`<small>${description}</small>`}` },
    { label: 'Marks', kind: 'number', cell: ({ minimum, maximum }) => `${minimum} to ${maximum}` },
    { label: 'Step', kind: 'number', cell: ({ step }) => step },
    { label: 'Weight', kind: 'number', cell: ({ weight }) => `× ${weight}` },
    manage && { label: 'Actions', kind: 'row-actions', cell: (criterion) => html`
      <${RowActions} kind="criterion" resource=${criterion} onChanged=${criteria.reload}
        consequence=${consequence} />` },
  ].filter(Boolean);
  return html`
    ${criteria.data?.length > 0 && manage && html`<div class="toolbar">
      ${criteria.data.length > 1 && html`
        <${Button} icon="list-ordered" onClick=${() => setOpen('order')}>Change order<//>`}${create}</div>`}
    <${Loaded} state=${criteria}>${(items) => (items.length === 0
      ? html`<${Empty} icon="list-checks" title="No criteria yet" action=${create}>
          Say what judges look at, such as poise or technique, with the range of marks and what they weigh. They
          stand on the sheet in this order.<//>`
      : html`<${DeletableTable} kind="criterion" manage=${manage} caption="Criteria" columns=${columns} rows=${items}
          consequence=${consequence} onChanged=${criteria.reload} />`)}<//>
    ${open === 'one' && html`<${EditorDialog} kind="criterion" parentId=${category.id} onClose=${() => setOpen(null)}
      initial=${{ position: String(nextPosition(criteria.data)) }} onDone=${done} />`}
    ${open === 'order' && html`<${OrderDialog} kind="criterion" items=${criteria.data} text=${({ name }) => name}
      onClose=${done} onDone=${done} />`}`;
}
