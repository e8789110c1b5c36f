import { spawn } from 'node:child_process';

/**
 * @typedef {object} Outcome
 * @property {number} code exit status; 128 + signal number, as a shell says it, when a signal ended it
 * @property {string} output what it printed, in order; empty unless `quiet`
 */

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * Runs a command to its end without standard input. While it runs, the signals that end this process are passed
 * on to it, so that no orphan stays behind; this process then ends the same way.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: collect the output instead of showing it
 * @returns {Promise<Outcome>} rejects only when the command cannot be started at all
 */
export async function run(command, args, { cwd, env = process.env, quiet = false } = {}) {
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));

  /** @type {NodeJS.Signals | undefined} */
  let stopped;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    stopped = signal;
    child.kill(signal);
  };
  const signals = /** @type {(keyof typeof signalNumbers)[]} */ (Object.keys(signalNumbers));
  for (const signal of signals) process.on(signal, pass);
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) => resolve(status ?? exitStatus(signal)));
    });
    if (stopped) process.exit(exitStatus(stopped));
    return { code, output };
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

/**
 * The exit status a shell gives to a process that a signal ended.
 * @param {NodeJS.Signals | null} signal
 */
export function exitStatus(signal) {
  return 128 + (signalNumbers[/** @type {keyof typeof signalNumbers} */ (signal)] ?? 9);
}
