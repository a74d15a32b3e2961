/** What a search of the log has found so far: it comes in parts, and a part may hold nothing but how far it has come. */
import { mayBeId, searchedFor } from './log-query.js';

/**
 * @typedef {{place: string, fields: object}} Line
 * @typedef {{
 *   lines: Line[], as: 'id'|'q', noId: boolean, cursor: string|null|undefined, reachedAt: string|null,
 *   read: {blocks: number, blocksOf: number, millis: number}, faults: {file: string, what: string}[],
 *   window: {from: number|null, until: number|null}, at: number,
 * }} Found `cursor` is undefined before the first part and null after the last; `noId`: what looks like an ID is none
 */

/**
 * Before the first part.
 * @param {string} text what is searched for
 * @param {{from: number|null, until: number|null}} window
 * @param {number} at the time now, in milliseconds
 * @returns {Found}
 */
export function nothingYet(text, window, at) {
  return {
    lines: [], as: mayBeId(searchedFor(text)) ? 'id' : 'q', noId: false, cursor: undefined, reachedAt: null,
    read: { blocks: 0, blocksOf: 0, millis: 0 }, faults: [], window, at,
  };
}

/**
 * With one more part, as the server answers it. What was no ID is searched for as text from the beginning.
 * @param {Found} found
 * @param {{items: Line[], nextCursor: string|null, reachedAt: string|null, read: object, faults: object[]}} page
 * @returns {Found}
 */
export function withPage(found, page) {
  const known = new Set(found.faults.map(({ file, what }) => `${file} ${what}`));
  const joined = {
    ...found,
    lines: [...found.lines, ...page.items],
    cursor: page.nextCursor,
    reachedAt: page.reachedAt ?? found.reachedAt,
    read: {
      blocks: found.read.blocks + page.read.blocks,
      blocksOf: found.read.blocksOf + page.read.blocksOf,
      millis: found.read.millis + page.read.millis,
    },
    faults: [...found.faults, ...page.faults.filter(({ file, what }) => !known.has(`${file} ${what}`))],
  };
  const isNoId = found.as === 'id' && page.nextCursor === null && joined.lines.length === 0;
  return isNoId ? { ...joined, as: 'q', noId: true, cursor: undefined, reachedAt: null } : joined;
}

/** Whether there is no more to be found. */
export const isComplete = ({ cursor }) => cursor === null;

/**
 * How far back a search has come, from 0 to 1; null if nobody knows where it ends.
 * @param {Found} found
 */
export function shareDone({ reachedAt, window: { from, until }, at }) {
  if (!reachedAt || from === null) return null;
  const end = until ?? at;
  const share = (end - Date.parse(reachedAt)) / (end - from);
  return Math.min(1, Math.max(0, share));
}

/** Where a line stands among all, as two numbers: `file.offset`, in hexadecimal. */
const numbersOf = (place) => place.split('.').map((part) => Number.parseInt(part, 16));

/** Orders lines by their places, the newest first. */
export function newestFirst({ place: one }, { place: other }) {
  const [[file, offset], [otherFile, otherOffset]] = [numbersOf(one), numbersOf(other)];
  return otherFile - file || otherOffset - offset;
}

/**
 * Lines together, each once, the newest first.
 * @param {Line[]} some
 * @param {Line[]} others
 * @param {number} [most] that are kept, of the newest
 */
export function merged(some, others, most = Infinity) {
  const byPlace = new Map([...some, ...others].map((line) => [line.place, line]));
  return [...byPlace.values()].sort(newestFirst).slice(0, most);
}
