import fc from "fast-check";
import { expect, test } from "vitest";
import { childEnvironment, markName, type Surroundings, secretsIn } from "./env.ts";

const around = (from: Surroundings["from"], more: Partial<Surroundings> = {}): Surroundings => ({
  from,
  home: "/agent/home",
  temporaryFolder: "/agent/tmp",
  mark: "mark-1",
  config: {},
  driver: { variables: [] },
  ...more,
});

test("only the allow-list is passed on, with HOME, TMPDIR and the mark of the dispatch", () => {
  const from = {
    PATH: "/bin",
    LANG: "C.UTF-8",
    LC_ALL: "C",
    TERM: "xterm",
    TZ: "UTC",
    https_proxy: "http://proxy:3128",
    NO_PROXY: "localhost",
    HOME: "/home/user",
    TMPDIR: "/tmp",
    USER: "user",
    SSH_AUTH_SOCK: "/tmp/agent.sock",
    NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
    NODE_OPTIONS: "--inspect",
    GIT_DIR: "/elsewhere",
    AWS_SECRET_ACCESS_KEY: "secret",
    LCD: "no",
  };
  expect(childEnvironment(around(from), {})).toEqual({
    HOME: "/agent/home",
    LANG: "C.UTF-8",
    LC_ALL: "C",
    NO_PROXY: "localhost",
    OKSTRA_DISPATCH: "mark-1",
    PATH: "/bin",
    TERM: "xterm",
    TMPDIR: "/agent/tmp",
    TZ: "UTC",
    https_proxy: "http://proxy:3128",
  });
});

test("the driver's own variables pass by name or beginning; config adds and the launch wins", () => {
  const from = { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: "u", CODEX_HOME: "c" };
  const config = { env: { FOO: "config", BAR: "config", NODE_EXTRA_CA_CERTS: "/mine.pem" } };
  const made = childEnvironment(around(from, { config, driver: { variables: ["ANTHROPIC_*"] } }), { BAR: "launch" });
  expect(made).toMatchObject({
    ANTHROPIC_API_KEY: "k",
    ANTHROPIC_BASE_URL: "u",
    FOO: "config",
    BAR: "launch",
    NODE_EXTRA_CA_CERTS: "/mine.pem",
  });
  expect(made).not.toHaveProperty("CODEX_HOME");
});

test("markers of a surrounding agent never pass, whoever asks for them, and the mark is ours", () => {
  const name = fc.constantFrom("CLAUDECODE", markName);
  fc.assert(
    fc.property(name, fc.constantFrom("from", "config", "launch"), fc.string(), (marker, by, value) => {
      const given = { [marker]: value };
      const made = childEnvironment(
        around(by === "from" ? given : {}, {
          config: by === "config" ? { env: given } : {},
          driver: { variables: ["CLAUDE*", marker] },
        }),
        by === "launch" ? given : {},
      );
      expect(Object.keys(made)).toEqual(["HOME", markName, "TMPDIR"]);
      expect(made[markName]).toBe("mark-1");
    }),
  );
});

test("of CLAUDE_CODE_* passes what a driver lists by its whole name or sets itself, and nothing else", () => {
  const surrounding = { CLAUDE_CODE_ENTRYPOINT: "cli", CLAUDE_CODE_SSE_PORT: "1", CLAUDE_CODE_OAUTH_TOKEN: "t" };
  const config = { env: { CLAUDE_CODE_ENTRYPOINT: "config" } };
  const driver = { variables: ["CLAUDE*", "CLAUDE_CODE_OAUTH_TOKEN"] };
  const made = childEnvironment(around(surrounding, { config, driver }), { CLAUDE_CODE_MAX_RETRIES: "2" });
  expect(Object.keys(made)).toEqual(["CLAUDE_CODE_MAX_RETRIES", "CLAUDE_CODE_OAUTH_TOKEN", "HOME", markName, "TMPDIR"]);
});

test("secrets are told by their names, and passwords in proxy addresses", () => {
  const environment = {
    OPENAI_API_KEY: "k1",
    GITHUB_TOKEN: "k2",
    GIT_AUTHOR_NAME: "me",
    HTTPS_PROXY: "http://me:pass@proxy:1",
    PATH: "/bin",
  };
  expect(secretsIn(environment)).toEqual(["k1", "k2", "pass"]);
});
