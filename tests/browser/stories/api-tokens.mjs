// A program gets a token of its own, uses it, and is shut out again.
import assert from 'node:assert/strict';
import { dialog, fill } from '../support/admin.mjs';
import { Api, admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('an API token serves a program until it is revoked', async ({ server, step, enter }) => {
  const api = await setUp(server);
  await api.post('/events', { name: 'Spring Song Night' });
  const person = await enter();
  const { page } = person;
  let program;

  await step('a token is made, and its secret shown once', async () => {
    await signInAtDesk(page, admin);
    await page.goto('#/account');
    await page.getByText('No tokens yet').waitFor();
    await page.getByRole('button', { name: 'New token' }).click();
    await fill(dialog(page), { Name: 'Scoreboard' });
    await look(person, 'token-form');
    await dialog(page).getByRole('button', { name: 'Create token' }).click();
    await dialog(page).getByText('Copy it now: it is not shown again').waitFor();
    const secret = await dialog(page).locator('code').innerText();
    await look(person, 'token-created');
    program = new Api(server.url, { authorization: `Bearer ${secret}` });
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /Scoreboard\s+Auditor/ }).waitFor();
    await page.reload();
    await page.getByRole('row', { name: /Scoreboard/ }).waitFor();
    assert.ok(!(await page.content()).includes(secret), 'the secret is still on the page');
    await look(person, 'account-tokens');
  });

  await step('the program reads with it, and writes nothing', async () => {
    const { items: [event] } = await program.get('/events');
    assert.equal(event.name, 'Spring Song Night');
    assert.equal((await program.request('POST', '/events', { name: 'Another' })).status, 403);
  });

  await step('a revoked token is refused', async () => {
    await page.getByRole('button', { name: 'Revoke Scoreboard' }).click();
    await dialog(page).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row', { name: /Scoreboard.*Revoked/ }).waitFor();
    const { status, body } = await program.request('GET', '/events');
    assert.deepEqual([status, body.code], [401, 'unauthenticated']);
  });
});
