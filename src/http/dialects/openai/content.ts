import * as z from 'zod';
import type { ImagePart, TextPart } from '../../../engine/index.ts';
import { inList } from './fields.ts';

/** How the files of images begin in base64, for clients that name no media type. */
const beginnings: readonly (readonly [string, string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['UklGR', 'image/webp'],
  ['R0lGOD', 'image/gif'],
];
const base64Pattern = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** An image inside the request, as a data URL or as bare base64. */
const imageUrl = z.string().transform((url, context): ImagePart => {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (/^https?:/i.test(url)) {
    return refuse('this server fetches nothing from the web; send the image as a data: URL');
  }
  const [, type, payload] = /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/s.exec(url) ?? [null, '', url];
  const base64 = payload ?? '';
  if (!base64Pattern.test(base64)) {
    return refuse('expected a data: URL with base64 (data:image/jpeg;base64,...)');
  }
  const mediaType = type || beginnings.find(([begin]) => base64.startsWith(begin))?.[1];
  if (!mediaType?.startsWith('image/')) return refuse('expected an image (JPEG, PNG, WebP, GIF)');
  return { type: 'image', mediaType, data: Buffer.from(base64, 'base64') };
});

/** Far more than any model's context; what is larger in a request are images. */
const text = z.string().max(1024 * 1024, 'expected at most 1048576 characters');
const textPart = z.looseObject({ type: z.literal('text'), text });
const imagePart = z.looseObject({
  type: z.literal('image_url'),
  // Some clients send the URL alone.
  image_url: z.preprocess(
    (value) => (typeof value === 'string' ? { url: value } : value),
    z.looseObject({ url: imageUrl }),
  ),
});
const refusalPart = z.looseObject({ type: z.literal('refusal'), refusal: text });

const userPart = z.discriminatedUnion('type', [textPart, imagePart], {
  error: 'only parts of type "text" and "image_url" can be read',
});
const plainPart = z.discriminatedUnion('type', [textPart, refusalPart], {
  error: 'only parts of type "text" can be read here',
});

const stringOrParts = { error: inList('expected a string or a list of parts') };

/** A user's content; a text alone stays a string. */
export const userContent = z
  .union([text, z.array(userPart)], stringOrParts)
  .nullish()
  .transform((content): string | (TextPart | ImagePart)[] => {
    if (typeof content === 'string') return content;
    const parts = (content ?? []).map((part): TextPart | ImagePart =>
      part.type === 'text' ? { type: 'text', text: part.text } : part.image_url.url,
    );
    return parts.some((part) => part.type === 'image')
      ? parts
      : parts.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
  });

/** Content of everybody else: text, whole or in parts. */
export const textContent = z
  .union([text, z.array(plainPart)], stringOrParts)
  .nullish()
  .transform((content) => {
    if (typeof content === 'string') return content;
    return (content ?? [])
      .map((part) => (part.type === 'text' ? part.text : part.refusal))
      .join('\n');
  });
