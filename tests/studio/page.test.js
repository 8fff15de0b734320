// The studio's page, driven as a person would drive it.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {axe, download, dropFiles, openBrowser, openPage, root, run, startStudio, workspace} from './studio.js';

const MUSIC = `${root}/datasets/bundled`;
const PHONE = {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true};

let browser, studio, work;

before(async () => {
  work = workspace();
  studio = await startStudio();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  work?.remove();
  assert.equal(await studio?.stop(), 0, 'Ctrl-C ends the studio well');
});

/** Opens the page, does something, and lets no complaint of the browser pass but one that is expected. */
async function withPage({expected, ...options}, work_) {
  const opened = await openPage(browser, studio.address, options, expected);
  try {
    await work_(opened.page);
  } finally {
    await opened.close();
  }
}

const stepsMade = (page, count) => page.waitForFunction((wanted) =>
  document.querySelectorAll('.strip-step:not(.waiting)').length === wanted, count);
const isSounding = (page) => page.waitForFunction(() => studio.player.loudness() > 0.01);
const view = (page, name) => page.getByRole('link', {name}).click();

/** Notes of the roll on the stage. */
const notesShown = (page) => page.locator('.stage .roll').getAttribute('data-notes').then(Number);

async function makeTakes(page, bars, takes = '3') {
  await view(page, 'Fill');
  await page.getByLabel('Bars', {exact: true}).fill(bars);
  await page.getByLabel('Bars', {exact: true}).press('Tab');
  await page.getByRole('group', {name: 'Number of takes'}).getByRole('button', {name: takes}).click();
  await page.getByRole('button', {name: `Fill bars ${bars}`}).click();
  await page.waitForFunction((count) => document.querySelectorAll('.take[data-take]').length === count && !document.querySelector('.take.waiting'), Number(takes) + 1);
}

