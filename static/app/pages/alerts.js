/** Alerts: what is wrong with the box, who looks after it, and what is kept silent. */
import { html, useState } from '../lib/view.js';
import { post, remove } from '../lib/api.js';
import { formatAgo, formatDateTime } from '../lib/format.js';
import { useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { ReasonDialog } from '../components/reason-dialog.js';

const tones = { info: 'neutral', warning: 'warning', critical: 'danger' };
const live = { refreshMs: 15_000, on: ({ type }) => type === 'alert' };
const hour = 3_600_000;

export function AlertsPage() {
  const firing = useResource('/alerts?firing=true', live);
  const past = useResource('/alerts?firing=false&limit=20', live);
  const silences = useResource('/silences', live);
  const [asking, setAsking] = useState(null);
  const reload = () => [firing, past, silences].forEach((resource) => resource.reload());
  const done = (text) => () => {
    setAsking(null);
    toast(text);
    reload();
  };
  const end = async ({ id }) => {
    try {
      await remove(`/silences/${id}`);
    } catch (error) {
      toast(error.message);
    }
    reload();
  };
  return html`
    <${Page} title="Alerts" intro=${html`<p>What is wrong with this machine and with what it reaches. Those whom the
      configuration names under <code>alerts</code> are told.</p>`}>
      <${Loaded} state=${firing}>${({ items }) => (items.length === 0
        ? html`<${Empty} icon="circle-check" title="All is well">Nothing is wrong at present.<//>`
        : html`<ul class="stack">${items.map((alert) => html`<${Alert} key=${alert.id} alert=${alert} onAsk=${setAsking} />`)}</ul>`)}<//>
      <${Loaded} state=${silences}>${({ items }) => items.length > 0 && html`
        <${Section} title="Kept silent"><ul class="stack">${items.map((silence) => html`
          <li class="card" key=${silence.id}>
            <h3>${silence.rule ?? 'All alerts'}${silence.subject && html` <small>${silence.subject}</small>`}</h3>
            <p>${silence.reason} <small>until ${formatDateTime(silence.until)}</small></p>
            ${can('alerts.manage') && html`<div class="actions">
              <${Button} onClick=${() => end(silence)}>Tell again<//></div>`}
          </li>`)}</ul><//>`}<//>
      <${Loaded} state=${past}>${({ items }) => items.length > 0 && html`
        <${Section} title="Over"><ul class="stack">${items.map((alert) => html`
          <${Alert} key=${alert.id} alert=${alert} />`)}</ul><//>`}<//>
      ${asking?.act === 'acknowledge' && html`<${ReasonDialog} title="Acknowledge: ${asking.alert.title}"
        action="Acknowledge" given="I am looking at it." onClose=${() => setAsking(null)}
        run=${(note) => post(`/alerts/${asking.alert.id}/acknowledge`, { note })}
        onDone=${done('It is yours: nobody is told of it again.')}>
        <p>Nobody is told of it again until it is over.</p><//>`}
      ${asking?.act === 'silence' && html`<${ReasonDialog} title="Keep silent for an hour: ${asking.alert.title}"
        action="Keep silent" onClose=${() => setAsking(null)}
        run=${(reason) => post('/silences', {
          rule: asking.alert.rule, ...(asking.alert.subject && { subject: asking.alert.subject }), reason,
          until: new Date(Date.now() + hour).toISOString(),
        })}
        onDone=${done('Nobody is told of it for an hour.')}>
        <p>It is noted all the same, and nobody is told. Other alerts are told as ever.</p><//>`}
    <//>`;
}

function Alert({ alert, onAsk }) {
  const { severity, title, what, remedy, runbook, since, resolvedAt, acknowledged, toldAt, correlationId } = alert;
  return html`
    <li class="card">
      <h3>${title}</h3>
      <div class="badges">
        ${resolvedAt ? html`<${Badge} tone="success" icon="circle-check">Over since ${formatDateTime(resolvedAt)}<//>`
          : html`<${Badge} tone=${tones[severity]}>${severity}<//>`}
        ${acknowledged && !resolvedAt && html`<${Badge} tone="accent">Acknowledged<//>`}
        ${!toldAt && html`<${Badge}>Silent<//>`}
      </div>
      <p>${what}</p>
      ${!resolvedAt && html`<p>${remedy} <a href=${`.${runbook}`}>Runbook</a></p>`}
      ${acknowledged?.note && html`<p>“${acknowledged.note}”</p>`}
      <p class="facts"><span title=${formatDateTime(since)}>Since ${formatAgo(since)}</span> <code>${correlationId}</code></p>
      ${onAsk && can('alerts.manage') && html`<div class="actions">
        ${!acknowledged && html`<${Button} kind="primary" onClick=${() => onAsk({ act: 'acknowledge', alert })}>Acknowledge<//>`}
        <${Button} onClick=${() => onAsk({ act: 'silence', alert })}>Keep silent<//></div>`}
    </li>`;
}
