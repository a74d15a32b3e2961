/** Conflicts of interest between judges and contestants: a list with a form. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Button } from './button.js';
import { EditorDialog } from './editor-dialog.js';
import { Loaded } from './notice.js';
import { RowActions } from './row-actions.js';
import { Table } from './table.js';
import { useImport } from './use-import.js';

export function Conflicts() {
  const conflicts = useList('/conflicts');
  const [creating, setCreating] = useState(false);
  const manage = can('conflicts.manage');
  const imported = useImport({ what: 'conflicts', label: 'Import conflicts', onChanged: conflicts.reload });
  const columns = [
    { label: 'Judge', kind: 'main', cell: ({ judgeName, reason }) => html`${judgeName} <small>${reason}</small>` },
    { label: 'Contestant', cell: ({ contestantName }) => contestantName },
    manage && { label: 'Actions', kind: 'row-actions', cell: (conflict) => html`
      <${RowActions} kind="conflict" resource=${conflict} onChanged=${conflicts.reload}
        consequence="The judge may score the contestant again; a sheet that is there counts again." />` },
  ].filter(Boolean);
  return html`
    <section>
      <div class="toolbar"><h2>Conflicts of interest</h2>
        ${manage && html`${imported.button}
          <${Button} icon="plus" onClick=${() => setCreating(true)}>New conflict<//>`}</div>
      <${Loaded} state=${conflicts}>${(items) => (items.length === 0
        ? html`<p>None is declared. A judge does not score a contestant with whom there is one, in any contest.</p>`
        : html`<${Table} caption="Conflicts of interest" columns=${columns} rows=${items} />`)}<//>
      ${imported.dialog}
      ${creating && html`<${EditorDialog} kind="conflict" onClose=${() => setCreating(false)}
        onDone=${() => { setCreating(false); conflicts.reload(); }} />`}
    </section>`;
}
