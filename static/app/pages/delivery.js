/** One delivery: where it goes, how far it is, every attempt, and what was sent. */
import { html, useState } from '../lib/view.js';
import { turnsDeliveries } from '../lib/concerns.js';
import { deliveryActs } from '../lib/delivery-acts.js';
import { ambiguity, carriers, doubtOf, lookAgainMs, readable } from '../lib/delivery-words.js';
import { formatPrecise, words } from '../lib/format.js';
import { useList, useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { useRefreshing } from '../lib/use-refreshing.js';
import { whoIn } from '../lib/who.js';
import { Attempts, NextAttempt } from '../components/attempts.js';
import { Button } from '../components/button.js';
import { Copyable } from '../components/copy.js';
import { Correlation } from '../components/correlation.js';
import { DeliveryBadges } from '../components/delivery-badges.js';
import { Loaded, Notice } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { ReaddressDialog } from '../components/readdress-dialog.js';
import { RequestId } from '../components/request-id.js';
import { RewriteDialog } from '../components/rewrite-dialog.js';

const crumbs = [{ label: 'Deliveries', href: '#/deliveries' }];

/** @param {{id: string}} props */
export function DeliveryPage({ id }) {
  const state = useResource(`/deliveries/${id}`, { on: turnsDeliveries });
  const delivery = state.data;
  useRefreshing(state, delivery ? lookAgainMs([delivery]) : null);
  const users = useList(can('users.read') ? '/users' : null);
  const { stop, again, elsewhere, rewritten } = delivery ? deliveryActs(delivery, state.reload) : {};
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const done = () => {
    close();
    state.reload();
  };
  return html`
    <${Page} title=${delivery?.title ?? 'Delivery'} crumbs=${crumbs}
      badges=${delivery && html`<${DeliveryBadges} delivery=${delivery} />`}
      actions=${html`
        ${stop && html`<${Button} icon="ban" onClick=${stop}>Stop<//>`}
        ${elsewhere && html`<${Button} icon="pencil" onClick=${() => setOpen('recipient')}>Send to somebody else…<//>`}
        ${rewritten && html`<${Button} icon="pencil" onClick=${() => setOpen('text')}>Change and send…<//>`}
        ${again && html`<${Button} icon="send" onClick=${again}>Send once more<//>`}`}>
      ${open === 'recipient' && html`<${ReaddressDialog} delivery=${delivery} onClose=${close} onDone=${done} />`}
      ${open === 'text' && html`<${RewriteDialog} delivery=${delivery} onClose=${close} onDone=${done} />`}
      <${Loaded} state=${state}>${(now) => html`<${Particulars} delivery=${now} who=${whoIn(users.data ?? [])} />`}<//>
    <//>`;
}

function Particulars({ delivery, who }) {
  const { ambiguous, attempts, body, edited, service, subject } = delivery;
  return html`
    ${ambiguous && html`<${Notice} tone="warning" title=${doubtOf(delivery)}><p>${ambiguity}</p><//>`}
    <${Facts} delivery=${delivery} who=${who} />
    <${Section} title="Attempts">
      <div class="stack">
        <${NextAttempt} delivery=${delivery} />
        ${attempts.length === 0 ? html`<p class="muted">None was made yet.</p>` : html`<${Attempts} delivery=${delivery} />`}
      </div>
    <//>
    ${body && html`<${Section} title=${headings[service] ?? 'What it says'}>
      ${edited && html`<p>It was changed by hand. What it said before is in the audit log.</p>`}
      ${subject && html`<p><strong>${subject}</strong></p>`}
      <pre class="code-text">${subject ? body : readable(body)}</pre><//>`}`;
}

const headings = { webhook: 'What is sent', external_api: 'The event that the body is made of' };

/** Where a webhook or an action is found. */
const pages = { webhook: '#/webhooks', external_api: '#/actions' };
const ofOne = { webhook: 'webhook', external_api: 'action' };

function Facts({ delivery, who }) {
  const { id, service, queue, hook, messageId, createdAt, finishedAt, requestId, correlationId } = delivery;
  const { causedBy, replayOf, replayedBy, recipient } = delivery;
  const by = carriers.find(({ value }) => value === service)?.label ?? words(service);
  const time = (instant) => html`<time datetime=${instant}>${formatPrecise(instant)}</time>`;
  const facts = [
    recipient && ['Recipient', html`${recipient.name} <code>${recipient.address}</code>`],
    ['To', html`<code>${queue}</code>`],
    ['By', hook && pages[service] ? html`<a href=${pages[service]}>${by}</a>` : by],
    ['Caused', html`${time(createdAt)} by ${who(causedBy)}`],
    finishedAt && ['Ended', time(finishedAt)],
    ['Belongs to', html`<${Correlation} id=${correlationId} />`],
    ['Request', html`<${RequestId} id=${requestId} />`],
    ['Name of the message', html`<${Copyable} text=${messageId} label="message name" />`],
    ['Delivery', html`<${Copyable} text=${id} label="delivery ID" />`],
    replayOf && ['Repeats', html`<a href="#/deliveries/${replayOf}">the one before</a>`],
    replayedBy && ['Sent once more as', html`<a href="#/deliveries/${replayedBy}">the one after</a>`],
    hook && [`Of the same ${ofOne[service] ?? 'kind'}`, html`<a href="#/deliveries?hook=${hook}">All deliveries</a>`],
  ].filter(Boolean);
  return html`<dl class="details">${facts.map(([name, value]) => html`
    <div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
