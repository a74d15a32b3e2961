/** Unlocking an event or contest by two people: asking, and what another one decides. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { formatDateTime } from '../lib/format.js';
import { nouns } from '../lib/nouns.js';
import { useResource } from '../lib/resource.js';
import { can, session } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Notice, Problem } from './notice.js';
import { ReasonDialog } from './reason-dialog.js';

/** @param {{kind: 'event'|'contest', resource: object, onChanged: () => void}} props */
export function UnlockRequest({ kind, resource, onChanged }) {
  const path = `${nouns[kind].item(resource.id)}/unlock-requests`;
  const shown = Boolean(resource.lockedAt) && can('locks.approve');
  const requests = useResource(shown ? path : null, { on: ({ id }) => id === resource.id });
  const settings = useResource(shown ? '/settings' : null);
  const [open, setOpen] = useState(null);
  const [error, setError] = useState(null);
  if (!shown || !requests.data) return null;
  const request = requests.data.items[0];
  const close = () => setOpen(null);
  const decided = (said) => {
    close();
    toast(said);
    requests.reload();
    onChanged();
  };
  const ask = (reason) => post(path, { reason });
  const refuse = (reason) => post(`${path}/refuse`, { reason }, { ifMatch: request.version });
  const approve = async () => {
    try {
      await post(`${path}/approve`, {}, { ifMatch: request.version });
      decided(`The ${kind} is unlocked.`);
    } catch (failure) {
      setError(failure);
      requests.reload();
    }
  };
  return html`
    <${Problem} error=${error} />
    ${request ? html`<${Open} kind=${kind} request=${request} approve=${approve} refuse=${() => setOpen('refuse')} />`
      : settings.data?.twoPersonUnlock && can('locks.manage') && html`
        <${Notice} title="It takes two people to unlock this ${kind}">
          <p>You ask with a reason; another administrator, organizer or board member approves within a day.</p>
          <${Button} icon="lock-open" onClick=${() => setOpen('ask')}>Ask to unlock<//><//>`}
    ${open === 'ask' && html`<${ReasonDialog} title="Ask to unlock this ${kind}" action="Ask" run=${ask} onClose=${close}
      onDone=${() => decided('Somebody else can approve it now.')} />`}
    ${open === 'refuse' && html`<${ReasonDialog} title="Refuse to unlock this ${kind}" action="Refuse" run=${refuse}
      onClose=${close} onDone=${() => decided(`The ${kind} stays locked.`)} />`}`;
}

function Open({ kind, request, approve, refuse }) {
  const { requestedBy, requestedByName, reason, requestedAt, expiresAt } = request;
  const own = (requestedBy.owner ?? requestedBy.id) === session.value.user.id;
  return html`
    <${Notice} tone="warning" title=${own ? `You have asked to unlock this ${kind}`
      : `${requestedByName} asks to unlock this ${kind}`}>
      <p>“${reason}”</p>
      <p>Asked ${formatDateTime(requestedAt)}, open until ${formatDateTime(expiresAt)}. ${own
        ? 'Another administrator, organizer or board member has to approve.'
        : 'Once you approve, it can be changed again; the audit log names you both.'}</p>
      ${!own && html`<div class="actions">
        <${Button} kind="primary" icon="lock-open" onClick=${approve}>Approve and unlock<//>
        <${Button} icon="ban" onClick=${refuse}>Refuse<//></div>`}
    <//>`;
}