describe('Between', () => {
  it('begins with music: a way between two pieces of the box, which plays at a click', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await page.getByRole('button', {name: 'Play the whole way'}).click();
    await isSounding(page);
    const before_ = await page.evaluate(() => studio.player.position);
    await page.waitForFunction((position) => studio.player.position > position + 0.3, before_);
    await page.getByRole('button', {name: 'Pause', exact: true}).first().click();
    assert.equal(await page.evaluate(() => studio.player.playing), false);
  }));

  it('paints within a moment', () => withPage({}, async (page) => {
    const paint = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    assert.ok(await paint.jsonValue() > 0);
  }));

  it('walks between two files that are dropped, and shows the notes that they have', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await dropFiles(page, [`${MUSIC}/folia.mid`, `${MUSIC}/ode-to-joy.mid`]);
    await page.getByRole('button', {name: /^From: La Folia/}).waitFor();
    await page.getByRole('button', {name: /^To: Ode to Joy/}).waitFor();
    await stepsMade(page, 8);
    await run(['interpolate', `${MUSIC}/folia.mid`, `${MUSIC}/ode-to-joy.mid`, '--steps', '8', '--separate', '-q', '-o', work.path('steps')]);
    const inspected = JSON.parse(await run(['inspect', '--json', work.path('steps/step-04.mid')]));
    await page.getByLabel('Place on the way').fill(String(Math.round((3 / 7) * 100) / 100));
    await page.waitForFunction(() => !document.querySelector('.status')?.textContent);
    const notes = (inspected.files?.[0] ?? inspected).notes;
    assert.equal(await notesShown(page), notes);
  }));

  it('saves the bytes that the copied command line writes', () => withPage({}, async (page) => {
    await dropFiles(page, [`${MUSIC}/greensleeves.mid`, `${MUSIC}/folia.mid`]);
    await page.getByRole('button', {name: /^To: La Folia/}).waitFor();
    await stepsMade(page, 8);
    const whole = page.locator('.saves-pair > div', {hasText: 'The whole way'});
    const saved = await download(page, () => whole.getByRole('button', {name: 'Save MIDI'}).click());
    await whole.getByRole('button', {name: 'Copy command line'}).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const words = command.split(' ').slice(1);
    assert.equal(words.at(-1), saved.name);
    await run([...words.slice(0, -1), work.path('walk.mid'), '-q'], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('walk.mid')).equals(saved.bytes));
    const wav = await download(page, () => whole.getByRole('button', {name: 'Save WAV'}).click());
    await run(['render', work.path('walk.mid'), '-q', '-o', work.path('walk.wav')]);
    assert.ok(readFileSync(work.path('walk.wav')).equals(wav.bytes));
  }));

  it('finds the exact place where the hand rests, and saves it as the command line does', () => withPage({}, async (page) => {
    await dropFiles(page, [`${MUSIC}/greensleeves.mid`, `${MUSIC}/folia.mid`]);
    await page.getByRole('button', {name: /^To: La Folia/}).waitFor();
    await stepsMade(page, 8);
    await page.getByLabel('Place on the way').fill('0.5');
    await page.waitForFunction(() => studio.player.piece?.name.includes('-at-0.5'));
    const here = page.locator('.saves-pair > div', {hasText: 'This place'});
    const saved = await download(page, () => here.getByRole('button', {name: 'Save MIDI'}).click());
    await here.getByRole('button', {name: 'Copy command line'}).click();
    const words = (await page.evaluate(() => navigator.clipboard.readText())).split(' ').slice(1);
    await run([...words.slice(0, -1), work.path('at/'), '-q'], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('at/step-01.mid')).equals(saved.bytes));
  }));

  it('passes over into another place while it plays', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await page.getByRole('button', {name: 'Play here'}).click();
    await isSounding(page);
    const first = await page.evaluate(() => studio.player.piece.id);
    await page.getByLabel('Place on the way').fill('0.71');
    await page.waitForFunction((id) => studio.player.playing && studio.player.piece.id !== id, first);
    await isSounding(page);
  }));

  it('undoes a change of pieces', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    const before_ = await page.getByRole('button', {name: /^From: /}).getAttribute('aria-label');
    await page.getByRole('button', {name: 'Swap'}).click();
    assert.notEqual(await page.getByRole('button', {name: /^From: /}).getAttribute('aria-label'), before_);
    await page.keyboard.press('Control+z');
    assert.equal(await page.getByRole('button', {name: /^From: /}).getAttribute('aria-label'), before_);
    await stepsMade(page, 8);
  }));

  it('says in the reader\'s words what is wrong with a file', () => withPage({expected: /status of 400/}, async (page) => {
    writeFileSync(work.path('bad.mid'), 'this is no music');
    await dropFiles(page, [work.path('bad.mid')]);
    await page.getByText(/bad\.mid: .*MThd/).waitFor();
  }));
});

