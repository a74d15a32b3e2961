// Lists of people come from spreadsheets: read as they were saved, checked row by row, imported, taken back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dialog, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { prepare } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const names = async (api, path) => (await api.get(`${path}?limit=500`)).items.map(({ name }) => name);
const choose = (page, name, bytes) => dialog(page).getByLabel('CSV file')
  .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(bytes) });

story('lists of people are imported from spreadsheets', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { judges: [] });
  const organiser = await enter({ expected: [422] });
  const { page } = organiser;
  const press = (name) => dialog(page).getByRole('button', { name, exact: true }).click();
  const open = async () => {
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog(page).waitFor();
  };

  await step('a file from an old spreadsheet keeps its accents, and who is known is left out', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Contestants');
    await open();
    // “Zoë €” and “Ada” as Windows-1252.
    await choose(page, 'list.csv', Buffer.from('Vorname;Nachname;Rufname\r\nZoë;\x80uro;Zo\r\n;Ada;\r\n', 'latin1'));
    await dialog(page).getByText('1 contestant can be imported').waitFor();
    const held = dialog(page).getByLabel('What the column “Vorname” holds');
    assert.equal(await held.inputValue(), 'firstName', 'as the server guessed it');
    assert.equal(await dialog(page).getByLabel('What the column “Rufname” holds').inputValue(), '', 'left out');
    await dialog(page).getByText('1 row of who is there already').click();
    await press('Import 1 contestant');
    await dialog(page).getByText('1 contestant imported').waitFor();
    assert.ok((await names(api, '/contestants')).includes('Zoë €uro'));
  });

  await step('an import is taken back', async () => {
    await press('Undo');
    await dialog(page).waitFor({ state: 'hidden' });
    await page.getByText('The import is taken back.').waitFor();
    assert.deepEqual((await names(api, '/contestants')).sort(), ['Ada', 'Ben', 'Cleo']);
  });

  await step('an empty table to fill in has a column for everything, what the organisers ask for themselves among it', async () => {
    await api.post('/fields', { entity: 'judge', key: 'club', label: 'Club', rule: { type: 'text' } });
    await visit(page, 'Judges');
    await open();
    const kept = page.waitForEvent('download');
    await press('Empty table to fill in');
    const table = await readFile(await (await kept).path(), 'utf8');
    assert.equal(table, '\uFEFFname,description,pronouns,bio,contactEmail,contactPhone,Club\r\n,,,,,,\r\n');
    await choose(page, 'judges.csv', 'Name,Club,Phone\nIda,Nord,0664 1\n');
    await dialog(page).getByText('1 judge can be imported').waitFor();
    const held = dialog(page).getByLabel('What the column “Club” holds').locator('option:checked');
    assert.equal(await held.textContent(), 'Club');
    await look(organiser, 'import-columns');
    await press('Import 1 judge');
    await dialog(page).getByText('1 judge imported').waitFor();
    await press('Done');
    const ida = (await api.get('/judges?limit=500')).items.find(({ name }) => name === 'Ida');
    assert.deepEqual([ida.custom, ida.contactPhone], [{ club: 'Nord' }, '0664 1']);
  });

  await step('columns that are not recognised are named by hand', async () => {
    await open();
    await dialog(page).getByLabel('Table', { exact: true }).fill('Wer,Notes\nJo,from Oslo\n');
    await press('Check');
    await dialog(page).getByText(/No column holds the name/).waitFor();
    await dialog(page).getByLabel('What the column “Wer” holds').selectOption({ label: 'Name' });
    await dialog(page).getByLabel('What the column “Notes” holds').selectOption({ label: 'Description' });
    await press('Check');
    await press('Import 1 judge');
    await dialog(page).getByText('1 judge imported').waitFor();
    await press('Done');
    await page.getByRole('row', { name: /Jo\b.*from Oslo/ }).waitFor();
  });

  await step('each faulty row says what is wrong, and the rest is imported without it', async () => {
    await visit(page, 'Users');
    await open();
    await choose(page, 'users.csv', 'Name,E-Mail,Role\nZoë Lund,zoe@a.example,Judge\nLee,,judge\nKim,kim@a.example,emcee\n');
    await dialog(page).getByText('2 users can be imported').waitFor();
    const row = dialog(page).getByRole('row', { name: /Lee · judge/ });
    await row.getByText(/E-mail: /).waitFor();
    await look(organiser, 'import-faults');
    await press('Import the rest (2)');
    await dialog(page).getByText('2 users imported').waitFor();
    await dialog(page).getByRole('row', { name: /Lee · judge/ }).waitFor();
    await press('Done');
    await page.getByRole('row', { name: /Zoë Lund/ }).waitFor();
    assert.deepEqual((await names(api, '/users')).sort(), ['Kim', admin.name, 'Zoë Lund']);
  });

  await step('a role that does not exist stands beside its row', async () => {
    await open();
    await dialog(page).getByLabel('Table', { exact: true }).fill('Name,E-Mail,Role\nMo,mo@a.example,boss\n');
    await press('Check');
    await dialog(page).getByRole('row', { name: /Mo · mo@a.example · boss/ }).getByText(/^Roles: /).waitFor();
    await press('Cancel');
  });

  await step('a workbook is refused in words', async () => {
    await open();
    await choose(page, 'users.xlsx', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]));
    await dialog(page).getByText(/“users.xlsx” is no such table/).waitFor();
    await press('Cancel');
  });

  await step('entries bring along contestants; many are left to a job that says how far it is', async () => {
    await page.goto(`#/contests/${competition.contest.id}/entries`);
    await page.getByRole('row', { name: /Cleo/ }).waitFor();
    await open();
    const lines = Array.from({ length: 300 }, (_, index) => `${index + 10},Singer ${index + 10}`);
    await dialog(page).getByLabel('Table', { exact: true }).fill(['Number,Name', ...lines].join('\n'));
    await press('Check');
    await press('Import 300 entries');
    await dialog(page).getByText('300 entries imported').waitFor({ timeout: 60_000 });
    await press('Done');
    await page.getByRole('row', { name: /309\s*Singer 309/ }).waitFor();
  });
});
