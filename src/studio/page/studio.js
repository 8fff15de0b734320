// What all views share: the player, what opens music, and what saves it.
import {addFile, midiAddress, openBox, soundAddress} from './api.js';
import {button, h, icon, toast} from './dom.js';
import {BOX} from './music.js';
import {Player} from './player.js';
import {store} from './store.js';

export const player = new Player();
/** What the page can do: a report has no program behind it. */
export const abilities = {server: true};
player.addEventListener('trouble', (event) => toast(event.detail, 'bad'));

/** What the program said at the start. */
export const program = {models: [], model: '', attributes: [], box: [], version: '', complaint: ''};

/** Adds pieces to those that are open, the newest first. */
export function remember(pieces) {
  const open = [...pieces, ...store.state.open.filter((piece) => !pieces.includes(piece))];
  store.set({open}, {undo: false});
}

/** Reads files that a person gave. Says which could not be read. */
export async function readFiles(files) {
  const read = [];
  for (const file of files) {
    try {
      read.push(...(await addFile(file)));
    } catch (error) {
      toast(`${file.name}: ${error.message}`, 'bad');
    }
  }
  if (read.length > 0) remember(read);
  return read;
}

export async function readBox(name) {
  const piece = await openBox(name);
  remember([piece]);
  return piece;
}

function download(address, name) {
  const link = h('a', {href: address, download: name});
  document.body.append(link);
  link.click();
  link.remove();
}

const stem = (piece) => piece.name.replace(/\.(midi?|kar|rmi)$/i, '');

export function saveMidi(piece) {
  download(piece.midi ? `data:audio/midi;base64,${piece.midi}` : midiAddress(piece), piece.name);
  toast(`Saved ${piece.name}`);
}

export async function saveWav(piece) {
  if (program.complaint) {
    toast(program.complaint, 'bad');
    return;
  }
  toast('Rendering the sound …');
  await player.prepare(piece);
  download(soundAddress(piece), `${stem(piece)}.wav`);
  toast(`Saved ${stem(piece)}.wav`);
}

export async function copyCommand(piece) {
  if (!piece.command) {
    toast('This is the file as it was opened; no command made it.');
    return;
  }
  try {
    await navigator.clipboard.writeText(piece.command);
    toast(`Copied. It writes ${piece.madeAs}, the same to the last byte.`);
  } catch {
    toast(piece.command);
  }
}

/** Buttons for what is done with a result. */
export function saveButtons(pieceOf, {tiny = false} = {}) {
  const kind = tiny ? 'ghost small' : 'ghost';
  return h('div', {class: 'saves', role: 'group', 'aria-label': 'Save'},
    button('Save MIDI', {iconName: 'save', kind, onclick: () => saveMidi(pieceOf())}),
    abilities.server && button('Save WAV', {iconName: 'save', kind, onclick: () => saveWav(pieceOf())}),
    button('Copy command line', {iconName: 'copy', kind: `${kind} copy`, onclick: () => copyCommand(pieceOf())}));
}

/** Lets a person choose a piece: an open one, one from the box, or a file. Gives null where none is. */
export function choosePiece(title) {
  return new Promise((resolve) => {
    const take = (piece) => {
      dialog.close();
      resolve(piece);
    };
    const input = h('input', {
      type: 'file', accept: '.mid,.midi,.kar,.rmi,audio/midi', class: 'visually-hidden', id: 'choose-file',
      onchange: async () => {
        const read = await readFiles(input.files);
        if (read.length > 0) take(read[0]);
      },
    });
    const row = (name, note, onclick) => h('li', {}, h('button', {type: 'button', class: 'choice', onclick},
      h('strong', {}, name), h('span', {}, note)));
    const open = store.state.open;
    const opened = open.filter((piece) => !BOX[piece.name]);
    const dialog = h('dialog', {class: 'sheet', 'aria-labelledby': 'choose-title', onclose: () => {
      dialog.remove();
      resolve(null);
    }, onclick: (event) => event.target === dialog && dialog.close()},
    h('div', {class: 'sheet-body'},
      h('header', {}, h('h2', {id: 'choose-title'}, title),
        button('Close', {iconName: 'close', hidden: true, kind: 'ghost', onclick: () => dialog.close()})),
      h('label', {class: 'button primary wide', for: 'choose-file'}, icon('open'), h('span', {}, 'Open a MIDI file …')), input,
      h('p', {class: 'hint'}, 'Or drop files anywhere on the page.'),
      opened.length > 0 && h('h3', {}, 'Open'),
      opened.length > 0 && h('ul', {class: 'choices'}, ...opened.map((piece) => row(piece.title, piece.summary, () => take(piece)))),
      h('h3', {}, 'Music in the box'),
      h('ul', {class: 'choices'}, ...Object.entries(BOX).filter(([name]) => program.box.includes(name)).map(([name, [text, note]]) =>
        row(text, note, () => readBox(name).then(take, (error) => toast(error.message, 'bad')))))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
