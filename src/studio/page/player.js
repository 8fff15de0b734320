// Plays what the program renders. Sound comes as a WAV file and is given to the browser's audio in
// pieces of some seconds, each at its exact time, so that it can start at once, loop without a gap,
// and pass over into another piece while it plays.
import {soundBytes} from './api.js';

const CHUNK_SECONDS = 3;
const AHEAD_SECONDS = 7;
const FADE_SECONDS = 0.04;
const MOST_SOUND_BYTES = 300e6;

/** A WAV file of 16 bits, stereo, as the program writes it. */
function readWav(bytes) {
  const view = new DataView(bytes);
  if (view.getUint32(0) !== 0x52494646 || view.getUint16(34, true) !== 16) throw new Error('The sound that came is not a WAV file.');
  return {rate: view.getUint32(24, true), samples: new Int16Array(bytes, 44)};
}

class Sound {
  /** @param {{rate: number, samples: Int16Array}} sound left and right in turn */
  constructor({rate, samples}) {
    this.rate = rate;
    this.samples = samples;
    this.frames = this.samples.length >> 1;
    this.seconds = this.frames / this.rate;
  }

  /** Frames [from, to) as the browser's audio takes them. */
  buffer(context, from, to) {
    const buffer = context.createBuffer(2, Math.max(1, to - from), this.rate);
    for (let channel = 0; channel < 2; ++channel) {
      const out = buffer.getChannelData(channel);
      for (let frame = from, i = from * 2 + channel; frame < to; ++frame, i += 2) out[frame - from] = this.samples[i] / 32768;
    }
    return buffer;
  }
}

/** One piece sounding: what was given to the audio, and what is to follow. */
class Voice {
  constructor(player, piece, sound, offset, when, fade) {
    Object.assign(this, {player, piece, sound, next: Math.round(offset * sound.rate), when});
    this.segments = [];  // {when, offset, seconds}, in order.
    this.nodes = new Set();
    this.ended = false;
    this.gain = player.context.createGain();
    this.gain.connect(player.volume);
    this.gain.gain.setValueAtTime(fade ? 0 : 1, when);
    if (fade) this.gain.gain.linearRampToValueAtTime(1, when + FADE_SECONDS);
  }

  schedule() {
    const {player, sound} = this;
    while (!this.ended && this.when < player.context.currentTime + AHEAD_SECONDS) {
      const loop = player.loop ? player.loopFrames(this.piece, sound) : null;
      if (loop && this.next >= loop[1]) this.next = loop[0];
      const stop = loop ? loop[1] : sound.frames;
      const to = Math.min(this.next + CHUNK_SECONDS * sound.rate, stop);
      if (to <= this.next) {
        this.ended = true;
        break;
      }
      this.#play(this.next, to);
      this.next = to;
    }
  }

  #play(from, to) {
    const {player, sound} = this;
    const node = player.context.createBufferSource();
    node.buffer = sound.buffer(player.context, from, to);
    node.connect(this.gain);
    node.start(this.when);
    node.onended = () => this.nodes.delete(node);
    this.nodes.add(node);
    const seconds = (to - from) / sound.rate;
    this.segments.push({when: this.when, offset: from / sound.rate, seconds});
    this.when += seconds;
    while (this.segments.length > 12) this.segments.shift();
  }

  /** Seconds of the piece that are heard at a time of the audio's clock. */
  position(time) {
    for (let i = this.segments.length - 1; i >= 0; --i) {
      const segment = this.segments[i];
      if (time >= segment.when) return segment.offset + Math.min(segment.seconds, time - segment.when);
    }
    return this.segments[0]?.offset ?? 0;
  }

  stop(fade = FADE_SECONDS) {
    const now = this.player.context.currentTime;
    this.ended = true;
    this.gain.gain.cancelScheduledValues(now);
    this.gain.gain.setValueAtTime(this.gain.gain.value, now);
    this.gain.gain.linearRampToValueAtTime(0, now + fade);
    for (const node of this.nodes) node.stop(now + fade + 0.02);
    setTimeout(() => this.gain.disconnect(), (fade + 0.2) * 1000);
  }
}

/** Events: "change" when what plays or whether it plays changes, "frame" while it plays. */
export class Player extends EventTarget {
  piece = null;
  loop = false;
  /** Where sound comes from. @type {(piece: any) => Promise<{rate: number, samples: Int16Array}>} */
  source = async (piece) => readWav(await soundBytes(piece));
  /** Ticks [from, to) that are repeated or played; the whole piece where null. */
  region = null;
  waiting = false;
  #sounds = new Map();
  #position = 0;
  #voice = null;
  #turn = 0;
  #level = 0.9;

  get playing() {
    return this.#voice !== null;
  }

