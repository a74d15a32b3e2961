/** All that came of one cause: requests with what they changed, and beneath each the jobs and deliveries that it began. */
import { html } from '../lib/view.js';
import { isOver, progressOf, stateOf, summaryOf, titleOf } from '../lib/job-words.js';
import { carriers, spanOf } from '../lib/delivery-words.js';
import { count, formatExact, formatPrecise, sentence, words } from '../lib/format.js';
import { Attempts, NextAttempt } from './attempts.js';
import { Badge } from './badge.js';
import { Copyable } from './copy.js';
import { DeliveryBadges } from './delivery-badges.js';
import { Icon } from './icon.js';
import { ProgressBar } from './progress-bar.js';
import { RequestId } from './request-id.js';

/** @param {{nodes: import('../lib/chain.js').Node[], begun: string}} props `begun`: when the first of all began */
export function Chain({ nodes, begun }) {
  return html`<ol class="chain">${nodes.map((node) => html`
    <li key=${node.requestId}>
      <${Node} node=${node} begun=${begun} />
      ${node.beneath.length > 0 && html`<${Chain} nodes=${node.beneath} begun=${begun} />`}
    </li>`)}</ol>`;
}

const kinds = { job: JobNode, delivery: DeliveryNode };

function Node({ node, begun }) {
  const Kind = kinds[node.item?.kind] ?? RequestNode;
  return html`<${Kind} node=${node} begun=${begun} /><${Changes} of=${node.changes} />`;
}

/** What begins each node: what it is, when, and how long after the first of all. */
function Head({ icon, title, badges, at, begun }) {
  const after = Date.parse(at) - Date.parse(begun);
  return html`
    <p class="chain-head"><${Icon} name=${icon} /><strong>${title}</strong>${badges}
      <time class="muted" datetime=${at} title=${formatExact(at)}>${formatPrecise(at)}${after > 0 && `, ${spanOf(after)} after`}
      </time></p>`;
}

function RequestNode({ node: { requestId, at, changes }, begun }) {
  const who = changes[0]?.actorName;
  return html`
    <${Head} icon="arrow-right" title=${who ? `Request of ${who}` : 'Request'} at=${at} begun=${begun} />
    <p><${RequestId} id=${requestId} /></p>
    ${changes.length === 0 && html`<p class="muted">What it did belongs to another correlation ID, or it changed nothing.</p>`}`;
}

function JobNode({ node: { requestId, at, item: { job } }, begun }) {
  if (!job) {
    return html`<${Head} icon="clipboard-list" title="Job" at=${at} begun=${begun} badges=${html`<${Badge}>Forgotten<//>`} />
      <p class="muted">It ended so long ago that nothing of it is kept but <${RequestId}
        id=${requestId} />.</p>`;
  }
  const title = titleOf(job);
  const { text, tone, icon } = stateOf(job);
  return html`
    <${Head} icon="clipboard-list" title=${title} at=${at} begun=${begun}
      badges=${html`<${Badge} tone=${tone} icon=${icon}>${text}<//>`} />
    ${isOver(job) ? html`<p>${summaryOf(job)}</p>` : html`<${ProgressBar} label="Progress of: ${title}" ...${progressOf(job)} />`}
    <p><a href="#/jobs">All jobs</a> <${RequestId} id=${requestId} /></p>`;
}

/** What a provider said later of a text message. */
const reports = { delivered: 'The telephone has it', undelivered: 'The network did not take it', failed: 'It was not sent' };

function DeliveryNode({ node: { at, item: { delivery } }, begun }) {
  const { id, title, service, queue, messageId, recipient, report, replayOf, attempts } = delivery;
  const by = carriers.find(({ value }) => value === service)?.label ?? words(service);
  return html`
    <${Head} icon="send" title=${html`<a href="#/deliveries/${id}">${title}</a>`} at=${at} begun=${begun}
      badges=${html`<${DeliveryBadges} delivery=${delivery} />`} />
    <dl class="facts-list inline">
      <div><dt>By</dt><dd>${by}</dd></div>
      <div><dt>To</dt><dd>${recipient ? `${recipient.name} ${recipient.address}` : html`<code>${queue}</code>`}</dd></div>
      <div><dt>Name</dt><dd><${Copyable} text=${messageId} label="message name" /></dd></div>
      ${replayOf && html`<div><dt>Repeats</dt><dd><a href="#/deliveries/${replayOf}">the one before</a></dd></div>`}
    </dl>
    <${NextAttempt} delivery=${delivery} />
    ${attempts.length > 0 && html`<${Attempts} delivery=${delivery} />`}
    ${report && html`<p class="said">The provider reported <time datetime=${report.at}>${formatPrecise(report.at)}</time>:
      ${' '}${sentence(reports[report.status] ?? words(report.status))}${report.code && ` Its code: ${report.code}.`}</p>`}`;
}

/** What was changed in a request, as far as it is told one by one. */
function Changes({ of }) {
  const told = of.flatMap(({ change }) => change.changes);
  const all = of.reduce((sum, { change }) => sum + change.count, 0);
  if (all === 0) return null;
  return html`
    <ul class="chain-changes">
      ${told.slice(0, shownMax).map(({ version, action, subject, file }) => html`
        <li key=${version}><span class="muted">No. ${version}</span> ${words(action)}${subject.name && html`:${' '}
          <strong>${subject.name}</strong>`}${file && html` <span class="muted">(${file.mediaType}, ${count(file.bytes, 'byte')},
          ${words(file.scan.state)})</span>`}</li>`)}
    </ul>
    ${all > shownMax && html`<p class="muted">${count(all, 'change')} in all, up to no. ${of.at(-1).change.last}.</p>`}`;
}

/** Most changes of a request that are shown one by one. */
const shownMax = 20;
