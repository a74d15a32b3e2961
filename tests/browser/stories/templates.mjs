// What worked once is made again: last year's event, and shapes that were kept as templates.
import assert from 'node:assert/strict';
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { prepare } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('what worked once is made again', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { event: { timeZone: 'Europe/Oslo', startsAt: '2026-05-08T17:00:00Z' } });
  const organiser = await enter();
  const { page } = organiser;
  const submit = async (name) => {
    await dialog(page).getByRole('button', { name, exact: true }).click();
    await dialog(page).waitFor({ state: 'hidden' });
  };
  const more = async (name) => {
    await page.locator('summary', { hasText: 'More actions' }).click();
    await page.getByRole('button', { name, exact: true }).click();
  };
  const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

  await step('last year’s event once more, with entries and judges', async () => {
    await signInAtDesk(page, admin);
    await page.goto(`#/events/${competition.event.id}`);
    await heading('Spring Song Night');
    await more('Once more');
    await fill(dialog(page), { Name: 'Spring Song Night 2027', Starts: '2027-05-07T19:00' });
    await dialog(page).getByText('Take along entries').click();
    await dialog(page).getByText('Take along judges').click();
    await look(organiser, 'clone-dialog');
    await submit('Make it once more');
    await heading('Spring Song Night 2027');
    await page.getByText(/7 May 2027/).waitFor();
    await page.getByRole('link', { name: 'Solo' }).click();
    await page.getByRole('link', { name: 'Entries' }).click();
    await page.getByRole('row', { name: /Cleo/ }).waitFor();
    assert.equal((await api.get('/events')).items.length, 2);
  });

  await step('and taken back', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back.').waitFor();
    await heading('Events');
    assert.equal((await api.get('/events')).items.length, 1);
  });

  await step('an event, a contest and a category are kept as templates', async () => {
    for (const [path, name, kept] of [
      [`/events/${competition.event.id}`, 'Spring Song Night', 'Song night'],
      [`/contests/${competition.contest.id}`, 'Solo', 'Division'],
      [`/categories/${competition.category.id}`, 'Voice', 'Voice rubric'],
    ]) {
      await page.goto(`#${path}`);
      await heading(name);
      await more('Keep as template');
      await fill(dialog(page), { Name: kept });
      await submit('Keep');
    }
    await visit(page, 'Templates');
    await page.getByRole('row', { name: /Song night/ })
      .getByText('An event with 1 contest, 1 category and 2 criteria').waitFor();
    await look(organiser, 'templates');
  });

  await step('a category is made in a contest that is found by its name', async () => {
    const duo = await api.post(`/events/${competition.event.id}/contests`, { name: 'Düo' });
    await page.getByRole('button', { name: /^New category from this\s+template, Voice rubric$/ }).click();
    await dialog(page).getByRole('combobox', { name: 'In which contest?' }).fill('duo');
    await dialog(page).getByRole('option', { name: /Düo/ }).click();
    await dialog(page).getByText('In contest Düo').waitFor();
    await fill(dialog(page), { Name: 'Voices' });
    await submit('Create category');
    await heading('Voices');
    await page.getByRole('row', { name: /Technique/ }).waitFor();
    assert.equal((await api.get(`/contests/${duo.id}/categories`)).items.length, 1);
  });

  await step('a new event begins with a template', async () => {
    await visit(page, 'Events');
    await page.getByRole('button', { name: 'New event' }).click();
    await dialog(page).getByLabel('Begin with').selectOption({ label: 'Song night' });
    await fill(dialog(page), { Name: 'Autumn Song Night' });
    await submit('Create event');
    await heading('Autumn Song Night');
    await page.getByRole('link', { name: 'Solo' }).waitFor();
  });

  await step('templates are renamed and deleted', async () => {
    await visit(page, 'Templates');
    await page.getByRole('button', { name: 'Edit Division' }).click();
    await fill(dialog(page), { Name: 'Senior division' });
    await submit('Save');
    await page.getByRole('button', { name: 'Delete Senior division' }).click();
    await submit('Delete template');
    await page.getByRole('row', { name: /Senior division/ }).waitFor({ state: 'detached' });
    assert.equal((await api.get('/templates')).items.length, 2);
  });
});