describe('Fill', () => {
  it('fills bars that are marked by dragging over them', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await view(page, 'Fill');
    const roll = await page.locator('.fill .stage .roll-surface').boundingBox();
    const box = await page.evaluate(() => {
      const {piece} = studio.store.state.fill;
      return {first: piece.bars[4] / piece.last, last: (piece.bars[8] - 1) / piece.last};
    });
    await page.mouse.move(roll.x + box.first * roll.width + 6, roll.y + 80);
    await page.mouse.down();
    await page.mouse.move(roll.x + box.last * roll.width - 6, roll.y + 90, {steps: 8});
    await page.mouse.up();
    await page.getByRole('button', {name: 'Fill bars 5-8'}).click();
    await page.locator('.take[data-take="3"]').waitFor();
  }));

  it('plays takes side by side and keeps one, which undo takes back', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await makeTakes(page, '5-8');
    await page.getByRole('button', {name: 'Hear take 2'}).click();
    await isSounding(page);
    await page.keyboard.press('3');
    await page.waitForFunction(() => studio.player.playing && studio.player.piece === studio.store.state.fill.takes[2]);
    await page.getByRole('button', {name: 'Keep take 3'}).click();
    assert.match(await page.locator('.slot-piece').innerText(), /filled/i);
    assert.equal(await page.locator('.take').count(), 0);
    await page.keyboard.press('Control+z');
    assert.equal(await page.locator('.take[data-take]').count(), 4);
  }));

  it('saves a take as the command line writes it with the same seed', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await view(page, 'Fill');
    await dropFiles(page, [`${MUSIC}/ode-to-joy.mid`]);
    await page.getByRole('button', {name: /Ode to Joy/}).waitFor();
    await page.getByLabel('Seed').fill('7');
    await page.getByLabel('Seed').press('Tab');
    await makeTakes(page, '5-8');
    const take = page.getByRole('article', {name: 'Take 2'});
    const saved = await download(page, () => take.getByRole('button', {name: 'Save MIDI'}).click());
    await run(['inpaint', 'ode-to-joy.mid', '--bars', '5-8', '-n', '3', '--seed', '7', '-q', '-o', work.path('takes')], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('takes/02.mid')).equals(saved.bytes));
  }));

  it('keeps the rhythm where that is asked for', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await view(page, 'Fill');
    await page.getByRole('group', {name: 'Keep of these bars'}).getByRole('button', {name: 'rhythm'}).click();
    await makeTakes(page, '5-8', '1');
    const rhythms = await page.evaluate(() => {
      const {piece, takes} = studio.store.state.fill;
      const of = (one) => [...one.onset].join();
      return [of(piece), of(takes[0])];
    });
    assert.equal(rhythms[0], rhythms[1]);
  }));

  it('marks bars by keys alone', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await view(page, 'Fill');
    await page.locator('.fill .stage .roll-surface').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 3; ++i) await page.keyboard.press('Shift+ArrowRight');
    assert.equal(await page.getByLabel('Bars', {exact: true}).inputValue(), '3-5');
    await page.keyboard.press('Escape');
    assert.equal(await page.getByLabel('Bars', {exact: true}).inputValue(), '');
  }));
});

describe('Listen', () => {
  it('shows every note of each file, plays it, and seeks by a click', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    await view(page, 'Listen');
    await dropFiles(page, [`${MUSIC}/pachelbel-canon.mid`]);
    const card = page.getByRole('article', {name: 'Canon in D'});
    await card.waitFor();
    const inspected = JSON.parse(await run(['inspect', '--json', `${MUSIC}/pachelbel-canon.mid`]));
    assert.equal(Number(await card.locator('.roll').getAttribute('data-notes')), (inspected.files?.[0] ?? inspected).notes);
    await card.getByRole('button', {name: 'Play Canon in D'}).click();
    await isSounding(page);
    const surface = card.locator('.roll-surface');
    const box = await surface.boundingBox();
    await surface.click({position: {x: box.width / 2, y: 60}});
    await page.waitForFunction(() => studio.player.playing && Math.abs(studio.player.tick / studio.player.piece.last - 0.5) < 0.1);
  }));

  it('draws a frame of five thousand notes', () => withPage({}, async (page) => {
    await stepsMade(page, 8);
    const milliseconds = await page.evaluate(async () => {
      const [{Roll}, {Piece}] = await Promise.all([import('./roll.js'), import('./music.js')]);
      const n = 5000, all = (of) => Array.from({length: n}, (_, i) => of(i));
      const piece = new Piece({id: 'x', name: 'x.mid', ticks_per_quarter: 480, end: n * 120, seconds: n / 8, times: [[0, 0], [n * 120, n / 8]],
        parts: [{name: ''}], meters: [], warnings: [], filled: [], first_bar: 1, bars: all((i) => i * 1920).slice(0, n / 16 + 1), markers: [],
        notes: {onset: all((i) => i * 120), duration: all(() => 240), pitch: all((i) => 40 + (i * 7) % 40), velocity: all(() => 80), part: all(() => 0)}});
      const roll = new Roll({label: 'Test'});
      roll.element.style.cssText = 'position: fixed; inset: 0; height: 500px';
      document.body.append(roll.element);
      await new Promise((done) => setTimeout(done, 100));
      roll.show(piece);
      const start = performance.now();
      for (let frame = 0; frame < 60; ++frame) roll.setPlayhead(frame * 100);
      const spent = performance.now() - start;
      roll.element.remove();
      return spent;
    });
    assert.ok(milliseconds > 0);
    console.log(`60 frames of 5,000 notes take ${milliseconds.toFixed(0)} ms of drawing`);
  }));
});

