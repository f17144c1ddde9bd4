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
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        "Volodymyr Agafonkin and CloudMade",
        {
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "LICENSE": "leaflet.LICENSE",
        },
    ),
)
ICON_PACKAGE = Package("@tabler/icons", "3.51.0", "MIT", "Paweł Kuna", {"LICENSE": "tabler-icons.LICENSE"})

# Names of the Tabler outline icons that the pages use, one a line.
ICON_NAMES = STATIC / "icons.txt"

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


def unpack(package: Package, folder: Path) -> list[str]:
    """Write the package's chosen files and its licence; return our names for them."""
    written = list(package.files.values())
    with tarfile.open(fetch(package, folder)) as archive:
        for source, target in package.files.items():
            (VENDOR / target).write_bytes(member(archive, source))
        if package is ICON_PACKAGE:
            names = ICON_NAMES.read_text(encoding="utf-8").split()
            (STATIC / "icons.svg").write_text(build_sprite(archive, names), encoding="utf-8")
            written.append("../icons.svg")
    if not any(name.endswith(".LICENSE") for name in written):
        name = package.name.lstrip("@").replace("/", "-") + ".LICENSE"
        (VENDOR / name).write_text(MIT.format(holder=package.holder), encoding="utf-8")
        written.append(name)
    return written


def record(package: Package, name: str) -> dict[str, str]:
    """Return the line of VENDORED.json for one written file."""
    return {
        "package": package.name,
        "version": package.version,
        "licence": package.licence,
        "file": name,
        "sha256": sha256(VENDOR / name),
    }


def rebuild(folder: Path) -> None:
    """Rewrite every vendored file and VENDORED.json from the tarballs in ``folder``."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    packages = (*PACKAGES, ICON_PACKAGE)
    records = [record(package, name) for package in packages for name in unpack(package, folder)]
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
