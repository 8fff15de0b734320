// A simple voice for pages without a program behind them: each note is a plucked tone of a few partials.
const RATE = 44100;
const TAIL_SECONDS = 1;
const PARTIALS = [1, 0.5, 0.28, 0.14, 0.07, 0.03];
const PEAK = 0.85;

/** A wave of as many samples as a table holds. */
const TABLE = 2048;
const wave = Float32Array.from({length: TABLE + 1}, (_, i) =>
  PARTIALS.reduce((sum, share, k) => sum + share * Math.sin((2 * Math.PI * (k + 1) * i) / TABLE), 0));

function addTone(out, start, length, pitch, loudness) {
  const step = (440 * 2 ** ((pitch - 69) / 12) * TABLE) / RATE;
  const decay = Math.exp(-1 / (RATE * Math.max(0.25, 1.6 - (pitch - 40) / 60)));
  const release = Math.min(0.06 * RATE, length);
  let level = loudness, phase = 0;
  const end = Math.min(out.length, start + length + release);
  for (let i = start; i < end; ++i) {
    const age = i - start;
    const attack = age < 180 ? age / 180 : 1;
    const fall = age > length ? 1 - (age - length) / release : 1;
    const at = phase | 0;
    out[i] += (wave[at] + (wave[at + 1] - wave[at]) * (phase - at)) * level * attack * fall;
    phase += step;
    if (phase >= TABLE) phase -= TABLE;
    level *= decay;
  }
}

function addDrum(out, start, loudness) {
  let level = loudness;
  for (let i = start; i < Math.min(out.length, start + RATE * 0.12); ++i) {
    out[i] += (Math.random() * 2 - 1) * level;
    level *= 0.9993;
  }
}

/**
 * The sound of a piece as stereo samples of 16 bits.
 * @param {import('./music.js').Piece} piece
 */
export async function renderVoice(piece) {
  const frames = Math.ceil((piece.seconds + TAIL_SECONDS) * RATE);
  const out = new Float32Array(frames);
  for (let i = 0; i < piece.noteCount; ++i) {
    const start = piece.secondsAt(piece.onset[i]), end = piece.secondsAt(piece.onset[i] + piece.duration[i]);
    const loudness = (piece.velocity[i] / 127) ** 1.5;
    if (piece.parts[piece.part[i]]?.drums) addDrum(out, Math.round(start * RATE), loudness * 0.5);
    else addTone(out, Math.round(start * RATE), Math.round((end - start) * RATE), piece.pitch[i], loudness);
    if (i % 500 === 499) await new Promise((done) => setTimeout(done));  // The page stays awake.
  }
  const loudest = out.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-6);
  const samples = new Int16Array(frames * 2);
  for (let i = 0; i < frames; ++i) samples[2 * i] = samples[2 * i + 1] = (out[i] / loudest) * PEAK * 32767;
  return {rate: RATE, samples};
}