describe('Palette', () => {
  const cellsMade = (page) => page.waitForFunction(() => /^$/.test(document.querySelector('.palette .status').textContent) &&
    !document.querySelector('.palette .toggle').disabled, null, {timeout: 300_000});
  const pad = (page) => page.getByRole('slider', {name: 'Place between the four pieces'});
  const drag = async (page, points) => {
    const box = await pad(page).boundingBox();
    const at = ([x, y]) => [box.x + ((0.5 + x * 4) / 5) * box.width, box.y + ((0.5 + y * 4) / 5) * box.height];
    await page.mouse.move(...at(points[0]));
    await page.mouse.down();
    for (const point of points.slice(1)) await page.mouse.move(...at(point), {steps: 6});
    await page.mouse.up();
  };

  it('mixes four pieces: the nearest place sounds at once, the exact one when the hand rests, as the command line makes it', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#palette`);
    await cellsMade(page);
    await page.getByRole('button', {name: 'Play here'}).click();
    await isSounding(page);
    await drag(page, [[0.5, 0.5], [0.9, 0.1]]);
    await page.waitForFunction(() => studio.player.playing && studio.player.piece.name.includes('-palette-at-0.9,0.1'));
    await isSounding(page);
    const saves = page.locator('.palette .saves-pair > div', {hasText: 'This place'});
    const saved = await download(page, () => saves.getByRole('button', {name: 'Save MIDI'}).click());
    await saves.getByRole('button', {name: 'Copy command line'}).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const words = command.replaceAll("'", '').split(' ').slice(1);
    await run([...words.slice(0, -1), work.path('at.mid'), '-q'], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('at.mid')).equals(saved.bytes));
  }));

  it('saves a cell as the command line writes it', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#palette`);
    await cellsMade(page);
    await pad(page).focus();
    await page.keyboard.press('d');
    const saves = page.locator('.palette .saves-pair > div', {hasText: 'This place'});
    const saved = await download(page, () => saves.getByRole('button', {name: 'Save MIDI'}).click());
    const corners = ['greensleeves', 'folia', 'petzold-minuet-anh114', 'irish-washerwoman'].map((name) => `${name}.mid`);
    await run(['grid', ...corners, '--bars', '8', '--size', '5', '--seed', '1', '-q', '-o', work.path('cells')], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('cells/cell-25.mid')).equals(saved.bytes));
  }));

  it('makes one piece of a line that is drawn, which goes along it', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#palette`);
    await cellsMade(page);
    await page.getByRole('button', {name: 'Draw a line'}).click();
    await drag(page, [[0, 0], [0.5, 0.2], [1, 1]]);
    await page.getByRole('button', {name: 'Pause', exact: true}).first().waitFor();
    await isSounding(page);
    const saves = page.locator('.palette .saves-pair > div', {hasText: 'The line'});
    const saved = await download(page, () => saves.getByRole('button', {name: 'Save MIDI'}).click());
    await saves.getByRole('button', {name: 'Copy command line'}).click();
    const words = (await page.evaluate(() => navigator.clipboard.readText())).replaceAll("'", '').split(' ').slice(1);
    await run([...words.slice(0, -1), work.path('line.mid'), '-q'], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('line.mid')).equals(saved.bytes));
    await page.keyboard.press('Control+z');
    assert.equal(await page.getByRole('button', {name: 'Play the line'}).count(), 0);
  }));

  it('moves by keys alone, and says where it stands', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#palette`);
    await cellsMade(page);
    await pad(page).focus();
    await page.keyboard.press('a');
    assert.equal(await pad(page).getAttribute('aria-valuetext'), 'Greensleeves');
    for (let i = 0; i < 4; ++i) await page.keyboard.press('ArrowRight');
    assert.equal(await pad(page).getAttribute('aria-valuetext'), '80 % Greensleeves · 20 % La Folia');
  }));

  it('takes files that are dropped on its corners', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#palette`);
    await cellsMade(page);
    await dropFiles(page, [`${MUSIC}/ode-to-joy.mid`], '.corner-2');
    await page.getByRole('button', {name: 'Corner C: Ode to Joy'}).waitFor();
    await page.keyboard.press('Control+z');
    await page.getByRole('button', {name: 'Corner C: Minuet in G'}).waitFor();
  }));
});

