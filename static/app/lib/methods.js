/** The scoring methods with their settings, the tie-breaks and the ways to round, in words. */

const drop = (name, which) => ({
  path: ['drop', name], label: `${which} left out`, type: 'integer', initial: 0, half: true, required: true,
});
const drops = [drop('best', 'Best'), drop('worst', 'Worst')];
const dropPer = {
  path: ['dropPer'], label: 'Left out are', type: 'select', initial: 'judgeTotal', required: true,
  options: [
    { value: 'judgeTotal', label: 'Judges’ totals for an entry' },
    { value: 'criterion', label: 'Marks, criterion by criterion' },
  ],
};
const floor = {
  path: ['floorAtZero'], label: 'Deductions never take a total below zero', type: 'checkbox', initial: false,
};
const normalise = {
  path: ['normaliseWeights'], label: 'Weights count as shares of their sum', type: 'checkbox', initial: false,
  hint: 'Totals then stay on the scale of the marks.',
};
const marksAre = {
  path: ['marksAre'], label: 'Judges give', type: 'select', initial: 'scores', required: true,
  options: [
    { value: 'scores', label: 'Marks; each judge’s totals are ranked' },
    { value: 'places', label: 'Places, on a single criterion' },
  ],
};
const ties = {
  path: ['ties'], label: 'Entries that one judge puts level', type: 'select', initial: 'average', required: true,
  options: [
    { value: 'average', label: 'Share the average of their places' },
    { value: 'better', label: 'All get the better place' },
  ],
};
const points = {
  path: ['points'], label: 'Points for places', type: 'text', list: true,
  hint: 'First place first, such as 10, 5, 3. Without points the places themselves are added and the lowest sum wins.',
};

/** Every method: its words, its settings, and the points of the calculation at which it can round. */
export const methods = {
  weightedSum: {
    label: 'Weighted sum',
    explanation: 'Each judge’s marks times their weights; the judges’ totals are added. The highest wins.',
    settings: [...drops, dropPer, floor],
    rounds: true,
  },
  weightedAverage: {
    label: 'Weighted average',
    explanation: 'Each judge’s marks times their weights; the judges’ totals are averaged. The highest wins.',
    settings: [...drops, dropPer, normalise, floor],
    rounds: true,
  },
  rankSum: {
    label: 'Rank sum',
    explanation: 'Each judge ranks the entries; the places, or points for places, are added.',
    settings: [marksAre, points, ties, ...drops],
    rounds: false,
  },
};

/** Where a weighted method can round, by what is left out. */
export function roundingPoints(per = 'judgeTotal') {
  return [
    per === 'criterion' && ['criterionPanel', 'The panel’s figure for a criterion'],
    ['criterionWeighted', 'A criterion times its weight'],
    per === 'judgeTotal' && ['judgeTotal', 'Each judge’s total'],
    ['finalTotal', 'The final total'],
  ].filter(Boolean);
}

export const roundingModes = {
  halfUp: 'halves up',
  halfDown: 'halves down',
  halfEven: 'halves to even',
  up: 'always up',
  down: 'always down',
};

export const tieBreaks = {
  criterion: 'Mean on one criterion',
  highestSingleMark: 'Highest single mark',
  mostFirstPlaces: 'Most first places by judges',
  judgeMajority: 'Preferred by more judges',
  countback: 'Countback: most firsts, then seconds, …',
  withoutDeductions: 'Better total before deductions',
  shared: 'Share the place',
};
