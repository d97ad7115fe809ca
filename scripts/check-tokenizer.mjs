// Compares prepared tokens with an independent implementation: decodes each document of heldout.bin (or of the file named),
// encodes the text again with the npm package @huggingface/tokenizers reading our tokenizer.json, and compares the ids.
//
//   npm install --prefix check @huggingface/tokenizers@0.2
//   NODE_PATH=check/node_modules node scripts/check-tokenizer.mjs PREPARED_FOLDER [heldout.bin|train.bin]
//
// Exit code 0: all ids agree; 1: some differ; 2: wrong call; 3: the package is not there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, name = 'heldout.bin'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node scripts/check-tokenizer.mjs PREPARED_FOLDER [heldout.bin|train.bin]');
  process.exit(2);
}

let Tokenizer;
try {
  const require = createRequire(import.meta.url);
  const paths = [process.cwd(), ...(process.env.NODE_PATH ?? '').split(':').filter(Boolean)];
  ({ Tokenizer } = require(require.resolve('@huggingface/tokenizers', { paths })));
} catch (error) {
  console.error(`@huggingface/tokenizers is not there: ${error.message.split('\n')[0]}`);
  process.exit(3);
}

const json = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'));
const peer = new Tokenizer(json, {});
const file = readFileSync(join(folder, name));
const width = file.readUInt32LE(12);
const headerBytes = file.readUInt32LE(20);
const count = Number(file.readBigUInt64LE(24));
const endOfDocument = file.readUInt32LE(144);
const idAt = i => (width === 2 ? file.readUInt16LE(headerBytes + 2 * i) : file.readUInt32LE(headerBytes + 4 * i));

// The alphabet of GPT-2's encoder.py, written down independently of the program: a character a byte.
const byteOf = new Map();
for (let b = 0, next = 256; b < 256; b++) {
  const printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  byteOf.set(String.fromCharCode(printable ? b : next++), b);
}
const bytesOf = [];
for (const [token, id] of Object.entries(json.model.vocab)) bytesOf[id] = Uint8Array.from(token, c => byteOf.get(c));

let documents = 0, compared = 0, different = 0;
let ids = [];
for (let i = 0; i < count; i++) {
  const id = idAt(i);
  if (id !== endOfDocument) {
    ids.push(id);
    continue;
  }
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(ids.map(t => bytesOf[t])));
  const theirs = peer.encode(text, { add_special_tokens: false }).ids;
  const first = ids.findIndex((t, k) => t !== theirs[k]);
  if (first >= 0 || ids.length !== theirs.length) {
    different++;
    const at = first < 0 ? Math.min(ids.length, theirs.length) : first;
    console.error(`document ${documents}: ours ${ids.length} ids, theirs ${theirs.length}; first difference at ${at}: ${ids.slice(at, at + 6)} against ${theirs.slice(at, at + 6)}`);
  }
  documents++;
  compared += ids.length;
  ids = [];
}
console.log(`${documents} documents, ${compared} ids compared, ${different} documents differ`);
process.exit(different === 0 ? 0 : 1);
