/** Why an entry has its place, in plain words, from the reason that the server gives as data. */
import { figure, figures } from './decimal.js';
import { count, list } from './format.js';

const rules = {
  criterion: (criterion) => `mean mark for ${criterion}`,
  highestSingleMark: () => 'highest single mark',
  mostFirstPlaces: () => 'first places by judges',
  judgeMajority: () => 'judges who prefer it',
  countback: (_, place) => `countback, places no. ${place}`,
  withoutDeductions: () => 'total before deductions',
};

const missing = {
  missing: 'no mark yet',
  abstained: 'abstained',
  recused: 'recused',
  absent: 'absent',
  left: 'left before giving a mark',
};

/**
 * Why results can still change although the sheets are there, a sentence for each cause.
 * @param {{sheetsReopened: number, sheetsIncomplete: number}} results
 */
export function unsettled({ sheetsReopened: reopened, sheetsIncomplete: incomplete }) {
  return [
    incomplete > 0 && `${count(incomplete, 'sheet')} with marks missing: a criterion came later, or a mark was deleted.`,
    reopened > 0 && `${count(reopened, 'sheet')} reopened: the marks count, and can still change.`,
  ].filter(Boolean);
}

/**
 * Words for one results document.
 * @param {{placements: object[], judges: {id: string, name: string}[],
 *   criteria: {id: string, name: string}[]}} results
 */
export function wordsFor({ placements, judges, criteria }) {
  const nameOf = (items) => {
    const names = new Map(items.map(({ id, name }) => [id, name]));
    return (id) => names.get(id) ?? 'somebody deleted meanwhile';
  };
  const entryName = nameOf(placements.map(({ entry }) => entry));
  const judgeName = nameOf(judges);
  const criterionName = nameOf(criteria);
  const names = (ids) => list(ids.map(entryName));

  const versus = (own, other, nothing) => {
    const [one, two] = own !== null && other !== null ? figures(own, other)
      : [own, other].map((value) => (value === null ? nothing : figure(value)));
    return `${one} to ${two}`;
  };
  const decided = ({ type, own, other, step, rule, place }, side) => {
    if (type === 'total') return `${side}: ${versus(own, other, 'no total')}`;
    const what = rules[rule.type]?.(rule.criterionId && criterionName(rule.criterionId), place) ?? rule.type;
    return `${side} with equal totals, by tie-break ${step} (${what}): ${versus(own, other, 'none')}`;
  };

  /** The sentences that explain a placement. */
  const explain = ({ reason }) => {
    if (reason.type === 'onlyEntry') return ['There is nobody to compare it with.'];
    if (reason.type === 'tooFewJudges') {
      const { judges, needed } = reason;
      return [`No total: the method leaves out the best and the worst, which takes ${needed} judges; there are ${judges}.`];
    }
    if (reason.type === 'noTotal') return ['No total yet: no judge has given enough marks.'];
    const { behind, aheadOf, shared } = reason;
    const sentences = [];
    if (shared) {
      const because = shared.because === 'rule' ? 'the tie-break rules say that equals share it'
        : 'their totals are equal, and no tie-break parts them';
      sentences.push(`Shares the place with ${names(shared.with)}: ${because}.`);
    }
    if (behind) sentences.push(`${decided(behind.decidedBy, `Behind ${names(behind.others)}`)}.`);
    if (aheadOf && (!behind || aheadOf.decidedBy.type === 'tieBreak')) {
      sentences.push(`${decided(aheadOf.decidedBy, `Ahead of ${names(aheadOf.others)}`)}.`);
    }
    return sentences;
  };

  /** What a judge contributed to a total. */
  const contribution = ({ judge, total, noTotal, place, points, dropped }) => {
    const parts = [total == null ? missing[noTotal] ?? 'nothing' : figure(total)];
    if (place != null) parts.push(`place ${figure(place)}`);
    if (points != null) parts.push(`${figure(points)} points`);
    const left = dropped === 'no' ? null : `left out as one of the ${dropped}`;
    return { judge: judgeName(judge), text: parts.join(', '), left };
  };

  /** What an entry lacks, a line for each judge and reason. */
  const gaps = ({ completeness }) => (completeness.gaps ?? []).map(({ judge, reason, criteria: of }) => {
    const where = of.length === criteria.length ? '' : ` for ${list(of.map(criterionName))}`;
    return `${judgeName(judge)}: ${missing[reason]}${where}`;
  });

  /** Which judges still owe marks, and for whom: a sentence for each judge and choice of criteria. */
  const owed = () => {
    const owing = new Map();
    for (const { entry, completeness } of placements) {
      for (const { judge, reason, criteria: of } of completeness.gaps ?? []) {
        const what = of.length === criteria.length ? '' : `${list(of.map(criterionName))} for `;
        const who = `${judgeName(judge)} has not scored ${what}`;
        if (reason === 'missing') owing.set(who, [...(owing.get(who) ?? []), entry.name]);
      }
    }
    return [...owing].map(([who, entries]) => `${who}${list([...new Set(entries)])}.`);
  };

  return { explain, contribution, gaps, owed, criterionName };
}
