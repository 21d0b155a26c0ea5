/** The process ends at once when the library calls `exit`. */
import koffi from 'koffi';

/**
 * librkllmrt imports `exit` and has been seen to end its process with it (rknn-llm issue 31), on
 * whichever thread it runs. The handlers of `exit` then take apart what the threads of Node.js still
 * use, and the process crashes on its way out, with a signal that depends on chance and a core dump
 * that nobody needs. Call this after the library is loaded: glibc runs the handler that came last
 * first. It ends the process with the status that `exit` was given, after everything that was
 * printed is out.
 */
export function exitAtOnce(): void {
  const libc = koffi.load('libc.so.6');
  const onExit = libc.func('on_exit', 'int', ['void *', 'void *']);
  const atExit = libc.func('__cxa_atexit', 'int', ['void *', 'void *', 'void *']);
  onExit(libc.symbol('_exit'), null);
  // fflush(NULL): every stream.
  atExit(libc.symbol('fflush'), null, null);
}
