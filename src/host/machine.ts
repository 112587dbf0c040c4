/** Facts about this machine and this process. */
export type Machine = {
  readonly pid: number;
  /** Start time of this process, as the kernel counts it; with the pid it names the process for ever. */
  readonly startTime: string;
  /** Changes at every boot, so that a pid of an earlier boot is never taken for alive. */
  readonly bootId: string;
  readonly name: string;
  readonly platform: string;
  readonly cores: number;
  readonly nodeVersion: string;
  readonly nodePath: string;
  /** Where okstra itself is installed (the folder with package.json). */
  readonly packageRoot: string;
  /** The user's home folder. */
  readonly userHome: string;
  readonly temporaryFolder: string;
  /** The environment this process was started with; the only way to it. */
  readonly env: Readonly<Record<string, string | undefined>>;
};
