/**
 * Tests in the source's test tree that open real sockets, databases or services (verification.md: blocking there; such
 * checks belong into the task's `qa/`). A heuristic on added lines, so that tests which were there before are left alone:
 *   - calls that open a socket or ask the network, in JavaScript, Python and Go;
 *   - imports of database and queue clients, unless the same file replaces the module (`vi.mock("pg")` and the like);
 *   - Docker and test containers.
 * Comments do not count; a call on an object of another name (`client.fetch(`) does not either. Pure.
 */
import { addedLines } from "./line-changes.ts";
import { dialectOf, readSource } from "./source-text.ts";
import { isTestPath } from "./test-paths.ts";
import type { ChangedText } from "./tests-weakened.ts";

export type RealIo = { readonly path: string; readonly line: number; readonly what: string };

type Sign = { readonly what: string; readonly sign: RegExp };

const sockets: readonly Sign[] = [
  {
    what: "opens a socket",
    sign: /\b(?:net|tls)\.(?:connect|createConnection|createServer)\s*\(|\bdgram\.createSocket\s*\(|\bnew\s+WebSocket(?:Server)?\s*\(/,
  },
  {
    what: "serves or asks over HTTP",
    sign: /\bhttps?2?\.(?:request|get|createServer|createSecureServer)\s*\(|\bhttptest\.New(?:TLS)?Server\b|\bhttp\.(?:Get|Post|ListenAndServe)\s*\(/,
  },
  {
    what: "listens on a port",
    sign: /\b(?:server|app|api|listener)\.listen\s*\(|\.listen\s*\(\s*(?:\d|port\b|\{\s*port|process\.env)/i,
  },
  {
    what: "asks the network",
    sign: /(?<![\w.$])fetch\s*\(|\b(?:requests|httpx)\.(?:get|post|put|patch|delete|request|Client|AsyncClient)\s*\(|\burlopen\s*\(|\baxios(?:\.\w+)?\s*\(/,
  },
  {
    what: "opens a socket",
    sign: /\bsocket\.(?:socket|create_connection|create_server)\s*\(|\bnet\.(?:Listen|Dial)\w*\s*\(/,
  },
  {
    what: "opens a database",
    sign: /\bsql\.Open\s*\(|\bcreate_engine\s*\(|\bnew\s+(?:PrismaClient|MongoClient|DataSource)\s*\(|\bsqlite3\.connect\s*\(\s*(?!["']:memory:)/,
  },
  {
    what: "starts a container",
    sign: /\btestcontainers\b|\bdocker(?:-compose)?\s+(?:run|compose|exec|start|up)\b|["']docker["']/,
  },
];

const clients =
  /\b(?:from|import|require\s*\()\s*["'](?<name>pg|postgres|mysql2?|mariadb|mongodb|mongoose|redis|ioredis|cassandra-driver|amqplib|kafkajs|tedious|oracledb|supertest|nats)(?:\/[^"']*)?["']|^\s*(?:import|from)\s+(?<python>psycopg2?|asyncpg|pymysql|pymongo|redis|pika|kafka|mysql\.connector)\b/;

/** Added lines of test files that reach for the real world. */
export function realIoInTests(changes: readonly ChangedText[]): RealIo[] {
  return changes
    .filter(({ path, after }) => after !== null && isTestPath(path))
    .flatMap((change) => {
      const after = codeOf(change.path, change.after ?? "");
      const before = change.before === null ? null : codeOf(change.path, change.before);
      return addedLines(before, after).flatMap(({ line, text }) => {
        const what = signIn(text, after);
        return what === undefined ? [] : [{ path: change.path, line, what }];
      });
    });
}

function signIn(line: string, whole: string): string | undefined {
  if (
    /\b(?:vi|jest|td|sinon|mock)\.\w*(?:mock|stub|replace|patch|fn|spyOn)\w*\s*\(|@?(?:mock\.)?patch\s*\(/i.test(line)
  )
    return undefined;
  const { name, python } = clients.exec(line)?.groups ?? {};
  const client = name ?? python;
  if (client !== undefined && !isReplaced(client, whole)) return `uses the client library ${client}`;
  const hit = sockets.find(({ sign }) => sign.test(line));
  if (hit === undefined) return undefined;
  return hit.what === "asks the network" && networkIsReplaced.test(whole) ? undefined : hit.what;
}

const networkIsReplaced =
  /stubGlobal\s*\(\s*["']fetch|(?:globalThis|global|window)\.fetch\s*=|\b(?:fetch-mock|fetchMock|nock|msw|responses|respx|requests_mock)\b|\bfunction\s+fetch\s*\(|\b(?:const|let|var)\s+fetch\b/;

const isReplaced = (client: string, whole: string): boolean =>
  new RegExp(
    `(?:\\b(?:vi|jest)\\.(?:doMock|mock|unstable_mockModule)|\\bpatch)\\s*\\(\\s*["'\`]${client.replace(/[.]/g, "\\.")}`,
  ).test(whole);

function codeOf(path: string, text: string): string {
  const dialect = dialectOf(path);
  return dialect === undefined ? text : readSource(text, dialect).code;
}
