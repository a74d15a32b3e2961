// An organisation gives its pages a name, a colour and a logo, and whoever comes to sign in sees them.
import { admin, setUp } from '../support/api.mjs';
import { visit } from '../support/admin.mjs';
import { look } from '../support/browser.mjs';
import { ines, prepare } from '../support/competition.mjs';
import { signInToJudge } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

/** A red square. */
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mO4oKCAFTEMLQkAvk5EAYUHFA8AAAAASUVORK5CYII=',
  'base64');

/** Waits until a page uses an accent colour. */
const wears = (page, colour) => page.waitForFunction(
  (accent) => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim() === accent, colour,
);

story('an organisation looks like itself, also before anybody has signed in', async ({ server, step, enter }) => {
  const api = await setUp(server);
  await prepare(api, { judges: [ines] });
  const official = await enter({ expected: [422] });
  const judge = await enter({ phone: true, late: true });
  const { page } = official;
  const save = () => page.getByRole('button', { name: 'Save', exact: true }).click();

  await step('a colour that is lost in a theme is refused with one that would do', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Settings');
    await page.getByLabel('Accent colour').fill('#ffff00');
    await save();
    await page.getByText(/has a contrast of .* to the light background/i).waitFor();
    await look(official, 'branding-refused');
  });

  await step('name and colour are seen before they are saved', async () => {
    await page.getByLabel('Name to show').fill('Harbour Song Night');
    await page.getByLabel('Accent colour').fill('#0f766e');
    await wears(page, '#0f766e');
    await page.getByRole('link', { name: 'Harbour Song Night' }).filter({ visible: true }).first().waitFor();
    await save();
    await page.getByText('Settings saved.').waitFor();
  });

  await step('the logo is shown as soon as it is chosen', async () => {
    await page.getByLabel('Logo file').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: png });
    await page.getByText('Logo saved.').waitFor();
    await page.getByAltText('The present logo').waitFor();
    await page.waitForFunction(() => document.querySelector('.logo-preview').naturalWidth === 8);
    await look(official, 'branding');
  });

  await step('judges see it, and whoever comes back to sign in on the device', async () => {
    await signInToJudge(judge.page, ines);
    await judge.page.getByText('Harbour Song Night').first().waitFor();
    await wears(judge.page, '#0f766e');
    await look(judge, 'branding-judge');
    await page.context().clearCookies();
    await page.goto('./');
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await page.getByText('Harbour Song Night').waitFor();
    await wears(page, '#0f766e');
    await look(official, 'branding-sign-in');
  });
});
