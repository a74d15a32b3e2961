// Long names, many judges, many criteria: every page still fits a phone, and every control a finger.
import assert from 'node:assert/strict';
import { dialog } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { fit, look } from '../support/browser.mjs';
import { ines, prepare, submitSheets } from '../support/competition.mjs';
import { openSheet, signInToJudge } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const long = 'Donaudampfschifffahrtsgesellschaftskapitän Wolfeschlegelsteinhausenbergerdorff';

story('every page fits a narrow screen, however long the names', async ({ server, step, enter }) => {
  const api = await setUp(server, 'Vereinigte Wanderbühnen der Donauländer und angrenzender Gebiete');
  const more = Array.from({ length: 5 }, (_, index) => ({
    name: `Judge ${index} ${long}`,
    email: `judge${index}.${'long'.repeat(8)}@example.org`,
    password: 'a long evening out',
  }));
  const competition = await prepare(api, {
    event: {
      name: `Festival ${long}`, description: `${long}. `.repeat(6), location: long, timeZone: 'Asia/Kolkata',
      startsAt: '2027-05-08T17:00:00Z', endsAt: '2027-05-09T03:30:00Z',
    },
    contest: { name: `Contest ${long}`, description: long },
    category: {
      name: `Category ${long}`, description: `${long}. `.repeat(4), method: { type: 'weightedAverage' },
      tieBreaks: [{ type: 'countback' }, { type: 'withoutDeductions' }],
    },
    criteria: [
      { name: `Criterion ${long}`, description: long, minimum: '-100', maximum: '1000', step: '0.125', weight: '12.5' },
      { name: 'Tone', maximum: '100' },
    ],
    entrants: [`Ada ${long}`, 'Ben'],
    judges: [{ ...ines, name: `Ines ${long}` }, ...more],
  });
  const { event, contest, category } = competition;
  await submitSheets(server.url, competition, ines, { [`Ada ${long}`]: ['-99.875', '100'] });
  await api.post(`/categories/${category.id}/deductions`, {
    entryId: competition.entries.Ben.id, amount: '1234.125', reason: `${long} `.repeat(4),
  });
  const { items: [spare] } = await api.get('/contestants');
  await api.send('DELETE', `/contestants/${spare.id}?confirm=true&reason=${encodeURIComponent(long)}`);
  await api.post(`/contestants/${spare.id}/restore`);
  await api.post(`/events/${event.id}/contests`, { name: 'Spare' })
    .then(({ id }) => api.send('DELETE', `/contests/${id}?reason=${encodeURIComponent(`${long} `.repeat(3))}`));

  const official = await enter();
  await step('the pages of the administration', async () => {
    await signInAtDesk(official.page, admin);
    const pages = {
      events: '/', event: `/events/${event.id}`, contest: `/contests/${contest.id}`,
      entries: `/contests/${contest.id}/entries`, invitations: `/contests/${contest.id}/invitations`, criteria: `/categories/${category.id}/criteria`,
      entrants: `/categories/${category.id}/entrants`, judges: `/categories/${category.id}/judges`,
      deductions: `/categories/${category.id}/deductions`, sheets: `/categories/${category.id}/sheets`,
      results: `/categories/${category.id}/results`, contestants: '/contestants', register: '/judges',
      users: '/users', trash: '/trash', jobs: '/jobs', audit: '/audit', account: '/account',
    };
    const wrong = [];
    for (const [name, address] of Object.entries(pages)) {
      await official.page.goto(`#${address}`);
      await official.page.waitForFunction(() => document.querySelector('main h1')
        && !document.querySelector('[aria-busy=true]'));
      wrong.push(...await fit(official, `narrow-${name}`));
    }
    assert.deepEqual(wrong, []);
  });

  await step('its forms and menus', async () => {
    const { page } = official;
    const wrong = [];
    await page.goto(`#/categories/${category.id}/sheets`);
    await page.getByRole('button', { name: /^Submitted: sheet of Ines/ }).click();
    wrong.push(...await fit(official, 'narrow-sheet-dialog'));
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    wrong.push(...await fit(official, 'narrow-category-form'));
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await page.locator('summary', { hasText: 'More actions' }).click();
    await look(official, 'category-menu');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await look({ ...official, viewport: page.viewportSize() }, 'navigation');
    assert.deepEqual(wrong, []);
  });

  await step('the pages of a judge', async () => {
    const judge = await enter({ phone: true });
    const { page } = judge;
    const wrong = [];
    await signInToJudge(page, more[0]);
    wrong.push(...await fit(judge, 'narrow-judge-home'));
    await page.goto(`judge#/judge/categories/${category.id}`);
    await page.getByRole('heading', { level: 1, name: category.name }).waitFor();
    wrong.push(...await fit(judge, 'narrow-judge-category'));
    await openSheet(page, competition, `Ada ${long}`);
    wrong.push(...await fit(judge, 'narrow-judge-sheet'));
    await page.getByRole('button', { name: /^Criterion .* Open the keypad/ }).click();
    wrong.push(...await fit(judge, 'narrow-judge-keypad'));
    for (const key of ['Minus', '9', '9']) await dialog(page).getByRole('button', { name: key, exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Next criterion' }).click();
    await dialog(page).getByRole('button', { name: '7', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await page.getByLabel('Comment').fill(`${long} `.repeat(5));
    wrong.push(...await fit(judge, 'narrow-judge-scored'));
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    wrong.push(...await fit(judge, 'narrow-judge-review'));
    await dialog(page).getByRole('button', { name: 'Submit, final' }).click();
    await page.getByText('Submitted, final').waitFor();
    wrong.push(...await fit(judge, 'narrow-judge-submitted'));
    await page.locator('summary', { hasText: 'Account of' }).click();
    await look(judge, 'judge-menu');
    assert.deepEqual(wrong, []);
  });
});
