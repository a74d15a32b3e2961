// Photos and documents are uploaded, looked at and given out, and those with a virus in them are not.
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { create, dialog, fill, visit } from '../support/admin.mjs';
import { admin, createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { reachable, startReceiver } from '../support/receiver.mjs';
import { story } from '../support/story.mjs';

const emma = { name: 'Emma Stein', email: 'emma@example.org', password: 'a voice on every stage' };
const scanner = await startReceiver();
const clean = () => scanner.answer(200, '{"infected": false}');

const pdf = (name, bytes = 40_000) => ({
  name, mimeType: 'application/pdf', buffer: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(bytes, 'x')]),
});

/** A PNG in one colour. */
function png(name, width, height, colour) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), ...Array(width).fill(Buffer.from(colour))]);
  const pixels = deflateSync(Buffer.concat(Array(height).fill(row)));
  const buffer = Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return { name, mimeType: 'image/png', buffer };
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

story('photos and documents are uploaded, scanned and given out', async ({ server, step, enter }) => {
  const api = await setUp(server);
  await api.post('/contestants', { name: 'Ada Berg' });
  const person = await enter({ expected: [422] });
  const { page } = person;
  const row = (name) => page.getByRole('row', { name });
  const choose = (...files) => dialog(page).getByLabel('Files', { exact: true }).setInputFiles(files);

  await step('what is not taken is told before anything is sent', async () => {
    await signInAtDesk(page, admin);
    await visit(page, 'Files');
    await page.getByText('No files yet').waitFor();
    await look(person, 'files-empty');
    await page.getByRole('button', { name: 'Upload files' }).click();
    await dialog(page).getByText(/PNG, JPEG, WebP, PDF.*each up to 1 MB/).waitFor();
    const tool = { name: 'tool.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ') };
    await choose(pdf('rules.pdf'), pdf('programme.pdf', 1_200_000), tool);
    await dialog(page).getByText('It is too large: 1.2 MB. The largest that is taken has 1 MB.').waitFor();
    await dialog(page).getByText(/^It is none of the types that are taken/).waitFor();
    await look(person, 'files-refused');
  });

  await step('what is taken is scanned, and then given out', async () => {
    clean();
    await dialog(page).getByRole('button', { name: 'Leave out tool.exe' }).click();
    await dialog(page).getByRole('button', { name: 'Upload 1 file' }).click();
    await dialog(page).getByText('Uploaded.').waitFor();
    await look(person, 'files-uploaded');
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await row(/rules.*Clean.*40 kB.*by Mara Lind/).waitFor();
    const downloaded = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download rules' }).click();
    assert.equal((await downloaded).suggestedFilename(), 'rules.pdf');
  });

  await step('a file that is not what it claims is refused in words, and nothing of it is kept', async () => {
    await page.getByRole('button', { name: 'Upload files' }).click();
    await choose({ name: 'fake.pdf', mimeType: 'application/pdf', buffer: Buffer.from('this is no PDF') });
    await dialog(page).getByRole('button', { name: 'Upload 1 file' }).click();
    await dialog(page).getByText('The file is no PDF, although it is sent as one.').waitFor();
    await look(person, 'files-wrong-content');
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await api.get('/files')).items.length, 1, 'something was kept');
  });

  await step('over a slow network one sees how far a file is, and can stop it', async () => {
    const network = await person.context.newCDPSession(page);
    const upTo = (uploadThroughput) => network.send('Network.emulateNetworkConditions', {
      offline: false, latency: 0, downloadThroughput: -1, uploadThroughput,
    });
    await upTo(60_000);
    await page.getByRole('button', { name: 'Upload files' }).click();
    await choose(pdf('book.pdf', 990_000));
    await dialog(page).getByRole('button', { name: 'Upload 1 file' }).click();
    await dialog(page).getByRole('progressbar', { name: 'Upload of book.pdf' }).waitFor();
    await dialog(page).getByText(/^[1-9]\d? %$/).waitFor();
    await look(person, 'files-uploading');
    // The network stays slow until the request has ended: what is already in the browser's hands would else be sent.
    const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('name=book'));
    await dialog(page).getByRole('button', { name: 'Stop' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await ended;
    await upTo(-1);
    assert.equal((await api.get('/files')).items.length, 1, 'what was stopped is kept');
  });

  await step('a photo belongs to a contestant, and is seen small', async () => {
    await visit(page, 'Contestants');
    await page.getByRole('link', { name: 'Files of Ada Berg' }).click();
    await page.getByRole('heading', { level: 1, name: 'Files of Ada Berg' }).waitFor();
    await page.getByRole('button', { name: 'Upload files' }).click();
    await dialog(page).getByText('They will belong to Ada Berg.').waitFor();
    await choose(png('portrait.png', 300, 400, [61, 66, 176]));
    assert.equal(await dialog(page).getByLabel('What they are for').inputValue(), 'photo');
    await dialog(page).getByRole('button', { name: 'Upload 1 file' }).click();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await row(/portrait.*Photo.*Clean.*300 × 400/).waitFor();
    const small = page.locator('.thumbnail img');
    await small.waitFor();
    await page.waitForFunction(() => document.querySelector('.thumbnail img').naturalWidth > 0);
  });

  await step('whoever has a photo is seen in the list of people', async () => {
    await api.post('/contestants', { name: 'Ben Gray' });
    await visit(page, 'Contestants');
    const photo = row(/Ada Berg/).getByRole('img', { name: 'Photo of Ada Berg' });
    await photo.waitFor();
    assert.equal(await photo.getAttribute('loading'), 'lazy');
    assert.equal(await row(/Ben Gray/).getByRole('img').count(), 0);
    await page.waitForFunction(() => document.querySelector('.thumbnail img').naturalWidth > 0);
    await look(person, 'contestants-with-photos');
  });

  await step('an event has files, too, behind its other actions', async () => {
    const event = await api.post('/events', { name: 'Spring Song Night' });
    await page.goto(`#/events/${event.id}`);
    await page.locator('summary', { hasText: 'More actions' }).click();
    await page.getByRole('button', { name: 'Files' }).click();
    await page.getByRole('heading', { level: 1, name: 'Files of Spring Song Night' }).waitFor();
    await page.getByText('No files yet').waitFor();
    await page.getByRole('link', { name: 'Spring Song Night' }).waitFor();
    await look(person, 'files-of-event');
  });

  await step('while the scanner is away a file waits, and one with a virus is kept back', async () => {
    scanner.answer(null);
    await page.getByRole('link', { name: 'Files', exact: true }).first().click();
    await page.getByRole('button', { name: 'Upload files' }).click();
    await choose(pdf('timetable.pdf', 2_000));
    await dialog(page).getByRole('button', { name: 'Upload 1 file' }).click();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await row(/timetable.*Waiting for the scanner/).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Download timetable' }).count(), 0);
    scanner.answer(200, '{"infected": true, "signature": "Eicar-Test"}');
    await row(/timetable.*Infected.*The scanner found Eicar-Test\. Nobody gets it/).waitFor({ timeout: 30_000 });
    scanner.answer(413, 'too much');
    await page.getByRole('button', { name: 'Upload files' }).click();
    await choose(pdf('scores.pdf', 3_000));
    await fill(dialog(page), { 'What they are for': 'Score file' });
    await dialog(page).getByRole('button', { name: 'Upload 1 file' }).click();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    await row(/scores.*Score file.*Could not be scanned/).waitFor();
    await look(person, 'files');
    await page.getByLabel('Virus scan').selectOption({ label: 'Infected' });
    await row(/rules/).waitFor({ state: 'hidden' });
    await row(/timetable/).waitFor();
    await page.getByLabel('Virus scan').selectOption({ label: 'Any state' });
  });

  await step('a file is called something else, deleted, and brought back', async () => {
    await create(page, 'Edit rules', { Name: 'Rules of the house' }, 'Save');
    await page.getByRole('button', { name: 'Delete Rules of the house' }).click();
    await dialog(page).getByText('Nothing else goes out of sight.').waitFor();
    await dialog(page).getByRole('button', { name: 'Delete file' }).click();
    await row(/Rules of the house/).waitFor({ state: 'hidden' });
    await visit(page, 'Trash');
    await page.getByRole('button', { name: /^Restore.*Rules of the house/ }).click();
    await page.getByText(/“Rules of the house” is back/).waitFor();
    await visit(page, 'Files');
    await row(/Rules of the house.*Clean/).waitFor();
  });

  await step('whoever may only read uploads nothing', async () => {
    await createUser(api, emma, 'EMCEE');
    const reader = await enter();
    await signInAtDesk(reader.page, emma);
    await visit(reader.page, 'Files');
    await reader.page.getByRole('row', { name: /Rules of the house/ }).waitFor();
    assert.equal(await reader.page.getByRole('button', { name: /Upload|Delete|Edit/ }).count(), 0);
  });
}, {
  environment: {
    ...reachable,
    EVENT_MANAGER__FILES__MAX_MIB: '1',
    EVENT_MANAGER__VIRUS_SCAN__URL: `${scanner.url}/scan`,
  },
});
