/** A pasted list of names as many changes, and what is wrong with them line by line. */

/** The names in a text, one a line; empty lines do not count. */
export const namesIn = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);

/**
 * The changes for all names, in order.
 * @param {string[]} names
 * @param {(name: string, first: string) => object[]} operations those for one name, always as many; `first` stands for
 * what the first of them creates
 */
export function operationsFor(names, operations) {
  const size = operations('', '').length;
  return names.flatMap((name, index) => operations(name, `#${index * size}`));
}

const shortened = (name) => (name.length > 60 ? `${name.slice(0, 59)}…` : name);

/**
 * Faults of changes as faults of names.
 * @param {string[]} names
 * @param {{pointer: string, message: string}[]} faults with pointers such as `/operations/3/body/name`
 * @param {(name: string, first: string) => object[]} operations as for {@link operationsFor}
 * @returns {{line: number, name: string, message: string}[]} one for each name that something is wrong with; `line`
 * counts names from 1
 */
export function byLine(names, faults, operations) {
  const size = operations('', '').length;
  const lines = new Map();
  for (const { pointer, message } of faults) {
    const index = Math.floor(Number(pointer.split('/')[2]) / size);
    // The first is the cause; what follows refers to what was not created because of it.
    if (!lines.has(index)) lines.set(index, { line: index + 1, name: shortened(names[index]), message });
  }
  return [...lines.values()];
}
