// A criterion comes after sheets were submitted: judges are asked for the marks that are missing, and officials see
// what is still open until they are there.
import assert from 'node:assert/strict';
import { dialog } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare, submitSheets } from '../support/competition.mjs';
import { keyMarks, openSheet, signInToJudge, submit } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('a judge completes a submitted sheet, and officials see what is open', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { entrants: ['Ada', 'Ben'] });
  const { category, entries, judges } = competition;
  const marks = { Ada: ['8', '9'], Ben: ['7', '6'] };
  await submitSheets(server.url, competition, ines, marks);
  await submitSheets(server.url, competition, otto, marks);
  const official = await enter();
  const judge = await enter({ phone: true });
  const { page } = judge;
  const cell = (state, account, entrant) => official.page
    .getByRole('button', { name: `${state}: sheet of ${account.name} for ${entrant}` });
  const openBoard = async () => {
    await official.page.getByRole('link', { name: 'Go to the sheets of Voice' }).click();
    await official.page.getByRole('table', { name: 'Sheets by entrant and judge' }).waitFor();
  };
  const openResults = async () => {
    await official.page.goto(`#/categories/${category.id}/results`);
    await official.page.reload();
    await official.page.getByText('4 of 4 sheets', { exact: true }).waitFor();
  };

  await step('a criterion that comes later leaves submitted sheets a mark short', async () => {
    await signInAtDesk(official.page, admin);
    await openResults();
    await official.page.locator('.notice').waitFor({ state: 'detached' });
    await api.post(`/categories/${category.id}/criteria?confirm=true`, { name: 'Poise', position: 9 });
    await openResults();
    const notice = official.page.locator('.notice', { hasText: 'Provisional' });
    await notice.getByText('Ines Moreau has not scored Poise for Ada and Ben.').waitFor();
    await notice.getByText('4 sheets with marks missing: a criterion came later, or a mark was deleted.').waitFor();
    await look(official, 'results-marks-missing');
  });

  await step('the results lead to the board, which shows the sheets and what they lack', async () => {
    await openBoard();
    await official.page.getByText('All sheets are in, but some can still change').waitFor();
    const notice = official.page.locator('.notice', { hasText: '4 sheets with marks missing' });
    assert.equal(await notice.getByRole('listitem').filter({ hasText: 'on Poise' }).count(), 4);
    await cell('1 mark missing', ines, 'Ada').waitFor();
    await look(official, 'category-sheets-marks-missing');
    await notice.getByRole('button', { name: 'Otto Brandt for 2 · Ben' }).click();
    await dialog(official.page).getByText('1 mark missing').waitFor();
    await look(official, 'sheet-mark-missing');
    await dialog(official.page).getByRole('button', { name: 'Close' }).click();
  });

  await step('the judge is told where marks are missing', async () => {
    await signInToJudge(page, ines);
    await page.getByText('Marks missing on 2 sheets').waitFor();
    await page.getByText('All submitted').waitFor({ state: 'detached' });
    await look(judge, 'judge-home-marks-missing');
    await page.getByRole('link', { name: 'Voice' }).click();
    await page.getByText('1 mark missing').nth(1).waitFor();
    await look(judge, 'judge-category-marks-missing');
  });

  await step('the sheet is open for the missing mark and for nothing else', async () => {
    await page.getByRole('link', { name: 'Continue with 1 · Ada' }).click();
    await page.getByText('1 of 3 not scored').waitFor();
    const open = page.getByRole('button', { name: /Open the keypad$/ });
    assert.deepEqual(await open.evaluateAll((buttons) => buttons.map(({ ariaLabel }) => ariaLabel)), [
      'Poise: not scored. Open the keypad',
    ]);
    assert.deepEqual(await page.locator('.mark.fixed').evaluateAll((fixed) => fixed.map((mark) => (
      [mark.querySelector('h3').textContent, mark.querySelector('.mark-given').textContent]))), [
      ['Technique', '8'], ['Expression', '9'],
    ]);
    await page.getByLabel('Comment').waitFor({ state: 'detached' });
    await look(judge, 'judge-sheet-mark-missing');
    await keyMarks(page, { Poise: '7' });
    await page.reload();
    await page.getByRole('button', { name: 'Poise: 7. Open the keypad' }).waitFor();
  });

  await step('submitting completes it', async () => {
    await submit(page);
    await page.getByText('Submitted, final').waitFor();
    await page.getByText('This device holds other marks').waitFor({ state: 'detached' });
    await page.getByText('Next to score').waitFor();
    await page.getByRole('link', { name: '2 · Ben' }).click();
    await page.getByText('1 of 3 not scored').waitFor();
    const scores = await sheetOf('Ada');
    assert.deepEqual(scores.map(({ value }) => value), ['8', '9', '7']);
  });

  await step('marks from another device stay beside the completed sheet', async () => {
    // The device has marks of its own for a sheet that was meanwhile submitted elsewhere.
    await page.evaluate(([judgeId, categoryId, entryId, technique]) => localStorage.setItem(
      `event-manager:draft:${judgeId}:${categoryId}:${entryId}`,
      JSON.stringify({ marks: { [technique]: { value: '2' } }, comment: { text: '', private: false } }),
    ), [judges[ines.name].id, category.id, entries.Ben.id, competition.criteria[0].id]);
    await page.reload();
    await keyMarks(page, { Poise: '5' });
    await submit(page);
    await page.getByText('This device holds other marks that were not submitted').waitFor();
    const scores = await sheetOf('Ben');
    assert.deepEqual(scores.map(({ value }) => value), ['7', '6', '5']);
  });

  await step('a reopened sheet is told apart, until all that was open is in', async () => {
    await api.post(`/categories/${category.id}/entries/${entries.Ada.id}/sheets/${judges[ines.name].id}/reopen`, {
      reason: 'Read out wrongly.',
    });
    await openResults();
    await official.page.getByText('1 sheet reopened: the marks count, and can still change.').waitFor();
    await official.page.getByText('2 sheets with marks missing').waitFor();
    await openBoard();
    const notice = official.page.locator('.notice', { hasText: '1 sheet reopened' });
    await notice.getByRole('button', { name: 'Ines Moreau for 1 · Ada' }).waitFor();
    await look(official, 'category-sheets-reopened');
    await openSheet(page, competition, 'Ada');
    await submit(page);
    await page.getByText('Submitted, final').waitFor();
    await completeAsOtto();
    await openResults();
    await official.page.locator('.notice').waitFor({ state: 'detached' });
    await official.page.goto(`#/categories/${category.id}/sheets`);
    await official.page.getByText('All sheets are in', { exact: true }).waitFor();
    await cell('Submitted', otto, 'Ben').waitFor();
  });

  async function completeAsOtto() {
    const other = await enter({ phone: true });
    await signInToJudge(other.page, otto);
    for (const name of ['Ada', 'Ben']) {
      await openSheet(other.page, competition, name);
      await keyMarks(other.page, { Poise: '6' });
      await submit(other.page);
      await other.page.getByText('Submitted, final').waitFor();
    }
    await other.page.getByText('All sheets are submitted. Thank you!').waitFor();
  }

  async function sheetOf(name) {
    const path = `/categories/${category.id}/entries/${entries[name].id}/sheets/${judges[ines.name].id}`;
    return (await api.get(path)).scores;
  }
});
