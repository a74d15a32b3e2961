// What leaves the box is seen: what waits, what arrived, and the dead letters, which are sent once more.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dialog, fill, visit } from '../support/admin.mjs';
import { Api, admin, setUp, signInToApi } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { reachable, startReceiver } from '../support/receiver.mjs';
import { story } from '../support/story.mjs';

/** An address that nobody may reach: what goes there is given up at once. */
const forbidden = 'http://169.254.169.254/';

story('what could not be delivered is found and sent once more', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const receiver = await startReceiver();
  const hook = await api.post('/webhooks', { name: 'Scoreboard', url: `${receiver.url}/hook`, events: ['judge.*'] });
  await api.post(`/webhooks/${hook.id}/secret`);
  const person = await enter({ expected: [422] });
  const { page } = person;
  const rows = page.getByRole('table', { name: 'Deliveries, newest first' }).locator('tbody tr');
  const show = (label, choice) => page.getByLabel(label, { exact: true }).selectOption({ label: choice });
  let letter;

  await step('a receiver that is gone is told no more, and what it missed is a dead letter', async () => {
    receiver.answer(410, 'moved away');
    await signInAtDesk(page, admin);
    await visit(page, 'Webhooks');
    await page.getByText('Told', { exact: true }).waitFor();
    await api.post('/judges', { name: 'Lou' });
    await page.getByText(/^Stopped since .* because it answered that it is gone/).waitFor();
    await look(person, 'webhooks-stopped');
    await page.getByRole('link', { name: 'Deliveries: Scoreboard' }).click();
    await show('State', 'Dead letters');
    await page.getByRole('row', { name: /judge\.created.*Scoreboard.*Dead letter/ }).waitFor();
    await page.getByRole('link', { name: 'judge.created' }).click();
    await page.getByRole('heading', { level: 1, name: 'judge.created' }).waitFor();
    await page.getByText(/it said: moved away/).waitFor();
    await page.getByText('"type": "judge.created"').waitFor();
    await look(person, 'delivery-dead');
    letter = page.url();
  });

  await step('a test that arrives starts it again, and the letter is sent once more', async () => {
    receiver.answer(200, 'here again');
    await visit(page, 'Webhooks');
    await page.getByRole('button', { name: 'Send a test: Scoreboard' }).click();
    await dialog(page).getByText('The test has arrived.').waitFor();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await page.getByText('Told', { exact: true }).waitFor();
    await page.goto(letter);
    await page.getByRole('button', { name: 'Send once more' }).click();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('It said: here again').waitFor();
    await page.getByRole('link', { name: 'the one before' }).waitFor();
    const names = receiver.told.filter(({ body }) => JSON.parse(body).type === 'judge.created')
      .map(({ headers }) => headers['webhook-id']);
    assert.equal(names.length, 2);
    assert.equal(names[0], names[1], 'the receiver can tell that it is the same');
    await look(person, 'delivery-repeated');
    await page.getByRole('link', { name: 'the one before' }).click();
    await page.getByText('Sent once more', { exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Send once more' }).count(), 0, 'once is enough');
  });

  await step('all dead letters are sent once more together, after it was said how many', async () => {
    await api.patch(`/webhooks/${hook.id}`, { url: forbidden });
    for (const name of ['Kim', 'Noa', 'Ari']) await api.post('/judges', { name });
    await visit(page, 'Deliveries');
    await show('State', 'Dead letters');
    await show('For', 'Scoreboard');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 4);
    await api.patch(`/webhooks/${hook.id}`, { url: `${receiver.url}/hook` });
    const before = receiver.told.length;
    await page.getByRole('button', { name: /^Send dead letters once more/ }).click();
    await dialog(page).getByText('3 dead letters for “Scoreboard” are sent once more.').waitFor();
    await look(person, 'deliveries-replay');
    await dialog(page).getByRole('button', { name: 'Send 3' }).click();
    await page.getByText('3 dead letters are on the way once more.').waitFor();
    await receiver.wait(before + 3);
    await page.getByRole('button', { name: /^Send dead letters once more/ }).click();
    await dialog(page).getByText(/^There is no dead letter/).waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  });

  await step('all that belongs together is found by its correlation ID', async () => {
    const named = new Api(server.url, { ...api.headers, 'x-correlation-id': 'the-finale' });
    await named.post('/judges', { name: 'Rio' });
    await receiver.wait(receiver.told.length + 1);
    await visit(page, 'Deliveries');
    await fill(page, { 'Correlation ID': 'the-finale' });
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByRole('row', { name: /judge\.created.*Arrived/ }).waitFor();
    assert.equal(await rows.count(), 1);
    await page.locator('summary', { hasText: 'Export' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('button', { name: 'For spreadsheets (CSV)' }).click(),
    ]);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 2, 'the headings, and what the page shows');
    assert.ok(lines[1].includes('the-finale'));
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length > 5);
  });

  await step('one whose connection was cut may have arrived twice, and says so', async () => {
    receiver.answer(null);
    await api.post('/judges', { name: 'Ida' });
    await refreshUntil(page, page.getByRole('row', { name: /Waiting.*May have arrived/ }));
    receiver.answer(200, 'thank you');
    await page.getByRole('row', { name: /Arrived.*May have arrived twice/ }).getByRole('link').first().click();
    await page.getByText('An attempt ended without an answer.').waitFor();
    await look(person, 'delivery-ambiguous');
    await page.getByRole('link', { name: 'All deliveries' }).click();
    await show('For', 'All of them');
  });

  await step('what waits for an open circuit says so, is stopped, or leaves by itself', async () => {
    const operator = await signInToApi(server.url, admin, 'system');
    const circuit = { service: 'webhook', key: receiver.url.slice('http://'.length) };
    await operator.put('/breakers/mode', { mode: 'enforce' });
    await operator.post('/breakers/trip', circuit);
    for (const name of ['Eli', 'Uma']) await api.post('/judges', { name });
    await refreshUntil(page, page.getByText(/^Parked: circuit open for/).nth(1));
    await look(person, 'deliveries');
    await page.getByRole('button', { name: /^Stop judge\.created/ }).first().click();
    await page.getByText('Stopped. An attempt under way ends by itself.').waitFor();
    await page.getByRole('row', { name: /Stopped/ }).waitFor();
    await operator.post('/breakers/reset', circuit);
    await page.getByText(/^Parked/).waitFor({ state: 'detached' });
  });

  await step('what the call of another program is made of is changed by hand, and it is sent', async () => {
    const body = { text: 'New: {{ event.data.name }}' };
    const action = await api.post('/actions', { name: 'Chat', url: forbidden, events: ['judge.created'], body });
    await api.post('/judges', { name: 'Lea' });
    await page.goto(`${server.url}/#/deliveries?hook=${action.id}&state=dead`);
    await refreshUntil(page, page.getByRole('row', { name: /judge\.created.*Dead letter/ }));
    await page.getByRole('link', { name: 'judge.created' }).click();
    await api.patch(`/actions/${action.id}`, { url: `${receiver.url}/chat` });
    await page.getByRole('button', { name: 'Change and send…' }).click();
    const event = dialog(page).getByLabel('The event, as JSON');
    const said = JSON.parse(await event.inputValue());
    await event.fill('{');
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await dialog(page).getByText(/^The body is a JSON object/).waitFor();
    await look(person, 'delivery-rewritten');
    await event.fill(JSON.stringify({ ...said, data: { ...said.data, name: 'Lea' } }));
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('It was changed by hand.').waitFor();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('Arrived', { exact: true }).first().waitFor();
    const call = receiver.told.find(({ path }) => path === '/chat');
    assert.equal(call.body, '{"text":"New: Lea"}');
  });
}, { environment: reachable });

/** Looks again until it is there: a change becomes a delivery a moment after it was acknowledged. */
async function refreshUntil(page, shown) {
  for (let looks = 0; looks < 10 && !(await shown.isVisible()); looks += 1) {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await shown.waitFor({ timeout: 1_000 }).catch(() => null);
  }
  await shown.waitFor();
}
