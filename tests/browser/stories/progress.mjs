// Officials watch the sheets come in: nobody reloads anything, and a restart of the program in between is caught up with.
import { admin, setUp, signInToApi } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare, submitSheets } from '../support/competition.mjs';
import { keyMarks, openSheet, signInToJudge, submit } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

story('the progress of the night moves by itself', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  const { event, contest, category, entries, judges } = competition;
  const duo = await api.post(`/contests/${contest.id}/categories`, { name: 'Duo', position: 1 });
  await api.post(`/categories/${duo.id}/criteria`, { name: 'Harmony' });
  await api.post(`/categories/${duo.id}/assignments`, { judgeId: judges[ines.name].id });
  const gone = ['ERR_CONNECTION_REFUSED', 'ERR_CONNECTION_RESET', 'ERR_EMPTY_RESPONSE'];
  const official = await enter({ expected: gone });
  const watching = official.page;
  const share = (text) => watching.getByRole('region', { name: 'All contests' }).getByText(text).waitFor();

  await step('an official opens the progress of an event', async () => {
    await signInAtDesk(watching, admin);
    await watching.getByRole('link', { name: event.name }).click();
    await watching.getByRole('link', { name: 'Progress of the night' }).click();
    await watching.getByRole('heading', { level: 1, name: 'Progress of the night' }).waitFor();
    await share('0 of 9 sheets');
  });

  const judge = await enter({ phone: true, expected: gone });
  await step('a sheet that a judge submits moves it without a reload', async () => {
    await watching.evaluate(() => {
      window.isTheSamePage = true;
    });
    await signInToJudge(judge.page, ines);
    await openSheet(judge.page, competition, 'Ada');
    await keyMarks(judge.page, { Technique: '8.5', Expression: '9' });
    await submit(judge.page);
    await share('1 of 9 sheets');
  });

  await step('it says who is behind, what is reopened and what is incomplete', async () => {
    await submitSheets(server.url, competition, ines, { Ben: ['7', '8'], Cleo: ['6', '8'] });
    await share('3 of 9 sheets');
    await watching.getByText('3 behind').waitFor();
    const sheet = `/categories/${category.id}/entries/${entries.Ada.id}/sheets/${judges[ines.name].id}`;
    await api.post(`${sheet}/reopen`, { reason: 'a slip' });
    await watching.getByText('1 reopened').first().waitFor();
    await api.post(`/categories/${duo.id}/criteria`, { name: 'Timing' });
    await look(official, 'event-progress');
  });

  await step('the judge’s own page follows, too', async () => {
    await judge.page.goto('judge#/judge');
    await judge.page.getByText('3 of 3 sheets submitted').waitFor();
    await api.post(`/contests/${contest.id}/lock`);
    await judge.page.getByText('Locked').first().waitFor();
    await api.post(`/contests/${contest.id}/unlock`);
    await judge.page.getByText('Locked').first().waitFor({ state: 'detached' });
  });

  await step('while the program is away, the page says so and keeps what it shows', async () => {
    await server.end();
    await watching.getByText('Reconnecting…').waitFor();
    await share('3 of 9 sheets');
    await look(official, 'event-progress-reconnecting');
  });

  await step('when the program is back, the page catches up', async () => {
    await server.start();
    await submitSheets(server.url, competition, otto, { Ada: ['7', '7'], Ben: ['8', '8'] });
    await share('5 of 9 sheets');
    await watching.getByText('Reconnecting…').waitFor({ state: 'detached' });
    await watching.waitForFunction(() => window.isTheSamePage);
  });

  await step('the winners of the event stand on one page', async () => {
    await watching.getByRole('link', { name: event.name }).click();
    await watching.getByRole('link', { name: 'Winners' }).click();
    await watching.getByRole('heading', { level: 1, name: 'Winners' }).waitFor();
    await watching.getByText('Provisional: 5 of 6 sheets').waitFor();
    await watching.getByRole('row').filter({ hasText: 'Ben' }).getByText('no. 2').waitFor();
    await look(official, 'event-winners');
  });

  await step('results, sheets and trash follow as well', async () => {
    const officials = await signInToApi(server.url, admin);
    await watching.goto(`#/categories/${category.id}/results`);
    await watching.getByText('5 of 6 sheets').first().waitFor();
    await submitSheets(server.url, competition, otto, { Cleo: ['9', '9'] });
    await watching.getByText('6 of 6 sheets').first().waitFor();
    await watching.goto('#/trash');
    await watching.getByText('The trash is empty').waitFor();
    await officials.send('DELETE', `/categories/${duo.id}?reason=rain`);
    await watching.getByRole('heading', { name: 'Duo' }).waitFor();
    await watching.goto(`#/categories/${category.id}/sheets`);
    await watching.getByText('All sheets are in').waitFor();
    const sheet = `/categories/${category.id}/entries/${entries.Ben.id}/sheets/${judges[otto.name].id}`;
    await officials.send('DELETE', sheet);
    await watching.getByText('Waiting for 1 sheet').waitFor();
  });
});
