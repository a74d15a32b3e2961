/** Between instants and the wall clock of a time zone, for date and time fields. */

const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' };

/** The zone of this device. */
export const deviceZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Every zone this browser knows. */
export const zones = Intl.supportedValuesOf('timeZone');

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

/**
 * The instant at which the clocks of a zone show a local time. In the hour that a zone skips in spring, the
 * instant just after the gap.
 * @param {string} local value of a `datetime-local` field
 * @param {string} timeZone IANA name
 * @returns {string|null} RFC 3339 in UTC
 */
export function toInstant(local, timeZone) {
  if (!local) return null;
  const wanted = Date.parse(`${local}Z`);
  const shownAt = (ms) => Date.parse(`${toLocal(new Date(ms).toISOString(), timeZone)}Z`);
  // The offset at the first guess may differ from the one in force at the instant; the second round settles it.
  let guess = wanted - (shownAt(wanted) - wanted);
  guess -= shownAt(guess) - wanted;
  return new Date(guess).toISOString();
}
