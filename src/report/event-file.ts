import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MessageWriter } from '../protobuf-message.js';

/**
 * A file of TensorBoard's: records of TFRecord framing, each an `Event` message (tensorflow/core/util/event.proto, field
 * numbers below). What cannot be written is left out: no training fails for its log.
 */
export class EventFile {
  private readonly path: string;
  private isOpen = false;

  /** @param folder one run of TensorBoard's; made with the first scalar */
  constructor(private readonly folder: string) {
    const second = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    this.path = join(folder, `events.out.tfevents.${second}.${hostname()}.${process.pid}.softprompt`);
  }

  /** @param scalars tag → value */
  append(step: number, scalars: Readonly<Record<string, number>>, seconds = Date.now() / 1000): void {
    const parts: Uint8Array[] = [];
    if (!this.isOpen) parts.push(record(event(seconds).text(3, 'brain.Event:2').finish()));
    const summary = new MessageWriter();
    for (const [tag, value] of Object.entries(scalars)) {
      summary.message(1, new MessageWriter().text(1, tag).float(2, value));
    }
    const told = event(seconds);
    if (step !== 0) told.integer(2, step); // a zero is left out in wire format
    parts.push(record(told.message(5, summary).finish()));
    try {
      if (!this.isOpen) mkdirSync(this.folder, { recursive: true });
      appendFileSync(this.path, Buffer.concat(parts));
      this.isOpen = true;
    } catch {
      // a full disk is told by what must be written
    }
  }
}

const event = (seconds: number) => new MessageWriter().double(1, seconds);

/** TFRecord: length (8 bytes), its masked CRC, the data, their masked CRC; all little-endian. */
export function record(data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(data.length + 16);
  out.writeBigUInt64LE(BigInt(data.length), 0);
  out.writeUInt32LE(maskedCrc(out.subarray(0, 8)), 8);
  out.set(data, 12);
  out.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return out;
}

const maskedCrc = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), reflected. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});
