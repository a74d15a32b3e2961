// A judge without an account: invited at the desk, signed in on a tablet by a link and a PIN, moved to another tablet.
import assert from 'node:assert/strict';
import { dialog, visit } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { otto, prepare } from '../support/competition.mjs';
import { keyMarks, openSheet, submit } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const tara = { name: 'Tara Novak', email: 'tara@example.org', password: 'every sheet is counted twice' };

/** Types a PIN on the keys of the page or dialog. */
async function typePin(scope, pin) {
  for (const digit of pin) await scope.getByRole('button', { name: digit, exact: true }).click();
}

/** Opens a link as the camera of a tablet does, and signs in with the PIN. */
async function signInByLink(page, { url, pin }) {
  await page.goto(url);
  await page.getByRole('heading', { level: 1, name: 'Welcome, judge' }).waitFor();
  await typePin(page, pin);
  await page.getByRole('button', { name: 'Start judging' }).click();
}

story('a judge without an account scores by a link, and goes on at another tablet', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api, { judges: [otto] });
  const { contest, category } = competition;
  for (const name of ['Lea Blum', 'Mia Roth', 'Nora Pahl']) {
    const { id: judgeId } = await api.post('/judges', { name });
    await api.post(`/categories/${category.id}/assignments`, { judgeId });
  }
  await createUser(api, tara, 'TALLY_MASTER');
  const invitation = { url: null, pin: null };
  const desk = await enter();
  // A wrong PIN is a 401, a link in use a 409.
  const first = await enter({ phone: true, expected: [401, 409] });
  const second = await enter({ phone: true, expected: [401, 409] });

  await step('an organiser invites the judge and sees code, link and PIN', async () => {
    const { page } = desk;
    await signInAtDesk(page, admin);
    await visit(page, 'Judges');
    await page.getByRole('button', { name: 'Links of Lea Blum' }).click();
    await dialog(page).getByText('No link yet').waitFor();
    await dialog(page).getByRole('button', { name: 'New link' }).click();
    await dialog(page).getByText('it is not shown again').waitFor();
    const picture = dialog(page).getByRole('img', { name: 'QR code with the link of Lea Blum' });
    assert.ok(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 100)));
    const shown = (what) => dialog(page).getByRole('button', { name: `Copy ${what}` }).locator('code').innerText();
    Object.assign(invitation, { url: await shown('link'), pin: await shown('PIN') });
    assert.match(invitation.url, /\/judge#link=[\w-]{43}$/);
    assert.match(invitation.pin, /^\d{6}$/);
    await look(desk, 'judge-link-new');
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Links of Lea Blum' }).click();
    await dialog(page).getByText('Ready').waitFor();
    assert.equal(await dialog(page).getByText(invitation.pin).count(), 0, 'the PIN is not shown again');
    await dialog(page).getByRole('button', { name: 'Done' }).click();
  });

  await step('the link leaves the address at once, and a wrong PIN is explained', async () => {
    const { page } = first;
    await page.goto(invitation.url);
    await page.getByRole('heading', { level: 1, name: 'Welcome, judge' }).waitFor();
    assert.equal(new URL(page.url()).hash, '');
    await page.getByRole('button', { name: 'Start judging' }).click();
    await page.getByText('The PIN has 6 digits.').waitFor();
    await typePin(page, invitation.pin === '123456' ? '654321' : '123456');
    await page.getByText('6 of 6 digits').waitFor();
    await page.getByRole('button', { name: 'Start judging' }).click();
    await page.getByRole('alert').getByText('That did not match').waitFor();
    await look(first, 'judge-link-pin');
  });

  await step('with the right PIN, typed on a keyboard, the judge scores', async () => {
    const { page } = first;
    await page.getByLabel('PIN').fill(`${invitation.pin.slice(0, 3)} ${invitation.pin.slice(3)}`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
    await openSheet(page, competition, 'Ada');
    await keyMarks(page, { Technique: '8.5', Expression: '9' });
    await submit(page);
    await page.getByText('Submitted, final').waitFor();
    await openSheet(page, competition, 'Ben');
    await keyMarks(page, { Technique: '4', Expression: '3' });
    await page.locator('summary', { hasText: 'Account of' }).click();
    await page.getByText('By personal link').waitFor();
    await page.getByRole('link', { name: 'Account', exact: true }).click();
    await page.getByText('By personal link and PIN').waitFor();
    await look(first, 'judge-link-account');
    await openSheet(page, competition, 'Ben');
  });

  await step('a second tablet is refused, and told whom to ask', async () => {
    const { page } = second;
    await signInByLink(page, invitation);
    await page.getByRole('alert').getByText('Your link is in use on another device').waitFor();
    await page.getByText('ask the tally desk to release it').waitFor();
    await look(second, 'judge-link-in-use');
  });

  await step('the tally desk releases the link', async () => {
    const tally = await enter();
    const { page } = tally;
    await signInAtDesk(page, tara);
    await page.goto(`#/contests/${contest.id}/invitations`);
    await page.getByRole('row', { name: /Lea Blum/ }).getByText('In use').waitFor();
    await look(tally, 'contest-invitations-tally');
    await page.getByRole('button', { name: 'Release the link of Lea Blum' }).click();
    await page.getByRole('row', { name: /Lea Blum/ }).getByText('Ready').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Invite/ }).count(), 0);
  });

  await step('the second tablet signs in and has the submitted sheet', async () => {
    const { page } = second;
    await page.getByRole('button', { name: 'Start judging' }).click();
    await page.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
    await openSheet(page, competition, 'Ada');
    await page.getByText('Submitted, final').waitFor();
    await page.getByText('8.5').first().waitFor();
  });

  await step('the first tablet asks for the PIN, and shows another judge nothing of what was typed', async () => {
    const { page } = first;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    const again = page.getByRole('dialog', { name: 'Please type your PIN again' });
    await again.waitFor();
    await look(first, 'judge-link-ended');
    const { items: judges } = await api.get('/judges');
    const mia = await api.post(`/judges/${judges.find(({ name }) => name === 'Mia Roth').id}/links`);
    await signInByLink(page, mia);
    await page.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
    await openSheet(page, competition, 'Ben');
    await page.getByText('2 of 2 not scored').waitFor();
  });

  await step('the first judge finds the marks again that were not submitted there', async () => {
    await second.page.locator('summary', { hasText: 'Account of' }).click();
    await second.page.getByRole('button', { name: 'Sign out' }).click();
    await second.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    const { page } = first;
    await page.goto(invitation.url);
    await page.getByText('Mia Roth is signed in on this device').waitFor();
    await look(first, 'judge-link-other');
    await typePin(page, invitation.pin);
    await page.getByRole('button', { name: 'Start judging' }).click();
    await page.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
    await openSheet(page, competition, 'Ben');
    await page.getByRole('button', { name: 'Technique: 4. Open the keypad' }).waitFor();
  });

  await step('invitations for the whole contest are printed, one sheet a judge', async () => {
    const { page } = desk;
    await page.goto(`#/contests/${contest.id}/invitations`);
    await page.getByRole('button', { name: 'Invite 2 judges' }).click();
    await page.getByText('2 invitations to print now').waitFor();
    await look(desk, 'contest-invitations');
    await page.evaluate(() => {
      window.print = () => { window.printed = document.querySelector('.print-sheets').innerHTML; };
    });
    await page.getByRole('button', { name: 'Print 2 sheets' }).click();
    await page.waitForFunction(() => window.printed);
    await page.emulateMedia({ media: 'print' });
    await page.getByRole('heading', { name: otto.name }).waitFor();
    await page.getByText('Harbour Arts · Spring Song Night · Solo').first().waitFor();
    assert.equal(await page.getByRole('navigation', { name: 'Main' }).isVisible(), false);
    await page.screenshot({ path: new URL('../../../target/screenshots/invitation-print.png', import.meta.url).pathname });
    const paper = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    assert.equal(paper.match(/\/Type \/Page\b/g).length, 2);
    assert.match(paper, /\/MediaBox \[0 0 4(19|20)[.\d]* 59[45][.\d]*\]/, 'A5');
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.locator('.print-sheets').waitFor({ state: 'detached' });
  });

  await step('a revoked link is no way in any more', async () => {
    const { page } = desk;
    await page.getByRole('button', { name: 'Links of Lea Blum' }).click();
    await dialog(page).getByRole('button', { name: 'Revoke', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Revoke the link' }).click();
    await dialog(page).getByText('Revoked').waitFor();
    await look(desk, 'judge-link-revoked');
  });
});
