// Administrators see in one place which services outside are set up and how they fare, and try each of them.
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, createUser, setUp, signInToApi } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { reachable, startReceiver } from '../support/receiver.mjs';
import { story } from '../support/story.mjs';

const vera = { name: 'Vera Ott', email: 'vera@example.org', password: 'she only reads the books' };
const [scanner, provider] = [await startReceiver(), await startReceiver()];

story('an administrator sees which services outside work, and tries them', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const person = await enter({ expected: [422] });
  const { page } = person;
  const item = (name) => page.locator('main .record').filter({ has: page.getByRole('heading', { name, exact: true }) });
  const testOf = (name) => page.getByRole('button', { name: `Test: ${name}` });

  await step('what is set up says where, and what is not says how', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Integrations');
    await item('E-mail').getByText('On, not called yet').waitFor();
    await item('E-mail').getByText('relay.invalid:587').waitFor();
    await item('E-mail').getByText('Set up in config.toml, under [email] and [email_second].').waitFor();
    await item('Redis').getByText('Off', { exact: true }).waitFor();
    await item('Redis').getByText('Whoever runs this server sets it up in config.toml, under [redis].').waitFor();
    await item('Webhooks').getByText('None is set up yet.').waitFor();
    await look(person, 'integrations');
  });

  await step('a scanner that works says so, and one that does not is told at once', async () => {
    scanner.answer(200, '{"infected": false}');
    await testOf('Virus scanner').click();
    await dialog(page).getByText('The scanner works.').waitFor();
    await look(person, 'integration-test-arrived');
    scanner.answer(403, 'no such token');
    await dialog(page).getByRole('button', { name: 'Test again' }).click();
    await dialog(page).getByText('It failed, and is not tried again.').waitFor();
    await dialog(page).getByText('credentials', { exact: true }).waitFor();
    await look(person, 'integration-test-failed');
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await item('Virus scanner').getByText('Works', { exact: true }).waitFor();
    await item('Virus scanner').getByText('The scanner answers with status 403.').waitFor();
  });

  await step('a text message is tried on a telephone that was typed', async () => {
    await testOf('Text messages').click();
    await dialog(page).getByRole('button', { name: 'Send the test' }).click();
    await dialog(page).getByText('Please fill this in.').waitFor();
    await look(person, 'integration-test-sms');
    await fill(dialog(page), { 'To which telephone': '+43 664 1234567' });
    await dialog(page).getByRole('button', { name: 'Send the test' }).click();
    await dialog(page).getByText('The provider has taken the test.').waitFor();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
  });

  await step('a message that did not arrive is sent to another recipient', async () => {
    provider.answer(400, 'no such number');
    const lost = await api.post('/messages/test-sms', { to: '+43 664 7654321' });
    await page.goto(`${server.url}/#/deliveries/${lost.id}`);
    await page.getByText('Dead letter', { exact: true }).waitFor();
    provider.answer(200, '{}');
    await page.getByRole('button', { name: 'Send to somebody else…' }).click();
    await fill(dialog(page), { Telephone: '0664 1234567' });
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await dialog(page).getByText(/country code in front, such as \+49 151/).waitFor();
    await look(person, 'delivery-elsewhere');
    await fill(dialog(page), { Telephone: '+43 664 1234567' });
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('Arrived', { exact: true }).first().waitFor();
    await page.getByText('+436641234567').waitFor();
    await page.getByRole('link', { name: 'the one before' }).waitFor();
    await visit(page, 'Integrations');
  });

  await step('the organisation decides that files must be scanned', async () => {
    await page.getByLabel('Files of this organisation').selectOption({ label: 'Given out only once scanned' });
    await page.getByText('Chosen, from now on.').waitFor();
    await page.reload();
    await page.locator('[name=fileScan]').and(page.locator('select')).waitFor();
    await page.waitForFunction(() => document.querySelector('[name=fileScan]').value === 'required');
  });

  await step('webhooks are counted, and a circuit that is open tells what that means', async () => {
    await api.post('/webhooks', { name: 'Scoreboard', url: 'https://hook.invalid/', events: ['*'] });
    await item('Webhooks').getByText('1 on').waitFor();
    const operator = await signInToApi(server.url, admin, 'system');
    await operator.put('/breakers/mode', { service: 'virus_scan', mode: 'enforce' });
    const [{ key }] = (await operator.get('/breakers?service=virus_scan')).items;
    await operator.post('/breakers/trip', { service: 'virus_scan', key });
    await item('Virus scanner').getByText(/New files wait for it, and nobody gets them\./).waitFor();
    await item('Virus scanner').getByText('Not called since').waitFor();
    await look(person, 'integrations-open');
  });

  await step('an operator gets from there to the circuits', async () => {
    const operator = await enter();
    await signInAtDesk(operator.page, admin, { tenant: 'system', first: 'Users' });
    await visit(operator.page, 'Integrations');
    await look(operator, 'integrations-operator');
    await operator.page.getByRole('link', { name: 'Circuits: Virus scanner' }).click();
    await operator.page.getByRole('heading', { level: 1, name: 'Services outside' }).waitFor();
  });

  await step('whoever only reads tries nothing', async () => {
    await createUser(api, vera, 'AUDITOR');
    const reader = await enter();
    await signInAtDesk(reader.page, vera);
    await visit(reader.page, 'Integrations');
    await reader.page.getByText('relay.invalid:587').waitFor();
    if (await reader.page.getByRole('button', { name: /^Test/ }).count() > 0) throw new Error('an auditor may test');
  });
}, {
  environment: {
    ...reachable,
    EVENT_MANAGER__EMAIL__HOST: 'relay.invalid',
    EVENT_MANAGER__EMAIL__FROM: 'box@example.org',
    EVENT_MANAGER__SMS__PROVIDER: 'generic',
    EVENT_MANAGER__SMS__URL: `${provider.url}/messages`,
    EVENT_MANAGER__SMS__TOKEN: 'a-token-of-the-provider',
    EVENT_MANAGER__SMS__FROM: 'Harbour',
    EVENT_MANAGER__VIRUS_SCAN__URL: `${scanner.url}/scan`,
  },
});
