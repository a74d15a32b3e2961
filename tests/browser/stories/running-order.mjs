// A category in which not everybody takes part, and whose running order changes on the night.
import assert from 'node:assert/strict';
import { create, dialog, fill } from '../support/admin.mjs';
import { setUp, admin } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare } from '../support/competition.mjs';
import { signInToJudge } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('a category lists its own entrants, in an order of its own', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, {
    category: { entrants: 'listed' }, entrants: ['Ada', 'Ben', 'Cleo', 'Dana'],
  });
  const organiser = await enter();
  const { page } = organiser;
  const tab = (name) => page.getByRole('navigation', { name: 'Parts of the category' }).getByRole('link', { name });

  await step('entries are put on the list of the category', async () => {
    await signInAtDesk(page, admin);
    await page.goto(`#/categories/${competition.category.id}/sheets`);
    await page.getByText('No sheets are expected yet').waitFor();
    await tab('Entrants').click();
    await page.getByText('Nobody is on the list yet').waitFor();
    for (const entry of ['1 · Ada', '2 · Ben', '4 · Dana']) {
      await create(page, 'Add entrant', { Entry: entry }, 'Create entrant');
    }
    await page.getByRole('row', { name: /Dana/ }).waitFor();
    assert.deepEqual(await names(page), ['Ada', 'Ben', 'Dana']);
    await look(organiser, 'category-entrants');
  });

  await step('the running order changes', async () => {
    await page.getByRole('button', { name: 'Change order' }).click();
    await dialog(page).getByRole('button', { name: 'Move up: 4 · Dana' }).click();
    await dialog(page).getByRole('button', { name: 'Move up: 4 · Dana' }).press('Enter');
    await dialog(page).getByText('4 · Dana is now 1 of 3.').waitFor();
    await look(organiser, 'order-dialog');
    await dialog(page).getByRole('button', { name: 'Save order' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await page.getByRole('row').nth(1).getByText('Dana').waitFor();
    assert.deepEqual(await names(page), ['Dana', 'Ada', 'Ben']);
  });

  await step('who is added late comes last', async () => {
    await create(page, 'Add entrant', { Entry: '3 · Cleo' }, 'Create entrant');
    await page.getByRole('row', { name: /Cleo/ }).waitFor();
    assert.deepEqual(await names(page), ['Dana', 'Ada', 'Ben', 'Cleo']);
  });

  await step('judges and the board of sheets follow that order', async () => {
    await tab('Sheets').click();
    await page.getByText('Waiting for 8 sheets').waitFor();
    assert.deepEqual(await names(page), ['Dana', 'Ada', 'Ben', 'Cleo']);
    const judge = await enter({ phone: true });
    await signInToJudge(judge.page, ines);
    await judge.page.getByRole('link', { name: 'Voice' }).click();
    await judge.page.getByRole('link', { name: 'Score 4 · Dana' }).waitFor();
    const cards = await judge.page.getByRole('heading', { level: 2 }).allInnerTexts();
    assert.deepEqual(cards, ['Dana', 'Ada', 'Ben', 'Cleo']);
  });

  await step('who leaves the list is told apart from who leaves the contest', async () => {
    await tab('Entrants').click();
    await page.getByRole('button', { name: 'Delete Ben' }).click();
    await dialog(page).getByText('It stays entered in the contest.').waitFor();
    await fill(dialog(page), { Reason: 'Scratched from Voice' });
    await dialog(page).getByRole('button', { name: 'Delete entrant' }).click();
    await page.getByRole('row', { name: /Ben/ }).waitFor({ state: 'detached' });
    const judge = await enter({ phone: true });
    await signInToJudge(judge.page, otto);
    await judge.page.goto(`judge#/judge/categories/${competition.category.id}/${competition.entries.Ben.id}`);
    await judge.page.getByText('This entrant does not take part any more').waitFor();
    await look(judge, 'judge-not-in-category');
  });
});

/** Who is on the list, in order, without their numbers. */
async function names(page) {
  const cells = await page.getByRole('rowheader').allInnerTexts();
  return cells.map((cell) => cell.replace(/^\s*\d+\s*/, '').trim());
}
