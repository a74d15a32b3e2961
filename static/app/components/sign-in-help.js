/** What an administrator can do for somebody who cannot sign in, or should not be signed in. */
import { html, useState } from '../lib/view.js';
import { post, remove } from '../lib/api.js';
import { formatDateTime } from '../lib/format.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Dialog } from './dialog.js';
import { Notice, Problem } from './notice.js';
import { SessionTable, useSessions } from './session-table.js';

/** How an account signs in, as badges; nothing where all is as usual. */
export function SignInBadges({ signIn }) {
  if (!signIn) return null;
  return html`<span class="badges">
    ${signIn.resetRequestedAt && html`<${Badge} tone="warning" title=${formatDateTime(signIn.resetRequestedAt)}>
      Asked for a new password<//>`}
    ${!signIn.hasPassword && html`<${Badge}>No password yet<//>`}
    ${signIn.mustChangePassword && html`<${Badge}>Must change password<//>`}
    ${signIn.secondFactor && html`<${Badge} tone="success">Authenticator app<//>`}
  </span>`;
}

/** @param {{user: object, onClose: () => void}} props */
export function SignInHelp({ user, onClose }) {
  const path = `/users/${user.id}`;
  const sessions = useSessions(`${path}/sessions`);
  const [link, setLink] = useState(null);
  const [said, setSaid] = useState('');
  const [removed, setRemoved] = useState(false);
  const [error, setError] = useState(null);
  const run = (work, text) => async () => {
    setError(null);
    setSaid('');
    try {
      await work();
      setSaid(text);
    } catch (failure) {
      setError(failure);
    }
  };
  const makeLink = run(async () => setLink(await post(`${path}/reset-link`)), 'The link is made.');
  const unlock = run(() => post(`${path}/unlock`), 'They need not wait after wrong passwords any more.');
  const removeFactor = run(async () => {
    await remove(`${path}/totp`);
    setRemoved(true);
  }, 'The authenticator app is removed.');
  const endAll = run(async () => {
    await remove(`${path}/sessions`);
    sessions.reload();
  }, 'They are signed out everywhere.');
  return html`
    <${Dialog} title="Sign-in of ${user.name}" wide onClose=${onClose}
      footer=${html`<${Button} kind="primary" onClick=${onClose}>Done<//>`}>
      <${SignInBadges} signIn=${user.signIn} />
      <div class="sign-in-help">
        <${Button} icon="link" onClick=${makeLink}>Make a link to set a password<//>
        <${Button} icon="lock-open" onClick=${unlock}>Forgive wrong passwords<//>
        ${user.signIn?.secondFactor && !removed && html`
          <${Button} icon="shield-check" onClick=${removeFactor}>Remove authenticator app<//>`}
        ${sessions.items.length > 0 && html`<${Button} icon="log-out" onClick=${endAll}>Sign out everywhere<//>`}
      </div>
      <p role="status" class="muted">${said}</p>
      <${Problem} error=${error} />
      ${link && html`<${Notice} tone="warning" title="Give it to ${user.name} now: it is not shown again">
        <p>It works once, until ${formatDateTime(link.expiresAt)}.</p>
        <p><${Copyable} text=${link.url} label="link" short=${false} /></p><//>`}
      <h3>Sessions</h3>
      <${SessionTable} sessions=${sessions} />
    <//>`;
}
