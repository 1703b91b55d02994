"""Pictures of any kind come out as RGB, and what is wrong with one is said."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skmmrec.encoders._pictures import open_image

RED = (200, 30, 20)


def encoded(image, kind="PNG", **settings):
    """The bytes of a file."""
    file = BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def pixel(image, x=0, y=0):
    assert image.mode == "RGB"
    return image.getpixel((x, y))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK", "YCbCr"])
def test_a_colour_is_the_same_in_every_mode(mode):
    image = Image.new("RGB", (4, 3), RED)
    image = image.quantize(2) if mode == "P" else image.convert(mode)
    np.testing.assert_allclose(pixel(open_image(image, 0)), RED, atol=2)


@pytest.mark.parametrize("mode", ["1", "L", "I", "I;16", "F", "LA"])
def test_greys_become_rgb(mode):
    image = Image.new("L", (4, 3), 255)
    if mode.startswith("I"):
        image = Image.fromarray(np.full((3, 4), 2**16 - 1, dtype=np.uint16))
        image = image.convert(mode)
    else:
        image = image.convert(mode)
    assert pixel(open_image(image, 0)) == (255, 255, 255)


def test_sixteen_bit_greys_are_scaled_not_clipped():
    greys = np.array([[0, 2**15, 2**16 - 1]], dtype=np.uint16)
    image = open_image(encoded(Image.fromarray(greys)), 0)
    assert [pixel(image, x)[0] for x in range(3)] == [0, 128, 255]


def test_transparent_parts_are_white():
    image = Image.new("RGBA", (2, 1), (*RED, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    palette = image.convert("P")
    palette.info["transparency"] = palette.getpixel((1, 0))
    for picture in (image, encoded(image), encoded(image, "WEBP", lossless=True)):
        opened = open_image(picture, 0)
        assert pixel(opened, 0) == RED
        assert pixel(opened, 1) == (255, 255, 255)
    assert pixel(open_image(encoded(palette, "GIF"), 0), 1) == (255, 255, 255)


def test_the_rotation_of_a_camera_is_applied():
    image = Image.new("RGB", (30, 10), "white")
    image.paste(RED, (0, 0, 10, 10))
    rotation = Image.Exif()
    rotation[0x0112] = 6  # to be shown turned a quarter to the right
    opened = open_image(encoded(image, exif=rotation), 0)
    assert opened.size == (10, 30)
    assert pixel(opened, 5, 5) == RED


def test_an_animation_is_its_first_frame():
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert pixel(open_image(data, 0)) == RED


@pytest.mark.parametrize("kind", [str, Path, bytes, "image", "array"])
def test_every_source_gives_the_same_picture(tmp_path, kind):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    path = tmp_path / "noise.png"
    Image.fromarray(pixels).save(path)
    with Image.open(path) as image:
        sources = {
            str: str(path),
            Path: path,
            bytes: path.read_bytes(),
            "image": image,
            "array": pixels,
        }
        opened = open_image(sources[kind], 0)
    np.testing.assert_array_equal(np.asarray(opened), pixels)


def test_arrays_may_be_grey_or_transparent():
    grey = np.full((2, 2), 7, dtype=np.uint8)
    assert pixel(open_image(grey, 0)) == (7, 7, 7)
    clear = np.zeros((2, 2, 4), dtype=np.uint8)
    assert pixel(open_image(clear, 0)) == (255, 255, 255)


def test_the_picture_that_was_passed_stays_as_it_is():
    image = Image.new("RGB", (3, 3), RED)
    opened = open_image(image, 0)
    opened.putpixel((0, 0), (0, 0, 0))
    assert image.getpixel((0, 0)) == RED


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("no/such.jpg", FileNotFoundError, r"row 4 \('no/such.jpg'\) must be a file"),
        ("\0", FileNotFoundError, "row 4 .* must be a file"),
        (os.curdir, FileNotFoundError, "row 4 .* must be a file"),
        (os.devnull, FileNotFoundError, "row 4 .* must be a file"),
        (b"GIF89a", ValueError, "row 4 must be readable; got a damaged file"),
        (b"some text", ValueError, "row 4 must be readable; got a damaged file"),
        (3.5, TypeError, "row 4 must be a path, bytes, a PIL image .* got float"),
        (np.zeros((2, 2)), TypeError, "row 4 must be of uint8 .* got float64"),
        (np.zeros((2, 2, 2), np.uint8), TypeError, r"got uint8 of shape \(2, 2, 2\)"),
        (np.zeros((0, 2), np.uint8), TypeError, r"got uint8 of shape \(0, 2\)"),
    ],
)
def test_what_cannot_be_opened_is_named_by_its_row(value, error, message):
    with pytest.raises(error, match=message):
        open_image(value, 4)


def test_a_truncated_file_is_named(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / "half.jpg"
    data = encoded(Image.fromarray(pixels), "JPEG")
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"row 2 \('.*half.jpg'\).*truncated"):
        open_image(path, 2)


@pytest.mark.parametrize("side", [8000, 20_000])
def test_a_picture_of_too_many_pixels_is_not_decoded(side):
    """Below and above the limit at which Pillow itself gives up."""
    bomb = encoded(Image.new("1", (side, side)))
    assert len(bomb) < 100_000
    with pytest.raises(ValueError, match="at most 50,000,000 pixels"):
        open_image(bomb, 0)


def test_no_program_is_started_for_a_picture():
    """Pillow would hand PostScript to Ghostscript."""
    page = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n"
    with pytest.raises(ValueError, match="unknown format"):
        open_image(page, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM"])
def test_random_damage_raises_nothing_but_our_errors(kind):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    data = bytearray(encoded(Image.fromarray(pixels), kind))
    outcomes = set()
    for _ in range(200):
        damaged = bytearray(data)
        for position in rng.integers(0, min(len(data), 120), 6):
            damaged[position] = rng.integers(256)
        try:
            outcomes.add(open_image(bytes(damaged), 0).mode)
        except ValueError as error:
            outcomes.add(str(error)[:20])
    assert outcomes <= {"RGB", "The picture in row 0"}
    assert "The picture in row 0" in outcomes


def test_a_header_reserves_no_memory(tmp_path):
    """A box of JPEG 2000 that claims two gigabytes, found by fuzz_media.py."""
    pytest.importorskip("resource")
    data = encoded(Image.new("RGB", (8, 8), RED), "JPEG2000")
    place = data.index(b"jp2h") - 4
    path = tmp_path / "a.jp2"
    path.write_bytes(data[:place] + b"\x7f\xff\xff\xff" + data[place + 4 :])
    code = f"""
import resource
from skmmrec.encoders._pictures import open_image
resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
try:
    open_image({str(path)!r}, 0)
except ValueError as error:
    print(error)
"""
    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "row 0" in printed.stdout
    assert "must be readable" in printed.stdout


def test_pictures_of_fractions_are_refused():
    """Pillow would make all of them black."""
    picture = Image.fromarray(np.full((4, 4), 0.5, dtype=np.float32))
    with pytest.raises(ValueError, match="pixels are from 0 to 1"):
        open_image(picture, 0)
