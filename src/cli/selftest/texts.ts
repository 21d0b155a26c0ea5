/** What the models are asked; they need not know the answers. */

export const shortQuestion = 'What is the capital of France? Answer with one word.';
export const longTask = 'Count from one to two hundred in words, with commas between them.';

/** A few hundred tokens for a small vocabulary, and fewer for a large one. */
export const longText = [
  'The house stands at the end of the road, and nobody has lived in it for years.',
  'Its garden has grown over the walls, and in the summer the bees come from far away.',
  'A letter box still hangs beside the gate with the name of the last owner on it.',
  'When it rains, the water runs down the steps and makes a small lake in front of the door.',
  'In the winter the children of the village go there with lamps and tell each other stories.',
].join(' ');

/** Two that begin alike and end in different words. */
export const [firstEnding, secondEnding] = [
  ' One evening an old man',
  ' Early one morning two dogs',
];
export const otherText = 'Prices of copper and tin rose again at the end of the third quarter.';
