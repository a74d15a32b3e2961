/** The dialog that sends a test to a webhook or an action, and follows it until it has ended. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { isOver, stateOf } from '../lib/delivery-words.js';
import { nouns } from '../lib/nouns.js';
import { useResource } from '../lib/resource.js';
import { useRefreshing } from '../lib/use-refreshing.js';
import { Attempts, NextAttempt } from './attempts.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Loaded, Problem } from './notice.js';

/** How often the delivery is looked at: often as long as an attempt is under way, in milliseconds. */
const [underWayMs, waitingMs] = [400, 2_000];

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
        ${sent ? html`<${Followed} key=${sent.id} id=${sent.id} kind=${kind} />` : !error && html`<p>Sending…</p>`}</div>
    <//>`;
}

function Followed({ id, kind }) {
  const state = useResource(`/deliveries/${id}`, { still: true });
  const delivery = state.data;
  const ms = delivery?.state === 'waiting' && delivery.attemptsMade > 0 ? waitingMs : underWayMs;
  useRefreshing(state, delivery && isOver(delivery) ? null : ms);
  return html`<${Loaded} state=${state}>${(now) => {
    const { text, tone, icon } = stateOf(now);
    return html`
      <p><${Badge} tone=${tone} icon=${icon}>${text}<//></p>
      ${now.state === 'done' && html`<p>The test has arrived.
        ${kind === 'webhook' && ' It is told of what happens from now on.'}</p>`}
      ${now.state === 'dead' && html`<p>It did not arrive, and is not tried again.</p>`}
      <${NextAttempt} delivery=${now} />
      <${Attempts} delivery=${now} />`;
  }}<//>`;
}
