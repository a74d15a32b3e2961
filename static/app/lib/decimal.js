/** Exact decimals, as the server has them: whole millionths in a BigInt, never a binary fraction. */

const digits = 6;
const one = 10n ** BigInt(digits);

/**
 * Reads a decimal; a comma counts as the point.
 * @param {string} text such as `9.5`
 * @returns {bigint|null} millionths, or null when it is no decimal
 */
export function parseDecimal(text) {
  const found = /^\s*(-?)(\d{0,12})(?:[.,](\d{0,6}))?\s*$/.exec(text ?? '');
  if (!found || !(found[2] || found[3])) return null;
  const [, sign, whole, fraction = ''] = found;
  const units = BigInt(whole || '0') * one + BigInt(fraction.padEnd(digits, '0'));
  return sign ? -units : units;
}

/** The shortest text of a number of units, `scale` digits after the point. */
function shortest(units, scale) {
  const sign = units < 0n ? '-' : '';
  const all = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = all.slice(-scale).replace(/0+$/, '');
  return sign + all.slice(0, -scale) + (fraction && `.${fraction}`);
}

/** The shortest text of a decimal. */
export function formatDecimal(units) {
  return shortest(units, digits);
}

/**
 * What is wrong with a mark, or null.
 * @param {string} text the mark
 * @param {{minimum: string, maximum: string, step: string}} criterion
 */
export function markFault(text, { minimum, maximum, step }) {
  const value = parseDecimal(text);
  if (value === null) return 'Enter a number.';
  const [low, high, grid] = [minimum, maximum, step].map(parseDecimal);
  if (value < low || value > high) return `Enter a mark from ${minimum} to ${maximum}.`;
  if ((value - low) % grid !== 0n) return `Marks go in steps of ${step}.`;
  return null;
}

/**
 * The mark one step up or down, held within the range. From no mark at all, up begins at the lowest and down at
 * the highest.
 * @param {string|null} text the present mark
 * @param {1|-1} direction
 */
export function stepMark(text, direction, { minimum, maximum, step }) {
  const [low, high, grid] = [minimum, maximum, step].map(parseDecimal);
  const value = parseDecimal(text);
  if (value === null) return formatDecimal(direction > 0 ? low : high);
  const next = value + BigInt(direction) * grid;
  return formatDecimal(next < low ? low : next > high ? high : next);
}

/**
 * The exact sum of value times weight.
 * @param {[string, string][]} products pairs of value and weight
 */
export function weightedTotal(products) {
  const sum = products.reduce((total, [value, weight]) => total + parseDecimal(value) * parseDecimal(weight), 0n);
  return shortest(sum, 2 * digits);
}

/**
 * A total as people read it: decimals as they are, fractions such as `52/3` cut off after four digits: `17.3333…`.
 * @param {string} text a decimal, or a fraction that has no finite decimal
 */
export function figure(text) {
  const [numerator, denominator] = text.split('/');
  if (denominator === undefined) return text;
  const sign = numerator.startsWith('-') ? '-' : '';
  const scaled = (BigInt(numerator.replace('-', '')) * 10_000n) / BigInt(denominator);
  const digits = scaled.toString().padStart(5, '0');
  return `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}…`;
}

/** Two figures that differ, told so that one sees it: as fractions if their first digits are the same. */
export function figures(one, other) {
  return figure(one) === figure(other) ? [one, other] : [figure(one), figure(other)];
}
