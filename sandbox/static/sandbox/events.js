// The history of a run as it grows: by EventSource, and by polling where streams do not get through.

const KINDS = ["claimed", "started", "epoch", "reset", "end"];
const PATIENCE = 3;
const POLL = 1500;

/** Call `onEvent(event)` for every event after `after`, in order, each once; `onPlace(place)` while the run waits. */
export function watch(url, after, { onEvent, onPlace }) {
  let seen = after;
  let errors = 0;

  const take = (event) => {
    if (event.seq <= seen) return;
    seen = event.seq;
    onEvent(event);
  };

  function stream() {
    const source = new EventSource(`${url}?after=${seen}`);
    source.addEventListener("open", () => (errors = 0));
    source.addEventListener("place", (message) => onPlace(JSON.parse(message.data)));
    for (const kind of KINDS) {
      source.addEventListener(kind, (message) => {
        take(JSON.parse(message.data));
        if (kind === "end") source.close();
      });
    }
    source.addEventListener("error", () => {
      errors += 1;
      if (errors < PATIENCE && source.readyState !== EventSource.CLOSED) return;
      source.close();
      poll();
    });
  }

  async function poll() {
    let isOver = false;
    try {
      const response = await fetch(`${url}?after=${seen}`, { headers: { Accept: "application/json" } });
      if (response.ok) {
        const { events, place } = await response.json();
        if (place) onPlace(place);
        events.forEach(take);
        isOver = events.some((event) => event.kind === "end");
      } else {
        isOver = response.status === 401 || response.status === 403 || response.status === 404;
      }
    } catch {
      // offline for a moment: the next poll takes up where this one would have
    }
    if (!isOver) setTimeout(poll, POLL);
  }

  if ("EventSource" in window) stream();
  else poll();
}
