// The trash: found, chosen, rehearsed, restored, explained, and destroyed for good.
import assert from 'node:assert/strict';
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, prepare, submitSheets } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const olga = { name: 'Olga Stein', email: 'olga@example.org', password: 'the stage is swept at six' };

story('what was deleted comes back, alone or together, or is destroyed for good', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { entrants: ['Ada', 'Ben', 'Cleo', 'Dana'] });
  const { event, contest, category, entries, criteria } = competition;
  await submitSheets(server.url, competition, ines, { Ada: ['8', '9'], Ben: ['7', '6'], Cleo: ['5', '5'], Dana: ['4', '4'] });
  await createUser(api, olga, 'ORGANIZER');
  const remove = (path, reason) => api.send('DELETE', `${path}?confirm=true&reason=${encodeURIComponent(reason)}`);
  const person = await enter({ expected: [409, 422] });
  const { page } = person;
  const lines = () => page.locator('main .record');
  const line = (text) => lines().filter({ hasText: text });
  const named = (name) => lines().filter({ has: page.getByRole('heading', { name, exact: true }) });

  await step('an entry that was deleted by mistake comes back from the message', async () => {
    await signInAtDesk(page, admin);
    await page.goto(`#/contests/${contest.id}/entries`);
    await page.getByRole('button', { name: 'Delete 4 · Dana' }).click();
    await dialog(page).getByText('Marks have been given under this entry').waitFor();
    await dialog(page).getByText('Out of sight with it: 1 sheet.').waitFor();
    await dialog(page).getByRole('button', { name: 'Delete anyway' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: /Dana/ }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row', { name: /Dana/ }).waitFor();
  });

  await step('the trash is searched by name, reason and who, and shown by kind', async () => {
    await remove(`/criteria/${criteria[1].id}`, 'Not judged tonight');
    for (const name of ['Ada', 'Ben']) await remove(`/entries/${entries[name].id}`, 'Stuck on the ferry');
    await visit(page, 'Trash');
    await line('No. 1 Ada').waitFor();
    assert.equal(await lines().count(), 3);
    await page.getByLabel('Find by name, reason or who deleted it').fill('FERRY');
    await page.getByText('2 of the 3 listed fit.').waitFor();
    assert.equal(await lines().count(), 2);
    await page.getByLabel('Find by name, reason or who deleted it').fill('');
    await page.getByLabel('Show').selectOption({ label: 'Criteria' });
    await line('Not judged tonight').waitFor();
    await line('Stuck on the ferry').first().waitFor({ state: 'detached' });
    await page.getByLabel('Show').selectOption({ label: 'Everything' });
    await line('No. 1 Ada').waitFor();
  });

  await step('many are chosen with the keyboard, rehearsed, and restored at once', async () => {
    const box = (name) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });
    await box('No. 2 Ben').focus();
    await page.keyboard.press('Space');
    await box(criteria[1].name).focus();
    await page.keyboard.press('Shift+Space');
    await page.getByText('3 of 3 selected').waitFor();
    await look(person, 'trash-selected');
    await page.getByRole('button', { name: 'Restore selected' }).click();
    await dialog(page).getByText('All 3 can come back. Nothing has been restored yet.').waitFor();
    assert.equal(await dialog(page).getByRole('listitem').count(), 3);
    await look(person, 'trash-rehearsal');
    assert.equal((await api.get('/trash')).items.length, 3, 'a rehearsal restores nothing');
    await dialog(page).getByRole('button', { name: 'Restore all 3' }).click();
    await page.getByText('The trash is empty').waitFor();
    await page.getByText('3 things are back.').waitFor();
    assert.equal((await api.get('/trash')).items.length, 0);
    await remove(`/criteria/${criteria[1].id}`, 'Not judged tonight');
    for (const name of ['Ada', 'Ben']) await remove(`/entries/${entries[name].id}`, 'Stuck on the ferry');
  });

  await step('a number that somebody else has now leads to who has it', async () => {
    const { id: contestantId } = await api.post('/contestants', { name: 'Ann' });
    const ann = await api.post(`/contests/${contest.id}/entries`, { contestantId, number: 1 });
    await page.getByRole('button', { name: 'Refresh' }).click();
    await line('No. 1 Ada').getByText('Number 1 now belongs to Ann').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Restore No. 1 Ada' }).isDisabled());
    await look(person, 'trash-taken');
    await page.getByRole('button', { name: 'Refresh' }).click();
    for (const name of ['No. 1 Ada', 'No. 2 Ben']) await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
    await page.getByRole('button', { name: 'Restore selected' }).click();
    await dialog(page).getByText('1 of 2 can come back; the others stay in the trash.').waitFor();
    await dialog(page).getByText('Number 1 now belongs to Ann.').waitFor();
    await look(person, 'trash-rehearsal-in-part');
    await dialog(page).getByRole('button', { name: 'Restore the 1 that can come back' }).click();
    await line('No. 2 Ben').waitFor({ state: 'detached' });
    await line('No. 1 Ada').getByRole('link', { name: 'Go to the entry' }).click();
    await page.getByRole('row', { name: /Ann/ }).waitFor();
    await api.patch(`/entries/${ann.id}`, { number: 9 });
    await visit(page, 'Trash');
    await page.getByRole('button', { name: 'Restore No. 1 Ada' }).click();
    await line('No. 1 Ada').waitFor({ state: 'detached' });
  });

  await step('what is locked says so, and leads to the lock', async () => {
    await api.post(`/contests/${contest.id}/lock`);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await named(criteria[1].name).getByText('The contest is locked').waitFor();
    await named(criteria[1].name).getByRole('link', { name: 'Unlock the contest first' }).click();
    await page.getByRole('heading', { level: 1, name: contest.name }).waitFor();
    await api.post(`/contests/${contest.id}/unlock`);
  });

  await step('what hangs on something deleted comes back together with it', async () => {
    await visit(page, 'Trash');
    await remove(`/categories/${category.id}`, 'Wrong window');
    await remove(`/events/${event.id}`, 'Wrong window, too');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await named(criteria[1].name).getByRole('button', { name: /^Restore together with the / }).waitFor();
    await look(person, 'trash-parent-deleted');
    await named(category.name).getByRole('button', { name: `Restore together with the event “${event.name}”` }).click();
    await dialog(page).getByText('It can come back. Nothing has been restored yet.').waitFor();
    await dialog(page).getByRole('button', { name: 'Restore', exact: true }).click();
    await named(event.name).waitFor({ state: 'detached' });
    await named(category.name).waitFor({ state: 'detached' });
    await api.get(`/categories/${category.id}`);
  });

  await step('a newer sheet in the place of a deleted one is told', async () => {
    const sheet = `/categories/${category.id}/entries/${entries.Dana.id}/sheets/${competition.judges[ines.name].id}`;
    await remove(sheet, 'Judged the rehearsal');
    await api.post(`/criteria/${criteria[1].id}/restore?confirm=true`);
    await submitSheets(server.url, competition, ines, { Dana: ['9', '9'] });
    await page.getByRole('button', { name: 'Refresh' }).click();
    await line('Judged the rehearsal').getByText('A newer one has taken its place').waitFor();
  });

  await step('only an administrator destroys for good, by typing the name', async () => {
    await remove(`/events/${event.id}`, 'Cancelled');
    const organiser = await enter();
    await signInAtDesk(organiser.page, olga);
    await visit(organiser.page, 'Trash');
    await organiser.page.getByRole('button', { name: `Restore ${event.name}` }).waitFor();
    assert.equal(await organiser.page.getByRole('button', { name: /^Destroy/ }).count(), 0);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('button', { name: `Destroy ${event.name} for good` }).click();
    await dialog(page).getByText(/and with it .*1 contest.*4 sheets/).waitFor();
    await fill(dialog(page), { 'Type its name to confirm': 'spring' });
    await dialog(page).getByRole('button', { name: 'Destroy for good' }).click();
    await dialog(page).getByText(`Please type “${event.name}”, exactly as it stands there.`).waitFor();
    await look(person, 'trash-destroy');
    await fill(dialog(page), { 'Type its name to confirm': event.name });
    await dialog(page).getByRole('button', { name: 'Destroy for good' }).click();
    await page.getByText(`“${event.name}” is destroyed.`).waitFor();
    await page.getByText('The trash is empty').waitFor();
    assert.equal((await api.request('GET', `/events/${event.id}?includeDeleted=true`)).status, 404);
    await visit(page, 'Jobs');
    await line(`Destroy the event “${event.name}” for good`).getByText('Done', { exact: true }).waitFor();
  });

  await step('a trash of many pages is shown page by page', async () => {
    const operations = Array.from({ length: 60 }, (_, index) => ({
      op: 'create', type: 'judge', body: { name: `Spare ${index + 1}` },
    }));
    const { results } = await api.post('/bulk', { operations });
    const gone = results.map(({ id }) => ({ op: 'delete', type: 'judge', id }));
    await api.post('/bulk', { operations: gone });
    await visit(page, 'Trash');
    await line('Spare 60').waitFor();
    assert.equal(await lines().count(), 50);
    // What is deleted while the next page is on its way takes nothing of it away again.
    await page.route(/trash\?.*cursor=/, async (route) => {
      const anew = page.waitForRequest(/trash\?limit=\d+$/, { timeout: 1_500 }).catch(() => null);
      const late = await api.post('/judges', { name: 'Late' });
      await api.send('DELETE', `/judges/${late.id}`);
      await anew;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Show more' }).click();
    await named('Spare 1').waitFor();
    assert.equal(await lines().count(), 60);
  });

  await step('what came back by mistake goes again with Undo', async () => {
    for (const name of ['Spare 60', 'Spare 59']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByRole('button', { name: 'Restore selected' }).click();
    await dialog(page).getByRole('button', { name: 'Restore all 2' }).click();
    await line('Spare 60').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back.').waitFor();
    await line('Spare 60').waitFor();
  });
});
