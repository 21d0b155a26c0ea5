/** The file is not what it claims to be; the message says how, for the model's owner. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}
