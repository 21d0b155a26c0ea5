/**
 * The sentences of the RKLLama API. The first block is the contract (the project's REST API
 * document of January 2025) and must not change by a character; clients compare them.
 */
export const texts = {
  welcome: 'Welcome to RK-LLama!',
  github: 'https://github.com/notpunhnox/rkllama',
  loaded: (name: string) => `Model ${name} loaded successfully.`,
  alreadyLoaded: 'A model is already loaded. Please unload it first.',
  notFoundToLoad: (name: string) => `Model ${name} not found in the /models directory.`,
  unloaded: 'Model unloaded successfully.',
  noneLoaded: 'No model is currently loaded.',
  removed: 'The model has been successfully deleted.',
  notFoundToRemove: (name: string) => `The model: ${name} cannot be found.`,
  pullFailed: (reason: string) => `Error during download: ${reason}`,

  // What the contract leaves open, in the words of the servers that followed it.
  nameMissingToLoad: 'Please enter the name of the model to be loaded.',
  nameMissingToRemove: 'Please specify a model.',
  modelMissingToPull: 'Error: Model not specified.',
  messagesMissing: 'Invalid JSON data!',
  allUnloaded: 'Models successfully unloaded!',
  notLoaded: (name: string) => `No model ${name} is currently loaded.`,
} as const;
