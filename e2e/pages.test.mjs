// Every page in every phase of a show, on phones and desktops, in both languages: nothing that axe finds wrong, nothing that a finger cannot
// reach, no broken content policy. Pictures of all of them are left in e2e/artifacts for people to look at.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accessibilityFaults, desktop, layoutFaults, Node, openBrowser, openPage, phone } from './stage.mjs';
import { Watcher } from './watcher.mjs';

const artifacts = fileURLToPath(new URL('artifacts/', import.meta.url));
const kino = (name) => `[data-kino="${name}"]`;
const hall = { viewport: { width: 1920, height: 1080 } };

let browser, node;
before(async () => {
  await mkdir(artifacts, { recursive: true });
  node = await Node.start();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await node?.stop();
});

const names = { en: ['Ada', 'Bo', 'Cy', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana'], zh: ['阿岚', '小北', '程医生', '丁丁', '二胖', '方晴', '老顾', '海燕'] };
const lines = { en: ['who else is under that lake', 'do NOT wake the mayor', 'the mayor knows. he knows'], zh: ['这声汽笛是真的', '先别报案啊', '老板要疯了'] };

/** Waits, in the page, until what moves has come to rest: halfway through a fade no text has its contrast. Countdowns are not waited for. */
async function atRest() {
  await document.fonts.ready;
  for (let turn = 0, quiet = 0; quiet < 3 && turn < 12; turn++) { // some pages never rest: the front page's seats go on blinking
    const moving = document.getAnimations().filter((a) => a.playState === 'running' && a.effect.getComputedTiming().endTime < 3000);
    quiet = moving.length > 0 ? 0 : quiet + 1;
    await Promise.race([Promise.all(moving.map((a) => a.finished.catch(() => 0))), new Promise((resolve) => setTimeout(resolve, 1500))]);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

for (const [language, locale, story] of [
  ['en', 'en-GB', 'nineteen-is-ringing'],
  ['zh', 'zh-CN', 'fog-whistle'],
]) {
  test(`every page in every phase (${language})`, async (t) => {
    const title = { en: 'Friday at the Orpheum', zh: '周五夜场' }[language];
    const room = await node.room(story, { pace: 400, arm_seconds: 60, vote_seconds: 90, tail_seconds: 60, public: true }, { title });
    const host = await Watcher.join(node, room.id, { token: room.host_token });
    const crowd = await Promise.all(names[language].map((name) => Watcher.join(node, room.id, { name })));
    const open = (name, url, view) => openPage(browser, url, { ...view, locale }).then((page) => [name, page]);
    const pages = new Map(
      await Promise.all([
        open('room-phone', room.join_url, phone),
        open('room-desktop', room.join_url, desktop),
        open('host-desktop', room.host_url, desktop),
        open('host-phone', room.moderator_url, phone),
        open('screen-desktop', room.screen_url, hall),
        open('overlay-desktop', room.overlay_url, hall),
        open('home-phone', node.url, phone),
        open('home-desktop', node.url, desktop),
      ]),
    );
    const look = async (phase, only = [...pages.keys()]) => {
      for (const name of only) {
        const page = pages.get(name);
        await page.evaluate(atRest);
        await page.screenshot({ path: `${artifacts}${name}-${language}-${phase}.png`, omitBackground: name.startsWith('overlay') });
        await t.test(`${name}, ${phase}`, async () => {
          const faults = await accessibilityFaults(page);
          if (!name.startsWith('overlay')) faults.push(...(await layoutFaults(page)));
          assert.deepEqual([...faults, ...page.complaints], []);
        });
      }
    };
    /** Where controls are scrolled out of sight: those lie behind others, and need no finger. */
    const lookAtScrolled = async (name, phase) => {
      const page = pages.get(name);
      await page.evaluate(atRest);
      await page.screenshot({ path: `${artifacts}${name}-${language}-${phase}.png` });
      await t.test(`${name}, ${phase}`, async () => assert.deepEqual([...(await accessibilityFaults(page)), ...page.complaints], []));
    };
    const live = [...pages.keys()].filter((name) => !name.startsWith('home'));
    const everywhere = (...phases) =>
      Promise.all(live.map((name) => pages.get(name).locator(phases.map((phase) => `[data-phase="${phase}"]`).join()).first().waitFor({ state: 'attached' })));

    for (const name of ['room-phone', 'room-desktop']) await pages.get(name).locator(`${kino('join')}:enabled`).waitFor();
    for (const name of ['room-phone', 'room-desktop']) await pages.get(name).getByText(title).first().waitFor();
    for (const name of ['home-phone', 'home-desktop']) await pages.get(name).locator(kino('story')).first().waitFor();
    await look('door', ['room-phone', 'room-desktop', 'home-phone', 'home-desktop']);
    for (const name of ['room-phone', 'room-desktop']) await pages.get(name).locator(kino('join')).click();
    for (const name of ['room-phone', 'room-desktop']) await pages.get(name).locator(kino('lobby')).waitFor();
    await look('lobby', live);

    await host.do('start');
    await everywhere('telling', 'poll');
    for (const [i, text] of lines[language].entries()) await crowd[i].do('say', { text });
    await look('telling', live);

    const poll = (await host.event('poll.opened')).data;
    await host.next((f) => f.type === 'scene.told');
    await host.do('open_poll');
    const votes = poll.choices.length;
    await Promise.all(crowd.map((w, i) => w.do('vote', { poll: poll.poll, choices: [poll.choices[i < 5 ? 0 : i % votes].id] })));
    await Promise.all(crowd.map((w, i) => w.do('react', { feeling: ['fear', 'fear', 'wonder', 'fear', 'joy'][i % 5] })));
    for (const name of ['room-phone', 'room-desktop']) {
      await pages.get(name).locator(`${kino('band')}[data-stage="open"]`).waitFor();
      await pages.get(name).locator(kino('choice')).first().click();
    }
    await host.next((f) => f.type === 'tally.changed' && f.data.turnout === crowd.length + 2);
    await look('poll', live);

    for (const [name, way] of [['room-phone', 'open-picks'], ['room-desktop', 'tab-picks']]) {
      const page = pages.get(name);
      await page.locator(kino(way)).click();
      await page.locator(kino('why-pick')).first().click();
      await page.locator(`${kino('kept')} summary`).click();
      await page.locator(kino('kept-drop')).waitFor();
      await lookAtScrolled(name, 'picks');
    }
    await pages.get('room-phone').locator(kino('close-side')).click();

    await host.do('close_poll');
    await everywhere('reveal');
    await Promise.all(['room-phone', 'room-desktop', 'screen-desktop'].map((name) => pages.get(name).locator(kino('why')).first().waitFor()));
    await look('reveal', live);
    await host.do('pause');
    await look('paused', ['room-phone', 'host-desktop', 'screen-desktop']);
    await host.do('resume');

    // On through the story, by the first choice, to an ending.
    for (let from = host.frames.length; ; ) {
      await host.do('next').catch((refused) => refused.code === 'not_now' || Promise.reject(refused));
      if (host.frames.slice(from).some((f) => f.type === 'show.ended')) break;
    }
    await everywhere('ended');
    await Promise.all(['room-phone', 'room-desktop'].map((name) => pages.get(name).locator(kino('tree')).waitFor()));
    await Promise.all(crowd.map((w, i) => w.do('rate', { stars: 3 + (i % 3) })));
    await look('ended', live);
    const before = host.frames.length;
    await host.do('poll_next');
    const next = (await host.event('poll.opened', before)).data;
    await host.do('open_poll');
    await Promise.all(crowd.map((w, i) => w.do('vote', { poll: next.poll, choices: [next.choices[i % next.choices.length].id] })));
    const seen = live.filter((name) => name !== 'host-phone'); // whose chat is open
    await Promise.all(seen.map((name) => pages.get(name).locator(`${kino('band')}[data-stage="open"]`).waitFor()));
    await look('next', ['host-desktop', 'screen-desktop', 'overlay-desktop']);
    for (const name of ['room-phone', 'room-desktop']) await lookAtScrolled(name, 'next');
    host.leave();
    crowd.forEach((w) => w.leave());
    await Promise.all(browser.contexts().map((context) => context.close()));
  });
}

test('the overlay is transparent where nothing is said', async () => {
  const room = await node.room('nineteen-is-ringing');
  const page = await openPage(browser, room.overlay_url, hall);
  await page.locator(kino('overlay')).waitFor({ state: 'attached' });
  const picture = await page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: 8, height: 8 } });
  const alpha = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(8, 8).getContext('2d');
    canvas.drawImage(bitmap, 0, 0);
    return canvas.getImageData(0, 0, 8, 8).data[3];
  }, picture.toString('base64'));
  assert.equal(alpha, 0);
});
