// Something goes wrong with the machine: the operators are told, look after it, keep it silent for a while, and mend it.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dialog, fill, visit } from '../support/admin.mjs';
import { admin, setUp, signInToApi } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { relayed, startRelay } from '../support/relay.mjs';
import { story } from '../support/story.mjs';

const relay = await startRelay();
const disk = await mkdtemp(join(tmpdir(), 'event-manager-disk-'));
const backups = join(disk, 'backups');

story('the disk of the backups is pulled out, and plugged in again', async ({ server, step, enter }) => {
  await setUp(server);
  const operator = await enter();
  const { page } = operator;
  const api = await signInToApi(server.url, admin, 'system');
  const title = 'There is no recent backup';
  const record = page.locator('main .record').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

  await step('all is well', async () => {
    await signInAtDesk(page, admin, { tenant: 'system', first: 'Users' });
    await visit(page, 'Alerts');
    await page.getByText('All is well').waitFor();
    await look(operator, 'alerts-none');
  });

  await step('a backup cannot be made: an alert fires, and a mail tells of it', async () => {
    await rm(backups, { recursive: true, force: true });
    await writeFile(backups, 'a file where the disk was');
    await api.post('/backups');
    await record.getByText('Warning', { exact: true }).waitFor();
    await record.getByText(/The last one failed/).waitFor();
    await relay.wait(1);
    assert.equal(relay.mails[0].to, 'ops@example.org');
    assert.match(relay.mails[0].text, new RegExp(title));
    await look(operator, 'alerts-firing');
  });

  await step('its runbook is one step away', async () => {
    const [runbook] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/docs/runbook')),
      record.getByRole('link', { name: /^Runbook/ }).click(),
    ]);
    assert.equal(runbook.status(), 200);
    await page.getByRole('heading', { name: 'BackupStale' }).waitFor();
    await page.goBack();
    await record.waitFor();
  });

  await step('somebody says that they look after it', async () => {
    await record.getByRole('button', { name: /^Acknowledge/ }).click();
    await fill(dialog(page), { 'What others should know': 'I am on my way with a new disk.' });
    await look(operator, 'alert-acknowledge');
    await dialog(page).getByRole('button', { name: 'Acknowledge' }).click();
    await record.getByText('Acknowledged', { exact: true }).waitFor();
    await record.getByText(`${admin.name} looks after it: “I am on my way with a new disk.”`).waitFor();
  });

  await step('it is kept silent, for a reason and until a time', async () => {
    await record.getByRole('button', { name: /^Keep silent/ }).click();
    await dialog(page).getByRole('button', { name: 'Keep silent' }).click();
    await dialog(page).getByText('Please say why.').waitFor();
    await fill(dialog(page), { 'For how long': 'Four hours', Reason: 'The new disk comes at noon.' });
    await look(operator, 'alert-silence');
    await dialog(page).getByRole('button', { name: 'Keep silent' }).click();
    await page.getByRole('heading', { name: 'Kept silent' }).waitFor();
    await page.getByText(/Until .*, says .*: “The new disk comes at noon\.”/).waitFor();
    const [silence] = (await api.get('/silences')).items;
    const hours = (new Date(silence.until) - Date.now()) / 3_600_000;
    assert.ok(hours > 3.9 && hours <= 4, `${hours} hours`);
    await look(operator, 'alerts-acknowledged-and-silent');
  });

  await step('the silence is ended', async () => {
    await page.getByRole('button', { name: `Tell again: ${title}` }).click();
    await page.getByRole('heading', { name: 'Kept silent' }).waitFor({ state: 'hidden' });
  });

  await step('the disk is back, and the alert is over', async () => {
    await rm(backups);
    await mkdir(backups);
    await api.post('/backups');
    await page.getByText('All is well').waitFor({ timeout: 30_000 });
    await record.getByText('Over', { exact: true }).waitFor();
    await look(operator, 'alerts-over');
    await relay.wait(2);
    assert.match(relay.mails[1].text, /^Subject: .*[Oo]ver/m, 'nobody was told again, but that it is over');
  });
}, {
  environment: {
    ...relayed(relay),
    EVENT_MANAGER__ALERTS__EMAIL: 'ops@example.org',
    EVENT_MANAGER__ALERTS__LOOK_EVERY_S: '1',
    EVENT_MANAGER__BACKUP__DIRECTORY: backups,
  },
});
