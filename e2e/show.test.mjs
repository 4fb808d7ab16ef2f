// Whole shows, as their people have them.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { rm } from 'node:fs/promises';
import {
  accessibilityFaults, brisk, desktop, layoutFaults, Node, openBrowser, openModel, openPage, phone, smallPhone, storyForNarrator,
} from './stage.mjs';
import { Watcher } from './watcher.mjs';

let browser, node;
before(async () => {
  node = await Node.start();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await node?.stop();
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

const english = 'nineteen-is-ringing';
const kino = (name) => `[data-kino="${name}"]`;

async function join(page, name) {
  await page.locator(kino('name')).fill(name);
  await page.locator(kino('join')).click();
  await page.locator(kino('show')).waitFor();
}

const band = (page, stage) => page.locator(`${kino('band')}[data-stage="${stage}"]`);
const choice = (page, place) => page.locator(kino('choice')).nth(place);

test('an English show to its ending, with votes by touch, by keyboard and by script', async () => {
  const room = await node.room(english, { ...brisk, vote_seconds: 60, tail_seconds: 4, early_close: true });
  const host = await openPage(browser, room.host_url);
  const ada = await openPage(browser, room.join_url, phone);
  const bo = await openPage(browser, room.join_url, desktop);
  await Promise.all([join(ada, 'Ada'), join(bo, 'Bo')]);
  await Promise.all([ada, bo].map(keepReasons));
  const cy = await Watcher.join(node, room.id, { name: 'Cy' });
  await ada.locator(`${kino('lobby')}`).waitFor();

  await host.locator(`${kino('primary')}[data-action="start"]`).click();
  const reasons = [];
  for (let from = 0; ; ) {
    const frame = await cy.next((f) => cy.frames.indexOf(f) >= from && ['poll.opened', 'show.ended'].includes(f.type));
    from = cy.frames.indexOf(frame) + 1;
    if (frame.type === 'show.ended') break;
    const poll = frame.data;
    const at = reasons.length % poll.choices.length;
    const here = (page) => page.locator(`${kino('band')}[data-poll="${poll.poll}"][data-stage="open"]`).waitFor();
    await Promise.all([here(ada), here(bo)]);
    await choice(ada, at).tap();
    await bo.keyboard.press(String(at + 1));
    await cy.do('vote', { poll: poll.poll, choices: [poll.choices[at].id] });
    const closed = (await cy.next((f) => f.type === 'poll.closed' && f.data.poll === poll.poll)).data;
    assert.equal(closed.winner, poll.choices[at].id);
    assert.equal(closed.turnout, 3);
    assert.equal(closed.counts[closed.winner], 3);
    reasons.push(closed.words.en);
  }
  assert.ok(reasons.length >= 8, `${reasons.length} polls`);

  for (const page of [ada, bo]) {
    await page.locator(kino('ending')).waitFor();
    await page.locator(kino('tree')).waitFor();
    assert.deepEqual(await page.evaluate(() => globalThis.reasons), reasons); // everybody was told the same, in words
  }
  await ada.locator(`${kino('rating')} button, ${kino('rating')} label`).last().tap();
  await cy.do('rate', { stars: 4 });
  await cy.next((f) => f.type === 'rating.changed' && f.data.count === 2 && f.data.average === 4.5);
  cy.leave();
  for (const page of [host, ada, bo]) assert.deepEqual(page.complaints, []);
});

/** Keeps the reasons of all results that a page shows, however short a time it shows them. */
function keepReasons(page) {
  return page.evaluate(() => {
    globalThis.reasons = [];
    new MutationObserver(() => {
      const why = document.querySelector('[data-kino="why"]')?.innerText;
      if (why && why !== globalThis.reasons.at(-1)) globalThis.reasons.push(why);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

test('everybody reads the same words at the same time', async () => {
  const room = await node.room(english, { pace: 60 });
  const pages = await Promise.all([openPage(browser, room.join_url, phone), openPage(browser, room.join_url)]);
  await Promise.all(pages.map((page, i) => join(page, `Reader ${i}`)));
  const host = await Watcher.join(node, room.id, { token: room.host_token });
  await host.do('start');
  const lengths = () => Promise.all(pages.map((page) => page.locator(kino('story')).innerText().then((text) => text.length)));
  await pages[0].waitForFunction(() => document.querySelector('[data-kino="story"]')?.innerText.length > 100);
  const [a, b] = await lengths();
  const told = (await host.event('scene.told')).data.text.length;
  assert.ok(a < told && b < told, `the words came at once: ${a} and ${b} of ${told}`);
  assert.ok(Math.abs(a - b) <= 90, `one reads ${a} characters, the other ${b}`);
  host.leave();
});

test('a reload in mid-poll: the same viewer with the same ballot', async () => {
  const room = await node.room(english, { ...brisk, vote_seconds: 120 });
  const ada = await openPage(browser, room.join_url, phone);
  await join(ada, 'Ada');
  const host = await Watcher.join(node, room.id, { token: room.host_token });
  await host.do('start');
  await band(ada, 'open').waitFor();
  await choice(ada, 1).tap();
  await ada.locator(`${kino('choice')}[data-mine="true"]`).waitFor();
  await host.next((f) => f.type === 'tally.changed' && f.data.turnout === 1);
  await ada.reload();
  await band(ada, 'open').waitFor(); // without being asked for a name again
  assert.equal(await choice(ada, 1).getAttribute('data-mine'), 'true');
  await choice(ada, 0).tap();
  await ada.locator(`${kino('choice')}[data-mine="true"]`).waitFor();
  const from = host.frames.length;
  await host.do('close_poll');
  const closed = (await host.event('poll.closed', from)).data;
  assert.deepEqual([closed.turnout, closed.eligible, closed.counts.a], [1, 1, 1]);
  host.leave();
});

test('the node is killed in mid-poll: the poll goes on, no acknowledged ballot is lost, nobody reloads', async () => {
  const room = await node.room(english, { ...brisk, vote_seconds: 40 });
  const ada = await openPage(browser, room.join_url, phone);
  const bo = await openPage(browser, room.join_url, desktop);
  await Promise.all([join(ada, 'Ada'), join(bo, 'Bo')]);
  for (const page of [ada, bo]) await page.evaluate(() => (globalThis.neverReloaded = true));
  const host = await Watcher.join(node, room.id, { token: room.host_token });
  const crowd = await Promise.all(Array.from({ length: 8 }, (_, i) => Watcher.join(node, room.id, { name: `Crowd ${i}` })));
  await host.do('start');
  const poll = (await host.event('poll.opened')).data;
  await Promise.all([band(ada, 'open').waitFor(), band(bo, 'open').waitFor()]);
  await choice(ada, 1).tap();
  await host.next((f) => f.type === 'tally.changed' && f.data.turnout >= 1);
  await Promise.all(crowd.map((w) => w.do('vote', { poll: poll.poll, choices: ['b'] })));
  const acknowledged = 1 + crowd.length;

  await node.kill('SIGKILL');
  await ada.locator(`${kino('link')}[data-state]:not([data-state="in_sync"])`).waitFor();
  await choice(bo, 0).click(); // with nobody there to take it: kept, and sent later
  await node.start();

  for (const page of [ada, bo]) {
    await page.locator(`${kino('link')}[data-state="in_sync"]`).waitFor();
    assert.equal(await page.evaluate(() => globalThis.neverReloaded), true);
    await page.locator(`${kino('band')}[data-poll="${poll.poll}"]`).waitFor();
  }
  assert.equal(await choice(ada, 1).getAttribute('data-mine'), 'true');
  const back = await Watcher.join(node, room.id, { token: room.host_token });
  await back.next((f) => f.type === 'tally.changed' && f.data.turnout === acknowledged + 1, 'the kept ballot');
  const from = back.frames.length;
  await back.do('close_poll');
  const closed = (await back.event('poll.closed', from)).data;
  assert.deepEqual([closed.poll, closed.counts.b, closed.counts.a, closed.turnout], [poll.poll, acknowledged, 1, acknowledged + 1]);
  const events = await node.journal(room);
  assert.equal(events.filter((e) => e.type === 'poll.closed').length, 1);
  events.forEach((e, i) => assert.equal(e.n, i + 1));
  back.leave();
});

test('a node that is stopped lets everybody come back to the next one', async () => {
  const room = await node.room(english, { ...brisk, vote_seconds: 40 });
  const ada = await openPage(browser, room.join_url);
  await join(ada, 'Ada');
  const script = await Watcher.join(node, room.id, {});
  assert.equal(await node.kill('SIGTERM'), 0);
  assert.equal(await script.closed, 4000);
  await node.start();
  await ada.locator(`${kino('link')}[data-state="in_sync"]`).waitFor();
  await ada.locator(kino('lobby')).waitFor();
});

test('a banned viewer is out, also after a reload and in a second tab, and their ballot is void', async () => {
  const room = await node.room(english, { ...brisk, vote_seconds: 60 });
  const ada = await openPage(browser, room.join_url);
  await join(ada, 'Ada');
  const host = await Watcher.join(node, room.id, { token: room.host_token });
  await host.do('start');
  await band(ada, 'open').waitFor();
  await choice(ada, 0).click();
  await host.next((f) => f.type === 'tally.changed' && f.data.turnout === 1);
  const people = (await node.call('GET', `/api/v1/rooms/${room.id}`)).viewers.people;
  await host.do('ban', { viewer: people.find((p) => p.name === 'Ada').id, why: 'enough' });
  await ada.locator(`${kino('over')}[data-reason="banned"]`).waitFor();
  await host.next((f) => f.type === 'tally.changed' && f.data.turnout === 0 && f.data.eligible === 0);
  await ada.reload();
  await ada.locator(`${kino('over')}[data-reason="banned"]`).waitFor();
  const second = await ada.context().newPage();
  await second.goto(room.join_url);
  await second.locator(`${kino('over')}[data-reason="banned"]`).waitFor();
  host.leave();
});

test('the host reads a narrator’s words first, changes them and lets them out: the audience sees nothing else', async () => {
  const model = await openModel('The lamp goes out. Somebody whispers a secret. You hear the latch lift.');
  const stories = await storyForNarrator();
  const told = await Node.start(['--llm', model.setting, '--stories', stories]);
  try {
    const room = await told.room('door', { ...brisk, vote_seconds: 1, pace: 40 });
    const host = await openPage(browser, room.host_url);
    const pocket = await openPage(browser, room.host_url, smallPhone);
    const ada = await openPage(browser, room.join_url, phone);
    await join(ada, 'Ada');
    await ada.evaluate(() => {
      globalThis.seen = '';
      new MutationObserver(() => (globalThis.seen += document.body.innerText)).observe(document.body, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    const bo = await Watcher.join(told, room.id);

    await host.locator(`${kino('shield')}[data-on="false"]`).click();
    await host.locator(`${kino('shield')}[data-on="true"]`).waitFor();
    await host.locator(`${kino('primary')}[data-action="start"]`).click();

    await ada.locator(kino('held')).waitFor();
    const text = host.locator(kino('reading-text'));
    await host.locator(`${kino('reading')}[data-complete="true"]`).waitFor();
    assert.match(await text.inputValue(), /The lamp goes out\. Somebody whispers a secret\./);
    assert.equal(await host.locator(kino('primary')).getAttribute('data-action'), 'read');
    for (const page of [host, pocket]) {
      await page.locator(`${kino('reading')}[data-complete="true"]`).waitFor();
      assert.deepEqual([...(await layoutFaults(page)), ...(await accessibilityFaults(page))], []); // the smallest phone has all ways in sight
    }
    await pocket.locator(kino('reading-text')).fill('The lamp goes out. Somebody whispers a name.');
    await pocket.locator(kino('approve')).tap();

    await ada.locator(`${kino('story')}[data-told="true"]`, { hasText: 'Somebody whispers a name.' }).waitFor();
    await host.locator(kino('reading')).waitFor({ state: 'detached' });
    await ada.locator(kino('why-scene')).tap();
    await ada.locator(kino('why-scene-answer'), { hasText: 'read it first and changed it' }).waitFor();
    assert.doesNotMatch(await ada.evaluate(() => globalThis.seen), /secret|latch/);
    assert.doesNotMatch(JSON.stringify(bo.frames), /secret|latch/);
    const edit = (await told.journal(room)).find((event) => event.hidden?.did === 'edited');
    assert.equal(edit.hidden.by.role, 'host');
    assert.equal(edit.hidden.text, 'The lamp goes out. Somebody whispers a name.');
    bo.leave();
    for (const page of [host, pocket, ada]) assert.deepEqual(page.complaints, []);
  } finally {
    await told.stop();
    await model.stop();
    await rm(stories, { recursive: true });
  }
});

// The longest label that a narrator may think of, a refused one, and two that differ.
const idea = (id, label, prob) => ({ id, label, hook: 'The lift sighs.', kind: 'action', risk: 1, prob, why: '', uses: [], ends: false });
const invented = {
  v: 1,
  summary: 'Nobody says who laughed.',
  facts_add: [],
  facts_end: [],
  threads: [],
  mood: { valence: 0, arousal: 0.5, tension: 0.5 },
  candidates: [
    idea('a', 'Ask the person by the door, very politely, what they want', 0.5),
    idea('b', 'Sing the second part yourself', 0.3),
    idea('c', 'Sing the second part yourself!', 0.1),
    idea('d', 'Feed the goldfish', 0.1),
  ],
  end: { is_end: false, kind: '' },
};

test('a bridge: the narrator invents choices, the audience asks why, the host reads the account', async () => {
  const model = await openModel('It is dark. Somebody laughs, close to the door. Teddy says that it was not him.', 5, invented);
  const told = await Node.start(['--llm', model.setting]);
  try {
    const room = await told.room('the-fifth-voice', { ...brisk, vote_seconds: 60, early_close: true });
    const host = await openPage(browser, room.host_url);
    const pocket = await openPage(browser, room.host_url, smallPhone);
    const ada = await openPage(browser, room.join_url, phone);
    await join(ada, 'Ada');
    await host.locator(`${kino('primary')}[data-action="start"]`).click();
    for (let polls = 0; polls < 4; polls++) {
      const open = band(ada, 'open');
      await open.waitFor();
      const id = await open.getAttribute('data-poll');
      const bridge = polls === 1 || polls === 2;
      assert.equal(await ada.locator(kino('why-choices')).count(), bridge ? 1 : 0);
      if (polls === 1) {
        const labels = await ada.locator(`${kino('band')} .label`).allInnerTexts();
        assert.deepEqual(labels.map((label) => label.trim()).sort(), [invented.candidates[3].label, invented.candidates[0].label, invented.candidates[1].label].sort());
        await ada.locator(kino('why-choices')).tap();
        const lines = await ada.locator(`${kino('why-choices-answer')} p`).allInnerTexts();
        assert.equal(lines.length, 3);
        assert.match(lines[0], /4 ways on; 3 fitted/);
        const account = host.locator(kino('choices-planned'));
        await account.locator('summary').click();
        assert.match(await account.innerText(), /Beat 1 of 3[\s\S]*Refused: too alike[\s\S]*Temperature/);
        await pocket.locator(`${kino('choices-planned')} summary`).tap(); // it once pushed the whole console off a small screen
        for (const page of [ada, pocket]) assert.deepEqual(await layoutFaults(page), []);
        for (const page of [ada, host]) assert.deepEqual(await accessibilityFaults(page), []);
        if (process.env.KINO_TEST_PICTURES) {
          await ada.screenshot({ path: `${process.env.KINO_TEST_PICTURES}/bridge-phone.png` });
          await host.screenshot({ path: `${process.env.KINO_TEST_PICTURES}/bridge-host.png` });
        }
      }
      await choice(ada, 0).tap();
      await ada.locator(`${kino('band')}[data-poll="${id}"][data-stage="closed"]`).waitFor();
    }
    await ada.locator(kino('ending')).waitFor();
    const report = await told.call('GET', `/api/v1/rooms/${room.id}/report`, { token: room.host_token });
    assert.equal(report.shows[0].calibration.polls, 2);
    assert.equal(JSON.stringify(await told.journal(room)).includes('The lift sighs.'), true); // what was in mind is in the journal
    for (const page of [host, pocket, ada]) assert.deepEqual(page.complaints, []);
  } finally {
    await told.stop();
    await model.stop();
  }
});

test('the sidebar follows what the room feels, within a second, and says why; then it leads to the next show', async () => {
  const room = await node.room(english, { ...brisk, vote_seconds: 300, pace: 0 });
  const host = await openPage(browser, room.host_url, desktop);
  const ada = await openPage(browser, room.join_url, phone);
  const bo = await openPage(browser, room.join_url, desktop);
  await Promise.all([join(ada, 'Ada'), join(bo, 'Bo')]);
  await host.locator(`${kino('primary')}[data-action="start"]`).click();
  await Promise.all([band(ada, 'open').waitFor(), band(bo, 'open').waitFor()]);
  await ada.locator(kino('open-picks')).tap();
  await bo.locator(kino('tab-picks')).click();
  await ada.locator(kino('pick')).nth(5).waitFor();
  const order = (page) => page.locator(kino('pick')).evaluateAll((all) => all.map((pick) => pick.dataset.pick));

  // Three reactions of one of them; what both see is timed from the third tap.
  const before = await order(bo);
  assert.deepEqual(await order(ada), before);
  await Promise.all([ada, bo].map(watchCause));
  let tapped;
  for (let n = 1; n <= 3; n++) tapped = await react(ada, 'fear', n);
  for (const page of [ada, bo]) {
    await page.waitForFunction(() => globalThis.causes.some(({ text }) => text.includes('fear')));
    const [{ text, at }] = (await page.evaluate(() => globalThis.causes)).filter((cause) => cause.text.includes('fear'));
    assert.equal(text, 'The room felt fear');
    assert.ok(at - tapped <= 1000, `told ${at - tapped} ms after the third tap`);
    assert.notDeepEqual(await order(page), before);
  }
  const felt = await order(bo);
  assert.deepEqual(await order(ada), felt);
  assert.ok(new Set(await bo.locator(kino('reason')).allInnerTexts()).size >= 3, 'the reasons are all the same');
  await bo.locator(kino('why-pick')).first().click();
  await bo.locator(`${kino('why-pick-answer')} li`).nth(1).waitFor();

  // What one of two sends away is gone for both, and comes back; under a pointer nothing moves until it leaves.
  await bo.locator(kino('pick')).nth(1).hover();
  const card = ada.locator(`${kino('pick')}[data-pick="${felt[0]}"]`);
  await card.locator(kino('dismiss')).tap();
  await bo.locator(kino('updated')).waitFor();
  assert.deepEqual(await order(bo), felt);
  await bo.mouse.move(5, 5);
  await bo.locator(`${kino('pick')}[data-pick="${felt[0]}"]`).waitFor({ state: 'detached' });
  await bo.locator(kino('updated')).waitFor({ state: 'detached' });

  // A list of one's own, and what is kept of one.
  await ada.locator(kino('picks-own')).tap();
  await ada.locator(`${kino('picks-own')}[aria-pressed="true"]`).waitFor();
  await ada.locator(kino('pick')).first().waitFor();
  assert.ok(!(await order(ada)).includes(felt[0]));
  await ada.locator(`${kino('kept')} summary`).tap();
  await ada.locator(kino('kept-list')).waitFor();
  await ada.locator(kino('kept-drop')).tap();
  await ada.locator(kino('kept-nothing')).waitFor();

  // Hidden in one tap, and still after a reload.
  await bo.locator(kino('close-side')).click();
  await bo.locator(kino('side')).waitFor({ state: 'detached' });
  await bo.reload();
  await band(bo, 'open').waitFor();
  assert.equal(await bo.locator(kino('side')).count(), 0);
  await bo.locator(kino('open-side')).click();
  await bo.locator(kino('picks')).waitFor();
  await ada.locator(kino('close-side')).tap();

  // The next show.
  await host.locator(kino('end')).click();
  await host.locator(`${kino('end')}[data-asks="true"]:not([aria-disabled="true"])`).click();
  await host.locator(kino('poll-next')).click();
  await Promise.all([band(ada, 'open').waitFor(), band(bo, 'open').waitFor()]);
  const wanted = await choice(bo, 1).getAttribute('data-choice');
  await choice(ada, 1).tap();
  await choice(bo, 1).click();
  await host.locator(`${kino('primary')}[data-action="close"]`).click();
  await ada.locator(kino('next-show')).waitFor();
  const title = await host.locator(`${kino('primary')}[data-action="again"]`).innerText();
  await host.locator(kino('next-stories')).click();
  await host.locator(`${kino('set-story')}[data-story="${wanted}"][aria-pressed="true"]`).waitFor();
  await host.locator(`${kino('primary')}[data-action="again"]:not([aria-disabled="true"])`).click();
  await ada.locator(`${kino('show')}:not([data-phase="ended"])`).waitFor();
  const now = await node.call('GET', `/api/v1/rooms/${room.id}`);
  assert.equal(now.story.id, wanted);
  assert.ok(title.includes(now.story.title), `the host was told ${title}`);
  const report = await node.call('GET', `/api/v1/rooms/${room.id}/report`, { token: room.host_token });
  assert.ok(report.shows[0].picks.ranked.shown >= 12 && report.shows[0].polls.at(-1).about === 'next', JSON.stringify(report.shows[0].picks));
  for (const page of [host, ada, bo]) assert.deepEqual(page.complaints, []);
});

/** Shares a feeling until the room has counted n of it; returns when the last tap was. */
async function react(page, feeling, n) {
  const button = page.locator(`${kino('react')}[data-feeling="${feeling}"]`);
  for (;;) {
    const at = Date.now();
    await button.click();
    const counted = await page
      .waitForFunction(([name, least]) => Number(document.querySelector(`[data-feeling="${name}"] [data-kino="feeling-count"]`)?.innerText ?? 0) >= least, [feeling, n], { timeout: 700 })
      .catch(() => null); // the room counts one per 300 ms
    if (counted) return at;
  }
}

/** Keeps the causes that a list gives, with the time. */
function watchCause(page) {
  return page.evaluate(() => {
    globalThis.causes = [];
    new MutationObserver(() => {
      const text = document.querySelector('[data-kino="cause"]')?.innerText;
      if (text && text !== globalThis.causes.at(-1)?.text) globalThis.causes.push({ text, at: Date.now() });
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}
