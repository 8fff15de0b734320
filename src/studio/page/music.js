// Music as the page knows it: a piece that the program sent, its times, bars and names.

/** Titles of the music in the box. */
export const BOX = {
  'greensleeves.mid': ['Greensleeves', 'England, traditional'],
  'irish-washerwoman.mid': ['The Irish Washerwoman', 'Ireland, traditional'],
  'folia.mid': ['La Folia', 'traditional, as in Marais'],
  'bwv1007-prelude.mid': ['Prelude in G', 'J. S. Bach, cello suite 1'],
  'bwv996-bourree.mid': ['Bourrée in E minor', 'J. S. Bach, lute suite'],
  'bwv846-prelude.mid': ['Prelude in C', 'J. S. Bach, The Well-Tempered Clavier'],
  'petzold-minuet-anh114.mid': ['Minuet in G', 'C. Petzold'],
  'ode-to-joy.mid': ['Ode to Joy', 'L. van Beethoven'],
  'beethoven-fur-elise.mid': ['Für Elise', 'L. van Beethoven'],
  'pachelbel-canon.mid': ['Canon in D', 'J. Pachelbel'],
  'bwv147-jesu.mid': ['Jesus bleibet meine Freude', 'J. S. Bach, BWV 147'],
  'bwv775-invention.mid': ['Invention in D minor', 'J. S. Bach, BWV 775'],
};

