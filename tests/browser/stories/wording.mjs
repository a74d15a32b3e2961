// An organisation puts its own words in the place of a built-in text, sees how they look, and takes them back.
import assert from 'node:assert/strict';
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('invitations speak in the words of the organisation', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const person = await enter({ expected: [422] });
  const { page } = person;
  const show = () => page.getByRole('button', { name: 'Show how it looks' }).click();
  const badge = (text) => page.locator('.badges').getByText(text, { exact: true });

  await step('every message is listed, and the built-in text is shown with how it looks', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Wording');
    await page.getByRole('table', { name: 'Messages' }).waitFor();
    await look(person, 'wordings');
    await page.getByRole('link', { name: 'Invitation, English' }).click();
    await badge('Built in').waitFor();
    await page.getByText('How it looks, with made-up names').waitFor();
    await page.locator('.mail-picture').getByText('Choose a password').waitFor();
    await look(person, 'wording-built-in');
  });

  await step('a mistake is told with its place', async () => {
    await fill(page, { Subject: 'Welcome, {{ nmae }}' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/^Line 1: there is no variable `nmae`/).waitFor();
    await look(person, 'wording-mistake');
  });

  await step('words of one’s own are looked at and kept, part by part', async () => {
    await fill(page, { Subject: 'Welcome, {{ name }}' });
    await show();
    await page.locator('.message-preview').getByText('Welcome, Zoë').first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await badge('Your own').waitFor();
    const { items } = await api.get('/wordings');
    assert.deepEqual(items.map(({ kind, language, subject, text }) => [kind, language, subject, text]),
      [['invitation', 'en', 'Welcome, {{ name }}', null]]);
    await look(person, 'wording-own');
  });

  await step('the built-in text comes back', async () => {
    await page.getByRole('button', { name: /^Back to the built-in text/ }).click();
    await dialog(page).getByRole('button', { name: 'Delete wording' }).click();
    await badge('Built in').waitFor();
    assert.match(await page.getByLabel('Subject').inputValue(), /invites you/);
    assert.deepEqual((await api.get('/wordings')).items, []);
  });

  await step('a language that the program does not speak is worded whole', async () => {
    await visit(page, 'Wording');
    await fill(page.locator('main form'), { Message: 'Test', Language: 'fr' });
    await page.locator('main form').getByLabel('Language').press('Enter');
    await page.getByText('There is no built-in text in this language').waitFor();
    await fill(page, { Subject: 'Essai', Text: 'Bonjour {{ asked_by }}', 'Text message': 'Essai' });
    await page.getByRole('button', { name: 'Save' }).click();
    await badge('Your own').waitFor();
    await visit(page, 'Wording');
    await page.getByRole('link', { name: 'Test, French' }).waitFor();
  });
});
