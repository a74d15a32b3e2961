/** Between instants and the wall clock of a time zone, for date and time fields. */

const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' };

/** The zone of this device. */
export const deviceZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * Every zone this browser knows, and the given one: browsers leave out UTC and former names such as Asia/Calcutta.
 * @param {string|null} [also] IANA name
 */
export function zones(also) {
  const known = ['UTC', deviceZone, ...(also ? [also] : []), ...Intl.supportedValuesOf('timeZone')];
  return [...new Set(known)].sort();
}

/**
 * An instant as the value of a `datetime-local` field.
 * @param {string|null} instant RFC 3339
 * @param {string} timeZone IANA name
 */
export function toLocal(instant, timeZone) {
  if (!instant) return '';
  const format = new Intl.DateTimeFormat('sv-SE', { ...parts, timeZone });
  return format.format(new Date(instant)).replace(' ', 'T');
}

const day = 24 * 60 * 60 * 1000;

const shownAt = (ms, timeZone) => Date.parse(`${toLocal(new Date(ms).toISOString(), timeZone)}Z`);

/** The local time as if it were one of UTC, read with the offsets in force the day before and the day after. */
function readings(local, timeZone) {
  const wanted = Date.parse(`${local}Z`);
  const read = [wanted - day, wanted + day].map((ms) => wanted - (shownAt(ms, timeZone) - ms));
  return { read, fitting: [...new Set(read.filter((ms) => shownAt(ms, timeZone) === wanted))].sort((a, b) => a - b) };
}

/**
 * How often the clocks of a zone show a local time: not at all where they skip it in spring, twice where they go back
 * in autumn, otherwise once.
 * @param {string} local value of a `datetime-local` field
 * @param {string} timeZone IANA name
 */
export function timesShown(local, timeZone) {
  return readings(local, timeZone).fitting.length;
}

/**
 * The instant at which the clocks of a zone show a local time. Where they show it twice, in autumn, the first of the
 * two; where they skip it, in spring, as much later as they skip.
 * @param {string} local value of a `datetime-local` field
 * @param {string} timeZone IANA name
 * @returns {string|null} RFC 3339 in UTC
 */
export function toInstant(local, timeZone) {
  if (!local) return null;
  const { read: [before], fitting: [first] } = readings(local, timeZone);
  return new Date(first ?? before).toISOString();
}

const offset = (instant, timeZone) => new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'shortOffset' })
  .formatToParts(new Date(instant)).find(({ type }) => type === 'timeZoneName').value;

/** What a local time means in a zone, in a sentence for people. */
export function explanation(local, timeZone) {
  const plain = `Clock time in ${timeZone}.`;
  if (!local) return plain;
  const shown = timesShown(local, timeZone);
  const instant = toInstant(local, timeZone);
  if (shown === 0) return `Clocks in ${timeZone} skip this time: ${toLocal(instant, timeZone).slice(11)} is next.`;
  if (shown === 1) return plain;
  return `Clocks in ${timeZone} show this time twice that day. Once you change it, it means the first of the two, `
    + `at ${offset(instant, timeZone)}.`;
}
