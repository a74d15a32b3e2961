/** One webhook or action of the list: where it goes, on what, how it fares, and what can be done with it. */
import { html } from '../lib/view.js';
import { patch } from '../lib/api.js';
import { everything, inShort } from '../lib/event-patterns.js';
import { nouns } from '../lib/nouns.js';
import { can } from '../lib/session.js';
import { toast, toastError } from '../lib/toasts.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { RowActions } from './row-actions.js';

/**
 * @param {{kind: 'webhook'|'action', hook: object, state: {text: string, tone: string, icon: string, why: string}|null,
 *   told: string, facts?: any, buttons?: any, consequence: string, onTest: () => void, onChanged: () => void}} props
 * `told` stands before the events; `buttons` are those of its kind
 */
export function HookItem({ kind, hook, state, told, facts, buttons, consequence, onTest, onChanged }) {
  const { id, name, url, events, enabled, version } = hook;
  const { shown, more } = inShort(events);
  const turn = async () => {
    try {
      await patch(nouns[kind].item(id), { enabled: !enabled }, version);
      toast(enabled ? `“${name}” is switched off.` : `“${name}” is switched on.`);
    } catch (error) {
      toastError(error);
    }
    onChanged();
  };
  const log = can('deliveries.read') && html`
    <${Button} icon="list-ordered" href="#/deliveries?hook=${id}" aria-label="Deliveries: ${name}">Deliveries<//>`;
  return html`
    <li class="record">
      <div class="record-head">
        <div class="record-title"><h2>${name}</h2>
          ${state && html`<${Badge} tone=${state.tone} icon=${state.icon}>${state.text}<//>`}</div>
        ${can('hooks.manage') && html`<div class="actions">
          <${RowActions} kind=${kind} resource=${hook} consequence=${consequence} onChanged=${onChanged} /></div>`}
      </div>
      ${state?.why && html`<p>${state.why}</p>`}
      <dl class="record-facts">
        <div><dt>Address</dt><dd><code>${url}</code></dd></div>
        <div><dt>${told}</dt><dd class="patterns">${shown.map((pattern) => html`<code key=${pattern}>${pattern}</code> `)}
          ${events.includes(everything) && 'everything'}${more > 0 && `and ${more} more`}</dd></div>
        ${facts}
      </dl>
      <div class="actions">
        ${can('hooks.manage') && html`
          <${Button} icon="send" aria-label="Send a test: ${name}" onClick=${onTest}>Send a test<//>${buttons}
          <${Button} icon=${enabled ? 'ban' : 'check'} aria-label="Switch ${enabled ? 'off' : 'on'}: ${name}" onClick=${turn}>
            Switch ${enabled ? 'off' : 'on'}<//>`}
        ${log}
      </div>
    </li>`;
}
