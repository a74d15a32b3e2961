/** The tally board of a category: which judge has submitted for which entrant, and what was asked. */
import { html, useState } from '../lib/view.js';
import { count, list } from '../lib/format.js';
import { labelOf } from '../lib/nouns.js';
import { useList } from '../lib/resource.js';
import { Badge } from '../components/badge.js';
import { Icon } from '../components/icon.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { SheetDialog } from '../components/sheet-dialog.js';

const refreshMs = 15_000;

export function CategorySheets({ category, criteria, frozen }) {
  const sheets = useList(`/categories/${category.id}/sheets`, { refreshMs });
  const assignments = useList(`/categories/${category.id}/assignments`);
  const entries = useList(`/contests/${category.contestId}/entries`);
  const listed = useList(category.entrants === 'listed' ? `/categories/${category.id}/entrants` : null);
  const [open, setOpen] = useState(null);
  const needed = [assignments, entries, sheets, ...(category.entrants === 'listed' ? [listed] : [])];
  const waiting = needed.find(({ data }) => data === undefined);
  if (waiting) return html`<${Loaded} state=${waiting} />`;
  const byId = new Map(entries.data.map((entry) => [entry.id, entry]));
  const entrants = listed.data ? listed.data.map(({ entryId }) => byId.get(entryId)).filter(Boolean) : entries.data;
  const judges = judgesOf(assignments.data, sheets.data);
  if (judges.length === 0 || entrants.length === 0) {
    return html`<${Empty} icon="clipboard-list" title="No sheets are expected yet">
      Assign judges and enter contestants; this board then shows every sheet as it comes in.<//>`;
  }
  const sheetOf = (entry, judge) => sheets.data.find((sheet) => isFor(sheet, entry.id, judge.judgeId));
  const asked = sheets.data.filter(({ reopening }) => reopening);
  const awaited = judges.filter(({ status }) => status === 'active')
    .map((judge) => ({ ...judge, open: entrants.filter((entry) => !sheetOf(entry, judge)).length }))
    .filter(({ open: missing }) => missing > 0);
  const nameOf = ({ entryId }) => (byId.has(entryId) ? labelOf('entry', byId.get(entryId)) : 'an entrant');
  return html`
    <${Loaded} state=${sheets}>${() => null}<//>
    ${asked.length > 0 && html`
      <${Notice} tone="warning" title="${count(asked.length, 'judge asks', 'judges ask')} to reopen a sheet">
        <ul>${asked.map((sheet) => html`<li key=${sheet.judgeId + sheet.entryId}>
          <button type="button" class="link" onClick=${() => setOpen(sheet)}>
            ${sheet.judgeName} for ${nameOf(sheet)}</button>: “${sheet.reopening.reason}”</li>`)}</ul><//>`}
    <p class="board-sum" role="status">${awaited.length === 0
      ? html`<${Badge} tone="success" icon="check">All sheets are in<//>`
      : html`<${Badge} tone="warning" icon="clock">Waiting for ${count(sum(awaited), 'sheet')}<//>
        <span>${list(awaited.map(({ judgeName, open: missing }) => `${judgeName} (${missing})`))}</span>`}</p>
    <div class="board" tabIndex="0" role="region" aria-label="Sheets by entrant and judge">
      <table>
        <caption class="visually-hidden">Sheets by entrant and judge</caption>
        <thead><tr><th scope="col">Entrant</th>${judges.map(({ judgeId, judgeName }) => html`
          <th scope="col" key=${judgeId}>${judgeName}</th>`)}</tr></thead>
        <tbody>${entrants.map((entry) => html`
          <tr key=${entry.id}><th scope="row"><span class="entry-number">${entry.number}</span>
            ${entry.contestantName}</th>
            ${judges.map((judge) => html`<td key=${judge.judgeId}>
              <${Cell} sheet=${sheetOf(entry, judge)} judge=${judge} entry=${entry} onOpen=${setOpen} /></td>`)}
          </tr>`)}</tbody>
      </table>
    </div>
    ${open && html`<${SheetDialog} category=${category} criteria=${criteria.data ?? []} frozen=${frozen}
      sheet=${sheets.data.find((sheet) => isFor(sheet, open.entryId, open.judgeId)) ?? open}
      entry=${byId.get(open.entryId)} onChanged=${sheets.reload}
      onClose=${() => setOpen(null)} />`}`;
}

const sum = (judges) => judges.reduce((total, { open }) => total + open, 0);

const isFor = (sheet, entryId, judgeId) => sheet.entryId === entryId && sheet.judgeId === judgeId;

/** Everybody assigned, and whoever else has left a sheet. */
function judgesOf(assignments, sheets) {
  const judges = new Map(assignments.map((assignment) => [assignment.judgeId, assignment]));
  for (const { judgeId, judgeName } of sheets) {
    if (!judges.has(judgeId)) judges.set(judgeId, { judgeId, judgeName, status: 'ended' });
  }
  return [...judges.values()];
}

function Cell({ sheet, judge, entry, onOpen }) {
  if (!sheet) {
    return judge.status === 'active' ? html`<span class="cell waiting">Waiting</span>`
      : html`<span class="cell muted">Not expected</span>`;
  }
  const [tone, icon, label] = sheet.reopening ? ['asked', 'clock', 'Asks to reopen']
    : sheet.state === 'reopened' ? ['reopened', 'lock-open', 'Reopened'] : ['submitted', 'check', 'Submitted'];
  return html`
    <button type="button" class="cell ${tone}" onClick=${() => onOpen(sheet)}
      aria-label="${label}: sheet of ${judge.judgeName} for ${entry.contestantName}">
      <${Icon} name=${icon} size="s" />${label}</button>`;
}
