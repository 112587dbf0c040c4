import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressKind, allowedBy, isExempt, mayReach, type Place, placeIn, placeOfUrl, printPlace } from "./places.ts";

const list = (...texts: readonly string[]): Place[] =>
  texts.map((text) => placeIn(text, "person") ?? expect.unreachable(text));
const allows = (text: string, host: string, port = 443): boolean => allowedBy(list(text), { host, port }) !== undefined;

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => `${labels.join(".")}.org`);

describe("a name allows", () => {
  test("itself and nothing else, whatever is put before or behind it", () => {
    fc.assert(
      fc.property(name, label, (host, other) => {
        expect(allows(host, host)).toBe(true);
        const others = [`${other}.${host}`, `${other}${host}`, `${host}.${other}`, host.slice(host.indexOf(".") + 1)];
        expect(others.filter((one) => allows(host, one))).toEqual([]);
      }),
    );
  });

  test("with *. what lies below it, and not itself or a name that ends like it", () => {
    fc.assert(
      fc.property(name, label, (host, other) => {
        expect([`${other}.${host}`, `${other}.${other}.${host}`].every((one) => allows(`*.${host}`, one))).toBe(true);
        expect([host, `${other}${host}`, `${host}.${other}`].some((one) => allows(`*.${host}`, one))).toBe(false);
      }),
    );
  });

  test("80 and 443, or the one port that it names", () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }), (host, a, b) => {
        expect(allows(host, host, a)).toBe(a === 80 || a === 443);
        expect(allows(`${host}:${a}`, host, b)).toBe(a === b);
      }),
    );
  });

  test("whatever is printed is read as the same", () => {
    for (const text of ["a.org", "*.a.org", "a.org:8443", "*.a.org:1", "10.0.0.1", "[::1]:4000", "localhost:1"])
      expect([text, ...list(text).map(printPlace)]).toEqual([text, text]);
  });
});

test.each([
  ...["", "*", "*.", "*.org", "a.org:0", "a.org:65536", "a.org:x", "https://a.org", "a.org/path", "a b", "u@a.org"],
  ...["*.10.0.0.1", "localhost", "127.0.0.1", "[::1]", "[::1", "a\nb"],
])("%j is no place", (text) => {
  expect(placeIn(text, "person")).toBeUndefined();
});

test("upper case, a dot at the end, letters of other languages and other spellings of an address are one place", () => {
  expect(list("API.Example.ORG.", "münchen.example", "0x7f.1:80", "2130706433:80").map(({ host }) => host)).toEqual([
    ...["api.example.org", "xn--mnchen-3ya.example", "127.0.0.1", "127.0.0.1"],
  ]);
});

test("an address of the web is a place with its port", () => {
  const read = (url: string) => placeOfUrl(url, "person");
  expect(read("https://user:pass@Gate.example/v1?x")).toMatchObject({ host: "gate.example", port: 443, below: false });
  expect(read("http://[::1]:4000/v1")).toMatchObject({ host: "::1", port: 4000 });
  expect(read("http://localhost")).toMatchObject({ host: "localhost", port: 80 });
  expect([read("ftp://a.org"), read("a.org"), read("https://")]).toEqual([undefined, undefined, undefined]);
});

describe("an address that a name leads to", () => {
  const person = list("a.org", "*.b.org", "10.1.1.1", "127.0.0.1:5000", "localhost:4000");
  const driver = [placeIn("api.org", "driver") ?? expect.unreachable("")];
  const reach = (host: string, address: string, port = 443) =>
    mayReach([...person, ...driver], { host, port }, address);

  test("is reached where it is public", () => {
    for (const address of ["93.184.215.14", "2606:2800:21f::1", "::ffff:8.8.8.8"])
      expect([address, reach("api.org", address)]).toEqual([address, true]);
  });

  test("is reached in a private network for a name that a person wrote, not for a pattern or an agent's vendor", () => {
    for (const address of ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"])
      expect([address, reach("a.org", address), reach("x.b.org", address), reach("api.org", address)]).toEqual([
        ...[address, true, false, false],
      ]);
  });

  test("is refused where it is the machine's own or the metadata service, unless the address itself is on the list", () => {
    const own = [
      "127.0.0.1",
      "::1",
      "0.0.0.0",
      "169.254.169.254",
      "fe80::1%eth0",
      "::ffff:127.0.0.1",
      "::",
      "224.0.0.1",
    ];
    for (const address of [...own, "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "not an address:"])
      expect([address, ...["a.org", "x.b.org", "api.org"].map((host) => reach(host, address))]).toEqual([
        ...[address, false, false, false],
      ]);
    expect([reach("a.org", "127.0.0.1", 5000), reach("a.org", "127.0.0.1", 5001)]).toEqual([true, false]);
    expect([reach("localhost", "::1", 4000), reach("localhost", "10.0.0.1", 4000)]).toEqual([true, false]);
    expect(reach("10.1.1.1", "10.1.1.1")).toBe(true);
  });

  test("is of one kind, or a name", () => {
    expect(["a.org", "localhost"].map(addressKind)).toEqual([null, null]);
  });
});

test("NO_PROXY names hosts, what lies below them, addresses and ports", () => {
  const exempt = (listed: string, host: string, port = 443) => isExempt(listed, { host, port });
  expect(exempt("*", "a.org")).toBe(true);
  for (const listed of ["example.org", ".example.org", "*.example.org", "x, example.org", "x example.org:443"])
    expect([listed, exempt(listed, "a.example.org")]).toEqual([listed, true]);
  for (const listed of ["", "ample.org", "example.org:80", "example.com"])
    expect([listed, exempt(listed, "a.example.org")]).toEqual([listed, false]);
  expect(exempt("10.0.0.1", "10.0.0.1")).toBe(true);
});
