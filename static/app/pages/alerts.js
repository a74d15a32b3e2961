/** Alerts: what is wrong with the box, who looks after it, and what is kept silent. */
import { html, useState } from '../lib/view.js';
import { post, remove } from '../lib/api.js';
import { formatDateTime } from '../lib/format.js';
import { useList, useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { toast, toastError } from '../lib/toasts.js';
import { whoIn } from '../lib/who.js';
import { AlertItem } from '../components/alert-item.js';
import { Button } from '../components/button.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { ReasonDialog } from '../components/reason-dialog.js';
import { SilenceDialog } from '../components/silence-dialog.js';

const live = { refreshMs: 15_000, on: ({ type }) => type === 'alert' };

export function AlertsPage() {
  const firing = useResource('/alerts?firing=true', live);
  const past = useResource('/alerts?firing=false&limit=20', live);
  const silences = useResource('/silences', live);
  const users = useList(can('users.read') ? '/users' : null);
  const [asking, setAsking] = useState(null);
  const who = whoIn(users.data ?? []);
  const reload = () => [firing, past, silences].forEach((resource) => resource.reload());
  const done = (text) => () => {
    setAsking(null);
    toast(text);
    reload();
  };
  const end = async ({ id }) => {
    try {
      await remove(`/silences/${id}`);
      toast('Whoever is to know is told again.');
    } catch (error) {
      toastError(error);
    }
    reload();
  };
  const close = () => setAsking(null);
  return html`
    <${Page} title="Alerts" intro=${html`<p>What is wrong with this machine and with what it reaches. Those whom the
      configuration names under <code>alerts</code> are told.</p>`}>
      <${Loaded} state=${firing}>${({ items }) => (items.length === 0
        ? html`<${Empty} icon="circle-check" title="All is well">Nothing is wrong at present.<//>`
        : html`<ul class="stack">${items.map((alert) => html`
          <${AlertItem} key=${alert.id} alert=${alert} who=${who} onAsk=${setAsking} />`)}</ul>`)}<//>
      <${Loaded} state=${silences}>${({ items }) => items.length > 0 && html`
        <${Section} title="Kept silent"><ul class="stack">${items.map((silence) => html`
          <${Silence} key=${silence.id} silence=${silence} who=${who} onEnd=${end} />`)}</ul><//>`}<//>
      <${Loaded} state=${past}>${({ items }) => items.length > 0 && html`
        <${Section} title="Over"><ul class="stack">${items.map((alert) => html`
          <${AlertItem} key=${alert.id} alert=${alert} who=${who} />`)}</ul><//>`}<//>
      ${asking?.act === 'acknowledge' && html`<${ReasonDialog} title="Acknowledge: ${asking.alert.title}"
        action="Acknowledge" given="I am looking at it." label="What others should know" onClose=${close}
        run=${(note) => post(`/alerts/${asking.alert.id}/acknowledge`, { note })}
        onDone=${done('It is yours: nobody is told of it again.')}>
        <p>Nobody is told of it again until it is over.</p><//>`}
      ${asking?.act === 'silence' && html`<${SilenceDialog} alert=${asking.alert} onClose=${close}
        onDone=${done('It is kept silent.')} />`}
    <//>`;
}

function Silence({ silence, who, onEnd }) {
  const { title, subject, reason, until, by } = silence;
  const name = title ?? 'All alerts';
  return html`
    <li class="record">
      <div class="record-head">
        <div class="record-title"><h3>${name}</h3>${subject && html`<code>${subject}</code>`}</div>
        ${can('alerts.manage') && html`<div class="actions">
          <${Button} aria-label="Tell again: ${name}" onClick=${() => onEnd(silence)}>Tell again<//></div>`}
      </div>
      <p>Until ${formatDateTime(until)}, says ${who(by)}: “${reason}”</p>
    </li>`;
}
