// Every role sees the pages it may use: no link leads into a refusal, none ends in an empty corner.
import assert from 'node:assert/strict';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare, submitSheets } from '../support/competition.mjs';
import { signIn } from '../support/people.mjs';
import { story } from '../support/story.mjs';

/** What each role finds in the navigation, and the first page it comes to. */
const expected = {
  ORGANIZER: ['Events', 'Contestants', 'Judges', 'Files', 'Templates', 'Users', 'Wording', 'Trash', 'Jobs'],
  TALLY_MASTER: ['Events', 'Contestants', 'Judges', 'Files'],
  AUDITOR: [
    'Events', 'Contestants', 'Judges', 'Files', 'Wording', 'Integrations', 'Webhooks', 'Actions', 'Deliveries',
    'Correlations', 'Audit log', 'Log', 'Jobs',
  ],
  BOARD: ['Events', 'Contestants', 'Judges', 'Files'],
  EMCEE: ['Events', 'Contestants', 'Judges', 'Files'],
  CONTESTANT: [],
};

/** Words of buttons that change something; roles that only read must not meet them. */
const changing = /^(New|Add|Import|Assign|Edit|Delete|Change order|Create|Upload|Test)/;

story('every role sees what it may use, and nothing else', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  await submitSheets(server.url, competition, ines, { Ada: ['8', '9'] });
  await api.post(`/categories/${competition.category.id}/deductions`, {
    entryId: competition.entries.Ada.id, amount: '1', reason: 'Overtime',
  });

  for (const [role, links] of Object.entries(expected)) {
    await step(`${role} finds ${links.join(', ') || 'nothing but the account'}`, async () => {
      const email = `${role.toLowerCase()}@example.org`;
      const account = { name: `Any ${role}`, email, password: 'one role at a time' };
      await createUser(api, account, role);
      const person = await enter();
      const { page } = person;
      await signIn(page, account, { at: './' });
      await page.getByRole('heading', { level: 1, name: links[0] ?? 'Account' }).waitFor();
      const navigation = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
      assert.deepEqual((await navigation.allInnerTexts()).map((text) => text.trim()), links);
      const seen = await walk(page, ['ORGANIZER', 'TALLY_MASTER'].includes(role) ? null : changing);
      assert.ok(seen.length > links.length, `only saw ${seen.join(', ')}`);
      if (role === 'CONTESTANT') await look(person, 'account-contestant');
      await page.goto('#/users');
      const refused = page.getByRole('heading', { name: 'Your account may not see this page' });
      await (links.includes('Users') ? page.getByRole('heading', { level: 1, name: 'Users' }) : refused).waitFor();
    });
  }

  await step('an organiser of one event is not offered to create others', async () => {
    const account = { name: 'One Event', email: 'one@example.org', password: 'this event and no other' };
    const scope = { type: 'event', id: competition.event.id };
    await api.post('/users', { ...account, grants: [{ role: 'ORGANIZER', scope }, { role: 'AUDITOR', scope }] });
    await api.post('/events', { name: 'Autumn Dance' });
    const { page } = await enter();
    await signIn(page, account, { at: './' });
    await page.getByRole('link', { name: 'Spring Song Night' }).waitFor();
    await page.getByRole('link', { name: 'Autumn Dance' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'New event' }).waitFor({ state: 'detached' });
    await walk(page);
  });

  await step('who holds which role is seen, with what it is held for and what it allows', async () => {
    await api.post('/tokens', { name: 'Screen', grants: [{ role: 'EMCEE' }], expiresInDays: 1 });
    const official = await enter();
    const { page } = official;
    await signIn(page, admin, { at: './' });
    await page.getByRole('link', { name: 'Users', exact: true }).click();
    await page.getByRole('link', { name: 'Roles', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Roles' }).waitFor();
    const holders = (role) => page.getByRole('table', { name: `Who holds the role ${role}` });
    await holders('Organizer').getByRole('row', { name: /The whole organisation.*Any ORGANIZER/ }).waitFor();
    await holders('Organizer').getByRole('row', { name: /Event Spring Song Night.*One Event/ }).waitFor();
    await holders('Emcee').getByRole('row', { name: /Any EMCEE and Screen \(API token\)/ }).waitFor();
    await page.getByText('What it allows: Auditor').click();
    await page.locator('details[open]').getByText('See and verify the audit log').waitFor();
    await look(official, 'roles');
  });

  await step('a judge who opens the address of the officials comes to the own pages', async () => {
    const { page } = await enter();
    await signIn(page, otto, { at: './' });
    await page.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
    await walk(page);
  });
});

/**
 * Follows every link within the UI from the page that is open, and reads each page it comes to.
 * @param {import('playwright-core').Page} page
 * @param {RegExp|null} [never] no button may be called that
 * @returns {Promise<string[]>} the addresses seen
 */
async function walk(page, never = null) {
  const seen = new Set();
  const open = [await page.evaluate(() => location.hash || '#/')];
  while (open.length > 0) {
    const address = open.pop();
    if (seen.has(address)) continue;
    seen.add(address);
    await page.evaluate((hash) => {
      location.hash = hash;
    }, address);
    await page.waitForFunction(() => document.querySelector('main h1') && !document.querySelector('[aria-busy=true]'));
    const found = await page.evaluate(() => ({
      refused: [...document.querySelectorAll('.notice.danger, .toast')].map((element) => element.innerText),
      buttons: [...document.querySelectorAll('main button')]
        .map((button) => button.ariaLabel ?? button.innerText.trim()),
      links: [...document.querySelectorAll('a[href^="#/"]')].map((link) => link.getAttribute('href')),
    }));
    assert.deepEqual(found.refused, [], `refused at ${address}`);
    if (never) assert.deepEqual(found.buttons.filter((name) => never.test(name)), [], `buttons at ${address}`);
    open.push(...found.links);
  }
  return [...seen];
}
