/** Edit and delete of one row of a list, and its files. */
import { html, useState } from '../lib/view.js';
import { aboutKinds, filesOf } from '../lib/file-words.js';
import { labelOf, nouns } from '../lib/nouns.js';
import { can } from '../lib/session.js';
import { IconButton } from './button.js';
import { DeleteDialog } from './delete-dialog.js';
import { EditorDialog } from './editor-dialog.js';

/**
 * @param {{kind: string, resource: object, context?: object, consequence?: string, editable?: boolean,
 *   onChanged: () => void}} props
 */
export function RowActions({ kind, resource, context, consequence, editable = true, onChanged }) {
  const [open, setOpen] = useState(null);
  const noun = nouns[kind];
  const label = labelOf(kind, resource);
  const done = () => {
    setOpen(null);
    onChanged();
  };
  return html`
    ${aboutKinds.includes(kind) && can('files.read') && html`
      <${IconButton} icon="paperclip" label="Files of ${label}" href="#${filesOf(kind, resource.id)}" />`}
    ${editable && html`<${IconButton} icon="pencil" label="Edit ${label}" onClick=${() => setOpen('edit')} />`}
    <${IconButton} icon="trash-2" label="Delete ${label}" onClick=${() => setOpen('delete')} />
    ${open === 'edit' && html`<${EditorDialog} kind=${kind} resource=${resource} context=${context}
      onClose=${() => setOpen(null)} onDone=${done} />`}
    ${open === 'delete' && html`<${DeleteDialog} what=${noun.one} name=${label} path=${noun.item(resource.id)}
      version=${resource.version} consequence=${consequence} onClose=${() => setOpen(null)} onDone=${done}
      onRestored=${onChanged} />`}`;
}
