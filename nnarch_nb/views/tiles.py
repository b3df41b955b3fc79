"""Small images laid side by side in one."""

from __future__ import annotations

import io

from nnarch_nb.views.figure import Picture

GAP = 1  # pixels
LEVELS = 16  # a sheet repeats what is shown sample by sample: it may be coarser


def sheet(columns: list[list[Picture]]) -> bytes:
    """Return one PNG: the pictures of a list below each other, the lists side by side."""
    from PIL import Image

    images = [
        [Image.open(io.BytesIO(picture.png)).convert("RGB") for picture in column] for column in columns
    ]
    width, height = (size + GAP for size in images[0][0].size)
    page = Image.new("RGB", (len(images) * width - GAP, max(map(len, images)) * height - GAP), "grey")
    for i, column in enumerate(images):
        for j, image in enumerate(column):
            page.paste(image, (i * width, j * height))
    buffer = io.BytesIO()
    page.quantize(LEVELS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
