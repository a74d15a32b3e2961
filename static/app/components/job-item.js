/** One job of the list: what it is, how far it is, who asked for it, what it could not do. */
import { html, useState } from '../lib/view.js';
import { formatAgo, formatDateTime, formatExact, sentence } from '../lib/format.js';
import { isOver, progressOf, stateOf, summaryOf, titleOf } from '../lib/job-words.js';
import { can } from '../lib/session.js';
import { useJob } from '../lib/use-job.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Correlation } from './correlation.js';
import { Problem } from './notice.js';
import { ProgressBar } from './progress-bar.js';

/**
 * @param {{job: object, find: (id: string) => object|undefined, who: (actor: object) => string,
 *   onCancel: (job: object) => void, onUndo: (job: object) => void, onOver: () => void}} props
 */
export function JobItem({ job: listed, find, who, onCancel, onUndo, onOver }) {
  const { job, error } = useJob(listed, { onOver });
  const title = titleOf(job, find);
  const over = isOver(job);
  const { text, tone, icon } = stateOf(job);
  const when = (instant) => html`<time datetime=${instant} title=${formatExact(instant)}>
    ${formatDateTime(instant)}</time> (${formatAgo(instant)})`;
  return html`
    <li class="record">
      <div class="record-head">
        <h2>${title}</h2><${Badge} tone=${tone} icon=${icon}>${text}<//>
        ${job.undoneBy && html`<${Badge} icon="undo-2">Taken back<//>`}
        ${can('jobs.manage') && html`<div class="actions">
          ${!over && html`<${Button} icon="ban" aria-label="Stop: ${title}" onClick=${() => onCancel(job)}>Stop<//>`}
          ${job.undoable && html`<${Button} icon="undo-2" aria-label="Undo: ${title}" onClick=${() => onUndo(job)}>
            Undo<//>`}
        </div>`}
      </div>
      ${over ? html`<p>${summaryOf(job)}</p>` : html`<${ProgressBar} label="Progress of: ${title}" ...${progressOf(job)} />`}
      <${Problem} error=${error} />
      <dl class="record-facts">
        <div><dt>Asked for</dt><dd>${when(job.createdAt)} by ${who(job.requestedBy)}</dd></div>
        ${job.finishedAt && html`<div><dt>Ended</dt><dd>${when(job.finishedAt)}</dd></div>`}
        <div><dt>Correlation</dt><dd><${Correlation} id=${job.correlationId} /></dd></div>
      </dl>
      <${Faults} title=${title} job=${job} />
    </li>`;
}

const atFirst = 20;

/** What a job could not do: some of it at first, the rest when asked, as far as the server has kept it. */
function Faults({ title, job: { errors, failed } }) {
  const [all, setAll] = useState(false);
  if (failed === 0) return null;
  const shown = all ? errors : errors.slice(0, atFirst);
  const unkept = failed - errors.length;
  return html`
    <details class="disclosure">
      <summary>What could not be done (${failed})<span class="visually-hidden"> by: ${title}</span></summary>
      <ol class="faults">${shown.map(({ pointer, message }, index) => html`
        <li key=${index}>${sentence(message)}${pointer && html` <code>${pointer}</code>`}</li>`)}</ol>
      ${shown.length < errors.length && html`
        <${Button} onClick=${() => setAll(true)}>Show ${errors.length - shown.length} more<//>`}
      ${unkept > 0 && shown.length === errors.length && html`<p class="muted">${unkept} more were counted and not kept.</p>`}
    </details>`;
}
