/** Between what the server holds and what stands in the fields of a form. */
import { formatDecimal, parseDecimal } from './decimal.js';
import { deviceZone, explanation, timesShown, toInstant, toLocal } from './zoned-time.js';

const zoneOf = (values) => values.timeZone || deviceZone;

/** The value of one field, from a resource or, for a new one, from the field's own start. */
function shown(field, resource) {
  const value = resource ? resource[field.name] ?? field.unset : field.initial;
  if (field.type === 'datetime') return toLocal(value, zoneOf(resource ?? {}));
  if (field.type === 'integer') return value == null ? '' : String(value);
  if (field.type === 'json') return value == null ? '' : JSON.stringify(value, null, 2);
  return value ?? '';
}

/** The values of all fields. */
export function toForm(fields, resource) {
  return Object.fromEntries(fields.map((field) => [field.name, shown(field, resource)]));
}

/** What a field's value means to the server; null for nothing. */
function meant(field, values) {
  const value = values[field.name];
  if (field.type === 'datetime') return toInstant(value, zoneOf(values));
  if (field.type === 'checkbox') return Boolean(value);
  if (typeof value !== 'string') return value;
  const text = field.type === 'new-password' ? value : value.trim();
  if (text === '') return null;
  if (field.type === 'integer') return Number(text);
  if (field.type === 'decimal') return formatDecimal(parseDecimal(text));
  if (field.type === 'json') return JSON.parse(text);
  return text;
}

/** Why a text is no JSON, in the words of the browser; nothing if it is. */
function wrongJson(text) {
  try {
    JSON.parse(text);
    return null;
  } catch ({ message }) {
    return message;
  }
}

/** What is wrong with the values before anything is sent, in the server's form of faults. */
export function faultsOf(fields, values) {
  return fields.flatMap((field) => {
    const value = values[field.name];
    const fault = (message) => [{ pointer: `/${field.name}`, message }];
    if (field.required && (value == null || value.length === 0)) return fault('Please fill this in.');
    if (field.type === 'json' && value.trim() !== '') {
      const wrong = wrongJson(value);
      if (wrong) return fault(`This is not JSON: ${wrong}`);
    }
    if (field.type === 'datetime' && value && timesShown(value, zoneOf(values)) === 0) {
      return fault(explanation(value, zoneOf(values)));
    }
    if (field.type === 'decimal' && value !== '' && parseDecimal(value) === null) return fault('Enter a number.');
    if (field.type === 'integer' && value !== '' && !/^-?\d{1,9}$/.test(value.trim())) {
      return fault('Enter a whole number.');
    }
    return [];
  });
}

/** The body that creates a resource: what is left empty is left out. */
export function creation(fields, values) {
  const pairs = fields.map((field) => [field.name, meant(field, values)]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== null));
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** A merge patch (RFC 7396) that makes `after` out of `before`: what `after` lacks is named as null. */
function mergePatch(before, after) {
  if (!isObject(before) || !isObject(after)) return after;
  const gone = Object.keys(before).filter((key) => !(key in after)).map((key) => [key, null]);
  const kept = Object.entries(after).map(([key, value]) => [key, mergePatch(before[key], value)]);
  return Object.fromEntries([...gone, ...kept]);
}

/** The merge patch from a resource to the values: only what changed; what was emptied becomes null. */
export function changes(fields, values, resource) {
  const before = toForm(fields, resource);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const zoneMoved = 'timeZone' in values && values.timeZone !== before.timeZone;
  return Object.fromEntries(fields
    .filter((field) => !same(values[field.name], before[field.name])
      || (zoneMoved && field.type === 'datetime' && values[field.name]))
    .map((field) => [field.name, mergePatch(resource[field.name], meant(field, values))]));
}

/**
 * Carries one's own edits over to a version that somebody else has stored meanwhile.
 * @returns {{values: object, theirs: Field[]}} the merged values, and the fields that both changed
 */
export function rebase(fields, values, old, fresh) {
  const [before, after] = [toForm(fields, old), toForm(fields, fresh)];
  const differs = (a, b) => JSON.stringify(a) !== JSON.stringify(b);
  const mine = ({ name }) => differs(values[name], before[name]);
  const merged = fields.map((field) => [field.name, mine(field) ? values[field.name] : after[field.name]]);
  const theirs = fields.filter((field) => mine(field) && differs(after[field.name], before[field.name]));
  return { values: Object.fromEntries(merged), theirs };
}
