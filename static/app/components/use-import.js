/**
 * The import on a page: its button and, apart from it, its dialog. The button of an empty list goes as soon as something is
 * imported; the dialog, with what it has to say, stays.
 */
import { html, useState } from '../lib/view.js';
import { can } from '../lib/session.js';
import { Button } from './button.js';
import { ImportDialog } from './import-dialog.js';

/**
 * @param {{what: string, contestId?: string, label?: string, onChanged: () => void}} options
 * @returns {{button: any, dialog: any}} to be placed on the page
 */
export function useImport({ what, contestId, label = 'Import', onChanged }) {
  const [open, setOpen] = useState(false);
  return {
    button: can('bulk.run') && html`<${Button} icon="upload" onClick=${() => setOpen(true)}>${label}<//>`,
    dialog: open && html`<${ImportDialog} what=${what} contestId=${contestId} onChanged=${onChanged}
      onClose=${() => setOpen(false)} />`,
  };
}
