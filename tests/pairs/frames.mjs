// One end of an open WebSocket (RFC 6455 5) over any stream of bytes: an upgraded connection or a stream of HTTP/2.
import { randomBytes } from "node:crypto";
import { deferred } from "./process.mjs";

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

export class WebSocketEnd {
  /** `masks`: this is the client's end. */
  constructor(stream, { masks }) {
    this.stream = stream;
    this.#masks = masks;
    stream.on("data", (bytes) => this.#take(bytes));
    stream.on("error", () => {});
    stream.on("end", () => this.#put({ ended: true }));
    stream.on("close", () => this.#put({ closed: true }));
    if (stream.destroyed) this.#put({ closed: true });  // and perhaps told already: answer and reset in one packet
  }

  send(opcode, payload = "") {
    const bytes = Buffer.from(payload);
    const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    if (bytes.length < 126) head[1] = bytes.length;
    else if (bytes.length < 65_536) head[1] = 126, head.writeUInt16BE(bytes.length, 2);
    else head[1] = 127, head.writeBigUInt64BE(BigInt(bytes.length), 2);
    if (!this.#masks) return this.stream.write(Buffer.concat([head, bytes]));
    head[1] |= 0x80;
    const mask = randomBytes(4);
    return this.stream.write(Buffer.concat([head, mask, masked(bytes, mask)]));
  }

  close(code, reason = "") {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.send(opcodes.close, payload);
  }

  /** The next frame as { opcode, payload }, or { ended: true } after the last one, or { closed: true }. */
  next() {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift());
    const waiting = deferred();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #take(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const at = this.#bytes;
      if (at.length < 2) return;
      const short = at[1] & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      const mask_length = at[1] & 0x80 ? 4 : 0;
      if (at.length < head + mask_length) return;
      const length = short < 126 ? short : short === 126 ? at.readUInt16BE(2) : Number(at.readBigUInt64BE(2));
      const begin = head + mask_length;
      if (at.length < begin + length) return;
      const payload = at.subarray(begin, begin + length);
      this.#bytes = at.subarray(begin + length);
      this.#put({ opcode: at[0] & 0x0f, payload: mask_length ? masked(payload, at.subarray(head, begin)) : payload });
    }
  }

  #put(frame) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(frame);
    else this.#frames.push(frame);
  }

  #masks;
  #bytes = Buffer.alloc(0);
  #frames = [];
  #waiting = [];
}

function masked(bytes, mask) {
  const result = Buffer.alloc(bytes.length);
  for (let i = 0; i < bytes.length; ++i) result[i] = bytes[i] ^ mask[i & 3];
  return result;
}
