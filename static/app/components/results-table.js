/** A category's results: place, total, the reason in words, and what each total came from. */
import { html } from '../lib/view.js';
import { figure } from '../lib/decimal.js';
import { count, list, ordinal } from '../lib/format.js';
import { methods, tieBreaks } from '../lib/methods.js';
import { unsettled, wordsFor } from '../lib/reasons.js';
import { can } from '../lib/session.js';
import { Badge } from './badge.js';
import { Empty, Notice } from './notice.js';
import { Table } from './table.js';

const medals = { 1: 'first', 2: 'second', 3: 'third' };

/** @param {{results: object}} props as the server gives the results of a category */
export function ResultsTable({ results }) {
  const { category, placements, sheetsExpected, sheetsSubmitted, provisional, asOf } = results;
  if (placements.length === 0) {
    return html`<${Empty} icon="trophy" title="Nobody to rank yet">Enter contestants and assign judges; places appear
      here as soon as sheets are submitted.<//>`;
  }
  const words = wordsFor(results);
  const columns = [
    { label: 'Place', kind: 'place', cell: (placement) => html`<${Place} placement=${placement} />` },
    { label: 'Entry', kind: 'main', cell: (placement) => html`<${Entry} placement=${placement} words=${words} />` },
    { label: 'Total', kind: 'number', cell: ({ total }) => html`<${Total} exact=${total} />` },
  ];
  const rules = results.tieBreaks.map(({ type, criterionId }) => (criterionId
    ? `higher mean on ${words.criterionName(criterionId)}` : tieBreaks[type]?.toLowerCase() ?? type));
  return html`
    ${provisional && html`<${Provisional} results=${results} words=${words} />`}
    <div class="results">
      <${Table} caption="Results of ${category.name}" columns=${columns} rows=${placements}
        rowKey=${({ entry }) => entry.id} />
    </div>
    <p class="result-meta">
      <span>${methods[results.method.type]?.label ?? results.method.type}</span>
      <span>${rules.length > 0 ? `Ties: ${list(rules)}` : 'Equals share the place'}</span>
      <span>${sheetsSubmitted} of ${count(sheetsExpected, 'sheet')}</span>
      <span title="The number of the last change that these results count in, as in the audit log">
        As of change no. ${asOf}</span>
    </p>`;
}

/** A total; what lies behind one that is cut off is told on pointing at it. */
function Total({ exact }) {
  if (exact === null) return html`<span class="result-total">–</span>`;
  const read = figure(exact);
  return html`<span class="result-total" title=${read === exact ? null : `exactly ${exact}`}>${read}</span>`;
}

function Place({ placement: { place, shared, eligible } }) {
  if (place === null) return html`<span class="place-mark">–</span>`;
  const said = `${ordinal(place)} place${shared ? ', shared' : ''}${eligible ? '' : ', out of competition'}`;
  return html`<span class="place-mark ${eligible ? medals[place] ?? '' : ''}" title=${said}>
    ${shared ? `=${place}` : eligible ? place : `(${place})`}</span>`;
}

function Entry({ placement, words }) {
  const { entry, eligible, completeness, judgeTotals, deductions, total } = placement;
  const gaps = words.gaps(placement);
  return html`
    <div class="result-entry">
      <span class="entry-number">${entry.number}</span><span class="result-name">${entry.name}</span>
      ${!eligible && html`<${Badge} title="Scored and shown, but takes no place from anybody">Guest<//>`}
      ${completeness.state === 'provisional' && html`<${Badge} tone="warning" icon="clock">Provisional<//>`}
      ${completeness.state === 'reducedPanel' && html`<${Badge} tone="warning">Smaller panel<//>`}
    </div>
    <p class="why">${words.explain(placement).join(' ')}</p>
    <details class="disclosure">
      <summary>How this total came about<span class="visually-hidden"> for ${entry.name}</span></summary>
      <ul class="breakdown">
        ${judgeTotals.map((judgeTotal) => {
          const { judge, text, left } = words.contribution(judgeTotal);
          return html`<li key=${judgeTotal.judge}><span>${judge}</span>
            <strong class=${left ? 'dropped' : ''}>${text}</strong>${left && html`<span>${left}</span>`}</li>`;
        })}
        ${deductions.map(({ id, amount }) => html`
          <li key=${id}><span>Deduction</span><strong>− ${amount}</strong></li>`)}
        <li><span>Total</span><strong>${total === null ? 'none yet' : figure(total)}</strong></li>
        ${gaps.map((gap) => html`<li key=${gap}>${gap}</li>`)}
      </ul>
    </details>`;
}

function Provisional({ results, words }) {
  const { category, sheetsExpected, sheetsSubmitted } = results;
  const reasons = [...words.owed(), ...unsettled(results)];
  return html`
    <${Notice} tone="warning" title="Provisional: ${sheetsSubmitted} of ${count(sheetsExpected, 'sheet')} submitted">
      ${reasons.length > 0 && html`<ul>${reasons.map((reason) => html`<li key=${reason}>${reason}</li>`)}</ul>`}
      ${can('sheets.read') && html`<p><a href="#/categories/${category.id}/sheets">Go to the sheets<span
        class="visually-hidden"> of ${category.name}</span></a></p>`}
    <//>`;
}
