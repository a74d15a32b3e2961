// An event with a contest, a category, criteria, entrants and judges with accounts, made through the API.
import { createUser, signInToApi } from './api.mjs';

export const ines = { name: 'Ines Moreau', email: 'ines@example.org', password: 'a sheet for every song' };
export const otto = { name: 'Otto Brandt', email: 'otto@example.org', password: 'nine and a half of ten' };

/**
 * Makes a competition.
 * @param {import('./api.mjs').Api} api of an administrator
 * @param {{event?: object, contest?: object, category?: object, criteria?: object[], entrants?: string[],
 *   judges?: {name: string, email: string, password: string}[]}} plan
 * @returns {Promise<{event: object, contest: object, category: object, criteria: object[],
 *   entries: Record<string, object>, judges: Record<string, object>}>} entries and judges by name
 */
export async function prepare(api, {
  event = {}, contest = {}, category = {}, entrants = ['Ada', 'Ben', 'Cleo'], judges = [ines, otto],
  criteria = [{ name: 'Technique', step: '0.5', weight: '2' }, { name: 'Expression' }],
} = {}) {
  const made = { entries: {}, judges: {}, criteria: [] };
  made.event = await api.post('/events', { name: 'Spring Song Night', ...event });
  made.contest = await api.post(`/events/${made.event.id}/contests`, { name: 'Solo', ...contest });
  made.category = await api.post(`/contests/${made.contest.id}/categories`, { name: 'Voice', ...category });
  const within = `/categories/${made.category.id}`;
  for (const [position, criterion] of criteria.entries()) {
    made.criteria.push(await api.post(`${within}/criteria`, { position, ...criterion }));
  }
  for (const name of entrants) {
    const { id: contestantId } = await api.post('/contestants', { name });
    made.entries[name] = await api.post(`/contests/${made.contest.id}/entries`, { contestantId });
  }
  for (const account of judges) {
    const user = await createUser(api, account, 'JUDGE');
    const judge = await api.post('/judges', { name: account.name, userId: user.id });
    await api.post(`${within}/assignments`, { judgeId: judge.id });
    made.judges[account.name] = { ...judge, userId: user.id };
  }
  return made;
}

/**
 * Submits sheets as a judge.
 * @param {string} url of the program
 * @param {object} competition as {@link prepare} made it
 * @param {{email: string, password: string}} judge
 * @param {Record<string, string[]>} marks by entrant, in the order of the criteria
 */
export async function submitSheets(url, { category, criteria, entries }, judge, marks) {
  const api = await signInToApi(url, judge);
  for (const [name, values] of Object.entries(marks)) {
    const scores = criteria.map(({ id }, index) => ({ criterionId: id, value: values[index] }));
    await api.put(`/categories/${category.id}/entries/${entries[name].id}/sheet`, { scores });
  }
}
