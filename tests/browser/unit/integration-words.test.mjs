import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanwhileOf, services } from '../../../static/app/lib/circuit-words.js';
import { aboutService, integrationState, isFailing, sectionsOf } from '../../../static/app/lib/integration-words.js';

const [early, late] = ['2026-05-01T19:00:00Z', '2026-05-01T20:00:00Z'];
const circuit = (state, times = {}) => ({ state, lastSuccessTime: null, lastFailureTime: null, ...times });
const targets = (circuits) => circuits.map((one, index) => ({ key: `relay-${index}`, circuit: one }));
const textOf = (circuits, changes = {}) => integrationState({
  service: 'email', mode: 'enforce', targets: targets(circuits), ...changes,
}).text;

test('a service that goes nowhere is off, and one that goes somewhere is on until it is called', () => {
  assert.equal(textOf([]), 'Off');
  assert.equal(textOf([null, null]), 'On, not called yet');
});

test('a service works as well as its circuits do', () => {
  assert.equal(textOf([circuit('CLOSED', { lastSuccessTime: late })]), 'Works');
  assert.equal(textOf([circuit('OPEN'), circuit('OPEN')]), 'Not called');
  assert.equal(textOf([circuit('OPEN'), null]), 'Works in part');
  assert.equal(textOf([circuit('HALF_OPEN'), null]), 'Being tried');
});

test('a service whose last call failed is failing before its circuit opens', () => {
  assert.equal(textOf([circuit('CLOSED', { lastSuccessTime: early, lastFailureTime: late })]), 'Failing');
  assert.ok(isFailing({ lastSuccessTime: null, lastFailureTime: early }));
  assert.ok(!isFailing({ lastSuccessTime: late, lastFailureTime: early }));
});

test('the mode counts: what is only watched is called all the same, and what an operator stopped is not', () => {
  assert.equal(textOf([circuit('OPEN')], { mode: 'monitor' }), 'Failing');
  assert.equal(textOf([circuit('CLOSED')], { mode: 'forcedOpen' }), 'Nothing is called');
});

test('every service that the operator sets up has a name, a section and a test', () => {
  for (const service of ['email', 'sms', 'storage', 'virus_scan', 'redis']) {
    const { name, does, test: path } = aboutService(service);
    assert.ok(name && does.endsWith('.') && path.startsWith('/'), service);
  }
  assert.ok(aboutService('otlp').name && !aboutService('otlp').test, 'a collector is sent no deliveries');
  assert.deepEqual(sectionsOf('otlp'), ['[otlp]']);
  assert.deepEqual(sectionsOf('email'), ['[email]', '[email_second]']);
});

test('of every service is told what becomes of things while it is not called', () => {
  for (const service of Object.keys(services)) assert.match(meanwhileOf(service), /\.$/, service);
});
