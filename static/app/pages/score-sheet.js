/** The score sheet of one entrant: marks, comment, review, submit. Every change is kept on the device at once. */
import { html, useEffect, useState } from '../lib/view.js';
import { put } from '../lib/api.js';
import { dropDraft, loadDraft, saveDraft } from '../lib/drafts.js';
import { draftOf, fitted, submission, totals, unscored } from '../lib/score-sheet.js';
import { session } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';
import { Icon } from '../components/icon.js';
import { Keypad } from '../components/keypad.js';
import { MarkInput } from '../components/mark-input.js';
import { Notice } from '../components/notice.js';
import { ReviewDialog } from '../components/review-dialog.js';
import { SheetConflict } from '../components/sheet-conflict.js';
import { SubmittedSheet } from '../components/submitted-sheet.js';

/** @param {{scoring: object, index: number, onSheet: Function, reload: () => void}} props */
export function ScoreSheet({ scoring, index, onSheet, reload }) {
  const { category, criteria, entrants } = scoring;
  const entrant = entrants[index];
  const { sheet } = entrant;
  useEffect(() => {
    document.title = `${entrant.number} · ${entrant.name} · ${category.name}`;
  }, []);
  const closed = category.lockedAt ? 'locked' : category.archivedAt ? 'archived' : null;
  const final = sheet?.state === 'submitted';
  return html`
    <${EntrantHeader} scoring=${scoring} index=${index} />
    ${closed && html`<${Notice} tone="warning" title="This category is ${closed}">
      <p>Sheets cannot be submitted now. What you have entered stays on this device.</p><//>`}
    ${final
      ? html`<${SubmittedSheet} scoring=${scoring} index=${index}
          onSheet=${(stored) => onSheet(entrant.entryId, stored)} />`
      : html`<${OpenSheet} key=${sheet?.version ?? 'new'} scoring=${scoring} entrant=${entrant} closed=${closed}
          onSheet=${(stored) => onSheet(entrant.entryId, stored)} reload=${reload} />`}`;
}

function EntrantHeader({ scoring: { category, entrants }, index }) {
  const base = `#/judge/categories/${category.id}`;
  const { number, name } = entrants[index];
  const neighbour = (at, icon, label) => (entrants[at]
    ? html`<a class="icon-button" href="${base}/${entrants[at].entryId}"
        aria-label="${label}: ${entrants[at].number} ${entrants[at].name}"><${Icon} name=${icon} /></a>`
    : html`<span class="icon-button" aria-hidden="true" />`);
  return html`
    <nav class="entrant-nav" aria-label="Entrants">
      ${neighbour(index - 1, 'arrow-left', 'Previous')}
      <a href=${base}>${category.name}<small>${index + 1} of ${entrants.length}</small></a>
      ${neighbour(index + 1, 'arrow-right', 'Next')}
    </nav>
    <header class="entrant"><span class="entry-number">${number}</span><h1 tabIndex="-1">${name}</h1></header>`;
}

function OpenSheet({ scoring: { category, criteria }, entrant, closed, onSheet, reload }) {
  const key = [session.value.judge?.id, category.id, entrant.entryId];
  const [draft, setDraft] = useState(() => fitted(loadDraft(...key) ?? draftOf(entrant.sheet), criteria));
  const [kept, setKept] = useState(true);
  const [keypad, setKeypad] = useState(null);
  const [reviewing, setReviewing] = useState(false);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const { marks, comment } = draft;
  const open = unscored(criteria, marks);
  const { total, highest } = totals(criteria, marks);
  const recused = criteria.length > 0 && criteria.every(({ id }) => marks[id]?.state === 'recused');

  const change = (next) => {
    setDraft(next);
    setKept(saveDraft(...key, next));
  };
  const setMark = (id, mark) => {
    const { [id]: _, ...others } = marks;
    change({ ...draft, marks: mark ? { ...others, [id]: mark } : others });
  };
  const setComment = (part) => change({ ...draft, comment: { ...comment, ...part } });
  const recuse = () => {
    const all = criteria.map(({ id }) => [id, { state: 'recused' }]);
    change({ ...draft, marks: recused ? {} : Object.fromEntries(all) });
  };
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
      const stored = await put(path, submission(criteria, draft, version));
      dropDraft(...key);
      toast(`Sheet of ${entrant.number} · ${entrant.name} submitted.`);
      setReviewing(false);
      onSheet(stored);
    } catch (failure) {
      // Submitted from another device meanwhile: the reload shows that sheet, beside what is left on this one.
      if (failure.code === 'sheet_final') reload();
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
    ${entrant.sheet && html`<${Notice} title="An official has reopened this sheet">
      <p>Your last submission counts until you submit again.</p><//>`}
    <ul class="marks">${criteria.map((criterion) => html`
      <${MarkInput} key=${criterion.id} criterion=${criterion} mark=${marks[criterion.id]}
        onMark=${(mark) => setMark(criterion.id, mark)}
        onKeypad=${(start, typed) => setKeypad({ criterion, start, typed })} />`)}</ul>
    <section class="sheet-comment">
      <${Field} field=${{ name: 'comment', label: 'Comment', type: 'textarea' }} value=${comment.text}
        onChange=${(text) => setComment({ text })} />
      <${Field} field=${{ name: 'private', label: 'Only officials may read it', type: 'checkbox' }}
        value=${comment.private} onChange=${(value) => setComment({ private: value })} />
      <${Button} kind="quiet" icon="ban" onClick=${recuse}>
        ${recused ? 'Undo: I can judge this entrant' : 'I may not judge this entrant (conflict of interest)'}<//>
    </section>
    ${!kept && html`<${Notice} tone="warning" role="alert" title="This device cannot keep drafts">
      <p>Submit before you close or reload the page.</p><//>`}
    <footer class="sheet-bar">
      <p class="sheet-total"><small>Your total</small>
        <strong>${open.length === criteria.length ? '–' : total}</strong> <span>of ${highest}</span></p>
      <p class="sheet-left" role="status">${open.length === 0 ? 'All scored'
        : `${open.length} of ${criteria.length} not scored`}</p>
      <${Button} kind="primary" disabled=${Boolean(closed) || criteria.length === 0} onClick=${review}>
        ${open.length === 0 ? 'Review' : 'Next open'}<//>
    </footer>
    ${keypad && html`<${Keypad} key=${keypad.criterion.id} ...${keypad}
      more=${open.some(({ id }) => id !== keypad.criterion.id)} onValue=${typed} onClose=${() => setKeypad(null)} />`}
    ${reviewing && !conflict && html`<${ReviewDialog} entrant=${entrant} criteria=${criteria} draft=${draft}
      error=${error} busy=${busy} onSubmit=${() => submit(entrant.sheet?.version ?? null)} onClose=${close} />`}
    ${conflict && html`<${SheetConflict} error=${error} criteria=${criteria} draft=${draft} onClose=${close}
      onKeepStored=${() => { dropDraft(...key); onSheet(conflict); }}
      onUseMine=${() => submit(conflict.version)} />`}`;
}