describe('Steer', () => {
  const steered = (page) => page.waitForFunction(() => document.querySelector('.steer .after .roll')?.dataset.notes &&
    !document.querySelector('.steer .stale') && document.querySelector('.steer .status').textContent === '', null, {timeout: 300_000});
  const meanPitch = (page, selector) => page.evaluate((place) => {
    const piece = [...document.querySelectorAll(place)].map((one) => one.dataset.piece)[0];
    return import('./api.js').then(({pieces}) => {
      const {pitch} = pieces.get(piece);
      return pitch.reduce((sum, one) => sum + one, 0) / pitch.length;
    });
  }, selector);

  it('makes a piece brighter, which is heard, undone, and saved as the command line writes it', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#steer`);
    await steered(page);
    await page.getByRole('button', {name: 'Brighter'}).click();
    await page.locator('.steer .stale').waitFor();
    await steered(page);
    assert.ok(await meanPitch(page, '.steer .after .roll') > await meanPitch(page, '.steer .before .roll') + 1);
    await page.getByRole('button', {name: 'Play the result'}).click();
    await isSounding(page);
    const saved = await download(page, () => page.locator('.steer').getByRole('button', {name: 'Save MIDI'}).click());
    await page.locator('.steer').getByRole('button', {name: 'Copy command line'}).click();
    const words = (await page.evaluate(() => navigator.clipboard.readText())).split(' ').slice(1);
    assert.ok(words.includes('pitch=+1'));
    await run([...words.slice(0, -1), work.path('brighter.mid'), '-q'], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('brighter.mid')).equals(saved.bytes));
    await page.keyboard.press('Control+z');
    await steered(page);
    assert.equal(await page.getByLabel('Darker or brighter').inputValue(), '0');
    await page.keyboard.press('Control+Shift+z');
    assert.equal(await page.getByLabel('Darker or brighter').inputValue(), '1');
  }));

  it('brings a piece to a key, as the command line does', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#steer`);
    await steered(page);
    await page.getByLabel('Key', {exact: true}).selectOption('Eb-major');
    await page.locator('.steer .stale').waitFor();
    await steered(page);
    const classes = await page.evaluate(() => import('./api.js').then(({pieces}) =>
      [...new Set(pieces.get(document.querySelector('.steer .after .roll').dataset.piece).pitch.map((pitch) => pitch % 12))]));
    assert.ok(classes.every((one) => [3, 5, 7, 8, 10, 0, 2].includes(one)));
    const saved = await download(page, () => page.locator('.steer').getByRole('button', {name: 'Save MIDI'}).click());
    await page.locator('.steer').getByRole('button', {name: 'Copy command line'}).click();
    const words = (await page.evaluate(() => navigator.clipboard.readText())).split(' ').slice(1);
    await run([...words.slice(0, -1), work.path('key.mid'), '-q'], {cwd: MUSIC});
    assert.ok(readFileSync(work.path('key.mid')).equals(saved.bytes));
  }));

  it('makes new music in a key, and other music with another seed', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#steer`);
    await steered(page);
    await page.getByRole('button', {name: 'New music'}).click();
    await page.getByLabel('Length').selectOption('8');
    await page.getByLabel('Key', {exact: true}).selectOption('D-minor');
    await page.getByLabel('Seed', {exact: true}).fill('11');
    await page.getByLabel('Seed', {exact: true}).press('Tab');
    await page.waitForFunction(() => document.querySelector('.steer .after .roll-title').textContent === 'New music, seed 11', null, {timeout: 300_000});
    await steered(page);
    const saved = await download(page, () => page.locator('.steer').getByRole('button', {name: 'Save MIDI'}).click());
    await page.locator('.steer').getByRole('button', {name: 'Copy command line'}).click();
    const words = (await page.evaluate(() => navigator.clipboard.readText())).split(' ').slice(1);
    await run([...words.slice(0, -1), work.path('new'), '-q']);
    assert.ok(readFileSync(work.path('new/sample-001.mid')).equals(saved.bytes));
    await page.getByRole('button', {name: 'Another'}).click();
    assert.notEqual(await page.getByLabel('Seed', {exact: true}).inputValue(), '11');
  }));
});

