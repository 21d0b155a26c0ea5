/** The head of a shared library: for which machine it is. */

/** `e_machine` of the ELF specification, by Node's name of the processor. */
const machines = { arm64: 183, x64: 62 } as const;

export type Machine = keyof typeof machines;

export function isMachine(name: string): name is Machine {
  return Object.hasOwn(machines, name);
}

const headLength = 20;
const sharedObject = 3;

/** Why a 64-bit `machine` cannot load this file as a library; null when it can. */
export function elfProblem(content: Buffer, machine: Machine): string | null {
  const magic = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
  if (content.length < headLength || !content.subarray(0, 4).equals(magic)) {
    return 'it is no library (ELF file)';
  }
  const [bits, order] = [content[4], content[5]];
  if (bits !== 2 || order !== 1) return 'it is not a 64-bit library';
  if (content.readUInt16LE(16) !== sharedObject) return 'it is a program and no library';
  if (content.readUInt16LE(18) !== machines[machine]) {
    return `it is for another processor than this machine's (${machine})`;
  }
  return null;
}
