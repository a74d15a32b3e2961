// The operators look how the machine fares: what happens is in the charts, and a time in them leads to its log.
import assert from 'node:assert/strict';
import { visit } from '../support/admin.mjs';
import { admin, setUp, signInToApi } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('operators see how the machine fares, with no other program', async ({ server, step, enter }) => {
  await setUp(server);
  const operator = await enter();
  const { page } = operator;
  const api = await signInToApi(server.url, admin, 'system');
  const chart = (title) => page.locator('.chart').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  const plot = (title) => page.getByRole('slider', { name: new RegExp(`^${title} over time`) });
  /** What the row of a line says: latest, lowest, highest. */
  const numbers = (title, line) => chart(title).getByRole('row', { name: new RegExp(`^${line.replace(/[()]/g, '\\$&')} `) })
    .getByRole('cell').allTextContents();

  await step('what has just happened is in the charts', async () => {
    for (let index = 0; index < 20; index += 1) {
      const answer = await fetch(`${server.url}/api/v1/events`);
      assert.equal(answer.status, 401);
    }
    await signInAtDesk(page, admin, { tenant: 'system', first: 'Users' });
    await visit(page, 'Charts');
    await chart('Requests').waitFor();
    const [, , refused] = await numbers('Requests', 'Refused (4xx)');
    assert.match(refused, /^[\d.]+\/s$/);
    assert.notEqual(refused, '0/s');
    const [memory] = await numbers('Memory', 'In use');
    assert.match(memory, /^\d+ MB$/);
    await look(operator, 'charts');
  });

  await step('a circuit that was opened is seen, and so is that it was closed again', async () => {
    await api.post('/breakers/trip', { service: 'email', key: 'relay:587' });
    const mail = chart('Services outside').getByRole('listitem').filter({ hasText: 'E-mail' });
    await mail.getByText('Works', { exact: true }).waitFor();
    await page.reload();
    await mail.getByText('Circuit open', { exact: true }).waitFor();
    await chart('Services outside').locator('rect.circuit-open').waitFor({ state: 'attached' });
  });

  await step('pointing at a time tells its numbers in all charts', async () => {
    await plot('Memory').scrollIntoViewIfNeeded();
    const { x, y, width, height } = await plot('Memory').boundingBox();
    await page.mouse.move(x + width / 4, y + height / 2);
    await chart('Memory').getByRole('columnheader', { name: 'Then' }).waitFor();
    assert.equal((await numbers('Memory', 'In use'))[0], '–', 'the machine was not there three quarters of an hour ago');
    await chart('Requests').getByRole('columnheader', { name: 'Then' }).waitFor();
    await page.mouse.move(0, 0);
    await chart('Memory').getByRole('columnheader', { name: 'Latest' }).waitFor();
    await plot('Memory').focus();
    await page.keyboard.press('End');
    await chart('Memory').getByRole('columnheader', { name: 'Then' }).waitFor();
    assert.match(await plot('Memory').getAttribute('aria-valuetext'), /^[\d:]+: In use (\d+ MB|–)$/);
    await look(operator, 'charts-pointed-at');
  });

  await step('on a phone a finger points, and the log of that time is one more step away', async () => {
    const holder = await enter({ phone: true });
    await signInAtDesk(holder.page, admin, { tenant: 'system', first: 'Users' });
    await holder.page.goto('#/charts');
    const memory = holder.page.getByRole('slider', { name: /^Memory over time/ });
    await memory.tap();
    await holder.page.locator('.chart').filter({ has: memory }).getByRole('link').click();
    await holder.page.getByRole('heading', { name: 'Log', exact: true }).waitFor();
  });

  await step('longer stretches and earlier ones have addresses of their own', async () => {
    await page.getByRole('link', { name: '30 days' }).click();
    await page.waitForURL(/#\/charts\?range=30d$/);
    await chart('Requests').waitFor();
    assert.notEqual((await numbers('Requests', 'Answered'))[2], '–');
    await page.getByRole('link', { name: 'Earlier' }).click();
    await page.waitForURL(/range=30d&until=/);
    await chart('Requests').getByRole('row', { name: 'Answered – – –' }).waitFor();
    await look(operator, 'charts-earlier');
    await page.getByRole('link', { name: 'Now', exact: true }).click();
    await page.waitForURL(/#\/charts\?range=30d$/);
  });

  await step('a click on a time leads to what the log says of it', async () => {
    await page.goto('#/charts?range=1h');
    await plot('Requests').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/logs\?from=.*&until=/);
    await page.getByRole('list', { name: 'Lines, newest first' }).getByRole('listitem').first().waitFor();
    await page.goBack();
    const { x, y, width, height } = await plot('Requests').boundingBox();
    await page.mouse.click(x + width / 2, y + height / 2);
    await page.waitForURL(/#\/logs\?from=.*&until=/);
    const query = new URLSearchParams(page.url().split('?')[1]);
    const minutes = (Date.now() - Date.parse(query.get('from'))) / 60_000;
    assert.ok(minutes > 25 && minutes < 35, `${minutes} minutes ago`);
  });
});
