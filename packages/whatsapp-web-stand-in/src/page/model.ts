type Listener = (...args: never[]) => void;

/** Event emitter like Backbone's: names may be lists separated by spaces. */
export class Emitter {
  private readonly listeners = new Map<string, Set<Listener>>();

  on(names: string, listener: Listener): this {
    for (const name of names.split(" ")) {
      const known = this.listeners.get(name) ?? new Set();
      this.listeners.set(name, known.add(listener));
    }
    return this;
  }

  once(name: string, listener: Listener): this {
    const once = (...args: never[]) => {
      this.off(name, once);
      listener(...args);
    };
    return this.on(name, once);
  }

  off(names: string, listener: Listener): this {
    for (const name of names.split(" ")) this.listeners.get(name)?.delete(listener);
    return this;
  }

  trigger(name: string, ...args: unknown[]): this {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        (listener as (...args: unknown[]) => void)(...args);
      } catch (error) {
        // As on the real page, a failing listener does not stop the others.
        console.error(error);
      }
    }
    return this;
  }
}

export type Attributes = Record<string, unknown>;

/** Attributes that are readable as properties. Each change triggers an event on the model and on its collection. */
export class Model extends Emitter {
  readonly attributes: Attributes = {};
  collection: Collection<Model> | undefined;

  constructor(source: Model | Attributes = {}) {
    super();
    this.set(source instanceof Model ? source.attributes : source);
  }

  get id(): unknown {
    return this.attributes?.id ?? null;
  }

  set(changes: Attributes): this {
    for (const [name, value] of Object.entries(changes)) {
      const before = this.attributes[name];
      this.attributes[name] = value;
      this.expose(name);
      if (before === value) continue;
      this.trigger(`change:${name}`, this, value, {});
      this.collection?.trigger(`change:${name}`, this, value, {});
    }
    return this;
  }

  unset(name: string): void {
    delete this.attributes[name];
  }

  toJSON(): Attributes {
    return { ...this.attributes };
  }

  private expose(name: string): void {
    if (name === "id" || Object.hasOwn(this, name)) return;
    Object.defineProperty(this, name, {
      configurable: true,
      enumerable: false,
      get: () => this.attributes[name],
      set: (value) => this.set({ [name]: value }),
    });
  }
}

/** Models, indexed by their serialised id. */
export class Collection<T extends Model> extends Emitter {
  _models: T[] = [];
  private readonly byId = new Map<string, T>();

  get(id: unknown): T | undefined {
    return this.byId.get(String(id));
  }

  add(model: T): T {
    const known = this.get(model.id);
    if (known) return known;
    this.byId.set(String(model.id), model);
    this._models.push(model);
    model.collection = this as unknown as Collection<Model>;
    this.trigger("add", model, this, {});
    return model;
  }

  remove(model: T): void {
    this.byId.delete(String(model.id));
    this._models = this._models.filter((other) => other !== model);
  }

  getModelsArray(): T[] {
    return [...this._models];
  }

  map<R>(convert: (model: T) => R): R[] {
    return this._models.map(convert);
  }

  filter(keep: (model: T) => boolean): T[] {
    return this._models.filter(keep);
  }

  some(test: (model: T) => boolean): boolean {
    return this._models.some(test);
  }

  find(id: unknown): Promise<T | undefined> {
    return Promise.resolve(this.get(id));
  }

  get length(): number {
    return this._models.length;
  }
}