describe('Map', () => {
  const placed = (page, count) => page.waitForFunction((wanted) => Number(document.querySelector('.scatter')?.dataset.points) === wanted &&
    /^\d+ pieces/.test(document.querySelector('.map-status').textContent), count);

  it('places the music in the box, plays what is clicked, and finds pieces like it', () => withPage({}, async (page) => {
    await page.goto(`${studio.address}#map`);
    await placed(page, 12);
    const [x, y] = await page.evaluate(async () => {
      await new Promise((done) => setTimeout(done, 700));  // Until points have moved to their places.
      const index = [...document.querySelectorAll('.map')].length && (await (await fetch('api/v1/map?names=1')).json()).pieces.findIndex(([name]) => name === 'folia.mid');
      return studio.views.map.positionOf(index);
    });
    const box = await page.locator('.scatter-surface').boundingBox();
    await page.mouse.move(box.x + x, box.y + y);
    await page.locator('.map-tip', {hasText: 'La Folia'}).waitFor();
    await page.mouse.click(box.x + x, box.y + y);
    await page.waitForFunction(() => studio.player.playing && studio.player.piece.name === 'folia.mid');
    await isSounding(page);
    await page.getByRole('button', {name: 'Pieces like this one'}).click();
    await page.getByText('Like La Folia', {exact: true}).waitFor();
    assert.equal(await page.locator('.similar .choice').count(), 11);
    const told = JSON.parse(await run(['similar', `${MUSIC}/folia.mid`, MUSIC, '--json', '-q', '-n', '12']));
    const wanted = told.pieces.map((one) => one.file.split('/').pop()).filter((name) => name !== 'folia.mid');
    const shown = await page.evaluate(() => studio.store.state.map.similar.pieces.map((one) => one.name));
    assert.deepEqual(shown, wanted);
  }));

  it('shows a folder, is found by name and walked by keys', async () => {
    const own = await startStudio([MUSIC], {env: {...process.env, XDG_CACHE_HOME: work.path('cache')}});
    const opened = await openPage(browser, `${own.address}#map`);
    const {page} = opened;
    await placed(page, 12);
    await page.getByLabel('Find').fill('bwv');
    assert.equal(await page.locator('.found .choice').count(), 5);
    await page.locator('.found .choice').first().click();
    await page.waitForFunction(() => studio.player.playing);
    const before_ = await page.evaluate(() => studio.player.piece.id);
    await page.locator('.scatter-surface').focus();
    // Some piece lies on one side at least.
    for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown']) {
      await page.keyboard.press(key);
      if (await page.locator('.map-tip').isVisible()) break;
    }
    await page.keyboard.press('Enter');
    await page.waitForFunction((id) => studio.player.playing && studio.player.piece.id !== id, before_);
    assert.deepEqual(await axe(page), []);
    await opened.close();
    assert.equal(await own.stop(), 0);
    assert.ok(readdirSync(work.path('cache/musicvae/maps')).length > 0, 'the map is kept for the next time');
  });
});

