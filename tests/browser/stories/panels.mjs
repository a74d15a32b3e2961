// Who judges what in a contest is settled at one glance, and changed all at once.
import assert from 'node:assert/strict';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare, submitSheets } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('the panels of a contest are put together in one table', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  const { contest, category: voice, entries, judges } = competition;
  const dance = await api.post(`/contests/${contest.id}/categories`, { name: 'Dance', entrants: 'listed' });
  const uma = await api.post('/judges', { name: 'Uma Berg' });
  await api.post('/conflicts', {
    judgeId: uma.id, contestantId: entries.Ada.contestantId, reason: 'Her teacher',
  });
  const organiser = await enter({ expected: [422] });
  const { page } = organiser;
  const box = (judge, category) => page.getByRole('checkbox', { name: `${judge} judges ${category}` });
  const head = (judge, category) => page.getByRole('button', { name: `${judge} heads the panel of ${category}` });
  const panel = async ({ id }) => (await api.get(`/categories/${id}/assignments`)).items
    .map(({ judgeName, headJudge }) => `${judgeName}${headJudge ? ' (head)' : ''}`).sort();
  const save = async (name = 'Save changes') => {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByText('not saved yet').waitFor({ state: 'detached' });
  };

  await step('the table shows who judges what, and conflicts where they matter', async () => {
    await signInAtDesk(page, admin);
    await page.goto(`#/contests/${contest.id}/judges`);
    await box('Ines Moreau', 'Voice').waitFor();
    assert.equal(await box('Ines Moreau', 'Voice').isChecked(), true);
    assert.equal(await box('Ines Moreau', 'Dance').isChecked(), false);
    const row = page.getByRole('row', { name: /Uma Berg/ });
    assert.equal(await row.getByText('with Ada').count(), 1, 'Ada is entered in Voice and not on the list of Dance');
  });

  await step('changes are gathered by keyboard and saved together', async () => {
    await box('Ines Moreau', 'Dance').focus();
    await page.keyboard.press('Space');
    await box('Uma Berg', 'Dance').press('Space');
    await head('Uma Berg', 'Dance').press('Enter');
    await head('Otto Brandt', 'Voice').press('Enter');
    await page.getByText('3 changes not saved yet').waitFor();
    assert.deepEqual(await panel(dance), [], 'nothing is sent before it is saved');
    await look(organiser, 'panels');
    await save();
    assert.deepEqual(await panel(dance), ['Ines Moreau', 'Uma Berg (head)']);
    assert.deepEqual(await panel(voice), ['Ines Moreau', 'Otto Brandt (head)']);
  });

  await step('and taken back', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back.').waitFor();
    assert.deepEqual(await panel(dance), []);
    assert.deepEqual(await panel(voice), ['Ines Moreau', 'Otto Brandt']);
  });

  await step('all or none: what a colleague has changed keeps the rest from being saved', async () => {
    await page.reload();
    await box('Otto Brandt', 'Voice').waitFor();
    await head('Otto Brandt', 'Voice').click();
    await box('Uma Berg', 'Dance').click();
    const { items } = await api.get(`/categories/${voice.id}/assignments`);
    const { id } = items.find(({ judgeId }) => judgeId === judges['Otto Brandt'].id);
    await api.patch(`/assignments/${id}`, { status: 'ended' });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Nothing was changed. What you chose is still here.').waitFor();
    assert.deepEqual(await panel(dance), []);
    await page.getByRole('button', { name: 'Discard' }).click();
    await api.patch(`/assignments/${id}`, { status: 'active' });
  });

  await step('a judge who has given marks only goes when that is meant', async () => {
    await submitSheets(server.url, competition, otto, { Ada: ['9', '8'] });
    await page.reload();
    await box('Otto Brandt', 'Voice').click();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Some of these judges have given marks').waitFor();
    await save('Save anyway');
    assert.deepEqual(await panel(voice), ['Ines Moreau']);
  });

  await step('on a phone one category comes after another', async () => {
    const phone = await enter({ phone: true });
    await signInAtDesk(phone.page, admin);
    await phone.page.goto(`#/contests/${contest.id}/judges`);
    const part = phone.page.getByRole('region', { name: 'Dance' });
    await part.getByText(ines.name).tap();
    await phone.page.getByRole('button', { name: 'Save changes' }).tap();
    await phone.page.getByText('1 change saved.').waitFor();
    assert.deepEqual(await panel(dance), ['Ines Moreau']);
    assert.equal(await phone.page.getByRole('table').count(), 0);
  });
});
