// What the page asks of the program. Addresses are relative, so they carry the token.
import {Piece} from './music.js';

const ROOT = 'api/v1/';

/** All pieces that have come, by id. They never change. @type {Map<string, Piece>} */
export const pieces = new Map();

function take(json) {
  const known = pieces.get(json.id);
  if (known) return known;
  const piece = new Piece(json);
  pieces.set(piece.id, piece);
  return piece;
}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(ROOT + path, options);
  } catch {
    throw new Error('The program does not answer. Is `musicvae studio` still running?');
  }
  const text = await response.text();
  let json = {};
  try {
    json = JSON.parse(text);
  } catch {
    // An answer that is not ours is told by its status.
  }
  if (response.status === 413) throw new Error('That file is too large; the studio takes up to 16 MB.');
  if (!response.ok) throw new Error(json.error ?? `The program answered with status ${response.status}.`);
  return json;
}

const post = (path, body) => ask(path, {method: 'POST', body: JSON.stringify(body)});

export async function loadState() {
  const state = await ask('state');
  return {...state, opened: state.opened.map(take)};
}

/** A piece that came before; nothing where the program has it no more. */
export async function findPiece(id) {
  try {
    return pieces.get(id) ?? take(await ask(`pieces/${encodeURIComponent(id)}`));
  } catch {
    return null;
  }
}

/** What a training has told from record `from` on. */
export const loadRun = (run, from) => ask(`runs/${run}?from=${from}`);

/** What the model of a run made up at a step. */
export async function openSample(run, step) {
  return take((await post(`runs/${run}`, {step})).piece);
}

/** Why nothing can be heard; empty where all is well. */
export async function soundComplaint() {
  return (await ask('sound')).complaint;
}

/** @param {File} file */
export async function addFile(file) {
  const json = await ask(`pieces?name=${encodeURIComponent(file.name)}`, {method: 'POST', body: file});
  return json.pieces.map(take);
}

/** @param {string} name of music in the box */
export async function openBox(name) {
  const json = await ask(`box/${encodeURIComponent(name)}`, {method: 'POST'});
  return take(json.pieces[0]);
}

/** The piece at one place of the way. */
export async function placeBetween(request) {
  return take((await post('between/at', request)).piece);
}

/** The piece at a place of a palette, or along a line, with the place of each bar. */
export async function musicOnPalette(request) {
  const {piece, places} = await post('palette/at', request);
  return {piece: take(piece), places};
}

/** What is known of the map; with `names`, what is on it. */
export const loadMap = (names) => ask(`map${names ? '?names=1' : ''}`);

/** A piece of the map. */
export async function openOnMap(index) {
  return take((await post('map/open', {index})).piece);
}

/**
 * Starts long work, and tells of what comes. `stop()` ends it.
 * @param {string} path
 * @param {object} request
 * @param {Object<string, (data: any) => void>} on by event; 'done', 'stopped' and 'failed' come last
 */
export function start(path, request, on) {
  let source = null, job = null, ended = false;
  const end = () => {
    ended = true;
    source?.close();
  };
  const ready = post(path, request).then((json) => {
    job = json.job;
    if (ended) return ask(`jobs/${job}`, {method: 'DELETE'});
    source = new EventSource(`${ROOT}jobs/${job}/events`);
    for (const name of ['step', 'walk', 'plan', 'take', 'cell', 'made', 'similar', 'done', 'stopped', 'failed']) {
      source.addEventListener(name, (event) => {
        if (ended) return;
        if (['done', 'stopped', 'failed'].includes(name)) end();
        const data = JSON.parse(event.data);
        if (data.piece) data.piece = take(data.piece);
        on[name]?.(data);
      });
    }
    source.onerror = () => {
      if (ended || source.readyState !== EventSource.CLOSED) return;
      end();
      on.failed?.({error: 'The program does not answer. Is `musicvae studio` still running?'});
    };
  }).catch((error) => {
    if (!ended) on.failed?.({error: error.message});
    ended = true;
  });
  return {
    ready,
    stop() {
      if (ended) return;
      end();
      if (job) ask(`jobs/${job}`, {method: 'DELETE'}).catch(() => {});
    },
  };
}

export const midiAddress = (piece) => `${ROOT}pieces/${piece.id}/midi`;
export const soundAddress = (piece, format = 'wav') => `${ROOT}pieces/${piece.id}/sound?format=${format}`;

export async function soundBytes(piece) {
  const response = await fetch(soundAddress(piece));
  if (!response.ok) throw new Error((await response.json()).error);
  return response.arrayBuffer();
}
