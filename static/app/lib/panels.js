/**
 * Who judges what in a contest, as it is stored and as somebody is about to change it. A seat is a judge in a category;
 * its key names both. A draft maps keys of changed seats to `{sits, heads}`.
 */

export const seatOf = (judgeId, categoryId) => `${judgeId} ${categoryId}`;

const empty = { sits: false, heads: false };

/** The stored seats by key, from the assignments of each category. */
export function seated(assignments) {
  return new Map(assignments.flat().map((assignment) => [
    seatOf(assignment.judgeId, assignment.categoryId),
    { sits: true, heads: assignment.headJudge ?? false, assignment },
  ]));
}

/** A seat as it will be. */
export const planned = (stored, draft, key) => draft.get(key) ?? stored.get(key) ?? empty;

const same = (a, b) => a.sits === b.sits && a.heads === b.heads;

/** The draft with one seat changed; what is as it was before is no change. */
function changed(stored, draft, key, seat) {
  const next = new Map(draft);
  if (same(seat, stored.get(key) ?? empty)) next.delete(key);
  else next.set(key, seat);
  return next;
}

/** Seats a judge, or takes the seat away. */
export function toggled(stored, draft, key) {
  const { sits } = planned(stored, draft, key);
  const before = stored.get(key);
  return changed(stored, draft, key, sits ? empty : { sits: true, heads: before?.heads ?? false });
}

/** Makes a judge head of a panel, or no longer; of a panel's judges one is at most. */
export function headed(stored, draft, key) {
  const [, categoryId] = key.split(' ');
  const heads = !planned(stored, draft, key).heads;
  const others = [...new Set([...stored.keys(), ...draft.keys()])].filter((other) => other !== key
    && other.endsWith(` ${categoryId}`) && planned(stored, draft, other).heads);
  const cleared = others.reduce((next, other) => changed(stored, next, other, { sits: true, heads: false }), draft);
  return changed(stored, cleared, key, { sits: true, heads });
}

/**
 * The operations that make the draft true. Heads step down before others take their place.
 * @returns {object[]} as `POST /bulk` takes them
 */
export function operationsOf(stored, draft) {
  const ofKind = { delete: [], stepDown: [], create: [], rise: [] };
  for (const [key, { sits, heads }] of draft) {
    const [judgeId, categoryId] = key.split(' ');
    const { assignment } = stored.get(key) ?? {};
    const type = 'assignment';
    if (!assignment && sits) {
      const body = { judgeId, ...(heads && { headJudge: true }) };
      ofKind[heads ? 'rise' : 'create'].push({ op: 'create', type, parent: categoryId, body });
    } else if (assignment && !sits) {
      ofKind.delete.push({ op: 'delete', type, id: assignment.id });
    } else if (assignment && heads !== stored.get(key).heads) {
      const { id, version } = assignment;
      ofKind[heads ? 'rise' : 'stepDown'].push({ op: 'update', type, id, version, body: { headJudge: heads } });
    }
  }
  return [...ofKind.delete, ...ofKind.stepDown, ...ofKind.create, ...ofKind.rise];
}

/**
 * With whom a judge has a conflict of interest among those who take part in a category.
 * @param {{judgeId: string, contestantId: string}[]} conflicts
 * @param {{id: string, entrants: string}} category
 * @param {{id: string, contestantId: string}[]} entries of the contest
 * @param {Map<string, {entryId: string}[]>} lists of entrants by category
 * @returns {string[]} names
 */
export function conflictsIn(conflicts, judgeId, category, entries, lists) {
  const listed = lists.get(category.id)?.map(({ entryId }) => entryId);
  const taking = entries.filter(({ id }) => category.entrants === 'all' || listed?.includes(id));
  const theirs = new Set(conflicts.filter((each) => each.judgeId === judgeId).map(({ contestantId }) => contestantId));
  return taking.filter(({ contestantId }) => theirs.has(contestantId)).map(({ contestantName }) => contestantName);
}

/** Whether a refusal only asks to confirm that marks go out of sight. */
export const onlyConfirms = ({ code, errors }) => code === 'bulk_refused' && errors.length > 0
  && errors.every(({ message }) => message.startsWith('confirmation_required'));
