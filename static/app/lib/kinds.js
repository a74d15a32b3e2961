/** The kinds of things that lie in the trash or go there: their words, and the page that shows one. */
import { count, list } from './format.js';

/** Every kind that can be deleted, the uppermost first. */
export const kinds = ['event', 'contest', 'category', 'criterion', 'contestant', 'entry', 'entrant', 'judge',
  'assignment', 'conflict', 'deduction', 'sheet', 'mark', 'field', 'template', 'file', 'webhook', 'action',
  'wording', 'user', 'tenant'];

const irregular = { category: 'categories', entry: 'entries', criterion: 'criteria' };

/** `category` in the plural. */
export const plural = (kind) => irregular[kind] ?? `${kind}s`;

/** `1 category`, `12 entries`. */
export const counted = (n, kind) => count(n, kind, plural(kind));

/**
 * How much hangs below something: `12 entries, 3 categories and 240 sheets`.
 * @param {{counts: {kind: string, count: number}[], capped: boolean}} below `capped`: counting stopped early
 * @returns {string} empty if there is nothing
 */
export function belowInWords({ counts, capped }) {
  const parts = counts.filter((row) => row.count > 0).map((row) => counted(row.count, row.kind));
  return list(capped ? [...parts, 'more'] : parts);
}

const pages = {
  event: ({ id }) => `#/events/${id}`,
  contest: ({ id }) => `#/contests/${id}`,
  category: ({ id }) => `#/categories/${id}`,
  criterion: ({ categoryId }) => categoryId && `#/categories/${categoryId}/criteria`,
  entry: ({ contestId }) => contestId && `#/contests/${contestId}/entries`,
  entrant: ({ categoryId }) => categoryId && `#/categories/${categoryId}/entrants`,
  assignment: ({ categoryId }) => categoryId && `#/categories/${categoryId}/judges`,
  deduction: ({ categoryId }) => categoryId && `#/categories/${categoryId}/deductions`,
  contestant: () => '#/contestants',
  judge: () => '#/judges',
  conflict: () => '#/judges',
  field: () => '#/fields',
  file: () => '#/files',
  webhook: () => '#/webhooks',
  action: () => '#/actions',
  wording: () => '#/wordings',
  user: () => '#/users',
  tenant: () => '#/tenants',
};

/**
 * The page on which something can be changed.
 * @param {string} kind
 * @param {{id: string, contestId?: string, categoryId?: string}} resource
 * @returns {string|null}
 */
export const pageOf = (kind, resource) => pages[kind]?.(resource) ?? null;
