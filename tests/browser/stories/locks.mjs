// Locking and archiving stop judges, who are told why, and who go on when it is taken back.
import assert from 'node:assert/strict';
import { dialog, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, prepare } from '../support/competition.mjs';
import { keyMarks, openSheet, signInToJudge, submit } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('a judge learns why a sheet is refused, and loses nothing by it', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { judges: [ines] });
  const { category, contest, event } = competition;
  const official = await enter({ expected: [409] });
  const judge = await enter({ phone: true, late: true, expected: [409] });
  const checkAgain = () => judge.page.getByRole('button', { name: 'Check again' }).click();

  /** Does something with the thing as a whole, such as to lock it. */
  async function act(path, label) {
    // By way of a page that has no such actions: those of the page before would be taken for those of this one.
    await visit(official.page, 'Trash');
    await official.page.goto(`#${path}`);
    await official.page.locator('summary', { hasText: 'More actions' }).click();
    await official.page.getByRole('button', { name: label, exact: true }).click();
  }

  await step('a category is locked under the hands of a judge', async () => {
    await signInAtDesk(official.page, admin);
    await signInToJudge(judge.page, ines);
    await openSheet(judge.page, competition, 'Ada');
    await keyMarks(judge.page, { Technique: '8.5', Expression: '9' });
    await act(`/categories/${category.id}`, 'Lock');
    await official.page.getByText('Locked', { exact: true }).waitFor();
    await look(official, 'category-locked');
    await judge.page.getByRole('button', { name: 'Review', exact: true }).click();
    await dialog(judge.page).getByRole('button', { name: 'Submit, final' }).click();
    await dialog(judge.page).getByText('The category is locked').waitFor();
    await dialog(judge.page).getByText('Your marks are safe on this device.').waitFor();
    await look(judge, 'judge-refused-locked');
    await dialog(judge.page).getByRole('button', { name: 'Go back' }).click();
    await judge.page.getByText('This category is locked').waitFor();
    await look(judge, 'judge-locked');
  });

  await step('it is unlocked, and the sheet goes in as it was', async () => {
    await act(`/categories/${category.id}`, 'Unlock');
    await official.page.getByText('is unlocked').waitFor();
    await checkAgain();
    await judge.page.getByRole('button', { name: 'Technique: 8.5. Open the keypad' }).waitFor();
    await submit(judge.page);
    await judge.page.getByText('Submitted, final').waitFor();
  });

  await step('a lock on the event, and an archived contest, close what lies beneath', async () => {
    await openSheet(judge.page, competition, 'Ben');
    await keyMarks(judge.page, { Technique: '7', Expression: '6' });
    await act(`/events/${event.id}`, 'Lock');
    await official.page.getByText('Locked', { exact: true }).waitFor();
    await judge.page.reload();
    await judge.page.getByText('This category is locked').waitFor();
    await act(`/events/${event.id}`, 'Unlock');
    await official.page.getByText('is unlocked').waitFor();
    await act(`/contests/${contest.id}`, 'Archive');
    await official.page.getByText('Archived', { exact: true }).waitFor();
    await look(official, 'contest-archived');
    await api.post(`/events/${event.id}/contests`, { name: 'Duets' });
    await official.page.goto(`#/events/${event.id}`);
    const shown = (name) => official.page.getByRole('link', { name, exact: true });
    const show = (label) => official.page.getByLabel('Show', { exact: true }).selectOption({ label });
    await show('Not archived');
    await shown(contest.name).waitFor({ state: 'hidden' });
    await shown('Duets').waitFor();
    await show('Archived');
    await shown('Duets').waitFor({ state: 'hidden' });
    await shown(contest.name).waitFor();
    await look(official, 'event-archived-contests');
    await checkAgain();
    await judge.page.getByText('This category is archived').waitFor();
    await act(`/contests/${contest.id}`, 'Unarchive');
    await official.page.getByText('is no longer archived').waitFor();
    await checkAgain();
    await submit(judge.page);
    await judge.page.getByText('Submitted, final').waitFor();
  });

  await step('nothing locked can be deleted, and the dialog says what is locked', async () => {
    await act(`/categories/${category.id}`, 'Lock');
    await official.page.getByText('Locked', { exact: true }).waitFor();
    await act(`/contests/${contest.id}`, 'Delete contest');
    await dialog(official.page).getByText('A category of the contest is locked: Voice').waitFor();
    await dialog(official.page).getByRole('button', { name: 'Check again' }).waitFor();
    assert.equal(await dialog(official.page).getByRole('button', { name: 'Delete contest' }).count(), 0);
    await look(official, 'delete-refused-locked');
    await dialog(official.page).getByRole('link', { name: 'Unlock the category first' }).click();
    await official.page.getByRole('heading', { level: 1, name: category.name }).waitFor();
  });

  await step('a judge who is noted as gone is told so', async () => {
    await api.post(`/categories/${category.id}/unlock`);
    const { items: [assignment] } = await api.get(`/categories/${category.id}/assignments`);
    await api.patch(`/assignments/${assignment.id}`, { status: 'ended' });
    await openSheet(judge.page, competition, 'Cleo');
    await judge.page.getByText('You no longer score this category').waitFor();
    await look(judge, 'judge-left');
  });
});
