/** The dialog that sends a test to a webhook or an action, and follows it until it has ended. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { nouns } from '../lib/nouns.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { FollowedDelivery } from './followed-delivery.js';
import { Problem } from './notice.js';

const arrived = {
  webhook: 'The test has arrived. It is told of what happens from now on.', action: 'The test has arrived.',
};

/** @param {{kind: 'webhook'|'action', hook: {id: string, name: string}, onClose: () => void}} props */
export function HookTestDialog({ kind, hook, onClose }) {
  const [sent, setSent] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      setSent(await post(`${nouns[kind].item(hook.id)}/test`));
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  useEffect(() => {
    send();
  }, []);
  return html`
    <${Dialog} title="Test of “${hook.name}”" onClose=${onClose} footer=${html`
      ${sent && html`<${Button} href="#/deliveries/${sent.id}">All about it<//>`}
      <${Button} icon="send" busy=${busy} onClick=${send}>Send another<//>
      <${Button} kind="primary" onClick=${onClose}>Done<//>`}>
      <${Problem} error=${error} onRetry=${send} />
      <div role="status" class="stack">
        ${sent ? html`<${FollowedDelivery} key=${sent.id} id=${sent.id} arrived=${arrived[kind]} />`
          : !error && html`<p>Sending…</p>`}</div>
    <//>`;
}
