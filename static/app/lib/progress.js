/** What the figures of an event's progress say: how far it is, and who is behind. */

/** The part that is done, from 0 to 1; of nothing, all is. */
export const share = ({ expected, submitted }) => (expected === 0 ? 1 : submitted / expected);

/** In percent, and never 100 before it is all: 999 of 1000 are 99 %. */
export const percent = (tally) => Math.floor(share(tally) * 100);

/** How many sheets are still to come. */
export const open = ({ expected, submitted }) => expected - submitted;

/** Sheets by which a judge has to be behind the one who is furthest before anybody is told. */
const worthTelling = 2;

/**
 * By how many sheets each judge of a category is behind the one who is furthest; 0 unless it is worth telling.
 * @param {{status: string, expected: number, submitted: number, excused: number}[]} judges
 * @returns {number[]} in the order of the judges
 */
export function behind(judges) {
  const done = ({ submitted, excused }) => submitted + excused;
  const atWork = judges.filter(({ status }) => status === 'active');
  const furthest = Math.max(0, ...atWork.map(done));
  return judges.map((judge) => {
    const gap = judge.status === 'active' && open(judge) > 0 ? furthest - done(judge) : 0;
    return gap >= worthTelling ? gap : 0;
  });
}

/**
 * Whom an event waits for, most sheets first.
 * @param {{judges: object[]}[]} contests
 * @returns {{judgeId: string, judgeName: string, open: number}[]}
 */
export function awaited(contests) {
  const judges = new Map();
  for (const judge of contests.flatMap((contest) => contest.judges)) {
    const { judgeId, judgeName } = judge;
    judges.set(judgeId, { judgeId, judgeName, open: (judges.get(judgeId)?.open ?? 0) + open(judge) });
  }
  return [...judges.values()].filter((judge) => judge.open > 0).sort((a, b) => b.open - a.open);
}
