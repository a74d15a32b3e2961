/** The webhooks: who is told of what happens, how they fare, their secrets, and trying them. */
import { html, useEffect, useState } from '../lib/view.js';
import { turnsTrash } from '../lib/concerns.js';
import { webhookState } from '../lib/hook-words.js';
import { formatDateTime } from '../lib/format.js';
import { useList, useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { useRefreshing } from '../lib/use-refreshing.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { HookItem } from '../components/hook-item.js';
import { HookTestDialog } from '../components/hook-test-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { SecretDialog } from '../components/secret-dialog.js';

const consequence = 'The webhook goes to the trash and is told no more. What waits for it becomes dead letters.';

const ofWebhooks = { on: ({ type }) => type === 'webhook' };
// One that was deleted is not asked how it fares.
const ofHealth = { on: (change) => change.type === 'webhook' && !turnsTrash(change) };

/** How often one looks how webhooks fare, which nobody tells, in milliseconds. */
const healthMs = 5_000;

export function WebhooksPage() {
  const hooks = useList('/webhooks', ofWebhooks);
  const [open, setOpen] = useState(null);
  const [looks, setLooks] = useState(0);
  const close = () => {
    setOpen(null);
    setLooks((n) => n + 1);
    hooks.reload();
  };
  const create = can('hooks.manage') && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen({ create: true })}>New webhook<//>`;
  return html`
    <${Page} title="Webhooks" actions=${hooks.data?.length > 0 && create}
      intro=${html`<p>Programs that are told of what happens, by the Standard Webhooks specification. What does not arrive
        is tried again for three days.</p>`}>
      <${Loaded} state=${hooks}>${(items) => (items.length === 0
        ? html`<${Empty} icon="webhook" title="No webhooks yet" action=${create}>
            A program of yours gives an address, and is told of what you choose as soon as it happens.<//>`
        : html`<ul class="stack">${items.map((hook) => html`
          <${Webhook} key=${hook.id} hook=${hook} looks=${looks} onOpen=${setOpen} onChanged=${hooks.reload} />`)}</ul>`)}<//>
      ${open?.create && html`<${EditorDialog} kind="webhook" onClose=${() => setOpen(null)}
        onDone=${(hook) => { hooks.reload(); setOpen({ secretOf: hook, first: true }); }} />`}
      ${open?.secretOf && html`<${SecretDialog} hook=${open.secretOf} first=${open.first} onClose=${close} />`}
      ${open?.tried && html`<${HookTestDialog} kind="webhook" hook=${open.tried} onClose=${close} />`}
    <//>`;
}

/** @param {{looks: number}} props `looks` grows when something was done by which it may fare differently */
function Webhook({ hook, looks, onOpen, onChanged }) {
  const health = useResource(`/webhooks/${hook.id}/health`, ofHealth);
  useEffect(() => {
    if (looks > 0) health.reload();
  }, [looks]);
  useRefreshing(health, healthMs);
  const until = health.data?.previousSecretUntil;
  return html`
    <${HookItem} kind="webhook" hook=${hook} state=${webhookState(hook, health.data)} told="Told of"
      consequence=${consequence} onTest=${() => onOpen({ tried: hook })} onChanged=${onChanged}
      facts=${until && Date.parse(until) > Date.now() && html`
        <div><dt>Secret until now</dt><dd>goes on until ${formatDateTime(until)}</dd></div>`}
      buttons=${html`<${Button} icon="key-round" aria-label="New secret: ${hook.name}"
        onClick=${() => onOpen({ secretOf: hook, first: health.data?.hasSecret === false })}>New secret<//>`} />`;
}
