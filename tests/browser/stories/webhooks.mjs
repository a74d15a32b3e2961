// Other programs are told of what happens: a webhook with its secret, and a chat that is called in its own way.
import assert from 'node:assert/strict';
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { reachable, startReceiver, verify } from '../support/receiver.mjs';
import { story } from '../support/story.mjs';

const vera = { name: 'Vera Ott', email: 'vera@example.org', password: 'she only reads the books' };

story('a program is told of what happens, and a chat is called', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const [scoreboard, chat] = [await startReceiver(), await startReceiver()];
  // A webhook may be asked how it fares while it is being deleted.
  const person = await enter({ expected: [404, 422] });
  const { page } = person;
  const item = (name) => page.locator('main .record').filter({ has: page.getByRole('heading', { name, exact: true }) });
  const choose = async (group, label) => {
    await dialog(page).locator('summary').filter({ hasText: group }).click();
    await dialog(page).getByLabel(label).check();
  };
  let secret;

  await step('a webhook is made, and its secret told once', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Webhooks');
    await page.getByText('No webhooks yet').waitFor();
    await look(person, 'webhooks-empty');
    await page.getByRole('button', { name: 'New webhook' }).click();
    await fill(dialog(page), { Name: 'Scoreboard', Address: `${scoreboard.url}/hook` });
    await dialog(page).getByRole('button', { name: 'Create webhook' }).click();
    await dialog(page).getByText('Please fill this in.').waitFor();
    await choose('Contests', /^A contest was created/);
    await choose('Judges', /^All about judges/);
    await look(person, 'webhook-form');
    await dialog(page).getByRole('button', { name: 'Create webhook' }).click();
    await dialog(page).getByText('Copy it now: it is told only this once').waitFor();
    secret = await dialog(page).locator('code').innerText();
    assert.match(secret, /^whsec_/);
    await look(person, 'webhook-secret');
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await item('Scoreboard').getByText('Nothing has arrived there yet').waitFor();
    assert.ok(!(await page.content()).includes(secret), 'the secret is still on the page');
  });

  await step('what happens is told, and the secret proves who tells it', async () => {
    await api.post('/judges', { name: 'Lou' });
    await scoreboard.wait(1);
    verify(scoreboard.told[0], secret);
    const event = JSON.parse(scoreboard.told[0].body);
    assert.deepEqual([event.type, event.data.type], ['judge.created', 'judge']);
    await api.post('/contestants', { name: 'Nobody asked for her' });
  });

  await step('a test that fails says what was answered, and arrives when the receiver is mended', async () => {
    scoreboard.answer(500, 'the disk is full');
    await page.getByRole('button', { name: 'Send a test: Scoreboard' }).click();
    await dialog(page).getByText('Failed', { exact: true }).waitFor();
    await dialog(page).getByText(/it said: the disk is full/).waitFor();
    await dialog(page).getByText(/^It is tried again in \d seconds/).waitFor();
    await look(person, 'webhook-test-failed');
    scoreboard.answer(200, 'all is well');
    await dialog(page).getByText('The test has arrived.').waitFor();
    await dialog(page).getByText('It said: all is well').waitFor();
    await look(person, 'webhook-test-arrived');
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await item('Scoreboard').getByText('Told', { exact: true }).waitFor();
    const [, first, second] = scoreboard.told;
    assert.equal(first.headers['webhook-id'], second.headers['webhook-id'], 'the same message has one name');
  });

  await step('a new secret ends the old one at once', async () => {
    await page.getByRole('button', { name: 'New secret: Scoreboard' }).click();
    await look(person, 'webhook-new-secret');
    await fill(dialog(page), { 'The secret until now': 'ends at once' });
    await dialog(page).getByRole('button', { name: 'Make the secret' }).click();
    await dialog(page).getByText('Copy it now').waitFor();
    const next = await dialog(page).locator('code').innerText();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    const before = scoreboard.told.length;
    await api.post('/judges', { name: 'Kim' });
    await scoreboard.wait(before + 1);
    verify(scoreboard.told[before], next);
    assert.throws(() => verify(scoreboard.told[before], secret));
  });

  await step('it is changed, switched off and on, deleted and brought back', async () => {
    await page.getByRole('button', { name: 'Edit Scoreboard' }).click();
    await dialog(page).getByLabel(/^Everything/).check();
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await item('Scoreboard').locator('.patterns').getByText('*', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Switch off: Scoreboard' }).click();
    await item('Scoreboard').getByText('What happens meanwhile is not told later.').waitFor();
    await page.getByRole('button', { name: 'Switch on: Scoreboard' }).click();
    await item('Scoreboard').getByText('Told', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete Scoreboard' }).click();
    await dialog(page).getByRole('button', { name: 'Delete webhook' }).click();
    await page.getByText('No webhooks yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await item('Scoreboard').getByText('Told', { exact: true }).waitFor();
  });

  await step('a chat is called with a body of its own', async () => {
    await visit(page, 'Actions');
    await page.getByText('No actions yet').waitFor();
    await page.getByRole('button', { name: 'New action' }).click();
    await fill(dialog(page), { Name: 'Stage chat', Address: `${chat.url}/stage` });
    await choose('Locks', /^Something was locked/);
    await dialog(page).getByText('What can stand in it').click();
    await dialog(page).getByRole('button', { name: /Slack, Mattermost/ }).click();
    await dialog(page).getByRole('button', { name: 'Add a header' }).click();
    await fill(dialog(page), { 'Name of header 1': 'X-Room', 'Value of header 1': 'stage' });
    await look(person, 'action-form');
    await dialog(page).getByLabel(/^Body/).fill('{"text": "{{ event.data.name }} is locked"');
    await dialog(page).getByRole('button', { name: 'Create action' }).click();
    await dialog(page).getByText(/^This is not JSON/).waitFor();
    await dialog(page).getByLabel(/^Body/)
      .fill('{"text": "{{ event.data.name }} is locked", "number": "{{ event.version }}"}');
    await dialog(page).getByRole('button', { name: 'Create action' }).click();
    await item('Stage chat').getByText('POST, a body of its own, 1 header').waitFor();
  });

  await step('its authorization is set, and never shown', async () => {
    await page.getByRole('button', { name: 'Authorization: Stage chat' }).click();
    await fill(dialog(page), { Authorization: 'Bearer of-the-chat' });
    await look(person, 'action-authorization');
    await dialog(page).getByRole('button', { name: 'Set', exact: true }).click();
    await item('Stage chat').getByText('Set, and never shown').waitFor();
    const event = await api.post('/events', { name: 'Spring Song Night' });
    await api.post(`/events/${event.id}/lock`);
    await chat.wait(1);
    const [{ headers, body }] = chat.told;
    const { text, number } = JSON.parse(body);
    assert.deepEqual([text, typeof number], ['Spring Song Night is locked', 'number']);
    assert.deepEqual([headers.authorization, headers['x-room']], ['Bearer of-the-chat', 'stage']);
    await look(person, 'actions');
    await page.getByRole('button', { name: 'Authorization: Stage chat' }).click();
    await dialog(page).getByRole('button', { name: 'Remove it' }).click();
    await item('Stage chat').getByText('None', { exact: true }).waitFor();
  });

  await step('a test of the action arrives', async () => {
    await page.getByRole('button', { name: 'Send a test: Stage chat' }).click();
    await dialog(page).getByText('The test has arrived.').waitFor();
    const { headers, body } = chat.told.at(-1);
    assert.deepEqual([JSON.parse(body).text, headers.authorization], ['Stage chat is locked', undefined]);
    await dialog(page).getByRole('link', { name: 'All about it' }).click();
    await page.getByRole('heading', { level: 1, name: 'webhook.test' }).waitFor();
  });

  await step('an auditor sees all of it and changes nothing', async () => {
    await createUser(api, vera, 'AUDITOR');
    const auditor = await enter();
    await signInAtDesk(auditor.page, vera);
    for (const [place, name] of [['Webhooks', 'Scoreboard'], ['Actions', 'Stage chat']]) {
      await visit(auditor.page, place);
      await auditor.page.getByRole('heading', { name }).waitFor();
      assert.equal(await auditor.page.locator('main').getByRole('button').count(), 0);
      await auditor.page.getByRole('link', { name: `Deliveries: ${name}` }).click();
      await auditor.page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
      await auditor.page.getByRole('row').nth(1).waitFor();
      assert.equal(await auditor.page.getByRole('button', { name: /^(Stop|Send)/ }).count(), 0);
    }
    await visit(auditor.page, 'Webhooks');
    await auditor.page.getByText('Told', { exact: true }).waitFor();
    await look(auditor, 'webhooks-auditor');
  });
}, { environment: reachable });
