// The session ends while somebody is in the middle of something: signing in again is all there is to it.
import assert from 'node:assert/strict';
import { create, dialog, fill } from '../support/admin.mjs';
import { createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare } from '../support/competition.mjs';
import { keyMarks, openSheet, signInToJudge, submit } from '../support/judge.mjs';
import { signIn, signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const hugo = { name: 'Hugo Frei', email: 'hugo@example.org', password: 'doors open at seven sharp' };

story('a session that ends takes nothing with it that was typed', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  const hugoId = (await createUser(api, hugo, 'ORGANIZER')).id;
  /** Setting a password, even the same one, ends the account's sessions. */
  const endSessions = (userId, { password }) => api
    .post(`/users/${userId}/password`, { password, mustChange: false });
  const judgeUser = (account) => competition.judges[account.name].userId;
  const again = (page) => page.getByRole('dialog', { name: 'Please sign in again' });
  const signInAgain = async (page, { password }) => {
    await again(page).getByLabel('Password').fill(password);
    await again(page).getByRole('button', { name: 'Sign in', exact: true }).click();
    await again(page).waitFor({ state: 'hidden' });
  };
  // The token of the old session is refused (403) before the new one is fetched.
  const judge = await enter({ phone: true, expected: [403] });
  const { page } = judge;

  await step('a half-filled sheet is still half-filled, the open keypad included', async () => {
    await signInToJudge(page, ines);
    await openSheet(page, competition, 'Ada');
    await keyMarks(page, { Technique: '8.5' });
    await page.getByRole('dialog', { name: 'Expression' }).getByRole('button', { name: '7', exact: true }).click();
    await endSessions(judgeUser(ines), ines);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await again(page).waitFor();
    await look(judge, 'session-ended');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await again(page).waitFor();
    await again(page).getByLabel('Password').fill('a wrong guess at it');
    await again(page).getByRole('button', { name: 'Sign in', exact: true }).click();
    await again(page).getByRole('alert').waitFor();
    await signInAgain(page, ines);
    const keypad = page.getByRole('dialog', { name: 'Expression' });
    assert.equal((await keypad.getByLabel('Mark').innerText()).trim(), '7');
    await keypad.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Technique: 8.5. Open the keypad' }).waitFor();
  });

  await step('a submission goes through as soon as the judge has signed in again', async () => {
    await page.getByLabel('Comment').fill('Held every note.');
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await endSessions(judgeUser(ines), ines);
    // The page may hear of the end first, and its question then lies over the button that is just being pressed.
    await page.getByRole('button', { name: 'Submit, final' }).dispatchEvent('click');
    await again(page).waitFor();
    await signInAgain(page, ines);
    await page.getByText('Submitted, final').waitFor();
    await page.getByText('Held every note.').waitFor();
  });

  await step('another judge on the tablet gets an empty sheet, and the first one’s marks stay theirs', async () => {
    await openSheet(page, competition, 'Ben');
    await keyMarks(page, { Technique: '6', Expression: '5' });
    await endSessions(judgeUser(ines), ines);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await again(page).getByRole('button', { name: 'I am somebody else' }).click();
    await signIn(page, otto);
    await page.getByText('2 of 2 not scored').waitFor();
    await page.locator('summary', { hasText: 'Account of' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, ines);
    await page.getByRole('button', { name: 'Technique: 6. Open the keypad' }).waitFor();
  });

  await step('a judge who has signed in anew on another tab submits on this one', async () => {
    const other = await judge.context.newPage();
    await other.goto('judge');
    await other.locator('summary', { hasText: 'Account of' }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await signIn(other, ines);
    await other.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
    await submit(page);
    await page.getByText('Submitted, final').waitFor();
  });

  await step('an organiser’s form survives it, too', async () => {
    const organiser = await enter();
    await signInAtDesk(organiser.page, hugo);
    await organiser.page.getByRole('button', { name: 'New event' }).click();
    await fill(dialog(organiser.page), { Name: 'Autumn Dance', Description: 'Eight couples, two floors.' });
    await endSessions(hugoId, hugo);
    await dialog(organiser.page).getByRole('button', { name: 'Create event' }).click();
    await again(organiser.page).waitFor();
    await look(organiser, 'session-ended-form');
    await signInAgain(organiser.page, hugo);
    await organiser.page.getByRole('heading', { level: 1, name: 'Autumn Dance' }).waitFor();
    await organiser.page.getByText('Eight couples, two floors.').waitFor();
    await create(organiser.page, 'New contest', { Name: 'Tango' }, 'Create contest');
  });
});
