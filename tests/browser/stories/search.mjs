// Whoever looks for somebody finds them from anywhere, without a mouse and on a phone.
import assert from 'node:assert/strict';
import { dialog } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, prepare } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('people and events are found from every page', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { entrants: ['Zoë Müller', 'Berta Zoeller', 'Anna'], judges: [ines] });
  const organiser = await enter();
  const { page } = organiser;
  const box = () => dialog(page).getByRole('combobox', { name: 'People, events, contests and categories' });
  const active = async () => {
    const id = await box().getAttribute('aria-activedescendant');
    return dialog(page).locator(`[id="${id}"]`).innerText();
  };

  await step('the key opens it; arrows choose, Enter opens', async () => {
    await signInAtDesk(page, admin);
    await page.keyboard.press('/');
    await box().waitFor();
    assert.ok(await box().evaluate((element) => element === document.activeElement));
    await page.keyboard.type('zoe');
    await dialog(page).getByRole('option', { name: /Berta Zoeller/ }).waitFor();
    assert.equal(await box().getAttribute('aria-expanded'), 'true');
    assert.match(await active(), /Zoë Müller/);
    await page.keyboard.press('ArrowDown');
    await dialog(page).getByRole('option', { name: /Berta Zoeller/, selected: true }).waitFor();
    assert.match(await active(), /Berta Zoeller/);
    await look(organiser, 'search');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Contestants' }).waitFor();
    await page.getByRole('row', { name: /Zoë Müller/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /Berta Zoeller/ }).waitFor();
  });

  await step('Ctrl-K opens it while typing, too; the slash is then a letter', async () => {
    const field = page.getByLabel('Find a contestant');
    await field.press('/');
    assert.match(await field.inputValue(), /\//);
    await field.press('Control+k');
    await box().fill('voice');
    await dialog(page).getByRole('option', { name: /Voice.*Spring Song Night › Solo/s }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Voice' }).waitFor();
    assert.match(page.url(), new RegExp(competition.category.id));
  });

  await step('nothing found is said, and Escape leaves', async () => {
    await page.keyboard.press('Control+k');
    await box().fill('xyzzy');
    await dialog(page).getByText('Nothing is called “xyzzy”.').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'hidden' });
  });

  await step('on a phone a judge is found with a thumb', async () => {
    const phone = await enter({ phone: true });
    await signInAtDesk(phone.page, admin);
    await phone.page.getByRole('button', { name: 'Search' }).tap();
    await dialog(phone.page).getByRole('combobox').fill('ines mor');
    await dialog(phone.page).getByRole('option', { name: /Ines Moreau.*Judge/s }).first().tap();
    await phone.page.getByRole('heading', { level: 1, name: 'Judges' }).waitFor();
    await phone.page.getByRole('row', { name: /Ines Moreau/ }).waitFor();
  });
});
