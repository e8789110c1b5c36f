/** What files weigh on the way to a browser, compressed at their best as the built ones are. */
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Bytes. */
export type Weight = { raw: number; gzip: number; brotli: number };

/** Files are compressed one by one, so their weights add up. */
export function weigh(files: (string | Uint8Array)[]): Weight {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const bytes = typeof file === 'string' ? Buffer.from(file) : file;
    total.raw += bytes.byteLength;
    total.gzip += gzipSync(bytes, { level: 9 }).byteLength;
    total.brotli += brotliCompressSync(bytes).byteLength;
  }
  return total;
}
