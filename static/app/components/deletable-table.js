/** A table whose rows can be chosen and deleted together. */
import { html, useState } from '../lib/view.js';
import { labelOf } from '../lib/nouns.js';
import { can } from '../lib/session.js';
import { useSelection } from '../lib/use-selection.js';
import { Button } from './button.js';
import { DeleteManyDialog } from './delete-many-dialog.js';
import { SelectionBar } from './selection-bar.js';
import { Table } from './table.js';

/**
 * @param {{kind: string, manage: boolean, rows: object[], consequence: string, onChanged: () => void, caption: string,
 *   columns: object[]}} props without `manage` it is a plain table; the rest is the table's
 */
export function DeletableTable({ kind, manage, rows, consequence, onChanged, ...table }) {
  const selection = useSelection(rows);
  const [deleting, setDeleting] = useState(null);
  // One row has its own button; choosing begins to help with two.
  if (!manage || !can('bulk.run') || rows.length < 2) return html`<${Table} rows=${rows} ...${table} />`;
  const done = () => {
    setDeleting(null);
    selection.clear();
    onChanged();
  };
  return html`
    <${Table} rows=${rows} ...${table} selection=${selection} rowName=${(row) => labelOf(kind, row)} />
    <${SelectionBar} selection=${selection}>
      <${Button} kind="danger-quiet" icon="trash-2" onClick=${() => setDeleting(selection.selected)}>Delete selected<//>
    <//>
    ${deleting && html`<${DeleteManyDialog} kind=${kind} items=${deleting} consequence=${consequence} onDone=${done}
      onChanged=${onChanged} onClose=${() => setDeleting(null)} />`}`;
}
