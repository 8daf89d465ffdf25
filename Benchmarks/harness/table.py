"""One Markdown table from the figures of one run."""

KB_LIMIT = 13


def cell(value, digits: int = 0) -> str:
    if value is None or value == -1:
        return "–"
    return f"{value:,.{digits}f}"


def ratio(a, b) -> str:
    return f"{a / b:.2f}×" if a is not None and b else "–"


def pick(figures: dict, way: str, key: str, field: str | None):
    found = figures.get(way, {}).get(key)
    return found.get(field) if field and isinstance(found, dict) else found if field is None else None


class Table:
    def __init__(self, figures: dict):
        self.figures, self.rows = figures, []

    def add(
        self, label: str, key: str, field: str | None, digits: int = 0, target=None, added: bool = False
    ) -> None:
        """`target` is (text, test of weir's and nginx's value); `added` subtracts the direct way's figure."""
        direct, nginx, weir = (pick(self.figures, way, key, field) for way in ("direct", "nginx", "weir"))
        if direct is None and nginx is None and weir is None:
            return
        if added:
            nginx, weir = (None if v is None or direct is None else v - direct for v in (nginx, weir))
            direct = None
        verdict = ""
        if target and weir is not None:
            verdict = f"{target[0]}: {'yes' if target[1](weir, nginx) else '**no**'}"
        elif target:
            verdict = target[0]
        self.rows.append(
            (
                label,
                cell(direct, digits),
                cell(nginx, digits),
                cell(weir, digits),
                ratio(weir, nginx) if (weir or 0) > 0 and (nginx or 0) > 0 else "–",
                verdict,
            )
        )

    def markdown(self) -> str:
        head = ("figure", "direct", "nginx", "Weir", "Weir / nginx", "target")
        rows = [head, ("---", *["---:"] * 4, "---"), *self.rows]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def below_nginx(weir, nginx):
    return nginx is not None and weir < nginx


def render(figures: dict) -> str:
    t = Table(figures)
    for size in ("1 KB", "30 KB", "200 KB", "1 MB"):
        target = {
            "1 KB": ("≤ 45", lambda w, n: w <= 45),
            "30 KB": ("< nginx", below_nginx),
            "200 KB": ("< nginx", below_nginx),
        }.get(size)
        t.add(f"requests/s, {size} body", f"closed {size}", "per_second")
        t.add(f"CPU µs/request, {size} body", f"closed {size}", "cpu_us_per_request", 1, target)
        t.add(f"core busy %, {size} body", f"closed {size}", "core_percent")
    for rate in (500, 1000):
        near = ("≤ 1.3 × nginx", lambda w, n: n is not None and w <= 1.3 * n) if rate == 1000 else None
        t.add(f"p50 µs at {rate}/s", f"rate {rate}", "p50_us")
        t.add(f"added p50 µs at {rate}/s", f"rate {rate}", "p50_us", 0, near, added=True)
        t.add(f"p99 µs at {rate}/s", f"rate {rate}", "p99_us")
        t.add(f"added p99 µs at {rate}/s", f"rate {rate}", "p99_us", 0, None, added=True)
    for count in (1, 100, 1000):
        key, name = f"stream {count}", f"{count:,} stream{'s' if count > 1 else ''}"
        t.add(f"time to first byte p50 µs, {name}", key, "ttfb_p50_us")
        t.add(f"time to first byte p99 µs, {name}", key, "ttfb_p99_us")
        t.add(f"event delay p50 µs, {name}", key, "event_p50_us")
        t.add(f"event delay p99 µs, {name}", key, "event_p99_us")
    t.add("events/s, 1,000 streams", "stream 1000", "steady_events_per_second")
    t.add(
        "core busy %, 1,000 streams", "stream 1000", "steady_core_percent", 0, ("< 45", lambda w, n: w < 45)
    )
    t.add("CPU µs/event, 1,000 streams", "stream 1000", "cpu_us_per_event", 1)
    t.add("KB per open stream", "kb per stream", None, 1, (f"≤ {KB_LIMIT}", lambda w, n: w <= KB_LIMIT))
    for size in ("1 KB", "30 KB", "200 KB"):
        small = ("≤ 100", lambda w, n: w <= 100) if size == "200 KB" else None
        t.add(f"CPU µs/request that prompt caches add, {size}", f"caches {size}", None, 1, small)
    few = ("≤ 3", lambda w, n: w <= 3)
    t.add("CPU µs/request that reliability adds, 1 KB, in turn", "reliability cpu", None, 1, few)
    t.add("instructions/request without it", "reliability instructions bare", None)
    t.add("instructions/request it adds", "reliability instructions", None)
    t.add("these as CPU µs/request", "reliability instructions as cpu", None, 1, few)
    t.add("CPU µs of an exact hit, 1 KB", "answers hit 1 KB", None, 1)
    t.add("CPU µs of an exact hit, 30 KB", "answers hit 30 KB", None, 1, ("≤ 60", lambda w, n: w <= 60))
    t.add("p99 µs of an exact hit at 1,000/s, 30 KB", "answers hit rate", "p99_us", 0, ("< 1,000", lambda w, n: w < 1000))
    t.add("the same, median of all windows", "answers hit p99", None)
    for size in ("1 KB", "30 KB"):
        key, little = f"answers miss {size}", ("≤ 40", lambda w, n: w <= 40)
        t.add(f"CPU µs/request that a miss adds, {size}, in turn", key, None, 1, little)
        t.add(f"instructions/request that a miss adds, {size}", f"{key} instructions", None)
        t.add("these as CPU µs/request", f"{key} instructions as cpu", None, 1, little)
    t.add("MB resident, idle", "rss idle", None, 1, ("< 20", lambda w, n: w < 20))
    t.add("MB resident, after load", "rss loaded", None, 1)
    t.add("ms from start to first answer", "cold", None, 1, ("≤ 50", lambda w, n: w <= 50))
    t.add("ms the same, empty data folder", "first start", None, 1)
    t.add("MB binary, stripped", "binary", None, 1)
    for pieces, most in (("8", None), ("32", 4), ("128", 14)):
        target = (f"≤ {most}", lambda w, n, most=most: w <= most) if most else None
        t.add(f"ms to embed {pieces} word pieces, p95", f"embed {pieces}", "p95_ms", 2, target)
    t.add("ms to search 100,000 entries", "search 100000", "p50_ms", 2, ("≤ 2", lambda w, n: w <= 2))
    t.add("ms to search 100,000 entries, p95", "search 100000", "p95_ms", 2)
    return t.markdown()
