// The disk of the server is full: every page says so, nothing that was typed is lost, and saving goes on by itself.
import { dialog } from '../support/admin.mjs';
import { admin as mara, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, prepare } from '../support/competition.mjs';
import { keyMarks, openSheet, signInToJudge } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

/** More than any disk has: whatever is free, it is too little. */
const tooLittle = { EVENT_MANAGER__STORE__FREE_FLOOR_MIB: '1048576' };
const notice = 'Nothing can be saved at the moment.';

story('a full disk costs a judge no mark', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  const expected = [507, 'ERR_CONNECTION_REFUSED', 'ERR_CONNECTION_RESET', 'ERR_EMPTY_RESPONSE'];
  const judge = await enter({ phone: true, expected });
  const { page } = judge;

  await step('a judge sees that nothing can be saved, and goes on', async () => {
    await signInToJudge(page, ines);
    await openSheet(page, competition, 'Ada');
    await keyMarks(page, { Technique: '8.5' });
    await page.getByRole('dialog', { name: 'Expression' }).getByRole('button', { name: 'Close' }).click();
    await server.end();
    await server.start(tooLittle);
    await page.reload();
    await page.getByText(notice).waitFor();
    await page.getByRole('button', { name: 'Technique: 8.5. Open the keypad' }).waitFor();
    await keyMarks(page, { Expression: '9' });
    await look(judge, 'judge-read-only');
  });

  await step('a submission is refused with what is the matter, and keeps the marks', async () => {
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Submit, final' }).click();
    await dialog(page).getByText('Your marks are safe on this device.').waitFor();
    await dialog(page).getByText('nothing is lost').waitFor();
    await look(judge, 'judge-disk-full');
  });

  await step('an administrator can still sign in, and sees it on every page', async () => {
    const admin = await enter({ expected });
    await signInAtDesk(admin.page, mara);
    await admin.page.getByText(notice).waitFor();
    await look(admin, 'read-only');
  });

  await step('the notice goes away by itself, and the same button sends the sheet', async () => {
    await server.end();
    await server.start();
    await page.getByText(notice).waitFor({ state: 'hidden' });
    await dialog(page).getByRole('button', { name: 'Submit, final' }).click();
    await page.getByText('Submitted, final').waitFor();
  });
});
