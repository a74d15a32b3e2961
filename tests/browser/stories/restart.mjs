// The program is restarted in the middle of a sheet: the judge notices, and loses nothing.
import { dialog } from '../support/admin.mjs';
import { setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, prepare } from '../support/competition.mjs';
import { keyMarks, openSheet, signInToJudge } from '../support/judge.mjs';
import { story } from '../support/story.mjs';

story('a restart of the program costs a judge no mark', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  const expected = ['ERR_CONNECTION_REFUSED', 'ERR_CONNECTION_RESET', 'ERR_EMPTY_RESPONSE'];
  const judge = await enter({ phone: true, expected });
  const { page } = judge;

  await step('a judge goes on scoring while the program is down', async () => {
    await signInToJudge(page, ines);
    await openSheet(page, competition, 'Ada');
    await keyMarks(page, { Technique: '8.5' });
    await page.getByRole('dialog', { name: 'Expression' }).getByRole('button', { name: 'Close' }).click();
    await server.end();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.getByText('No connection. Your marks are kept on this device.').waitFor();
    await keyMarks(page, { Expression: '9' });
    await page.getByLabel('Comment').fill('Sang through the thunder.');
    await look(judge, 'judge-offline');
  });

  await step('a submission that cannot be sent says so and keeps the marks', async () => {
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Submit, final' }).click();
    await dialog(page).getByText('The server cannot be reached').waitFor();
    await dialog(page).getByText('Your marks are safe on this device.').waitFor();
    await look(judge, 'judge-unreachable');
  });

  await step('the same button sends it when the program is back', async () => {
    await server.start();
    await dialog(page).getByRole('button', { name: 'Submit, final' }).click();
    await page.getByText('Submitted, final').waitFor();
    await page.getByText('Sang through the thunder.').waitFor();
    await page.reload();
    await page.getByText('Submitted, final').waitFor();
  });

  await step('a reload meets a program that is down with a page that tries again', async () => {
    await page.getByRole('link', { name: '2 · Ben' }).click();
    await keyMarks(page, { Technique: '7' });
    await page.getByRole('dialog', { name: 'Expression' }).getByRole('button', { name: 'Close' }).click();
    await page.route('**/api/v1/me', (route) => route.abort('connectionrefused'));
    await page.reload();
    await page.getByText('The server cannot be reached').waitFor();
    await look(judge, 'unreachable');
    await page.unroute('**/api/v1/me');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Technique: 7. Open the keypad' }).waitFor();
  });
});
