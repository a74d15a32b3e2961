// Something went wrong: the ID of the error leads to its request in the log, which is searched, narrowed and followed.
import assert from 'node:assert/strict';
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const auditor = { name: 'Vera Stern', email: 'vera@example.org', password: 'every line is read twice' };
const organizer = { name: 'Olga Hart', email: 'olga@example.org', password: 'a stage behind the curtain' };

story('a request is found in the log by the ID of its error', async ({ server, step, enter }) => {
  const api = await setUp(server);
  await createUser(api, auditor, 'AUDITOR');
  await createUser(api, organizer, 'ORGANIZER');
  const person = await enter({ expected: [400, 404, 422] });
  const { page, context } = person;
  const lines = (of = page) => of.getByRole('list', { name: 'Lines, newest first' }).getByRole('listitem');
  const searchBox = page.getByLabel('Any ID, or text in a line');
  let failed;

  await step('an error tells its request ID, and a click leads to what the log says of it', async () => {
    await signInAtDesk(page, admin);
    await page.goto('#/logs?status=999');
    const alert = page.getByRole('alert');
    await alert.getByText(/must be a status, a class such as 5xx/).waitFor();
    failed = await alert.locator('code').first().textContent();
    const [beside] = await Promise.all([
      context.waitForEvent('page'), alert.getByRole('link', { name: `Log of request ${failed}` }).click(),
    ]);
    await beside.getByText(`Searched for the ID ${failed}.`).waitFor();
    await lines(beside).filter({ hasText: /GET \/api\/v1\/logs\s+400/ }).waitFor();
    assert.equal(await lines(beside).count(), 1);
    await beside.close();
  });

  await step('the ID is pasted into the one box, however old it is', async () => {
    await visit(page, 'Log');
    await lines().first().waitFor();
    await look(person, 'log');
    await searchBox.fill(` ${failed} `);
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByText('1 line found.').waitFor();
    assert.equal(await page.getByLabel('Time', { exact: true }).inputValue(), 'all');
    await page.getByText(/^\d+ of \d+ blocks? read, \d+ ms$/).waitFor();
    await lines().first().locator('summary').click();
    await lines().first().getByText('Correlation ID', { exact: true }).waitFor();
    await look(person, 'log-line');
  });

  await step('its request is seen as a whole, under an address that can be passed on', async () => {
    await page.getByRole('button', { name: 'Show the request' }).click();
    await dialog(page).getByRole('row', { name: /GET \/api\/v1\/logs/ }).waitFor();
    await dialog(page).getByText('Harbour Arts').waitFor();
    await dialog(page).getByText(admin.name).waitFor();
    await dialog(page).getByRole('heading', { name: 'Its line in the log' }).waitFor();
    await page.reload();
    await dialog(page).getByRole('row', { name: /GET \/api\/v1\/logs/ }).waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    assert.equal(await searchBox.inputValue(), failed);
  });

  await step('a request that wrote shows what the store took of it', async () => {
    await api.post('/judges', { name: 'Lou' });
    await page.goto('#/logs');
    await fill(page, { Status: '2xx Done' });
    await page.getByText('More to narrow by').click();
    await page.getByLabel('Route').fill('/api/v1/judges');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('1 line found.').waitFor();
    await lines().first().locator('summary').click();
    await page.getByRole('button', { name: 'Show the request' }).click();
    await dialog(page).getByRole('row', { name: /^service \+/ }).waitFor();
    await dialog(page).getByText('The write was made durable').waitFor();
    await look(person, 'log-request');
    await page.goBack();
    await dialog(page).waitFor({ state: 'hidden' });
  });

  await step('what is narrowed stands in the address, and a reload keeps it', async () => {
    assert.match(page.url(), /status=2xx/);
    assert.match(page.url(), /route=%2Fapi%2Fv1%2Fjudges/);
    await page.reload();
    await page.getByText('1 line found.').waitFor();
    assert.equal(await page.getByLabel('Status').inputValue(), '2xx');
    assert.equal(await page.getByLabel('Route').inputValue(), '/api/v1/judges');
    await page.goto('#/logs?kind=http&minDurationMs=600000');
    await page.getByText('Nothing found.').waitFor();
    assert.equal(await page.getByLabel('Slower than, in ms').inputValue(), '600000');
    await look(person, 'log-none');
  });

  await step('requests are seen together: the slowest, those that failed, and how long each route took', async () => {
    await page.goto('#/logs');
    await page.getByRole('link', { name: 'Slow and failed requests' }).click();
    const table = (name) => page.getByRole('table', { name });
    await table(/by route/).getByRole('row', { name: /^POST \/api\/v1\/judges 1 0 / }).waitFor();
    await table(/failed/).getByRole('row').filter({ hasText: '100 %' }).first().waitFor();
    await look(person, 'requests');
    await fill(page, { Time: 'Last 15 minutes' });
    await page.getByRole('button', { name: /^Show all / }).click();
    await table(/slowest/).getByRole('row', { name: /^POST \/api\/v1\/judges/ }).getByRole('link', { name: /^Request / })
      .click();
    await dialog(page).getByText('The write was made durable').waitFor();
  });

  await step('a trace is seen as a whole, each part with its time, and leads back to its request', async () => {
    await dialog(page).getByRole('link', { name: /^Show the trace/ }).click();
    await page.getByRole('heading', { name: 'Trace', level: 1 }).waitFor();
    const parts = page.getByRole('table', { name: 'What was done, as it began' }).getByRole('row');
    await parts.filter({ hasText: 'store' }).first().waitFor();
    await look(person, 'trace');
    await parts.getByRole('link', { name: /POST \/api\/v1\/judges/ }).click();
    await dialog(page).getByText('The write was made durable').waitFor();
    await page.goto('#/traces/0123456789abcdef0123456789abcdef');
    await page.getByRole('alert').waitFor();
  });

  await step('what is no ID is searched for as text, and that is said', async () => {
    await page.goto('#/logs');
    await searchBox.fill('api/v1/JUDGES');
    await searchBox.press('Enter');
    await page.getByText('1 line found.').waitFor();
    const counted = page.locator('.log-volume-said');
    await page.getByText('Lines that are searched for', { exact: true }).waitFor();
    await counted.filter({ hasText: /^\D+ 1$/ }).waitFor();
    await searchBox.fill('neverheardof');
    await searchBox.press('Enter');
    await page.getByText(/^No line has the ID neverheardof; searched for it as text\./).waitFor();
    await counted.filter({ hasText: 'no lines' }).waitFor();
  });

  await step('a search that takes long says how far it is, is stopped, and goes on where it was', async () => {
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    await page.route(/logs\?.*q=once/, async (route) => {
      await held;
      await route.continue();
    });
    await searchBox.fill('once more');
    await searchBox.press('Enter');
    await page.getByText(/^Searching/).waitFor();
    await page.getByRole('progressbar', { name: 'Search of the log' }).waitFor();
    await look(person, 'log-searching');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(/^Nothing found, back to the latest\.$/).waitFor();
    assert.equal(await page.getByRole('progressbar').count(), 0);
    release();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText(/^(Nothing|\d+ lines?) found\.$/).waitFor();
    await page.unroute(/logs\?.*q=once/);
  });

  await step('a bar of the volume narrows the time, by key as well', async () => {
    await page.goto('#/logs?last=15m');
    const bars = page.getByRole('slider', { name: /^Lines over time/ });
    await bars.focus();
    await page.keyboard.press('Home');
    assert.match(await bars.getAttribute('aria-valuetext'), /no lines$/);
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=.*until=/);
    assert.equal(await page.getByLabel('Time', { exact: true }).inputValue(), 'custom');
    await page.getByLabel('Before').waitFor();
    await look(person, 'log-custom-time');
  });

  await step('the log is followed as it is written, with what it is narrowed to, and paused', async () => {
    await page.goto('#/logs?kind=http&status=4xx');
    await page.getByRole('switch', { name: 'Follow' }).click();
    await page.getByText('New lines appear by themselves.').waitFor();
    const before = await lines().count();
    await api.request('POST', '/judges', { nam: 'Lou' });
    const refused = lines().filter({ hasText: /POST \/api\/v1\/judges\s+422/ });
    await refused.first().waitFor();
    await api.post('/judges', { name: 'Kim' });
    await api.request('POST', '/judges', {});
    await refused.nth(1).waitFor();
    assert.equal(await lines().count(), before + 2, 'and none of what was not asked for');
    await page.getByRole('button', { name: 'Pause' }).click();
    await api.request('POST', '/judges', {});
    await page.getByText('Paused; 1 line waits.').waitFor();
    assert.equal(await refused.count(), 2);
    await look(person, 'log-followed');
    await page.getByRole('button', { name: 'Go on' }).click();
    await refused.nth(2).waitFor();
  });

  await step('whoever may not read the log copies the ID, and finds no page', async () => {
    const other = await enter({ expected: [403, 404] });
    await signInAtDesk(other.page, organizer);
    await other.page.goto('#/events/01a216ed-fc75-747e-8cc2-f6d5c4cdbbb1');
    await other.page.getByRole('alert').getByRole('button', { name: /^Copy request ID/ }).waitFor();
    assert.equal(await other.page.getByRole('link', { name: /^Log of request/ }).count(), 0);
    await other.page.goto('#/logs');
    await other.page.getByText('Your account may not see this page').waitFor();
  });

  await step('an auditor reads it on a phone', async () => {
    const other = await enter({ phone: true });
    await signInAtDesk(other.page, auditor);
    await other.page.goto(`#/logs?search=${failed}&last=all&request=${failed}`);
    await dialog(other.page).getByText('Where the time went').waitFor();
    await look(other, 'log-request-phone');
  });
});
