/** What a command sees of the world around it: a terminal, or a test. */
export interface Io {
  /** Relative paths on the command line start here. */
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether what it writes may be coloured. */
  readonly color: boolean;
  /** Ends a command that would run on (`build --watch`). */
  readonly signal?: AbortSignal;
}
