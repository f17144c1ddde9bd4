"""Rebuild crm/static/vendor and crm/static/icons.svg from pinned npm packages.

Run ``python -m crm.cli.vendor``. The service itself never loads anything from another host,
so every script and style sheet it uses lies in the repository with its version and hash.
"""

import argparse
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "static"
VENDOR = STATIC / "vendor"


@dataclass(frozen=True)
class Package:
    """One pinned npm package; ``files`` maps a member of its tarball to our file name."""

    name: str
    version: str
    licence: str
    holder: str
    files: Mapping[str, str]

    @property
    def tarball(self) -> str:
        """Name that ``npm pack`` gives to the archive."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        "Big Sky Software",
        {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "htmx.LICENSE"},
    ),
    Package(
        "@alpinejs/csp",
        "3.17.4",
        "MIT",
        "Caleb Porzio and contributors",
        {"dist/cdn.min.js": "alpine.csp.min.js"},
    ),
    Package(
        "@tabler/core",
        "1.6.1",
        "MIT",
        "The Tabler Authors",
        {"dist/css/tabler.min.css": "tabler.min.css"},
    ),
    Package(
        "echarts",
        "6.1.0",
        "Apache-2.0",
        "The Apache Software Foundation",
        {
            "dist/echarts.min.js": "echarts.min.js",
            "LICENSE": "echarts.LICENSE",
            "NOTICE": "echarts.NOTICE",
        },
    ),
)
ICON_PACKAGE = Package(
    "@tabler/icons", "3.51.0", "MIT", "Paweł Kuna", {"LICENSE": "tabler-icons.LICENSE"}
)

# Tabler outline icons that the pages use, in alphabetical order.
ICONS = tuple(
    """
    address-book adjustments alert-circle alert-triangle api archive arrow-back-up arrow-left
    arrow-right arrow-up-right arrows-exchange award ban bell bolt book-2 bookmark brand-wechat
    briefcase building building-bank building-community building-factory-2 building-skyscraper
    bulb calendar calendar-due calendar-event calendar-week car cash certificate chart-bar
    chart-funnel chart-line check checklist chevron-down chevron-left chevron-right chevron-up
    circle circle-check circle-dashed circle-dot circle-x clipboard-check clipboard-list
    clipboard-text clock coin columns copy currency-yuan device-desktop device-mobile dots
    dots-vertical download edit external-link eye eye-off file-alert file-check file-plus
    file-spreadsheet file-text file-type-docx filter filter-off flag flame flask forbid gauge
    gavel git-merge grip-vertical help hierarchy history home hourglass id-badge-2 inbox
    info-circle key keyboard language layout-dashboard layout-kanban link list list-check lock
    lock-open logout mail map-2 map-pin medal menu-2 message message-circle minus moon news note
    notes paperclip percentage phone photo pin plane player-pause player-play plug-connected plus
    presentation printer progress quote refresh report report-analytics restore robot rosette
    route rss rubber-stamp scale search send server settings shield signature sitemap
    sort-ascending sort-descending sparkles speakerphone square square-check stack-2 star sun
    table table-export table-import tag tags target-arrow thumb-down thumb-up trash trending-down
    trending-up trophy upload user user-check user-plus user-search users versions world
    writing-sign x zoom-question zzz
    """.split()
)

MIT = """MIT License

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software
and associated documentation files (the "Software"), to deal in the Software without
restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(package: Package, folder: Path) -> Path:
    """Return the package's tarball in ``folder``, packing it with npm unless it lies there."""
    path = folder / package.tarball
    if not path.exists():
        subprocess.run(  # noqa: S603 - fixed program and pinned arguments
            ["npm", "pack", "--silent", f"{package.name}@{package.version}"],  # noqa: S607 - npm comes from PATH
            cwd=folder,
            check=True,
        )
    return path


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """Return the bytes of ``package/<name>`` in an npm tarball; KeyError when it is missing."""
    handle = archive.extractfile(f"package/{name}")
    if handle is None:
        raise KeyError(name)
    return handle.read()


def symbol(name: str, svg: str) -> str:
    """Turn one Tabler outline icon into a ``<symbol>`` without its invisible frame."""
    body = re.sub(r"<svg[^>]*>|</svg>|<!--.*?-->", "", svg, flags=re.DOTALL)
    body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", body)
    body = re.sub(r"\s*\n\s*", "", body).strip()
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{body}</symbol>'


def build_sprite(archive: tarfile.TarFile, names: Sequence[str]) -> str:
    """Return one SVG file that holds every named icon as a symbol ``i-<name>``."""
    symbols = (symbol(n, member(archive, f"icons/outline/{n}.svg").decode()) for n in names)
    lines = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{lines}\n</svg>\n'


def unpack(package: Package, folder: Path) -> list[dict[str, str]]:
    """Write the package's chosen files; return one record per file for VENDORED.json."""
    records = []
    with tarfile.open(fetch(package, folder)) as archive:
        targets = dict(package.files)
        for source, target in targets.items():
            (VENDOR / target).write_bytes(member(archive, source))
        if not any(target.endswith(".LICENSE") for target in targets.values()):
            target = package.name.lstrip("@").replace("/", "-") + ".LICENSE"
            (VENDOR / target).write_text(MIT.format(holder=package.holder), encoding="utf-8")
            targets["(licence text)"] = target
        if package is ICON_PACKAGE:
            sprite = build_sprite(archive, ICONS)
            (STATIC / "icons.svg").write_text(sprite, encoding="utf-8")
            targets["icons/outline"] = "../icons.svg"
    for target in targets.values():
        records.append(
            {
                "package": package.name,
                "version": package.version,
                "licence": package.licence,
                "file": target,
                "sha256": sha256(VENDOR / target),
            }
        )
    return records


def rebuild(folder: Path) -> None:
    """Rewrite every vendored file and VENDORED.json from the tarballs in ``folder``."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    records = [r for package in (*PACKAGES, ICON_PACKAGE) for r in unpack(package, folder)]
    text = json.dumps(records, indent=2, ensure_ascii=False) + "\n"
    (VENDOR / "VENDORED.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Parse the command line and rebuild."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tarballs", type=Path, help="folder that already holds the .tgz files")
    chosen = parser.parse_args().tarballs
    if chosen is not None:
        rebuild(chosen)
        return
    with tempfile.TemporaryDirectory() as folder:
        rebuild(Path(folder))


if __name__ == "__main__":
    main()