/** What a stranger is asked to do, by the words that stand on the page. */
describe('Five tasks by visible labels alone', () => {
  const text = (page, words) => page.getByText(words, {exact: true}).locator('visible=true');
  for (const [where, options] of Object.entries({'at a desk': {}, 'on a phone': PHONE})) {
    it(`hear the way between two files, ${where}`, () => withPage(options, async (page) => {
      await text(page, 'Between').click();
      await dropFiles(page, [`${MUSIC}/folia.mid`, `${MUSIC}/ode-to-joy.mid`]);
      await text(page, 'La Folia').first().waitFor();
      await page.waitForFunction(() => !document.querySelector('.strip-step.waiting') && document.querySelector('.end-b').textContent === 'Ode to Joy');
      await text(page, 'Play the whole way').click();
      await isSounding(page);
    }));

    it(`fill bars 5 to 8 and keep the third take, ${where}`, () => withPage(options, async (page) => {
      await stepsMade(page, 8);
      await text(page, 'Fill').first().click();
      await page.getByLabel('Bars', {exact: true}).fill('5-8');
      await page.getByLabel('Bars', {exact: true}).press('Tab');
      await text(page, 'Fill bars 5-8').click();
      await text(page, 'Keep take 3').click();
      assert.match(await page.locator('.slot-piece').innerText(), /filled/i);
    }));

    it(`make a piece brighter, ${where}`, () => withPage(options, async (page) => {
      await text(page, 'Steer').first().click();
      await page.waitForFunction(() => document.querySelector('.steer .after .roll')?.dataset.notes, null, {timeout: 300_000});
      await text(page, 'Brighter').click();
      await page.waitForFunction(() => /steered/.test(studio.player.piece?.title) && studio.store.state.steer.attributes.pitch === 1 &&
        !document.querySelector('.steer .stale') && document.querySelector('.steer .reached:not([hidden])'), null, {timeout: 300_000});
      await text(page, 'Play the result').click();
      await isSounding(page);
    }));

    it(`save what was heard, ${where}`, () => withPage(options, async (page) => {
      await stepsMade(page, 8);
      await text(page, 'Play the whole way').click();
      await isSounding(page);
      const saved = await download(page, () => text(page, 'Save MIDI').last().click());
      assert.equal(saved.name, 'greensleeves-irish-washerwoman.mid');
    }));

    it(`find a piece like this one, ${where}`, () => withPage(options, async (page) => {
      await stepsMade(page, 8);
      await text(page, 'Listen').click();
      const card = page.getByRole('article', {name: 'Greensleeves', exact: true});
      await card.getByText('Pieces like this one').click();
      await text(page, 'Like Greensleeves').waitFor();
      await page.locator('.similar .choice').first().click();
      await isSounding(page);
    }));
  }
});

describe('For everyone', () => {
  for (const [name, options] of Object.entries({'in the dark': {colorScheme: 'dark'}, 'in the light': {colorScheme: 'light'},
    'on a phone': {...PHONE, colorScheme: 'light'}, 'with reduced motion': {reducedMotion: 'reduce'}})) {
    it(`breaks no serious rule of accessibility ${name}`, () => withPage(options, async (page) => {
      await stepsMade(page, 8);
      assert.deepEqual(await axe(page), []);
      await makeTakes(page, '5-8');
      assert.deepEqual(await axe(page), []);
      for (const name of ['Palette', 'Steer', 'Map', 'Listen']) {
        await view(page, name);
        if (name === 'Steer') await page.waitForFunction(() => document.querySelector('.steer .after .roll')?.dataset.notes, null, {timeout: 300_000});
        assert.deepEqual(await axe(page), [], name);
      }
      await page.getByRole('button', {name: 'Open a piece'}).first().click();
      assert.deepEqual(await axe(page), []);
    }));
  }

  it('fits a phone: nothing reaches past the edge of the page', () => withPage(PHONE, async (page) => {
    await stepsMade(page, 8);
    for (const name of ['Between', 'Palette', 'Steer', 'Fill', 'Map', 'Listen']) {
      await view(page, name);
      const [shown, wide] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
      assert.ok(wide <= shown, `${name} is ${wide} wide in ${shown}`);
    }
  }));
});

