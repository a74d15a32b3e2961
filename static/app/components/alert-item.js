/** One alert of the list: what is wrong, what helps, who looks after it. */
import { html } from '../lib/view.js';
import { capitalised, formatAgo, formatDateTime, formatExact } from '../lib/format.js';
import { can } from '../lib/session.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Correlation } from './correlation.js';

const severities = {
  info: { text: 'For information', tone: 'neutral', icon: 'info' },
  warning: { text: 'Warning', tone: 'warning', icon: 'triangle-alert' },
  critical: { text: 'Critical', tone: 'danger', icon: 'circle-alert' },
};

const when = (instant) => html`
  <time datetime=${instant} title=${formatExact(instant)}>${formatDateTime(instant)}</time> (${formatAgo(instant)})`;

/**
 * @param {{alert: object, who: (actor: object) => string, onAsk?: (asked: {act: string, alert: object}) => void}} props
 * `onAsk` is missing where nothing is left to do
 */
export function AlertItem({ alert, who, onAsk }) {
  const { severity, title, what, remedy, runbook, since, resolvedAt, acknowledged, toldAt, correlationId } = alert;
  const { text, tone, icon } = severities[severity];
  const name = alert.subject ? `${title}: ${alert.subject}` : title;
  return html`
    <li class="record">
      <div class="record-head">
        <div class="record-title">
          ${resolvedAt ? html`<h3>${title}</h3>` : html`<h2>${title}</h2>`}
          ${resolvedAt ? html`<${Badge} tone="success" icon="circle-check">Over<//>`
            : html`<${Badge} tone=${tone} icon=${icon}>${text}<//>`}
          ${acknowledged && !resolvedAt && html`<${Badge} tone="accent" icon="check">Acknowledged<//>`}
        </div>
        ${onAsk && can('alerts.manage') && html`<div class="actions">
          ${!acknowledged && html`<${Button} kind="primary" aria-label="Acknowledge: ${name}"
            onClick=${() => onAsk({ act: 'acknowledge', alert })}>Acknowledge<//>`}
          <${Button} aria-label="Keep silent: ${name}" onClick=${() => onAsk({ act: 'silence', alert })}>Keep silent…<//>
        </div>`}
      </div>
      <p>${what}</p>
      ${!resolvedAt && html`<p>${remedy} <a href=${`.${runbook}`}>Runbook<span class="visually-hidden">: ${title}</span></a></p>`}
      ${acknowledged && html`<p>${capitalised(who(acknowledged.by))} ${resolvedAt ? 'looked' : 'looks'} after it${acknowledged.note && `: “${acknowledged.note}”`}</p>`}
      <dl class="record-facts">
        <div><dt>Since</dt><dd>${when(since)}</dd></div>
        ${resolvedAt && html`<div><dt>Over since</dt><dd>${when(resolvedAt)}</dd></div>`}
        <div><dt>Last told</dt><dd>${toldAt ? when(toldAt) : 'nobody'}</dd></div>
        <div><dt>Correlation ID</dt><dd><${Correlation} id=${correlationId} /></dd></div>
      </dl>
    </li>`;
}
