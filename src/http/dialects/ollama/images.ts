import type { ImagePart } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';

/** How files of each type begin; WebP says so behind its size. */
const beginnings: readonly (readonly [string, string, number])[] = [
  ['image/jpeg', '\xff\xd8\xff', 0],
  ['image/png', '\x89PNG', 0],
  ['image/gif', 'GIF8', 0],
  ['image/webp', 'WEBP', 8],
  ['image/bmp', 'BM', 0],
];

/** Images in base64, with or without the beginning of a data URL. Throws `invalid_request`. */
export function imageParts(images: readonly string[] | null | undefined): ImagePart[] {
  return (images ?? []).map((text, index) => {
    const data = Buffer.from(text.replace(/^data:[^,]{0,100},/, ''), 'base64');
    const head = data.toString('latin1', 0, 16);
    const found = beginnings.find(([, begin, at]) => head.startsWith(begin, at));
    if (found) return { type: 'image', mediaType: found[0], data };
    throw new ApplianceError(
      'invalid_request',
      `images.${index}: this is no JPEG, PNG, WebP, GIF or BMP file in base64.`,
    );
  });
}
