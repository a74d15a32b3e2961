// Every table can be kept as a file, and what was exported is imported again.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dialog, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare, submitSheets } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('tables are kept as files', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  for (const judge of [ines, otto]) {
    await submitSheets(server.url, competition, judge, { Ada: ['9.5', '9'], Ben: ['8', '8'], Cleo: ['7', '7'] });
  }
  const organiser = await enter({ expected: ['ERR_FAILED'] });
  const { page } = organiser;
  const keep = async (act) => {
    const [file] = await Promise.all([page.waitForEvent('download'), act()]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  };
  const unfold = (what) => page.locator('summary', { hasText: `Export ${what}` }).click();
  const table = async (what, form) => {
    await unfold(what);
    return keep(() => page.getByRole('button', { name: form, exact: true }).click());
  };
  const category = `#/categories/${competition.category.id}`;

  await step('the register as a spreadsheet, which an import knows again', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Contestants');
    await unfold('contestants');
    await look(organiser, 'export-menu');
    const { name, text } = await keep(() => page.getByRole('button', { name: 'For spreadsheets (CSV)' }).click());
    assert.match(name, /^Contestants \d{4}-\d\d-\d\d\.csv$/i);
    for (const person of ['Ada', 'Ben', 'Cleo']) assert.ok(text.includes(person), text);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog(page).getByLabel('Table', { exact: true }).fill(text);
    await dialog(page).getByRole('button', { name: 'Check', exact: true }).click();
    await dialog(page).getByText('3 rows of who is there already').waitFor();
    await page.keyboard.press('Escape');
  });

  await step('results for a program', async () => {
    await page.goto(`${category}/results`);
    const { name, text } = await table('results', 'For programs (JSON)');
    assert.match(name, /\.json$/);
    const { items } = JSON.parse(text);
    assert.equal(items.length, 3, text);
  });

  await step('sheets with every mark', async () => {
    await page.goto(`${category}/sheets`);
    const { text } = await table('sheets', 'For spreadsheets (CSV)');
    assert.ok(text.includes('9.5') && text.includes(ines.name), text);
  });

  await step('a whole event', async () => {
    await page.goto(`#/events/${competition.event.id}`);
    await page.locator('summary', { hasText: 'More actions' }).click();
    const { name, text } = await keep(() => page.getByRole('button', { name: 'Export all of it' }).click());
    assert.match(name, /Spring Song Night/);
    assert.ok(JSON.parse(text).contests[0].categories[0].sheets.length > 0, text.slice(0, 500));
  });

  await step('a network that fails is told, and no file is kept', async () => {
    await page.goto(`${category}/results`);
    await page.route('**/exports/*', (route) => route.abort());
    await unfold('results');
    await page.getByRole('button', { name: 'For spreadsheets (CSV)' }).click();
    await dialog(page).getByRole('heading', { name: 'The table could not be exported' }).waitFor();
    await dialog(page).getByText('The server cannot be reached').waitFor();
  });
});
