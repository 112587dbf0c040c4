/** The record of a batch, kept in the home as it grows. */
import { join } from "node:path";
import { homePaths } from "../../lifecycle/index.ts";
import type { BatchItem, RerunBatch } from "../batch.schema.ts";
import { nowOf, type World } from "../world.ts";

export class Book {
  /** Where `save` writes it. */
  readonly path: string;
  readonly #world: World;
  readonly #head: Pick<RerunBatch, "selectorRaw" | "maxSpawn">;
  readonly #items: BatchItem[] = [];

  constructor(world: World, head: Pick<RerunBatch, "selectorRaw" | "maxSpawn">) {
    const time = nowOf(world).replaceAll(/[-:]|\.\d+/g, "");
    this.path = join(homePaths(world.home).batches, `${time}-${world.host.random.id(4)}.json`);
    this.#world = world;
    this.#head = head;
  }

  /** Adds an item; gives its place. */
  enter(item: BatchItem): number {
    return this.#items.push(item) - 1;
  }

  async change(at: number, changes: Partial<BatchItem>): Promise<void> {
    const item = this.#items[at];
    if (item === undefined) throw new Error(`the batch has no item ${at}`);
    this.#items[at] = { ...item, ...changes };
    await this.save();
  }

  async save(): Promise<void> {
    await this.#world.host.files.replaceFile(this.path, `${JSON.stringify(this.batch(), null, 2)}\n`);
  }

  batch(): RerunBatch {
    const count = (status: BatchItem["status"]): number => this.#items.filter((item) => item.status === status).length;
    return {
      schemaVersion: 1,
      ...this.#head,
      items: [...this.#items],
      summary: {
        total: this.#items.length,
        spawned: count("spawned"),
        skipped: count("skipped"),
        rejected: count("rejected"),
      },
    };
  }
}
