/** Asks an operator why they want to act in a tenant, and takes them there. */
import { html } from '../lib/view.js';
import { askToAct, enter } from '../lib/acting.js';
import { ReasonDialog } from './reason-dialog.js';

/**
 * @param {{tenant: {name: string, slug: string}, created?: boolean, onClose: () => void}} props `created`: just now, so
 * that nobody can sign in to it yet
 */
export function ActDialog({ tenant: { name, slug }, created = false, onClose }) {
  return html`
    <${ReasonDialog} title=${created ? `First administrator of “${name}”` : `Act in “${name}”`}
      action="Act in this tenant" given=${created ? 'To create its first administrator.' : ''}
      run=${(reason) => askToAct(slug, reason)} onDone=${(session) => enter(session, created ? '/users' : '/')}
      onClose=${onClose}>
      ${created && html`<p>Nobody can sign in to “${name}” yet. Act in it to create its first administrator, who then
        creates everybody else’s account.</p>`}
      <p>You do the work of an administrator there until you end it. The audit logs of both tenants tell your reason, and
        all that you do bears your name.</p>
    <//>`;
}
