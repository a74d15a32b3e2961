// Jobs: many things are deleted and added at once, followed, stopped and taken back.
import assert from 'node:assert/strict';
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, prepare, submitSheets } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const vera = { name: 'Vera Audit', email: 'vera@example.org', password: 'every line is looked at' };

story('many things change at once, and a job takes it back', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { entrants: ['Ada', 'Ben', 'Cleo', 'Dana'] });
  const { contest, category } = competition;
  await submitSheets(server.url, competition, ines, { Ada: ['8', '9'] });
  const person = await enter({ expected: [422] });
  const { page } = person;
  const row = (name) => page.getByRole('row', { name });
  const select = (name) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
  const jobs = () => page.locator('main .record');
  const names = async (path) => (await api.get(path)).items.map(({ name, contestantName }) => name ?? contestantName);

  await step('several are added at once, and each line that cannot be is told', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Contestants');
    await page.getByRole('button', { name: 'Add several' }).click();
    await fill(dialog(page), { 'Names, one a line': `Eve\n${'x'.repeat(300)}\nFinn` });
    await dialog(page).getByRole('button', { name: 'Add 3' }).click();
    await dialog(page).getByText('Nothing was added yet').waitFor();
    await dialog(page).getByText(/^Line 2, /).waitFor();
    await look(person, 'several-refused');
    assert.equal((await names('/contestants')).includes('Eve'), false, 'all or none');
    await fill(dialog(page), { 'Names, one a line': 'Eve\nFinn' });
    await dialog(page).getByRole('button', { name: 'Add 2' }).click();
    await row(/Finn/).waitFor();
    await page.getByText('2 contestants added.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(/Finn/).waitFor({ state: 'detached' });
    await row(/Eve/).waitFor({ state: 'detached' });
    await row(/Ada/).waitFor();
  });

  await step('several are deleted at once after a rehearsal, and come back with Undo', async () => {
    await select('Ada');
    await select('Ben');
    await page.getByText('2 of 4 selected').waitFor();
    await look(person, 'contestants-selected');
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await dialog(page).getByText('Marks have been given under 1 contestant').waitFor();
    await dialog(page).getByText(/^Marks go out of sight in Voice/).waitFor();
    await look(person, 'delete-many');
    await fill(dialog(page), { Reason: 'Stuck on the ferry' });
    await dialog(page).getByRole('button', { name: 'Delete 2 contestants anyway' }).click();
    await row(/Ada/).waitFor({ state: 'detached' });
    assert.deepEqual(await names('/contestants'), ['Cleo', 'Dana']);
    const { items: trash } = await api.get('/trash?kind=contestant&limit=2');
    assert.deepEqual(trash.map(({ reason }) => reason), ['Stuck on the ferry', 'Stuck on the ferry']);
    await page.getByText('2 contestants are in the trash.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(/Ada/).waitFor();
    assert.deepEqual(await names('/contestants'), ['Ada', 'Ben', 'Cleo', 'Dana']);
  });

  await step('entries, criteria, judges and users have the same', async () => {
    const places = {
      [`/contests/${contest.id}/entries`]: ['1 · Ada', '2 · Ben', 'entries'],
      [`/categories/${category.id}/criteria`]: ['Technique', 'Expression', 'criteria'],
      '/judges': ['Ines Moreau', 'Otto Brandt', 'judges'],
      '/users': ['Ines Moreau', 'Otto Brandt', 'users'],
    };
    for (const [path, [one, other, many]] of Object.entries(places)) {
      await page.goto(`#${path}`);
      await select(one);
      await select(other);
      await page.getByRole('button', { name: 'Delete selected' }).click();
      await dialog(page).getByRole('heading', { name: `Delete 2 ${many}?` }).waitFor();
      await dialog(page).getByRole('button', { name: new RegExp(`^Delete 2 ${many}`) }).click();
      await row(new RegExp(one)).waitFor({ state: 'detached' });
      await page.getByText(`2 ${many} are in the trash.`).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await row(new RegExp(one)).waitFor();
    }
  });

  await step('what cannot be deleted is left out, and says why', async () => {
    await page.goto('#/users');
    await select('Mara Lind');
    await select('Otto Brandt');
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await dialog(page).getByText('1 user cannot be deleted as things are').waitFor();
    await dialog(page).getByText(/^This is the last ADMIN/i).waitFor();
    await look(person, 'delete-many-in-part');
    await dialog(page).getByRole('button', { name: 'Delete the 1 that can be' }).click();
    await row(/Otto Brandt/).waitFor({ state: 'detached' });
    await row(/Mara Lind/).waitFor();
  });

  await step('the page of jobs tells what was done and by whom, and takes it back after asking', async () => {
    await visit(page, 'Jobs');
    const deleted = jobs().filter({ has: page.getByRole('heading', { name: 'Delete 1 user', exact: true }) });
    await deleted.getByText('by Mara Lind').waitFor();
    await deleted.getByRole('button', { name: /^Copy correlation ID/ }).waitFor();
    await look(person, 'jobs');
    await deleted.getByRole('button', { name: 'Undo: Delete 1 user' }).click();
    await dialog(page).getByText(/what it deleted is restored/).waitFor();
    await look(person, 'jobs-undo');
    await dialog(page).getByRole('button', { name: 'Take it back' }).click();
    await deleted.getByText('Taken back', { exact: true }).waitFor();
    await jobs().filter({ hasText: 'Take back: Delete 1 user' }).getByText('Done', { exact: true }).waitFor();
    assert.ok((await names('/users')).includes('Otto Brandt'));
  });

  await step('a long job is seen moving, without anybody refreshing, and is stopped', async () => {
    const operations = Array.from({ length: 10_000 }, (_, index) => ({
      op: 'create', type: 'contestant', body: { name: `No. ${index}` },
    }));
    // Jobs take turns, so beside others this one is not over before it is stopped, however fast the machine is.
    const others = [];
    for (let other = 0; other < 8; other += 1) {
      others.push(await api.post('/bulk', { name: `beside ${other}`, operations }));
    }
    const begun = await api.post('/bulk', { name: 'import', operations });
    await page.getByRole('button', { name: 'Refresh' }).click();
    const imported = jobs().filter({ has: page.getByRole('heading', { name: 'Import', exact: true }) });
    await imported.getByRole('progressbar', { name: 'Progress of: Import' }).waitFor();
    await imported.getByRole('button', { name: 'Stop: Import' }).click();
    await imported.getByText('Cancelled', { exact: true }).waitFor();
    await imported.getByText(/^It was stopped; what it had done stays/).waitFor();
    assert.equal((await api.get(`/jobs/${begun.id}`)).state, 'cancelled');
    for (const { id } of others) await api.post(`/jobs/${id}/cancel`);
  });

  await step('a job that ends while somebody looks says so by itself', async () => {
    const operations = Array.from({ length: 3_000 }, (_, index) => ({
      op: 'create', type: 'judge', body: { name: index % 100 === 0 ? '' : `No. ${index}` },
    }));
    await api.post('/bulk', { name: 'more judges', operations });
    await page.getByRole('button', { name: 'Refresh' }).click();
    const more = jobs().filter({ has: page.getByRole('heading', { name: 'More judges', exact: true }) });
    await more.getByText('Done in part').waitFor({ timeout: 30_000 });
    await more.getByText('What could not be done (30)').click();
    assert.equal(await more.locator('.faults li').count(), 20);
    await look(person, 'jobs-faults');
    await more.getByRole('button', { name: 'Show 10 more' }).click();
    assert.equal(await more.locator('.faults li').count(), 30);
    await page.getByLabel('Show').selectOption({ label: 'Cancelled' });
    await more.waitFor({ state: 'detached' });
    await jobs().filter({ has: page.getByRole('heading', { name: 'Import', exact: true }) }).waitFor();
    const states = await jobs().locator('.record-head .badge').allInnerTexts();
    assert.deepEqual([...new Set(states.map((state) => state.trim()))], ['Cancelled']);
  });

  await step('an auditor reads the jobs and changes nothing', async () => {
    await createUser(api, vera, 'AUDITOR');
    const auditor = await enter();
    await signInAtDesk(auditor.page, vera);
    await visit(auditor.page, 'Jobs');
    await auditor.page.getByRole('heading', { name: 'More judges' }).waitFor();
    assert.equal(await auditor.page.getByRole('button', { name: /^(Undo|Stop)/ }).count(), 0);
  });
});
