/** A message in protocol-buffer wire format: grows as fields are appended; one writer per message. */
export class MessageWriter {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  bytes(field: number, value: Uint8Array): this {
    return this.raw(varint((field << 3) | 2))
      .raw(varint(value.length))
      .raw(value);
  }
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }
  integer(field: number, value: number | bigint): this {
    return this.raw(varint(field << 3)).raw(varint(value));
  }
  float(field: number, value: number): this {
    return this.raw(varint((field << 3) | 5)).raw(new Uint8Array(Float32Array.of(value).buffer));
  }
  double(field: number, value: number): this {
    return this.raw(varint((field << 3) | 1)).raw(new Uint8Array(Float64Array.of(value).buffer));
  }
  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.finish());
  }
  raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }
  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(out);
}
