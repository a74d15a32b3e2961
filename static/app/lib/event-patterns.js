/** Which events somebody wants to hear of: one type (`contest.created`), all of a noun (`contest.*`), or all (`*`). */
import { capitalised } from './format.js';
import { plural } from './kinds.js';

/** The pattern that stands for all there is. */
export const everything = '*';

const titles = {
  sheet: 'Score sheets', result: 'Results', lock: 'Locks', breaker: 'Services outside', job: 'Deliveries',
  conflict: 'Conflicts of interest', wording: 'Wording of messages',
};

const nounOf = (type) => type.slice(0, type.indexOf('.'));

/** The pattern that stands for all of a noun. */
export const allOf = (noun) => `${noun}.*`;

/**
 * The catalogue of events by their nouns, in its order.
 * @param {{type: string, summary: string}[]} types
 * @returns {{noun: string, title: string, types: object[]}[]}
 */
export function grouped(types) {
  const nouns = [...new Set(types.map(({ type }) => nounOf(type)))];
  return nouns.map((noun) => ({
    noun, title: titles[noun] ?? capitalised(plural(noun)), types: types.filter(({ type }) => nounOf(type) === noun),
  }));
}

/** The patterns with one more, or without it if it is among them. One that stands for many takes the place of those. */
export function toggled(patterns, pattern) {
  if (patterns.includes(pattern)) return patterns.filter((one) => one !== pattern);
  if (pattern === everything) return [everything];
  const covers = pattern.endsWith('.*') ? (one) => nounOf(one) === nounOf(pattern) : () => false;
  return [...patterns.filter((one) => one !== everything && !covers(one)), pattern];
}

/** How much of a noun is wanted, in words; nothing if none is. */
export function shareOf(patterns, { noun, types }) {
  if (patterns.includes(allOf(noun))) return 'All';
  const chosen = types.filter(({ type }) => patterns.includes(type)).length;
  return chosen === 0 ? '' : `${chosen} of ${types.length}`;
}

/** Most patterns that a list shows. */
const shownMost = 6;

/**
 * What of the patterns a list shows.
 * @returns {{shown: string[], more: number}}
 */
export function inShort(patterns) {
  return { shown: patterns.slice(0, shownMost), more: Math.max(0, patterns.length - shownMost) };
}
