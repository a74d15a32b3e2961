/** What becomes of each of many changes, put together from a rehearsal without and one with confirmation. */

/**
 * @typedef {{problem: object|null, needsConfirmation: boolean, changes: object[]}} Outcome `problem`: what stands in
 * the way even when it is confirmed; `changes`: categories in which marks are at stake
 */

/**
 * @param {{results: {problem?: object}[]}} plain as it is without confirmation
 * @param {{results: {problem?: object}[]}} confirmed and with it
 * @returns {Outcome[]} one for each change, in order
 */
export function outcomesOf(plain, confirmed) {
  return confirmed.results.map(({ problem = null }, index) => {
    const asked = plain.results[index]?.problem;
    const needsConfirmation = !problem && asked?.code === 'confirmation_required';
    return { problem, needsConfirmation, changes: needsConfirmation ? asked.changes ?? [] : [] };
  });
}

/**
 * The things that can be dealt with, and whether that must be confirmed.
 * @template T
 * @param {T[]} items
 * @param {Outcome[]} outcomes
 * @returns {{possible: T[], confirm: boolean, impossible: number}}
 */
export function decided(items, outcomes) {
  const possible = items.filter((_, index) => !outcomes[index].problem);
  return {
    possible,
    confirm: outcomes.some(({ needsConfirmation }) => needsConfirmation),
    impossible: items.length - possible.length,
  };
}
