/** What can be done to an event, a contest or a category as a whole, from editing to deleting. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { download } from '../lib/download.js';
import { filesOf } from '../lib/file-words.js';
import { labelOf, nouns } from '../lib/nouns.js';
import { useResource } from '../lib/resource.js';
import { go } from '../lib/router.js';
import { can, tenantWide } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { CloneDialog } from './clone-dialog.js';
import { DeleteDialog } from './delete-dialog.js';
import { Dialog } from './dialog.js';
import { EditorDialog } from './editor-dialog.js';
import { Icon } from './icon.js';
import { KeepDialog } from './keep-dialog.js';
import { Menu } from './menu.js';
import { Problem } from './notice.js';

const lock = { verb: 'lock', label: 'Lock', icon: 'lock', said: 'is locked: nothing in it can change' };
const unlock = { verb: 'unlock', label: 'Unlock', icon: 'lock-open', said: 'is unlocked' };
const archive = { verb: 'archive', label: 'Archive', icon: 'archive', said: 'is archived: it is kept for reading' };
const unarchive = { verb: 'unarchive', label: 'Unarchive', icon: 'undo-2', said: 'is no longer archived' };

/**
 * Locking and archiving, as far as a lock allows it: a lock above leaves nothing, one's own only to unlock, unless that
 * takes two people, who have a notice of their own.
 */
function statesFor({ lockedAt, archivedAt }, frozen, alone) {
  if (frozen?.state === 'locked') return frozen.itself && alone ? [unlock] : [];
  return [lockedAt ? unlock : lock, archivedAt ? unarchive : archive];
}

/**
 * @param {{kind: string, resource: object, context?: object, frozen: object|null, onChanged: () => void,
 *   onDeleted: () => void}} props `frozen`: what keeps it from changing, if anything does
 */
export function ResourceActions({ kind, resource, context, frozen, onChanged, onDeleted }) {
  const [open, setOpen] = useState(null);
  const [error, setError] = useState(null);
  const close = () => setOpen(null);
  const path = nouns[kind].item(resource.id);
  const label = labelOf(kind, resource);
  const run = async ({ verb, said }) => {
    try {
      await post(`${path}/${verb}`);
      toast(`“${label}” ${said}.`);
      onChanged();
    } catch (failure) {
      setError(failure);
    }
  };
  const exported = async () => {
    try {
      await download(`/exports/events/${resource.id}`, `${label}.json`);
    } catch (failure) {
      setError(failure);
    }
  };
  const item = (action, onClick, tone) => html`
    <button type="button" class=${tone} data-closes onClick=${onClick}>
      <${Icon} name=${action.icon} />${action.label}</button>`;
  const asks = kind !== 'category' && frozen?.state === 'locked' && can('locks.manage');
  const settings = useResource(asks ? '/settings' : null);
  const alone = !asks || settings.data?.twoPersonUnlock === false;
  const states = can('locks.manage') ? statesFor(resource, frozen, alone) : [];
  const deletable = can('events.manage') && frozen?.state !== 'locked';
  const clonable = kind === 'event' && can('events.manage') && tenantWide.value;
  const keepable = can('templates.manage');
  const exportable = kind === 'event' && can('exports.read');
  const filed = can('files.read');
  return html`
    ${can('events.manage') && !frozen && html`<${Button} icon="pencil" onClick=${() => setOpen('edit')}>Edit<//>`}
    ${(states.length > 0 || deletable || clonable || keepable || exportable || filed) && html`<${Menu} kind="more"
      summary=${html`<span>More<span class="visually-hidden"> actions for this ${kind}</span></span>
        <${Icon} name="chevron-down" size="s" />`}>
      ${filed && item({ icon: 'paperclip', label: 'Files' }, () => go(filesOf(kind, resource.id)))}
      ${clonable && item({ icon: 'copy', label: 'Once more' }, () => setOpen('clone'))}
      ${keepable && item({ icon: 'layout-template', label: 'Keep as template' }, () => setOpen('keep'))}
      ${exportable && item({ icon: 'download', label: 'Export all of it' }, exported)}
      ${states.map((action) => item(action, () => run(action)))}
      ${deletable && item({ icon: 'trash-2', label: `Delete ${kind}` }, () => setOpen('delete'), 'danger')}
    <//>`}
    ${error && html`<${Dialog} title="That did not work" onClose=${() => setError(null)}>
      <${Problem} error=${error} /><//>`}
    ${open === 'edit' && html`<${EditorDialog} kind=${kind} resource=${resource} context=${context} onClose=${close}
      onDone=${() => { close(); onChanged(); }} />`}
    ${open === 'clone' && html`<${CloneDialog} event=${resource} onClose=${close} />`}
    ${open === 'keep' && html`<${KeepDialog} kind=${kind} resource=${resource} onClose=${close} />`}
    ${open === 'delete' && html`<${DeleteDialog} what=${kind} name=${label} path=${path} version=${resource.version}
      onClose=${close} onDone=${onDeleted} onRestored=${onDeleted} />`}`;
}
