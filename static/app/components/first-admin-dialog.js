/**
 * How a tenant gets its first administrator. No tenant sees into another, the operators' included, so the account is
 * made by whoever runs the server's machine.
 */
import { html } from '../lib/view.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Dialog } from './dialog.js';

/** @param {{tenant: {name: string, slug: string}, onClose: () => void}} props */
export function FirstAdminDialog({ tenant: { name, slug }, onClose }) {
  const command = `event-manager user create --tenant ${slug} --role ADMIN --email EMAIL --name NAME`;
  return html`
    <${Dialog} title="First administrator of “${name}”" onClose=${onClose}
      footer=${html`<${Button} kind="primary" onClick=${onClose}>Done<//>`}>
      <p>On the machine of this server, run this with the e-mail and the name of the person. It prints a password to
        hand over.</p>
      <p class="command"><${Copyable} text=${command} label="command" short=${false} /></p>
      <p class="muted">They sign in at the usual address. If their e-mail is known in several organisations, they
        choose “${slug}”. Everybody else’s account they create themselves.</p>
    <//>`;
}
