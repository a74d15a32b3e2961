// The set-up of an evening: people with contact data, a field of one's own, numbers from the system, what is missing
// before the show, and a conflict of interest that a judge declares.
import assert from 'node:assert/strict';
import { create, dialog, fill, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare } from '../support/competition.mjs';
import { openSheet, signInToJudge } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('an evening is set up', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { contest: { numbering: { type: 'automatic', gapFree: true } } });
  const organiser = await enter();
  const { page } = organiser;

  await step('a field of the organisation’s own is defined and filled in', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Fields');
    await page.getByRole('button', { name: 'New field' }).click();
    await fill(dialog(page), { Label: 'Shirt size', Key: 'shirt-size', Type: 'One choice', Choices: 'S\nM' });
    await look(organiser, 'field-dialog');
    await dialog(page).getByRole('button', { name: 'Create field' }).click();
    await page.getByRole('row', { name: /Shirt size/ }).waitFor();
    await look(organiser, 'fields');
    await visit(page, 'Contestants');
    await page.getByRole('button', { name: 'New contestant' }).click();
    await fill(dialog(page), {
      Name: 'The Tides', Kind: 'Team', 'Team members': 'Ann Ives, bass\nBo', Telephone: '+43 1 234', 'Shirt size': 'M',
    });
    await look(organiser, 'contestant-dialog');
    await dialog(page).getByRole('button', { name: 'Create contestant' }).click();
    await page.getByRole('row', { name: /The Tides Ann Ives, Bo/ }).waitFor();
    const { items } = await api.get('/contestants');
    const { custom, members, contactPhone } = items.find(({ name }) => name === 'The Tides');
    assert.deepEqual([custom, members, contactPhone],
      [{ 'shirt-size': 'M' }, [{ name: 'Ann Ives', role: 'bass' }, { name: 'Bo' }], '+43 1 234']);
  });

  await step('gaps in the numbers are told, and closed up when somebody says so', async () => {
    await api.send('DELETE', `/entries/${competition.entries.Ada.id}`);
    await page.goto(`#/contests/${competition.contest.id}/entries`);
    await page.getByText('Ready, with warnings').click();
    await page.getByText('The numbers of its entries have gaps').waitFor();
    await look(organiser, 'readiness');
    await page.getByRole('button', { name: 'Close up numbers' }).click();
    await dialog(page).getByText('2 → 1').waitFor();
    await look(organiser, 'renumber-dialog');
    await dialog(page).getByRole('button', { name: 'Change numbers' }).click();
    await page.getByRole('row', { name: /1\s*Ben/ }).waitFor();
  });

  await step('a judge declares a conflict of interest and has one contestant less', async () => {
    const judge = await enter({ phone: true });
    await signInToJudge(judge.page, ines);
    await openSheet(judge.page, competition, 'Ben');
    await judge.page.getByRole('button', { name: 'I have a conflict of interest' }).click();
    await fill(dialog(judge.page), { Reason: 'My pupil' });
    await dialog(judge.page).getByRole('button', { name: 'Declare it' }).click();
    await judge.page.getByText('You do not score this contestant').waitFor();
    await look(judge, 'judge-conflict');
    await visit(page, 'Judges');
    await page.getByRole('row', { name: /Ines Moreau My pupil Ben/ }).waitFor();
    await create(page, 'New conflict', {
      Judge: otto.name, Contestant: 'Cleo', 'How they are connected': 'Cousins',
    }, 'Create conflict of interest');
    await page.getByRole('row', { name: /Otto Brandt Cousins Cleo/ }).waitFor();
    await look(organiser, 'conflicts');
  });

  await step('a time that the clocks skip is explained and refused', async () => {
    await visit(page, 'Events');
    await page.getByRole('button', { name: 'New event' }).click();
    await fill(dialog(page), { Name: 'Night of the clocks', 'Time zone': 'Europe/Vienna', Starts: '2027-03-28T02:30' });
    await dialog(page).getByRole('button', { name: 'Create event' }).click();
    await dialog(page).getByText('skip this time: 03:30 is next').first().waitFor();
    await look(organiser, 'skipped-time');
    await fill(dialog(page), { Starts: '2027-03-28T03:30' });
    await dialog(page).getByRole('button', { name: 'Create event' }).click();
    await page.getByRole('heading', { level: 1, name: 'Night of the clocks' }).waitFor();
  });
});
