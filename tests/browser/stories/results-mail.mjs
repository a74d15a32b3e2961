// The results go out by mail: to whom is chosen, how they look is seen before they are sent, and they are found again.
import assert from 'node:assert/strict';
import { dialog, fill } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare, submitSheets } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { relayed, startRelay } from '../support/relay.mjs';
import { story } from '../support/story.mjs';

const relay = await startRelay();
const vera = { name: 'Vera Ott', email: 'vera@example.org', password: 'she only reads the books' };
const emcee = { name: 'Lou Berg', email: 'lou@example.org', password: 'good evening, everybody' };
const marks = { Ada: ['8.5', '9'], Ben: ['9', '8'], Cleo: ['7', '6'] };

story('the results go out by mail', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  await createUser(api, emcee, 'EMCEE');
  const { contestantId } = competition.entries.Ada;
  await api.patch(`/contestants/${contestantId}`, { contactEmail: 'ada@example.org' });
  for (const judge of [ines, otto]) await submitSheets(server.url, competition, judge, marks);
  const person = await enter();
  const { page } = person;

  await step('it is chosen to whom they go', async () => {
    await signInAtDesk(page, admin);
    await page.goto(`#/categories/${competition.category.id}/results`);
    await page.getByRole('button', { name: 'Send by mail…' }).click();
    assert.ok(await dialog(page).getByRole('button', { name: 'Show how it looks' }).isDisabled(), 'nobody is chosen');
    await fill(dialog(page), { 'Everybody with the role': 'Emcee' });
    await dialog(page).getByLabel('Those who take part, at their contact address').check();
    await look(person, 'results-mail-to-whom');
  });

  await step('who gets them and how they look is seen before anything is sent', async () => {
    await dialog(page).getByRole('button', { name: 'Show how it looks' }).click();
    await dialog(page).getByText('To Lou Berg and Ada.').waitFor();
    await dialog(page).getByText('Without an address: Ben and Cleo.').waitFor();
    await dialog(page).locator('.mail-picture').getByText('Ben', { exact: true }).waitFor();
    await look(person, 'results-mail-preview');
    assert.equal(relay.mails.length, 0);
    await dialog(page).getByRole('button', { name: 'Back' }).click();
    await dialog(page).getByLabel('Those who take part, at their contact address').waitFor();
    await dialog(page).getByRole('button', { name: 'Show how it looks' }).click();
  });

  await step('they are sent', async () => {
    await dialog(page).getByRole('button', { name: 'Send 2 mails' }).click();
    await dialog(page).getByText('2 mails on the way').waitFor();
    await look(person, 'results-mail-sent');
    await relay.wait(2);
    assert.deepEqual(relay.mails.map(({ to }) => to).sort(), ['ada@example.org', 'lou@example.org']);
  });

  await step('they are found in the log of messages', async () => {
    await dialog(page).getByRole('link', { name: 'What becomes of them' }).click();
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    for (const name of [emcee.email, 'ada@example.org']) {
      await page.getByRole('row', { name: new RegExp(`${name}.*Arrived`) }).waitFor();
    }
    await look(person, 'results-mail-log');
    await page.getByRole('row', { name: new RegExp(emcee.email) }).getByRole('link').first().click();
    await page.getByText(emcee.email).first().waitFor();
    await look(person, 'results-mail-delivery');
  });

  await step('whoever may not write messages is not offered it', async () => {
    await createUser(api, vera, 'AUDITOR');
    const reader = await enter();
    await signInAtDesk(reader.page, vera);
    await reader.page.goto(`#/categories/${competition.category.id}/results`);
    await reader.page.getByRole('table', { name: /^Results/ }).waitFor();
    assert.equal(await reader.page.getByRole('button', { name: 'Send by mail…' }).count(), 0);
  });
}, { environment: relayed(relay) });
