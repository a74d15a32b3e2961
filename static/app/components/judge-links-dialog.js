/** The links of one judge: making one, and releasing, re-pinning or revoking those there are. */
import { html, useState } from '../lib/view.js';
import { post, remove } from '../lib/api.js';
import { useAttempt } from '../lib/attempt.js';
import { formatDateTime } from '../lib/format.js';
import { isWorking, lastUse, linkStates } from '../lib/invitations.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Dialog } from './dialog.js';
import { Empty, Loaded, Notice, Problem } from './notice.js';
import { NewInvitation } from './new-invitation.js';

/**
 * @param {{judge: {id: string, name: string}, frame?: {event?: string, contest: string}, onClose: () => void}} props
 * `frame`: what the printed sheet is for
 */
export function JudgeLinksDialog({ judge, frame, onClose }) {
  const links = useList(`/judges/${judge.id}/links`);
  const [made, setMade] = useState(null);
  const [pin, setPin] = useState(null);
  const [revoking, setRevoking] = useState(null);
  const { attempt, busy, error } = useAttempt(links.reload);
  const create = attempt(async () => {
    setPin(null);
    setMade(await post(`/judges/${judge.id}/links`));
  });
  const release = (link) => attempt(async () => {
    await post(`/judge-links/${link.id}/release`);
    toast(`The link of ${judge.name} is free for another device.`);
  });
  const renew = (link) => attempt(async () => {
    setMade(null);
    setPin((await post(`/judge-links/${link.id}/pin`)).pin);
  });
  const revoke = (link) => attempt(async () => {
    await remove(`/judge-links/${link.id}`);
    setRevoking(null);
    if (made?.id === link.id) setMade(null);
    toast(`A link of ${judge.name} is revoked.`);
  });
  const manage = can('judgeLinks.manage');
  const actions = (link) => html`
    <div class="actions">
      <${Button} icon="lock-open" onClick=${release(link)}>Release<//>
      <${Button} icon="key-round" onClick=${renew(link)}>New PIN<//>
      ${manage && html`<${Button} icon="ban" onClick=${() => setRevoking(link)}>Revoke<//>`}
    </div>`;
  const row = (link) => html`
    <li key=${link.id}>
      <p><${Badge} ...${linkStates[link.state]}>${linkStates[link.state].label}<//> ${lastUse(link)}</p>
      <p class="muted">Made ${formatDateTime(link.createdAt)}, works until ${formatDateTime(link.expiresAt)}</p>
      ${isWorking(link) && actions(link)}
    </li>`;
  return html`
    <${Dialog} title="Links of ${judge.name}" wide onClose=${onClose} footer=${html`
      ${manage && html`<${Button} kind=${made ? 'plain' : 'primary'} icon="plus" busy=${busy} onClick=${create}>
        New link<//>`}
      <${Button} kind=${made ? 'primary' : 'plain'} onClick=${onClose}>Done<//>`}>
      <${Problem} error=${error} />
      ${made && html`<${NewInvitation} invitation=${made} frame=${frame} />`}
      ${pin && html`
        <${Notice} tone="warning" title="The new PIN, which is not shown again">
          <p class="pin-shown"><${Copyable} text=${pin} label="PIN" short=${false} /></p>
          <p>The one on the printed sheet is void; the code to scan stays as it is.</p><//>`}
      ${revoking && html`
        <${Notice} tone="danger" role="alert" title="Revoke this link for good?">
          <p>Whoever judges by it is signed out at once. Submitted sheets stay.</p>
          <div class="actions">
            <${Button} onClick=${() => setRevoking(null)}>Keep it<//>
            <${Button} kind="danger" onClick=${revoke(revoking)}>Revoke the link<//>
          </div><//>`}
      <${Loaded} state=${links}>${(items) => (items.length === 0 && !made
        ? html`<${Empty} icon="link" title="No link yet">A link lets ${judge.name} judge without an account: a code to
            scan, and a PIN.<//>`
        : html`<ul class="link-list">${items.toReversed().map(row)}</ul>`)}<//>
    <//>`;
}
