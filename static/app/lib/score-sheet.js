/** A judge's sheet on this side of the wire: which marks are given, what they add up to, what is sent. */
import { markFault, weightedTotal } from './decimal.js';
import { count } from './format.js';

/**
 * @typedef {{value: string} | {state: 'abstained'|'recused'|'absent'|'missing'}} Mark
 * @typedef {{
 *   marks: Record<string, Mark>, aside?: Record<string, Mark>, comment: {text: string, private: boolean},
 * }} Draft
 * `aside` are the marks given before the judge recused, in case that was a slip
 */

export const stateWords = { abstained: 'Abstained', recused: 'Recused', absent: 'Absent', missing: 'Missing' };

const emptyDraft = { marks: {}, comment: { text: '', private: false } };

/** The marks and comment of a stored sheet, to go on from when it is reopened. */
export function draftOf(sheet) {
  if (!sheet) return emptyDraft;
  const markOf = ({ value, state }) => (value != null ? { value } : { state });
  const marks = sheet.scores.map((score) => [score.criterionId, markOf(score)]);
  return { marks: Object.fromEntries(marks), comment: sheet.comment ?? emptyDraft.comment };
}

/** A kept draft without what no longer fits: deleted criteria, marks off a changed range. */
export function fitted(draft, criteria) {
  const fits = criteria
    .map((criterion) => [criterion, draft.marks[criterion.id]])
    .filter(([criterion, mark]) => mark && (mark.state || markFault(mark.value, criterion) === null));
  return { ...draft, marks: Object.fromEntries(fits.map(([{ id }, mark]) => [id, mark])) };
}

/** Whether a draft holds nothing but what a stored sheet says. */
export function isStored(draft, sheet) {
  const { marks, comment } = draftOf(sheet);
  const same = (a, b) => a?.value === b?.value && a?.state === b?.state;
  const criteria = new Set([...Object.keys(marks), ...Object.keys(draft.marks)]);
  const text = draft.comment.text.trim();
  return [...criteria].every((id) => same(marks[id], draft.marks[id])) && text === comment.text
    && (text === '' || draft.comment.private === comment.private);
}

/**
 * The criteria on which a stored sheet has no word, because they came later or an official took the mark off. The
 * judge may add these marks even to a sheet that is final.
 */
export function lacking(sheet, criteria) {
  return sheet ? criteria.filter(({ id }) => !sheet.scores.some(({ criterionId }) => criterionId === id)) : [];
}

/** How many marks are missing, in words. */
export const marksMissing = (number) => `${count(number, 'mark')} missing`;

/** The draft to begin with; who has recused from the whole of a stored sheet has done so for what it lacks, too. */
export function draftToFill(sheet, criteria) {
  const draft = draftOf(sheet);
  const recused = sheet?.scores.length > 0 && sheet.scores.every(({ state }) => state === 'recused');
  return recused ? { ...draft, marks: recusedFrom(draft, criteria).marks } : draft;
}

/** A draft as it completes a submitted sheet: it adds marks, and leaves those given and the comment as they are. */
export function completed(draft, sheet) {
  const { marks, comment } = draftOf(sheet);
  return { ...draft, marks: { ...draft.marks, ...marks }, comment };
}

/** A draft in which the judge gives no mark at all, because of a conflict of interest. */
export function recusedFrom(draft, criteria) {
  const marks = Object.fromEntries(criteria.map(({ id }) => [id, { state: 'recused' }]));
  return { ...draft, marks, aside: draft.marks };
}

/** A draft after the judge has taken back being recused: the marks from before. */
export function takenBack({ aside = {}, ...draft }) {
  return { ...draft, marks: aside };
}

/** The criteria that have neither a mark nor a reason for none. */
export function unscored(criteria, marks) {
  return criteria.filter(({ id }) => !marks[id]);
}

/** What the given marks add up to, weighted, and the most they could. */
export function totals(criteria, marks) {
  const given = criteria.filter(({ id }) => marks[id]?.value != null);
  return {
    total: weightedTotal(given.map(({ id, weight }) => [marks[id].value, weight])),
    highest: weightedTotal(criteria.map(({ maximum, weight }) => [maximum, weight])),
  };
}

/**
 * The body of a submission.
 * @param {object[]} criteria in the order of the sheet
 * @param {Draft} draft with a mark for every criterion
 * @param {number|null} version of the stored sheet it replaces
 */
export function submission(criteria, { marks, comment }, version) {
  const text = comment.text.trim();
  return {
    scores: criteria.map(({ id }) => ({ criterionId: id, ...marks[id] })),
    comment: text ? { text, private: comment.private } : null,
    version,
  };
}

/** The body of a submission that completes a submitted sheet. Its comment goes back to the letter. */
export function completion(criteria, draft, sheet) {
  return { ...submission(criteria, completed(draft, sheet), sheet.version), comment: sheet.comment };
}

/**
 * Why no sheet can be submitted in a category, or null when it can.
 * @param {{category: {lockedAt: string|null, archivedAt: string|null}, closed: boolean}} scoring
 */
export function closure({ category: { lockedAt, archivedAt }, closed }) {
  if (lockedAt) return { title: 'This category is locked', text: 'An official has locked it.' };
  if (archivedAt) return { title: 'This category is archived', text: 'An organiser has put it away.' };
  if (!closed) return null;
  return { title: 'You no longer score this category', text: 'An official has noted that you are not here.' };
}

/** Where a judge stands with an entrant, for the list: a word and a tone. */
export function progressOf({ sheet, conflict }, draft, criteria) {
  if (conflict) return { label: 'Conflict of interest', tone: 'neutral', icon: 'ban' };
  const lacks = sheet?.state === 'submitted' ? lacking(sheet, criteria).length : 0;
  if (lacks > 0) return { label: marksMissing(lacks), tone: 'warning', icon: 'circle-alert', open: true };
  if (sheet?.reopening) return { label: 'Reopening asked', tone: 'warning', icon: 'clock' };
  if (sheet?.state === 'reopened') return { label: 'Reopened', tone: 'accent', icon: 'lock-open', open: true };
  if (sheet) return { label: 'Submitted', tone: 'success', icon: 'check' };
  const given = draft ? criteria.length - unscored(criteria, draft.marks).length : 0;
  if (given > 0) return { label: `Draft ${given} of ${criteria.length}`, tone: 'accent', icon: 'pencil', open: true };
  return { label: 'Not scored', tone: 'neutral', open: true };
}
