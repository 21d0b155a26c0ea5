/** The smallest damaged file of each kind that `fuzz-inspect.ts` found (seeds 2 and 3), and what is said of it. */
export const corpus: readonly (readonly [damage: string, base64: string])[] = [
  [
    'The file is damaged or no RKLLM model: it claims an absurd number of header entries.',
    '2u6zNgMAAAAAFAAAAAAAAAD6zIgVvoYD',
  ],
  [
    'The file is damaged or no RKLLM model: an entry of its header is longer than the rest of the file.',
    '2u6zNgMAAAABCwAAAAAAAAgAAAAAAAAAFAAAAAAAAAA=',
  ],
  [
    'The file is damaged or no RKLLM model: it claims an absurd number of tensors.',
    '2u6zNgMAAAABAAAAAAAAPwAAAAAAAAAA',
  ],
  [
    'The file is damaged or no RKLLM model: its header is empty.',
    '2u6zNgMAAAABAAAAAAAAAAAAAAAAAAAA',
  ],
  [
    'The file is damaged or no RKLLM model: its header has a value of unknown type N.',
    '2u6zNgMAAAABAAAAAAAAAAgAAAAAAAAACAAAAAAAAAAUAAAAAAAAAPrMiBW+',
  ],
  [
    'The file is damaged or no RKLLM model: its container version is N; known is N.',
    '2u6zNv//////////AAAAAAgAAAAAAAAA',
  ],
  ['The file is damaged or no RKLLM model: it is not an RKLLM model (it begins N).', '2u6zAA=='],
  [
    'The file is damaged or no RKLLM model: its header has an array of unknown type N.',
    '2u6zNgMAAAABAAAAAAAAAAgAAAAAAAAAFAAAAAAAAAD6zIgVvoYDSAMFKAHR/yDC0o7ywggAAAAFAAAAAAAAAOzegx7+FQAAAAAAAADpxo0Voo4VAxBZLA7V52vVyZDlyQkJAAAACAAAAQAAAAAAAAAI',
  ],
  [
    'The file is damaged or no RKLLM model: a key of its header is empty.',
    '2u6zNgMAAAABAAAAAAAAAAgAAAAAAAAAAAAAAAAAAAA=',
  ],
  [
    'The end of the file is missing: it was cut off while it was copied. Copy it again.',
    '2u6zNgMAAAABAAAAAAAAAAcAAAAAAAAAFAAAAAAAAAD6zIgVvoYDSAMFKAHR/yDC0o7ywggAAAAFAAAAAAAAAOzegx7+DAAAAAAAAAD6zIgVvoYDSBYOOwwIAAAABQAAAAAAAADwxoIVoBEAAAAAAAAA+syIFb6GA0gEHicM5/880cMEAAAAAQAAABEAAAAAAAAA+syIFb6GA0gDGyIO1uYgz9IEAAAAIAAAAA4AAAAAAAAA78KKHKHJHwoDAy0GyuYEAAAAAAAAAA4AAAAAAAAA78KKHKHJDAkQEhQHzeYEAAAAAwAAAA0AAAAAAAAA78KKHKHJGQMQBCIG1ggAAAAFAAAAAAAAAKyH1F79DwAAAAAAAADuwIteoYg=',
  ],
  ['The file is damaged or no RKLLM model: it is empty or nearly so.', ''],
  [
    'The file is damaged or no RKLLM model: it is a web page, not a model (a failed download?).',
    'PO6zNgMAAAABAAAAAAAAABsAAAAAAAAAFAAAAAAA',
  ],
  [
    'The file is damaged or no RKLLM model: it begins with zeros: it was never written whole.',
    'AAAAAA==',
  ],
  ['The file is damaged or no RKLLM model: it ends in the middle of its header.', '2u6zNg=='],
];
