// Files are kept in object storage, too, and people see which are there, wait, or come back.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dialog, visit } from '../support/admin.mjs';
import { admin, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { startBucket } from '../support/bucket.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const bucket = await startBucket();

const pdf = (name, letter) => ({
  name, mimeType: 'application/pdf', buffer: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(9_000, letter)]),
});

story('files are kept in object storage, and one sees where each is', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const person = await enter({ expected: [503] });
  const { page } = person;
  const row = (name) => page.getByRole('row', { name });
  const upload = async (file) => {
    await page.getByRole('button', { name: 'Upload files' }).click();
    await dialog(page).getByLabel('Files', { exact: true }).setInputFiles([file]);
    await dialog(page).getByRole('button', { name: 'Upload 1 file' }).click();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
  };

  await step('what is uploaded is kept there, too', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Files');
    await upload(pdf('rules.pdf', 'x'));
    await row(/rules.*Kept.*In s3:.*house\. Since/).waitFor({ timeout: 20_000 });
    assert.equal(bucket.objects.size, 1);
  });

  await step('while the cloud is away files wait for it, and are given out', async () => {
    bucket.isAway(true);
    await upload(pdf('timetable.pdf', 'y'));
    await row(/timetable.*Waiting.*goes there by itself/).waitFor();
    const downloaded = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download timetable' }).click();
    assert.equal((await downloaded).suggestedFilename(), 'timetable.pdf');
    await look(person, 'files-stored');
  });

  await step('one that is missing on the server says that it comes back', async () => {
    const [{ id, sha256 }] = (await api.get('/files')).items.filter(({ name }) => name === 'rules');
    const { tenant } = await api.get('/me');
    await rm(join(server.data, 'blobs', tenant.id, sha256));
    await page.getByRole('button', { name: 'Download rules' }).click();
    await page.getByText(/is being fetched back from object storage/).waitFor();
    await page.reload();
    await row(/rules.*Being fetched back.*Nobody gets it until it is back/).waitFor();
    await look(person, 'files-fetching');
    bucket.isAway(false);
    await row(/rules.*Kept/).waitFor({ timeout: 60_000 });
    await row(/timetable.*Kept/).waitFor({ timeout: 60_000 });
    const content = await api.get(`/files/${id}`);
    assert.equal(content.storage.state, 'kept');
  });
}, { environment: { ...bucket.environment, EVENT_MANAGER__BREAKER__STORAGE__TIMEOUT_MS: '500' } });
