/** How a search of the log goes: how far it is, as what the text was taken, what was read, and what cannot be read. */
import { html } from '../lib/view.js';
import { count, formatDateTime, sentence } from '../lib/format.js';
import { isComplete, shareDone } from '../lib/log-found.js';
import { searchedFor } from '../lib/log-query.js';
import { Button } from './button.js';
import { Notice } from './notice.js';

const amount = new Intl.NumberFormat('en-GB');

/** @param {{search: ReturnType<import('../lib/use-log-search.js').useLogSearch>, text: string}} props `text` is searched for */
export function LogStatus({ search: { found, state, stop }, text }) {
  if (!found || (state === 'failed' && found.lines.length === 0)) return null;
  const { blocks, blocksOf, millis } = found.read;
  const reached = found.reachedAt && `back to ${formatDateTime(found.reachedAt)}`;
  return html`
    <div class="log-status">
      <p role="status">${state === 'searching' ? `Searching${reached ? `, ${reached}` : ''}…` : outcome(found, text)}</p>
      ${state === 'searching'
        ? html`<${Bar} share=${shareDone(found)} /><${Button} icon="x" onClick=${stop}>Stop<//>`
        : blocksOf > 0 && html`<p class="muted">${amount.format(blocks)} of ${amount.format(blocksOf)}
          ${blocksOf === 1 ? ' block' : ' blocks'} read, ${amount.format(millis)} ms</p>`}
    </div>
    <${Faults} faults=${found.faults} />`;
}

function Bar({ share }) {
  return share === null ? html`<progress aria-label="Search of the log" />`
    : html`<progress aria-label="Search of the log" value=${share} max="1" />`;
}

/** What came of a search, in words. */
function outcome({ lines, as, noId, reachedAt, ...found }, text) {
  const what = searchedFor(text);
  const asText = noId ? `No line has the ID ${what}; searched for it as text. ` : '';
  const lead = as === 'id' ? `Searched for the ID ${what}. ` : asText;
  const end = isComplete(found) ? '' : `, back to ${reachedAt ? formatDateTime(reachedAt) : 'the latest'}`;
  return `${lead}${lines.length === 0 ? 'Nothing found' : `${count(lines.length, 'line')} found`}${end}.`;
}

/** What could not be read. */
function Faults({ faults }) {
  if (faults.length === 0) return null;
  return html`<${Notice} tone="warning" role="alert" title="A part of the log cannot be read">
    <p>All else was searched. What is damaged is left out:</p>
    <ul>${faults.map(({ file, what }) => html`
      <li key=${`${file} ${what}`}><code>${file}</code>: ${sentence(what)}</li>`)}</ul><//>`;
}