  get context() {
    if (!this.audio) {
      this.audio = new AudioContext({sampleRate: 44100, latencyHint: 'interactive'});
      this.volume = this.audio.createGain();
      this.volume.gain.value = this.#level;
      this.analyser = this.audio.createAnalyser();
      this.volume.connect(this.analyser);
      this.analyser.connect(this.audio.destination);
      setInterval(() => this.#voice?.schedule(), 500);
    }
    return this.audio;
  }

  setVolume(level) {
    this.#level = level;
    if (this.volume) this.volume.gain.value = level;
  }

  get level() {
    return this.#level;
  }

  /** The loudest sample of the last moment, from 0 to 1. */
  loudness() {
    if (!this.analyser) return 0;
    const samples = new Float32Array(this.analyser.fftSize);
    this.analyser.getFloatTimeDomainData(samples);
    return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  }

  /** Seconds from the start of the piece. */
  get position() {
    if (!this.#voice) return this.#position;
    const heard = this.context.currentTime - (this.context.outputLatency || this.context.baseLatency || 0);
    return this.#voice.position(heard);
  }

  get tick() {
    return this.piece ? Math.min(this.piece.tickAt(this.position), this.piece.last) : 0;
  }

  /** Fetches the sound of a piece before it is needed. */
  prepare(piece) {
    return this.#sound(piece).catch(() => {});
  }

  isReady(piece) {
    return this.#sounds.get(piece.id)?.ready === true;
  }

  #sound(piece) {
    let entry = this.#sounds.get(piece.id);
    if (entry) {
      this.#sounds.delete(piece.id);  // To the end, as the last that was used.
    } else {
      entry = {bytes: 0, ready: false};
      entry.sound = this.source(piece).then((sound) => {
        entry.bytes = sound.samples.byteLength;
        entry.ready = true;
        this.#forget();
        return new Sound(sound);
      });
      entry.sound.catch(() => this.#sounds.delete(piece.id));
    }
    this.#sounds.set(piece.id, entry);
    return entry.sound;
  }

  #forget() {
    let bytes = 0;
    for (const entry of this.#sounds.values()) bytes += entry.bytes;
    for (const [id, entry] of this.#sounds) {
      if (bytes <= MOST_SOUND_BYTES || id === this.piece?.id) continue;
      bytes -= entry.bytes;
      this.#sounds.delete(id);
    }
  }

  loopFrames(piece, sound) {
    const [from, to] = this.region ?? [0, piece.last];
    const frame = (tick) => Math.round(Math.min(sound.seconds, piece.secondsAt(tick)) * sound.rate);
    return [frame(from), Math.max(frame(from) + 2048, frame(to))];
  }

  /** Makes `piece` the one that is played, at a tick; goes on playing if it does. */
  async choose(piece, {tick = 0, region = null, play = this.playing, keep = false} = {}) {
    const turn = ++this.#turn;
    const was = this.piece;
    this.region = region;
    if (!play) {
      this.#stopVoice();
      this.piece = piece;
      this.#position = piece.secondsAt(tick);
      this.#changed();
      return;
    }
    this.context.resume();
    if (!keep) {
      this.#stopVoice();
      this.piece = piece;
      this.#position = piece.secondsAt(tick);
    }
    this.waiting = true;
    this.#changed();
    try {
      const sound = await this.#sound(piece);
      if (turn !== this.#turn) return;
      // While another plays on, the music has moved meanwhile.
      if (keep && this.#voice && was && this.#voice.piece === was) tick = sameTick(was, piece, this.tick);
      this.waiting = false;
      this.#begin(piece, sound, piece.secondsAt(tick));
    } catch (error) {
      if (turn !== this.#turn) return;
      this.waiting = false;
      this.piece = piece;
      this.#stopVoice();
      this.#changed();
      this.dispatchEvent(new CustomEvent('trouble', {detail: error.message}));
    }
  }

  #begin(piece, sound, offset) {
    const when = this.context.currentTime + 0.02;
    this.#voice?.stop();
    this.piece = piece;
    this.#voice = new Voice(this, piece, sound, Math.min(offset, Math.max(0, sound.seconds - 0.05)), when, true);
    this.#voice.schedule();
    this.#changed();
    this.#frames();
  }

  #stopVoice() {
    if (!this.#voice) return;
    this.#position = this.position;
    this.#voice.stop();
    this.#voice = null;
  }

  toggle() {
    if (this.playing || this.waiting) this.pause();
    else if (this.piece) this.play();
  }

  play() {
    const {piece} = this;
    if (!piece) return Promise.resolve();
    const [from, to] = this.region ?? [0, piece.last];
    const at = this.tick;
    return this.choose(piece, {tick: at >= to - 1 || at < from ? from : at, region: this.region, play: true});
  }

  pause() {
    ++this.#turn;
    this.waiting = false;
    this.#stopVoice();
    this.#changed();
  }

  /** @param {number} tick */
  seek(tick) {
    if (!this.piece) return;
    if (this.region && (tick < this.region[0] || tick > this.region[1])) this.region = null;
    if (this.playing) {
      this.choose(this.piece, {tick, region: this.region, play: true});
    } else {
      this.#position = this.piece.secondsAt(tick);
      this.#changed();
    }
  }

  /** Passes over into another piece at the same place of its bars, playing or not. */
  exchange(piece) {
    if (!this.piece) return this.choose(piece);
    if (piece === this.piece) return Promise.resolve();
    return this.choose(piece, {tick: sameTick(this.piece, piece, this.tick), keep: this.playing, play: this.playing});
  }

  /** Lets what sounds be another piece: from its start on where it is not like the one before. */
  follow(piece, {anew = false} = {}) {
    if (!piece) return;
    if (anew && this.playing) this.choose(piece, {tick: 0, play: true});
    else this.exchange(piece);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  #frames() {
    if (this.framing) return;
    this.framing = true;
    const frame = () => {
      if (!this.#voice) {
        this.framing = false;
        return;
      }
      const end = this.region && !this.loop ? this.piece.secondsAt(this.region[1]) : Infinity;
      const over = this.#voice.ended && this.context.currentTime > this.#voice.when;
      if (over || this.position >= end) this.#finish();
      this.dispatchEvent(new Event('frame'));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  #finish() {
    this.#stopVoice();
    this.#position = this.region ? this.piece.secondsAt(this.region[0]) : 0;
    this.#changed();
    this.dispatchEvent(new Event('finish'));
  }
}

/** The same place of the same bar in another piece. */
export function sameTick(from, to, tick) {
  const bar = from.barAt(tick);
  const share = (tick - from.bars[bar]) / (from.bars[bar + 1] - from.bars[bar]);
  return to.tickIn(Math.min(bar, to.barCount - 1), Math.max(0, Math.min(1, share)));
}
