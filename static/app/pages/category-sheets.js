/** The tally board of a category: which judge has submitted for which entrant, and what was asked. */
import { html, useState } from '../lib/view.js';
import { concerns } from '../lib/concerns.js';
import { count, list } from '../lib/format.js';
import { labelOf } from '../lib/nouns.js';
import { useList } from '../lib/resource.js';
import { lacking, marksMissing } from '../lib/score-sheet.js';
import { sumUp } from '../lib/sheet-board.js';
import { Badge } from '../components/badge.js';
import { ExportMenu } from '../components/export-menu.js';
import { Icon } from '../components/icon.js';
import { Empty, Loaded } from '../components/notice.js';
import { SheetDialog } from '../components/sheet-dialog.js';
import { SheetsNotice } from '../components/sheets-notice.js';

const refreshMs = 15_000;

export function CategorySheets({ category, criteria, frozen }) {
  const here = concerns({ contestId: category.contestId, categoryId: category.id });
  const on = (...types) => (change) => types.includes(change.type) && here(change);
  const sheets = useList(`/categories/${category.id}/sheets`, { refreshMs, on: here });
  const assignments = useList(`/categories/${category.id}/assignments`, { on: on('assignment', 'judge') });
  const entries = useList(`/contests/${category.contestId}/entries`, { on: on('entry', 'contestant') });
  const listed = useList(category.entrants === 'listed' ? `/categories/${category.id}/entrants` : null, {
    on: on('entrant', 'entry', 'contestant'),
  });
  const [open, setOpen] = useState(null);
  const needed = [assignments, entries, sheets, ...(category.entrants === 'listed' ? [listed] : [])];
  const waiting = needed.find(({ data }) => data === undefined);
  if (waiting) return html`<${Loaded} state=${waiting} />`;
  const byId = new Map(entries.data.map((entry) => [entry.id, entry]));
  const entrants = listed.data ? listed.data.map(({ entryId }) => byId.get(entryId)).filter(Boolean) : entries.data;
  const known = criteria.data ?? [];
  const board = sumUp({ sheets: sheets.data, assignments: assignments.data, entrants, criteria: known });
  const { judges, sheetOf, awaited, asked, reopened, incomplete } = board;
  if (judges.length === 0 || entrants.length === 0) {
    return html`<${Empty} icon="clipboard-list" title="No sheets are expected yet">
      Assign judges and enter contestants; this board then shows every sheet as it comes in.<//>`;
  }
  const entrant = ({ entryId }) => (byId.has(entryId) ? labelOf('entry', byId.get(entryId)) : 'an entrant');
  const notice = { name: (sheet) => `${sheet.judgeName} for ${entrant(sheet)}`, onOpen: setOpen };
  return html`
    <${Loaded} state=${sheets}>${() => null}<//>
    <${SheetsNotice} ...${notice} sheets=${asked} about=${({ reopening }) => `: “${reopening.reason}”`}
      title="${count(asked.length, 'judge asks', 'judges ask')} to reopen a sheet" />
    <${SheetsNotice} ...${notice} sheets=${incomplete} title="${count(incomplete.length, 'sheet')} with marks missing"
      about=${(sheet) => ` on ${list(lacking(sheet, known).map(({ name }) => name))}`}>
      <p>A criterion came later, or a mark was deleted. The judge’s page asks for what is missing; nothing has to be
        reopened.</p><//>
    <${SheetsNotice} ...${notice} sheets=${reopened} title="${count(reopened.length, 'sheet')} reopened">
      <p>What was submitted counts until the judge submits again.</p><//>
    <div class="toolbar"><${ExportMenu} what="sheets" categoryId=${category.id} /></div>
    <p class="board-sum" role="status">${awaited.length === 0 ? html`
      ${incomplete.length + reopened.length === 0 ? html`<${Badge} tone="success" icon="check">All sheets are in<//>`
        : html`<${Badge} tone="warning" icon="clock">All sheets are in, but some can still change<//>`}`
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
              <${Cell} sheet=${sheetOf(entry.id, judge.judgeId)} judge=${judge} entry=${entry} criteria=${known}
                onOpen=${setOpen} /></td>`)}
          </tr>`)}</tbody>
      </table>
    </div>
    ${open && html`<${SheetDialog} category=${category} criteria=${known} frozen=${frozen}
      sheet=${sheetOf(open.entryId, open.judgeId) ?? open}
      entry=${byId.get(open.entryId)} onChanged=${sheets.reload}
      onClose=${() => setOpen(null)} />`}`;
}

const sum = (judges) => judges.reduce((total, { open }) => total + open, 0);

function Cell({ sheet, judge, entry, criteria, onOpen }) {
  if (!sheet) {
    return judge.status === 'active' ? html`<span class="cell waiting">Waiting</span>`
      : html`<span class="cell muted">Not expected</span>`;
  }
  const lacks = lacking(sheet, criteria).length;
  const [tone, icon, label] = sheet.reopening ? ['asked', 'clock', 'Asks to reopen']
    : sheet.state === 'reopened' ? ['reopened', 'lock-open', 'Reopened']
      : lacks > 0 ? ['asked', 'circle-alert', marksMissing(lacks)] : ['submitted', 'check', 'Submitted'];
  return html`
    <button type="button" class="cell ${tone}" onClick=${() => onOpen(sheet)}
      aria-label="${label}: sheet of ${judge.judgeName} for ${entry.contestantName}">
      <${Icon} name=${icon} size="s" />${label}</button>`;
}
