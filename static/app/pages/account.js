/** One's own account: password, authenticator app, sessions, and API tokens for programs. */
import { html, useState } from '../lib/view.js';
import { post, remove } from '../lib/api.js';
import { formatDateTime, list, words } from '../lib/format.js';
import { places } from '../lib/places.js';
import { useList } from '../lib/resource.js';
import { can, homeTenant, session } from '../lib/session.js';
import { toast, toastError } from '../lib/toasts.js';
import { Badge } from '../components/badge.js';
import { Button, IconButton } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { Empty, Loaded, Problem } from '../components/notice.js';
import { NewTokenDialog } from '../components/new-token-dialog.js';
import { Page, Section } from '../components/page.js';
import { PasswordDialog } from '../components/password-dialog.js';
import { SecondFactor } from '../components/second-factor.js';
import { SessionTable, useSessions } from '../components/session-table.js';
import { Table } from '../components/table.js';

export function AccountPage() {
  const [changing, setChanging] = useState(false);
  const { user, grants, judge, tenant, acting } = session.value;
  const change = user && html`<${Button} icon="key-round" onClick=${() => setChanging(true)}>Change password<//>`;
  return html`
    <${Page} title="Account" actions=${change}>
      <dl class="details">
        ${user ? html`<div><dt>Name</dt><dd>${user.name}</dd></div>
          <div><dt>E-mail</dt><dd>${user.email}</dd></div>`
          : html`<div><dt>Signs in</dt><dd>By personal link and PIN</dd></div>`}
        <div><dt>Roles</dt><dd>${list([...new Set(grants.map(({ role }) => words(role)))])}</dd></div>
        ${judge && html`<div><dt>Scores as</dt><dd>${judge.name}</dd></div>`}
        ${!acting && html`<div><dt>Organisation</dt><dd>${tenant.name}</dd></div>`}
        ${user && html`<div><dt>Its short name to sign in</dt><dd><code>${homeTenant.value}</code></dd></div>`}
      </dl>
      ${places().length === 0 && html`<${Empty} icon="info" title="Nothing else to see yet">
        Your role has no other pages. If you expected more, ask an organiser.<//>`}
      ${user && can('account.secondFactor') && html`<${SecondFactor} />`}
      ${user && can('account.sessions') && html`<${Sessions} />`}
      ${can('tokens.manage') && html`<${Tokens} />`}
      ${changing && html`<${PasswordDialog} title="Change password" own onClose=${() => setChanging(false)}
        save=${(newPassword, currentPassword) => post('/auth/password', { currentPassword, newPassword })}
        onDone=${() => { setChanging(false); toast('Password changed.'); }} />`}
    <//>`;
}

function Sessions() {
  const sessions = useSessions('/me/sessions');
  const endOthers = async () => {
    try {
      await remove('/me/sessions');
      toast('You are signed out everywhere else.');
    } catch (error) {
      toastError(error);
    }
    sessions.reload();
  };
  const actions = sessions.items.length > 1
    && html`<${Button} icon="log-out" onClick=${endOthers}>Sign out everywhere else<//>`;
  return html`<${Section} title="Where you are signed in" actions=${actions}>
    <${SessionTable} sessions=${sessions} /><//>`;
}

function Tokens() {
  const tokens = useList('/tokens');
  const [open, setOpen] = useState(null);
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ name }) => name },
    { label: 'Roles', cell: ({ grants }) => list(grants.map(({ role }) => words(role))) },
    { label: 'Expires', cell: ({ expiresAt }) => formatDateTime(expiresAt) },
    { label: 'Actions', kind: 'row-actions', cell: (token) => (token.revokedAt
      ? html`<${Badge} title=${formatDateTime(token.revokedAt)}>Revoked<//>` : html`
      <${IconButton} icon="ban" label="Revoke ${token.name}" onClick=${() => setOpen({ revoke: token })} />`) },
  ];
  const create = html`
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen({ create: true })}>New token<//>`;
  const close = () => {
    setOpen(null);
    tokens.reload();
  };
  return html`
    <${Section} title="API tokens" actions=${tokens.data?.length > 0 && create}>
      <${Loaded} state=${tokens}>${(items) => (items.length === 0
        ? html`<${Empty} icon="key-round" title="No tokens yet" action=${create}>
            A token lets a program use the API in place of a person, with its own roles and an end.<//>`
        : html`<${Table} caption="API tokens" columns=${columns} rows=${items} />`)}<//>
      ${open?.create && html`<${NewTokenDialog} onClose=${close} />`}
      ${open?.revoke && html`<${RevokeDialog} token=${open.revoke} onClose=${close} />`}
    <//>`;
}

function RevokeDialog({ token, onClose }) {
  const [error, setError] = useState(null);
  const revoke = async () => {
    try {
      await remove(`/tokens/${token.id}`);
      toast(`“${token.name}” is revoked.`);
      onClose();
    } catch (failure) {
      setError(failure);
    }
  };
  return html`
    <${Dialog} title="Revoke “${token.name}”?" onClose=${onClose} onSubmit=${revoke} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//><${Button} kind="danger" type="submit">Revoke<//>`}>
      <${Problem} error=${error} />
      <p>Programs that use it are refused from now on. A revoked token cannot be restored.</p>
    <//>`;
}