const PITCHES = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'];
export const pitchName = (pitch) => `${PITCHES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

/** The last index whose value is not above `value`, and 0 where all are. */
function lastNotAbove(values, value) {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

export class Piece {
  /** @param {any} json as docs/studio.md describes it */
  constructor(json) {
    Object.assign(this, {id: json.id, name: json.name, command: json.command, madeAs: json.made_as});
    this.midi = json.midi;  // In a report, its file.
    this.ticks = json.ticks_per_quarter;
    this.end = Math.max(1, json.end);
    this.seconds = json.seconds;
    this.parts = json.parts;
    this.meters = json.meters;
    this.warnings = json.warnings;
    this.filled = json.filled;
    this.firstBar = json.first_bar;
    this.bars = json.bars.length > 1 ? json.bars : [0, this.end];
    this.hasBars = json.bars.length > 1;
    this.markers = json.markers;
    this.onset = Float64Array.from(json.notes.onset);
    this.duration = Float64Array.from(json.notes.duration);
    this.pitch = Uint8Array.from(json.notes.pitch);
    this.velocity = Uint8Array.from(json.notes.velocity);
    this.part = Uint16Array.from(json.notes.part);
    this.noteCount = this.onset.length;
    this.timeTicks = json.times.map((time) => time[0]);
    this.timeSeconds = json.times.map((time) => time[1]);
    this.longest = this.duration.reduce((most, one) => Math.max(most, one), 0);
    /** What it is called where it was made, in place of its file's name. @type {string|null} */
    this.label = null;
    this.last = Math.max(this.end, this.bars[this.bars.length - 1]);
    this.#range();
  }

  #range() {
    let low = 127, high = 0;
    for (let i = 0; i < this.noteCount; ++i) {
      if (this.parts[this.part[i]]?.drums && this.parts.some((part) => !part.drums)) continue;
      low = Math.min(low, this.pitch[i]);
      high = Math.max(high, this.pitch[i]);
    }
    this.low = low > high ? 60 : low;
    this.high = low > high ? 72 : high;
  }

  /** What people call it. */
  get title() {
    if (this.label) return this.label;
    if (BOX[this.name]) return BOX[this.name][0];
    const stem = this.name.replace(/\.(midi?|kar|rmi)(#\d+)?$/i, '$2').replace(/[-_]+/g, ' ').trim();
    return stem ? stem[0].toUpperCase() + stem.slice(1) : 'Untitled';
  }

  get barCount() {
    return this.bars.length - 1;
  }

  #segment(from, value) {
    return Math.min(lastNotAbove(from, value), from.length - 2);
  }

  secondsAt(tick) {
    const i = this.#segment(this.timeTicks, tick);
    const share = (tick - this.timeTicks[i]) / (this.timeTicks[i + 1] - this.timeTicks[i] || 1);
    return this.timeSeconds[i] + share * (this.timeSeconds[i + 1] - this.timeSeconds[i]);
  }

  tickAt(seconds) {
    const i = this.#segment(this.timeSeconds, seconds);
    const share = (seconds - this.timeSeconds[i]) / (this.timeSeconds[i + 1] - this.timeSeconds[i] || 1);
    return this.timeTicks[i] + share * (this.timeTicks[i + 1] - this.timeTicks[i]);
  }

  /** Index of the bar at a tick. */
  barAt(tick) {
    return Math.min(lastNotAbove(this.bars, tick), this.barCount - 1);
  }

  /** A bar's number, as a DAW counts it. */
  number(bar) {
    return bar + this.firstBar;
  }

  meterAt(tick) {
    let meter = '4/4';
    for (const change of this.meters) if (change.tick <= tick) meter = change.meter;
    return meter;
  }

  /** Such as "24 bars of 6/8 · 0:45". */
  get summary() {
    const meter = this.meterAt(this.bars[Math.min(1, this.barCount)]);
    const bars = this.hasBars ? `${this.barCount} bars of ${meter} · ` : '';
    return bars + clock(this.seconds);
  }

  /** Where a bar and a share of it are in ticks; bars begin again where they end. */
  tickIn(bar, share) {
    const i = bar % this.barCount;
    return this.bars[i] + share * (this.bars[i + 1] - this.bars[i]);
  }
}

/** "1:05". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Notes by bar, sixteenth and pitch. */
function places(piece, bars) {
  const found = Array.from({length: bars}, () => new Set());
  for (let i = 0; i < piece.noteCount; ++i) {
    const bar = piece.barAt(piece.onset[i]);
    if (bar < bars) found[bar].add(key(piece, i, bar));
  }
  return found;
}

function key(piece, i, bar) {
  const sixteenth = Math.round(((piece.onset[i] - piece.bars[bar]) / piece.ticks) * 4);
  return sixteenth * 128 + piece.pitch[i];
}

/** Where a note comes from. */
export const FROM = {A: 0, BOTH: 1, B: 2, NEW: 3};

/**
 * For each note of `step` whether `a` or `b` has it at the same place of the same bar. Pieces begin
 * again where they end, after `limit` bars at most.
 * @returns {Uint8Array}
 */
export function originsOf(step, a, b, limit) {
  const inA = places(a, limit ? Math.min(limit, a.barCount) : a.barCount);
  const inB = places(b, limit ? Math.min(limit, b.barCount) : b.barCount);
  const origins = new Uint8Array(step.noteCount);
  for (let i = 0; i < step.noteCount; ++i) {
    const bar = step.barAt(step.onset[i]);
    const place = key(step, i, bar);
    const isA = inA[bar % inA.length].has(place), isB = inB[bar % inB.length].has(place);
    origins[i] = isA && isB ? FROM.BOTH : isA ? FROM.A : isB ? FROM.B : FROM.NEW;
  }
  return origins;
}

/** "5-8,13" from indices of bars, or the reverse; nothing where the text names no bars of the piece. */
export function barsText(piece, bars) {
  const runs = [];
  for (const bar of bars) {
    const last = runs[runs.length - 1];
    if (last && last[1] === bar - 1) last[1] = bar;
    else runs.push([bar, bar]);
  }
  return runs.map(([a, b]) => (a === b ? `${piece.number(a)}` : `${piece.number(a)}-${piece.number(b)}`)).join(',');
}

export function parseBars(piece, text) {
  const bars = new Set();
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)\s*(?:[-–]\s*(\d+))?\s*$/.exec(part);
    if (!match) return null;
    const first = Number(match[1]), last = Number(match[2] ?? match[1]);
    if (last < first || first < piece.firstBar || last >= piece.firstBar + piece.barCount) return null;
    for (let bar = first; bar <= last; ++bar) bars.add(bar - piece.firstBar);
  }
  return [...bars].sort((a, b) => a - b);
}

/** Which of several pieces have a note at the same place: the index of the one that has it, or one of these. */
export const SEVERAL = 4, NOBODY = 5;

/**
 * For each note of `music` which of up to four `pieces` has it at the same place of the same bar.
 * @returns {Uint8Array}
 */
export function cornersOf(music, pieces) {
  const found = pieces.map((piece) => places(piece, piece.barCount));
  const corners = new Uint8Array(music.noteCount);
  for (let i = 0; i < music.noteCount; ++i) {
    const bar = music.barAt(music.onset[i]);
    const place = key(music, i, bar);
    const having = found.flatMap((bars, corner) => (bars[bar % bars.length].has(place) ? [corner] : []));
    corners[i] = having.length === 0 ? NOBODY : having.length === 1 ? having[0] : SEVERAL;
  }
  return corners;
}
