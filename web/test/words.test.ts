// @vitest-environment happy-dom
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { because } from '../src/i18n/refusals';
import { t } from '../src/i18n/parts';
import { choose, percent, speak, type Area, type Entry } from '../src/i18n/words.svelte';
import { Refused } from '../src/proto/wire';

afterEach(() => speak('en'));

const folder = `${process.cwd()}/src/i18n`;
const areas = readdirSync(`${folder}/en`).map((name) => name.replace('.ts', ''));
const forms = (entry: Entry) => (typeof entry === 'string' ? [entry] : Object.values(entry));
const blanks = (entry: Entry) => new Set(forms(entry).flatMap((form) => form.match(/\{\w+\}/g) ?? []));

describe.each(areas)('%s', async (name) => {
  const en = ((await import(`../src/i18n/en/${name}.ts`)) as { default: Area }).default;
  const zh = ((await import(`../src/i18n/zh-Hans/${name}.ts`)) as { default: Area }).default;

  test('says the same in Chinese, with the same blanks', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
    for (const [key, entry] of Object.entries(en)) {
      expect([key, blanks(zh[key] as Entry)]).toEqual([key, blanks(entry)]);
      expect([key, forms(zh[key] as Entry).every((form) => form.trim() !== '')]).toEqual([key, true]);
    }
  });
});

test('a language is chosen from what the browser wants', () => {
  expect(choose(['zh-CN', 'en'])).toBe('zh-Hans');
  expect(choose(['de', 'zh-TW'])).toBe('zh-Hans');
  expect(choose(['en-GB', 'zh'])).toBe('en');
  expect(choose(['fr'])).toBe('en');
  expect(choose([])).toBe('en');
});

test('numbers and plurals follow the language', async () => {
  expect(t('votes', { n: 1 })).toBe('1 vote');
  expect(t('votes', { n: 1200 })).toBe('1,200 votes');
  expect(percent(0.625)).toBe('63%');
  await speak('zh-Hans');
  expect(document.documentElement.lang).toBe('zh-Hans');
  expect(t('votes', { n: 1 })).toBe('1 票');
});

test('refusals that we do not know keep their words', () => {
  expect(because(new Refused({ code: 'poll_closed', message: 'x' }))).toBe('Too late: the vote has closed.');
  expect(because(new Refused({ code: 'brand_new', message: 'Told by a newer node' }))).toBe('Told by a newer node');
});
