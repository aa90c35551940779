"""Build the shapes of the provinces from Natural Earth (public domain), for the geographic map.

Run by a developer, once: ``python -m dxanalysis.briefing.mapbuild world_map.gpkg data/crosswalk.csv`` with the
``world_map.gpkg`` of Debian's package qgis-common (/usr/share/qgis/resources/data). It writes ``provinces.json``.
Shapes are simplified and for pictures only: no area, no distance and no "which province is this point in" follows
from them, and official printing needs an official base map.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import struct
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

Point = tuple[int, int]
Ring = list[Point]

SCALE = 1000  # thousandths of a degree: about a hundred metres
_ENVELOPES = (0, 32, 48, 48, 64)  # bytes of the envelope by its code in a GeoPackage header
_NAMES = {"thua-thien-hue": "hue", "ho-chi-minh": "tp-ho-chi-minh"}
_PREFIXES = ("tinh-", "thanh-pho-", "huyen-")


def area_id(name: str) -> str:
    """Return the area id of a province as Natural Earth's column gn_name writes it.

    >>> area_id("Tinh Quang Ninh"), area_id("Thanh pho Ho Chi Minh"), area_id("Tinh Ha Tinh"), area_id("Hau Giang")
    ('quang-ninh', 'tp-ho-chi-minh', 'ha-tinh', 'hau-giang')
    """
    slug = name.lower().replace(" ", "-")
    for prefix in _PREFIXES:
        if slug.startswith(prefix):
            slug = slug.removeprefix(prefix)
            break
    return _NAMES.get(slug, slug)


def polygons(blob: bytes) -> list[list[Ring]]:
    """Read the polygons of a GeoPackage geometry (little-endian MultiPolygon), each a list of rings."""
    start = 8 + _ENVELOPES[(blob[3] >> 1) & 7]
    order, kind, count = struct.unpack_from("<BII", blob, start)
    if (order, kind) != (1, 6):
        raise ValueError(f"The geometry is of kind {kind} in byte order {order}; a little-endian MultiPolygon is read.")
    at, found = start + 9, []
    for _ in range(count):
        rings, (number,) = [], struct.unpack_from("<I", blob, at + 5)
        at += 9
        for _ in range(number):
            (points,) = struct.unpack_from("<I", blob, at)
            numbers = struct.unpack_from(f"<{2 * points}d", blob, at + 4)
            at += 4 + 16 * points
            rings.append(
                [(round(x * SCALE), round(y * SCALE)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
            )
        found.append(rings)
    return found


def provinces(package: Path) -> dict[str, list[list[Ring]]]:
    """Read the 63 provinces; Côn Đảo, which Natural Earth gives to Sóc Trăng, goes to Bà Rịa - Vũng Tàu."""
    with sqlite3.connect(package) as base:
        rows = base.execute("SELECT gn_name, geom FROM states_provinces WHERE iso_a2 = 'VN'").fetchall()
    found = {area_id(name): polygons(blob) for name, blob in rows}
    islands = [one for one in found["soc-trang"] if max(y for _, y in one[0]) < 8.9 * SCALE]
    found["soc-trang"] = [one for one in found["soc-trang"] if one not in islands]
    found["ba-ria-vung-tau"] += islands
    return found


def dissolved(shapes: list[list[Ring]]) -> list[Ring]:
    """Join neighbours: a border two of them share is run through in both directions and cancels.

    >>> left, right = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)], [(1, 0), (1, 1), (2, 1), (2, 0), (1, 0)]
    >>> [len(ring) for ring in dissolved([[left], [right]])]
    [7]
    """
    steps: Counter[tuple[Point, Point]] = Counter()
    for rings in shapes:
        for ring in rings:
            for step in pairwise(ring):
                if step[0] != step[1]:
                    back = (step[1], step[0])
                    steps[back if steps[back] else step] += -1 if steps[back] else 1
    onward: dict[Point, list[Point]] = defaultdict(list)
    for (start, end), count in steps.items():
        onward[start] += [end] * count
    return _rings(onward)


def _rings(onward: dict[Point, list[Point]]) -> list[Ring]:
    found = []
    for start in list(onward):
        while onward[start]:
            ring, here = [start], onward[start].pop()
            while here != start and onward[here]:
                ring.append(here)
                here = onward[here].pop()
            found.append([*ring, here])
    return [ring for ring in found if len(ring) > 3]


def main(package: str, crosswalk: str) -> None:
    """Write the shapes of both code lists beside this file."""
    old = provinces(Path(package))
    members: dict[str, list[str]] = defaultdict(list)
    with Path(crosswalk).open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            members[row["area_vn34"]].append(row["area_vn63"])
    shapes = {
        "source": "Natural Earth 4.1.0, admin-1, public domain, through Debian qgis-common 3.22.16",
        "scale": SCALE,
        "vn63": {name: [ring for rings in old[name] for ring in rings] for name in sorted(old)},
        "vn34": {name: dissolved([rings for one in members[name] for rings in old[one]]) for name in sorted(members)},
    }
    target = Path(__file__).with_name("provinces.json")
    target.write_text(json.dumps(shapes, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(old)} and {len(members)} provinces, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
