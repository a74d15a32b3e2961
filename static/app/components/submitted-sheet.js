/** A sheet that is final: to read, and to ask for its reopening. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { dropDraft, loadDraft } from '../lib/drafts.js';
import { formatDateTime } from '../lib/format.js';
import { draftOf, isStored, progressOf } from '../lib/score-sheet.js';
import { session } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { MarksList } from './marks-list.js';
import { Notice } from './notice.js';
import { ReasonDialog } from './reason-dialog.js';

/**
 * @param {{scoring: object, index: number, closed: boolean, onSheet: (sheet: object) => void,
 *   reload: () => void}} props
 */
export function SubmittedSheet({ scoring: { category, criteria, entrants }, index, closed, onSheet, reload }) {
  const [asking, setAsking] = useState(false);
  const { entryId, number, name, sheet } = entrants[index];
  const { marks, comment } = draftOf(sheet);
  const key = [session.value.judge?.id, category.id, entryId];
  const [left, setLeft] = useState(() => leftOver(key, sheet));
  const next = [...entrants.slice(index + 1), ...entrants.slice(0, index)]
    .find((entrant) => progressOf(entrant, null, criteria).open);
  const ask = (reason) => post(`/categories/${category.id}/entries/${entryId}/sheet/reopening`, { reason });
  return html`
    <${Notice} tone="success" title="Submitted, final"><p>${formatDateTime(sheet.submittedAt)}</p><//>
    <div class="sheet-final"><${MarksList} criteria=${criteria} marks=${marks} comment=${comment} /></div>
    ${left && html`
      <${Notice} tone="warning" title="This device holds other marks that were not submitted">
        <p>The sheet above was submitted on another device or tab. If yours is right, ask to reopen.</p>
        <${MarksList} criteria=${criteria} marks=${left.marks} comment=${left.comment} />
        <${Button} onClick=${() => { dropDraft(...key); setLeft(null); }}>Discard them<//>
      <//>`}
    ${sheet.reopening
      ? html`<${Notice} tone="warning" title="You asked to reopen this sheet">
          <p>“${sheet.reopening.reason}”</p><p>An official has to agree; this page shows it then.</p>
          <${Button} icon="refresh-cw" onClick=${reload}>Check again<//><//>`
      : !closed && html`<${Button} kind="quiet" icon="lock-open" onClick=${() => setAsking(true)}>Ask to reopen<//>`}
    <footer class="sheet-bar">
      ${next ? html`<p class="sheet-left">Next to score</p>
          <${Button} kind="primary" icon="arrow-right" href="#/judge/categories/${category.id}/${next.entryId}">
            ${next.number} · ${next.name}<//>`
        : html`<p class="sheet-left">All sheets are submitted. Thank you!</p>
          <${Button} kind="primary" href="#/judge">My judging<//>`}
    </footer>
    ${asking && html`<${ReasonDialog} title="Ask to reopen ${number} · ${name}" action="Ask" run=${ask}
      onClose=${() => setAsking(false)}
      onDone=${(answer) => { setAsking(false); toast('An official has been asked.'); onSheet(answer); }}>
      <p>An official sees your reason and decides. The marks you submitted count meanwhile.</p><//>`}`;
}

/** Marks on this device that the submitted sheet does not say; those that it says have served. */
function leftOver(key, sheet) {
  const draft = loadDraft(...key);
  if (!draft || !isStored(draft, sheet)) return draft;
  dropDraft(...key);
  return null;
}
