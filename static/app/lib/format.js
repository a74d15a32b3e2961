/** How dates, numbers and names are written for people. */
import { deviceZone } from './zoned-time.js';

const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const dateTimeExact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const precise = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const plurals = new Intl.PluralRules('en', { type: 'ordinal' });
const conjunction = new Intl.ListFormat('en-GB', { type: 'conjunction' });

export const formatTime = (instant) => time.format(new Date(instant));
export const formatDateTime = (instant) => dateTime.format(new Date(instant));
/** To the second, for logs: `23 Nov 2026, 22:30:05`. */
export const formatPrecise = (instant) => precise.format(new Date(instant));
export const formatExact = (instant) => dateTimeExact.format(new Date(instant));

/** How long ago: `3 minutes ago`. */
export function formatAgo(instant, now = Date.now()) {
  const seconds = Math.min(0, Math.round((new Date(instant).getTime() - now) / 1000));
  for (const [unit, length] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
    if (-seconds >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}

/** How far ahead: `in 5 minutes`; what is due is `now`. */
export function formatAhead(instant, now = Date.now()) {
  const seconds = Math.max(0, Math.round((new Date(instant).getTime() - now) / 1000));
  for (const [unit, length] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
    if (seconds >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return relative.format(seconds, 'second');
}

/** The time span of an event in its own time zone, which is named if it is not that of this device. */
export function formatSpan({ startsAt, endsAt, timeZone }) {
  if (!startsAt) return null;
  const format = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full', timeStyle: 'short', timeZone: timeZone ?? undefined,
  });
  const start = new Date(startsAt);
  const span = endsAt ? format.formatRange(start, new Date(endsAt)) : format.format(start);
  return !timeZone || timeZone === deviceZone ? span : `${span} (${timeZone})`;
}

/** `1st`, `2nd`, `3rd`, `4th`. */
export function ordinal(n) {
  return n + { one: 'st', two: 'nd', few: 'rd', other: 'th' }[plurals.select(n)];
}

/** `1 sheet`, `2 sheets`. */
export function count(n, one, many = `${one}s`) {
  return `${n} ${n === 1 ? one : many}`;
}

/** `Ann, Ben and Cleo`. */
export const list = (words) => conjunction.format(words);

/** `tieBreak` or `TALLY_MASTER` as words: `Tie break`, `Tally master`. */
export function words(name) {
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_.-]+/g, ' ').toLowerCase();
  return capitalised(spaced);
}

/** With a capital letter, as a heading or sentence begins. */
export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A fault's message as a sentence: the server leaves out the capital and the full stop. */
export function sentence(text) {
  return capitalised(text) + (/[.!?]$/.test(text) ? '' : '.');
}

/** An id short enough to read aloud; the whole one is copied. */
export const shortId = (id) => (id.length > 13 ? `…${id.slice(-8)}` : id);
