/**
 * A sheet that can be filled in: marks, comment, review, submit. Every change is kept on the device at once. Of a
 * submitted sheet, only the marks that it lacks can be.
 */
import { html, useState } from '../lib/view.js';
import { put } from '../lib/api.js';
import { dropDraft, loadDraft } from '../lib/drafts.js';
import {
  completed, completion, draftOf, draftToFill, fitted, lacking, marksMissing, recusedFrom, submission, takenBack,
  totals, unscored,
} from '../lib/score-sheet.js';
import { session } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { useDraft } from '../lib/use-draft.js';
import { Button } from './button.js';
import { Field } from './field.js';
import { FixedMark } from './fixed-mark.js';
import { Icon } from './icon.js';
import { Keypad } from './keypad.js';
import { MarkInput } from './mark-input.js';
import { Notice } from './notice.js';
import { ReviewDialog } from './review-dialog.js';
import { SheetConflict } from './sheet-conflict.js';

/** Answers after which the page shows what has happened: the sheet or the category is not as it was. */
const news = /^(sheet_final|sheet_state|not_entered|invalid_marks|category_deleted|.*_(locked|archived))$/;

/**
 * @param {{scoring: object, entrant: object, closed: boolean, offline: boolean, onSheet: (sheet: object) => void,
 *   reload: () => void}} props
 */
export function OpenSheet({ scoring: { category, criteria }, entrant, closed, offline, onSheet, reload }) {
  const key = [session.value.judge?.id, category.id, entrant.entryId];
  const { sheet } = entrant;
  const completing = sheet?.state === 'submitted';
  const begin = () => fitted(loadDraft(...key) ?? draftToFill(sheet, criteria), criteria);
  const { draft: own, change, kept } = useDraft(key, begin);
  const draft = completing ? completed(own, sheet) : own;
  const fixed = completing ? draftOf(sheet).marks : {};
  const [keypad, setKeypad] = useState(null);
  const [reviewing, setReviewing] = useState(false);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const { marks, comment } = draft;
  const open = unscored(criteria, marks);
  const { total, highest } = totals(criteria, marks);
  const recused = criteria.length > 0 && criteria.every(({ id }) => marks[id]?.state === 'recused');

  const setMark = (id, mark) => {
    const { [id]: _, ...others } = own.marks;
    change({ ...own, marks: mark ? { ...others, [id]: mark } : others });
  };
  const setComment = (part) => change({ ...own, comment: { ...comment, ...part } });
  const recuse = () => change(recused ? takenBack(own) : recusedFrom(own, criteria));
  const typed = (value) => {
    const { id } = keypad.criterion;
    setMark(id, value === null ? undefined : { value });
    const next = value !== null && open.find((criterion) => criterion.id !== id);
    setKeypad(next ? { criterion: next, start: '', typed: false } : null);
  };
  const review = () => {
    setError(null);
    if (open.length === 0) setReviewing(true);
    else document.querySelector(`#mark-${CSS.escape(open[0].id)} .mark-value`)?.focus();
  };
  const submit = async (version) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const path = `/categories/${category.id}/entries/${entrant.entryId}/sheet`;
      const body = completing ? completion(criteria, own, sheet) : submission(criteria, own, version);
      const stored = await put(path, body);
      // What another tab gave instead of the fixed marks stays, to be shown beside the final sheet.
      if (!completing) dropDraft(...key);
      toast(`Sheet of ${entrant.number} · ${entrant.name} submitted.`);
      setReviewing(false);
      onSheet(stored);
    } catch (failure) {
      if (news.test(failure.code)) reload();
      setError(failure);
    }
    setBusy(false);
  };
  const conflict = error?.status === 409 && error.problem.stored;
  const close = () => {
    setReviewing(false);
    setError(null);
  };

  return html`
    ${completing ? html`<${Notice} tone="warning" title=${marksMissing(lacking(sheet, criteria).length)}>
        <p>A criterion came after you had submitted, or an official took a mark off. What you gave is final; add what is
          missing and submit.</p><//>`
      : sheet && html`<${Notice} title="An official has reopened this sheet">
        <p>Your last submission counts until you submit again.</p><//>`}
    <ul class="marks">${criteria.map((criterion) => (fixed[criterion.id] ? html`
      <${FixedMark} key=${criterion.id} criterion=${criterion} mark=${fixed[criterion.id]} />` : html`
      <${MarkInput} key=${criterion.id} criterion=${criterion} mark=${marks[criterion.id]}
        onMark=${(mark) => setMark(criterion.id, mark)}
        onKeypad=${(start, typed) => setKeypad({ criterion, start, typed })} />`))}</ul>
    ${!completing && html`<section class="sheet-comment">
      <${Field} field=${{ name: 'comment', label: 'Comment', type: 'textarea' }} value=${comment.text}
        onChange=${(text) => setComment({ text })} />
      <${Field} field=${{ name: 'private', label: 'Only officials may read it', type: 'checkbox' }}
        value=${comment.private} onChange=${(value) => setComment({ private: value })} />
      <${Button} kind="quiet" icon="ban" onClick=${recuse}>
        ${recused ? 'Undo: I can judge this entrant' : 'I may not judge this entrant (conflict of interest)'}<//>
    </section>`}
    ${!kept && html`<${Notice} tone="warning" role="alert" title="This device cannot keep drafts">
      <p>Submit before you close or reload the page.</p><//>`}
    <footer class="sheet-bar">
      ${offline && html`<p class="sheet-offline" role="status"><${Icon} name="wifi-off" size="s" />
        No connection. Your marks are kept on this device.</p>`}
      <p class="sheet-total"><small>Your total</small>
        <strong>${open.length === criteria.length ? '–' : total}</strong> <span>of ${highest}</span></p>
      <p class="sheet-left" role="status">${open.length === 0 ? 'All scored'
        : `${open.length} of ${criteria.length} not scored`}</p>
      <${Button} kind="primary" disabled=${closed || criteria.length === 0} onClick=${review}>
        ${open.length === 0 ? 'Review' : 'Next unscored'}<//>
    </footer>
    ${keypad && html`<${Keypad} key=${keypad.criterion.id} ...${keypad}
      more=${open.some(({ id }) => id !== keypad.criterion.id)} onValue=${typed} onClose=${() => setKeypad(null)} />`}
    ${reviewing && !conflict && html`<${ReviewDialog} entrant=${entrant} criteria=${criteria} draft=${draft}
      error=${error} busy=${busy} onSubmit=${() => submit(sheet?.version ?? null)} onClose=${close} />`}
    ${conflict && html`<${SheetConflict} error=${error} criteria=${criteria} draft=${draft}
      onClose=${() => { close(); onSheet(conflict); }} onKeepStored=${() => { dropDraft(...key); onSheet(conflict); }}
      onUseMine=${() => submit(conflict.version)} />`}`;
}
