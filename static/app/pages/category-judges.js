/** The judges of a category. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge, StateBadges } from '../components/badge.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { RowActions } from '../components/row-actions.js';
import { SeveralDialog } from '../components/several-dialog.js';
import { Table } from '../components/table.js';

const statusBadges = {
  active: html`<${Badge} tone="success">Active<//>`,
  ended: html`<${Badge}>Has left<//>`,
  absent: html`<${Badge} tone="warning">Did not come<//>`,
};

const consequence = 'The assignment goes to the trash, and the judge’s sheets go out of sight. '
  + 'If the judge only leaves early, edit the status instead: marks given then stay.';

export function CategoryJudges({ category, frozen }) {
  const path = `/categories/${category.id}/assignments`;
  const assignments = useList(path);
  const [open, setOpen] = useState(null);
  const manage = can('events.manage') && !frozen;
  const done = () => {
    setOpen(null);
    assignments.reload();
  };
  const assign = (name, judge) => [
    { op: 'create', type: 'judge', body: { name } },
    { op: 'create', type: 'assignment', parent: category.id, body: { judgeId: judge } },
  ];
  const add = manage && html`
    <div class="actions">
      ${can('people.manage') && html`<${Button} icon="gavel" onClick=${() => setOpen('several')}>
        Add new judges<//>`}
      <${Button} kind="primary" icon="plus" onClick=${() => setOpen('one')}>Assign judge<//>
    </div>`;
  const columns = [
    { label: 'Judge', kind: 'main', cell: (assignment) => html`${assignment.judgeName}
      <${StateBadges} of=${assignment} />` },
    { label: 'Status', cell: ({ status }) => statusBadges[status] },
    manage && { label: 'Actions', kind: 'row-actions', cell: (assignment) => html`
      <${RowActions} kind="assignment" resource=${assignment} onChanged=${assignments.reload}
        consequence=${consequence} />` },
  ].filter(Boolean);
  return html`
    ${assignments.data?.length > 0 && html`<div class="toolbar">${add}</div>`}
    <${Loaded} state=${assignments}>${(items) => (items.length === 0
      ? html`<${Empty} icon="gavel" title="No judges yet" action=${add}>
          Assign judges from the register. Each scores every entrant of the category on an own sheet.<//>`
      : html`<${Table} caption="Judges" columns=${columns} rows=${items} />`)}<//>
    ${open === 'one' && html`<${EditorDialog} kind="assignment" parentId=${category.id}
      without=${assignments.data?.map(({ judgeId }) => judgeId)} onClose=${() => setOpen(null)} onDone=${done} />`}
    ${open === 'several' && html`<${SeveralDialog} title="Add new judges" nouns=${['judge', 'judges']}
      operations=${assign} onClose=${() => setOpen(null)} onDone=${done}
      hint="Each name becomes a judge of this category. Invite them on the page Invitations of the contest." />`}`;
}
