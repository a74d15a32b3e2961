// The operators see which services outside work, stop calling one, and decide how far circuit breakers are relied on.
import { visit } from '../support/admin.mjs';
import { admin, setUp, signInToApi } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('an operator deals with a service outside that fails', async ({ server, step, enter }) => {
  await setUp(server);
  const operator = await enter();
  const { page } = operator;
  const circuit = page.locator('main .record').filter({ has: page.getByRole('heading', { name: 'E-mail · relay:587' }) });

  await step('nothing was called yet, and everything is watched first', async () => {
    await signInAtDesk(page, admin, { tenant: 'system', first: 'Users' });
    await visit(page, 'Services outside');
    await page.getByText('Nothing outside was called yet').waitFor();
    await page.getByRole('row', { name: /E-mail.*Only watched.*for 48 more hours/ }).waitFor();
    for (const service of ['Virus scanner', 'Redis', 'Text messages']) {
      await page.getByRole('row', { name: new RegExp(`^${service}.*Not called yet`) }).waitFor();
    }
  });

  await step('a circuit that was opened says why, and when it is tried again', async () => {
    const api = await signInToApi(server.url, admin, 'system');
    await api.post('/breakers/trip', { service: 'email', key: 'relay:587' });
    // It is only watched so far, so it is called all the same.
    await circuit.getByText('Failing', { exact: true }).waitFor();
    await circuit.getByText(/because somebody opened it\. It is tried again in \d+ seconds?\./).waitFor();
    await page.getByRole('row', { name: /E-mail.*Failing/ }).waitFor();
    await circuit.getByText('What happened').click();
    await circuit.getByText('Circuit opened: somebody opened it').waitFor();
    await look(operator, 'services-outside');
  });

  await step('of a scanner and a Redis that are not called is told what becomes of files and events', async () => {
    const api = await signInToApi(server.url, admin, 'system');
    await api.put('/breakers/mode', { mode: 'enforce' });
    await api.post('/breakers/trip', { service: 'virus_scan', key: '127.0.0.1:3310' });
    await api.post('/breakers/trip', { service: 'redis', key: 'cache:6379' });
    await page.getByRole('row', { name: /Virus scanner.*Not called/ }).waitFor();
    await page.getByText(/New files wait for it, and nobody gets them\./).waitFor();
    await page.getByText(/What happens is kept in memory for it; when that is full, the oldest is dropped\./).waitFor();
    await page.getByRole('link', { name: 'Which are set up' }).waitFor();
    await look(operator, 'services-outside-scanner-and-redis');
    await api.put('/breakers/mode', { mode: null });
  });

  await step('it is called again', async () => {
    await circuit.getByRole('button', { name: 'Reset: E-mail · relay:587' }).click();
    await page.getByText('It is called again.').waitFor();
    await circuit.getByText('Works', { exact: true }).waitFor();
  });

  await step('a mode is chosen for one service, and one for all', async () => {
    await page.getByLabel('Mode of Webhooks').selectOption('enforce');
    await page.getByRole('row', { name: /Webhooks.*Failing services are not called/ }).waitFor();
    await page.getByLabel('Mode of all services').selectOption('monitor');
    await page.getByText('One mode for all services: Only watched').waitFor();
    await page.getByLabel('Mode of all services').selectOption('');
    await page.getByRole('row', { name: /Webhooks.*Failing services are not called/ }).waitFor();
  });
});
