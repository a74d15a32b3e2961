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

/**
 * The instant at which the clocks of a zone show a local time. Where they show it twice, in autumn, the first of the
 * two; where they skip it, in spring, as much later as they skip.
 * @param {string} local value of a `datetime-local` field
 * @param {string} timeZone IANA name
 * @returns {string|null} RFC 3339 in UTC
 */
export function toInstant(local, timeZone) {
  if (!local) return null;
  const wanted = Date.parse(`${local}Z`);
  const shownAt = (ms) => Date.parse(`${toLocal(new Date(ms).toISOString(), timeZone)}Z`);
  const [before, after] = [wanted - day, wanted + day].map((ms) => wanted - (shownAt(ms) - ms));
  const fitting = [before, after].filter((ms) => shownAt(ms) === wanted);
  return new Date(fitting.length > 0 ? Math.min(...fitting) : before).toISOString();
}
