// One ID leads from a request to all that came of it: what it changed, the job it began, and what was told outside.
import assert from 'node:assert/strict';
import { fill, visit } from '../support/admin.mjs';
import { Api, admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { reachable, startReceiver } from '../support/receiver.mjs';
import { story } from '../support/story.mjs';

story('what came of a request is followed by its correlation ID', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const receiver = await startReceiver();
  await api.post('/webhooks', { name: 'Scoreboard', url: `${receiver.url}/hook`, events: ['judge.*'] });
  const named = new Api(server.url, { ...api.headers, 'x-correlation-id': 'the-finale', 'x-request-id': 'desk-7' });
  const operations = ['Lou', 'Kim'].map((name) => ({ op: 'create', type: 'judge', body: { name } }));
  await named.post('/bulk', { name: 'new judges', operations, skipFaulty: true });
  await receiver.wait(2);
  const person = await enter();
  const { page } = person;
  const chain = page.getByRole('main').getByRole('list').first();

  await step('the job and its deliveries hang beneath the request that caused them', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Correlations');
    await fill(page, { 'Correlation ID': 'the-finale' });
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByText('Request of Mara Lind').waitFor();
    await page.getByText('2 changes made.').waitFor();
    await page.getByText('Judge created').nth(1).waitFor();
    await page.getByText('Attempt 1').nth(1).waitFor();
    await chain.getByRole('link', { name: 'judge.created' }).nth(1).waitFor();
    // A request, in it the job, and in that two deliveries.
    assert.equal(await page.locator('.chain .chain .chain > li').count(), 2);
    assert.match(page.url(), /#\/correlations\/the-finale$/);
    await look(person, 'correlation');
  });

  await step('what names a correlation ID leads there', async () => {
    await visit(page, 'Jobs');
    await page.getByRole('link', { name: 'Follow the-finale' }).click();
    await page.getByText('Request of Mara Lind').waitFor();
    await page.getByRole('link', { name: 'judge.created' }).first().click();
    await page.getByRole('link', { name: 'Follow the-finale' }).click();
    await page.getByText('Request of Mara Lind').waitFor();
  });

  await step('a later request under the same ID stands there, too, as soon as it is made', async () => {
    const later = new Api(server.url, { ...api.headers, 'x-correlation-id': 'the-finale', 'x-request-id': 'desk-8' });
    await later.post('/judges', { name: 'Noa' });
    await receiver.wait(3);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Request of Mara Lind').nth(1).waitFor();
    await page.getByText('Noa').waitFor();
  });

  await step('an ID that nothing belongs to says so', async () => {
    await fill(page, { 'Correlation ID': 'nobody' });
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByText('Nothing is known under this ID').waitFor();
    await look(person, 'correlation-unknown');
  });
}, { environment: reachable });
