/** A way out for a process without a network: an HTTP proxy that listens on a socket in the file system and asks who may go where. */

/** A host and a port. */
export type Destination = { readonly host: string; readonly port: number };

/** A proxy that things are reached through. */
export type Upstream = Destination & {
  readonly tls: boolean;
  /** Value of `Proxy-Authorization`, or null. */
  readonly authorization: string | null;
};

export type GatewaySpec = {
  /** The folder whose file `gate` it listens on; made when missing, its path may be as long as any. */
  readonly folder: string;
  /** Reads what is asked for (`host:port`); undefined where it is no such thing. */
  readonly read: (text: string, port: number) => Destination | undefined;
  /** Why nobody is let through to there, as a sentence; undefined where one is. Called once for each attempt. */
  readonly refuses: (to: Destination) => string | undefined;
  /** The same for an address that its name was resolved to. Not asked where it is reached through a proxy. */
  readonly refusesAddress: (to: Destination, address: string) => string | undefined;
  /** The proxy that it is reached through; null where directly. */
  readonly via: (to: Destination) => Upstream | null;
  /** How long a request's head, and an answer to a connection, may take. Default 30 s. */
  readonly patienceMs?: number;
};

export type Gateway = {
  /** Ends every connection, and its socket is gone. */
  close(): Promise<void>;
};
