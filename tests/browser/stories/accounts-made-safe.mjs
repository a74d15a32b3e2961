// A password that somebody else knows is changed, an app on the phone guards the account, and who is lost gets back in.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { dialog, fill } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signIn, signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const hugo = { name: 'Hugo Frei', email: 'hugo@example.org', password: 'doors open at seven sharp' };

/** What an authenticator app shows at a time (RFC 6238): `steps` of 30 seconds from now. */
function codeOf(secret, steps = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

story('accounts are made safe, and whoever is lost gets back in', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const { id } = await createUser(api, hugo, 'ORGANIZER');
  const official = await enter({ expected: [401, 403, 422] });
  const organiser = await enter({ phone: true, expected: [401, 403, 422] });
  const { page } = organiser;
  let secret;
  let codes;

  await step('a password that the administrator has set is changed before anything else', async () => {
    await api.post(`/users/${id}/password`, { password: 'set by the administrator' });
    await signIn(page, { ...hugo, password: 'set by the administrator' }, { at: './' });
    await page.getByRole('heading', { level: 1, name: 'Choose your own password' }).waitFor();
    await look(organiser, 'password-change-required');
    await page.getByRole('button', { name: 'Change password' }).click();
    await fill(dialog(page), { 'Current password': 'set by the administrator', 'New password': 'hugo frei example' });
    await dialog(page).getByRole('button', { name: 'Set password' }).click();
    await dialog(page).getByText('Is too easy to guess').waitFor();
    await look(organiser, 'weak-password');
    await fill(dialog(page), { 'New password': hugo.password });
    await dialog(page).getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  });

  await step('an authenticator app is set up, and recovery codes are shown once', async () => {
    await page.goto('#/account');
    await page.getByRole('button', { name: 'Set up' }).click();
    await fill(dialog(page), { 'Your password': hugo.password });
    await dialog(page).getByRole('button', { name: 'Continue' }).click();
    await dialog(page).getByRole('img', { name: 'QR code' }).waitFor();
    secret = await dialog(page).locator('code').innerText();
    await look(organiser, 'second-factor-code');
    await fill(dialog(page), { Code: codeOf(secret) });
    await dialog(page).getByRole('button', { name: 'Turn on' }).click();
    await dialog(page).getByText('Keep them now: they are not shown again').waitFor();
    codes = await dialog(page).locator('.recovery-codes code').allInnerTexts();
    assert.equal(codes.length, 10);
    await look(organiser, 'recovery-codes');
    await dialog(page).getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('10 recovery codes left').waitFor();
    await page.getByRole('table', { name: 'Sessions' }).getByText('This one').waitFor();
    await look(organiser, 'account-safe');
  });

  await step('signing in asks for a code, and takes a recovery code in its place', async () => {
    await page.locator('summary', { hasText: 'Account of' }).filter({ visible: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, hugo);
    await page.getByLabel('Code').fill('000000');
    await look(organiser, 'sign-in-code');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Code').fill(codes[0]);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();
    await page.getByText('9 recovery codes left').waitFor();
  });

  await step('whoever has forgotten the password asks, and the administrator sees it and makes a link', async () => {
    await page.locator('summary', { hasText: 'Account of' }).filter({ visible: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    // The page before has a field of the same name.
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    await page.getByLabel('E-mail').fill(hugo.email);
    await page.getByRole('button', { name: 'Ask for a new password' }).click();
    await page.getByText('Noted').waitFor();
    await look(organiser, 'forgot-password');
    await signInAtDesk(official.page, admin);
    await official.page.goto('#/users');
    await official.page.getByRole('row', { name: /Hugo Frei/ }).getByText('Asked for a new password').waitFor();
    await look(official, 'users-sign-in');
    await official.page.getByRole('button', { name: 'Sign-in of Hugo Frei' }).click();
    await dialog(official.page).getByRole('button', { name: 'Make a link to set a password' }).click();
    const link = await dialog(official.page).locator('.notice code').innerText();
    await look(official, 'sign-in-help');
    await dialog(official.page).getByRole('button', { name: 'Remove authenticator app' }).click();
    await dialog(official.page).getByText('The authenticator app is removed.').waitFor();
    await dialog(official.page).getByRole('button', { name: 'Done' }).click();

    await page.goto(link);
    await page.getByLabel('New password').fill('nine blue doors in a row');
    await look(organiser, 'reset-password');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('button', { name: 'Go to sign-in' }).click();
    await signIn(page, { ...hugo, password: 'nine blue doors in a row' });
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  });

  await step('an administrator signs somebody out everywhere', async () => {
    await official.page.getByRole('button', { name: 'Sign-in of Hugo Frei' }).click();
    await dialog(official.page).getByRole('table', { name: 'Sessions' }).waitFor();
    await dialog(official.page).getByRole('button', { name: 'Sign out everywhere' }).click();
    await dialog(official.page).getByText('Signed in nowhere.').waitFor();
    await dialog(official.page).getByRole('button', { name: 'Done' }).click();
    await page.goto('#/account');
    await page.getByRole('dialog', { name: 'Please sign in again' }).waitFor();
  });
});