describe('A report', () => {
  it('shows and plays its pieces from the disk, without the program', async () => {
    await run(['report', `${MUSIC}/folia.mid`, `${MUSIC}/ode-to-joy.mid`, '-o', work.path('report.html'), '--title', 'Two tunes']);
    const opened = await openPage(browser, `file://${work.path('report.html')}`);
    const {page} = opened;
    await page.getByRole('heading', {name: 'Two tunes'}).waitFor();
    const card = page.getByRole('article', {name: 'La Folia'});
    assert.equal(await page.getByRole('article').count(), 2);
    await card.getByRole('button', {name: 'Play La Folia'}).click();
    await isSounding(page);
    const saved = await download(page, () => card.getByRole('button', {name: 'Save MIDI'}).click());
    assert.deepEqual(saved.bytes, readFileSync(`${MUSIC}/folia.mid`));
    assert.deepEqual(await axe(page), []);
    await opened.close();
  });
});

describe('A page that is loaded again', () => {
  it('shows the pieces that it had', () => withPage({}, async (page) => {
    await dropFiles(page, [`${MUSIC}/folia.mid`, `${MUSIC}/ode-to-joy.mid`]);
    await page.getByRole('button', {name: /^To: Ode to Joy/}).waitFor();
    await stepsMade(page, 8);
    await page.reload();
    await page.getByRole('button', {name: /^From: La Folia/}).waitFor();
    await page.getByRole('button', {name: /^To: Ode to Joy/}).waitFor();
  }));
});

describe('Training', () => {
  it('draws the curves of a run, and goes on as the run does', async () => {
    const lines = [{step: 1, loss: 4}, {step: 1, validation: {loss: 5}}, {step: 2, loss: 3}].map((line) => JSON.stringify(line) + '\n');
    mkdirSync(work.path('run'));
    writeFileSync(work.path('run/metrics.jsonl'), lines.join(''));
    const watching = await startStudio([work.path('run')]);
    const opened = await openPage(browser, watching.address);
    const loss = opened.page.getByRole('figure', {name: /^Loss/});
    await loss.waitFor();
    assert.equal(await loss.locator('.trained').getAttribute('points'), '0.0,100.0 600.0,192.0');
    writeFileSync(work.path('run/metrics.jsonl'), lines.join('') + JSON.stringify({step: 3, loss: 1}) + '\n');
    await opened.page.getByText('step 3', {exact: true}).waitFor();
    assert.deepEqual(await axe(opened.page), []);
    mkdirSync(work.path('run/samples'));
    for (const [step, name] of [['1', 'folia'], ['2', 'ode-to-joy']]) {
      writeFileSync(work.path(`run/samples/step-00000000${step}.mid`), readFileSync(`${MUSIC}/${name}.mid`));
    }
    await opened.page.getByText('Step 2', {exact: true}).waitFor();
    await opened.page.getByLabel('When to hear it').fill('0');
    await opened.page.getByText('Step 1', {exact: true}).waitFor();
    await opened.page.getByRole('button', {name: 'Hear how it learns'}).click();
    await isSounding(opened.page);
    assert.deepEqual(await axe(opened.page), []);
    await opened.close();
    assert.equal(await watching.stop(), 0);
  });
});
