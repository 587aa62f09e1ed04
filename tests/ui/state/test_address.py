"""A state survives the address and the file exactly; a damaged one is named, not believed."""

import base64
import contextlib
import struct
import zlib
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ui.state import address, fields
from ui.state.arrays import FrozenArray, decode_array, encode_array
from ui.state.fields import FieldError


@dataclass(frozen=True)
class Sample:
    data: FrozenArray = fields.array([[1, 10], [2, 20]], ranks=(1, 5), max_elements=64)
    layout: str = fields.choice("NHWC", ("NHWC", "NCHW"))
    shown: tuple[str, ...] = fields.choices(("biased",), ("biased", "n/(n-1)", "keras-2.1.2"))
    axes: tuple[int, ...] = fields.integers((-1,), -6, 5)
    epsilon: float = fields.number(1e-3, 0, 1)
    batch_size: int | None = fields.integer(None, 1, 4096, optional=True)
    log: bool = fields.flag(False)
    title: str = fields.text("", longest=40)


finite = st.floats(allow_nan=False, allow_infinity=False)
arrays = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=1, max_dims=5, max_side=3), elements=finite
).filter(lambda a: a.size <= 64)
samples = st.builds(
    Sample,
    data=arrays.map(FrozenArray),
    layout=st.sampled_from(("NHWC", "NCHW")),
    shown=st.sets(st.sampled_from(("biased", "n/(n-1)", "keras-2.1.2"))).map(
        lambda s: tuple(w for w in ("biased", "n/(n-1)", "keras-2.1.2") if w in s)
    ),
    axes=st.lists(st.integers(-6, 5), max_size=6).map(tuple),
    epsilon=st.floats(0, 1),
    batch_size=st.none() | st.integers(1, 4096),
    log=st.booleans(),
    title=st.text(max_size=40).filter(lambda t: all(c.isprintable() for c in t)),
)


def through_a_browser(query: dict[str, str]) -> dict[str, str]:
    parsed = parse_qs(urlencode(query), keep_blank_values=True, strict_parsing=bool(query))
    return {name: values[-1] for name, values in parsed.items()}


@given(samples)
def test_the_address_brings_a_state_back_exactly(sample):
    reading = address.from_query(Sample, through_a_browser(address.to_query(sample)))
    assert reading == address.Reading(sample)


@given(samples)
def test_a_file_brings_a_state_back_exactly(sample):
    text = address.to_file("sample", sample)
    assert address.from_file("sample", Sample, text) == address.Reading(sample)


@given(arrays)
def test_every_bit_of_an_array_survives(array):
    value = FrozenArray(array)
    assert decode_array(encode_array(value)).array.tobytes() == array.tobytes()


def test_the_default_state_has_a_clean_address_and_others_only_what_differs():
    assert address.to_query(Sample()) == {}
    assert address.to_query(replace(Sample(), epsilon=0.5)) == {"epsilon": "0.5"}


def test_a_small_matrix_stays_short():
    assert len(encode_array(FrozenArray(np.outer([1, 2, 3], [1, 10, 100, 1000])))) <= 60


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("layout", "NWHC", "not one of NHWC, NCHW"),
        ("shown", "biased~nonsense", "'nonsense' is not one of"),
        ("axes", "0~9", "9 is not between -6 and 5"),
        ("axes", "0~1~2~3~4~5~0", "has 7 entries"),
        ("axes", "0.5", "not a whole number"),
        ("epsilon", "2", "not between 0 and 1"),
        ("epsilon", "nan", "not a number"),
        ("epsilon", "1,234", "not a number"),
        ("batch_size", "1.5", "not a whole number"),
        ("batch_size", "1e300", "not between"),
        ("log", "maybe", "neither 1 nor 0"),
        ("title", "x" * 41, "longer than 40"),
        ("title", "a\nb", "not a line of text"),
        ("data", "AAAA", "damaged"),
        ("data", "ü", "damaged"),
        ("colour", "red", "no such setting"),
    ],
)
def test_a_damaged_part_is_named_and_the_rest_is_kept(name, text, words):
    reading = address.from_query(Sample, {name: text, "log": "1"} | {name: text})
    assert getattr(reading.record, name, None) == getattr(Sample(), name, None)
    assert len(reading.ignored) == 1
    assert reading.ignored[0].startswith(name)
    assert words in reading.ignored[0]
    assert reading.record.log == (name != "log")


@given(st.dictionaries(st.sampled_from([*fields.specs(Sample), "x"]), st.text(max_size=60)))
def test_any_address_gives_an_allowed_state(query):
    record = address.from_query(Sample, query).record
    assert fields.replace(record, vars(record)) == record


@given(st.binary(max_size=80))
def test_any_bytes_give_a_bounded_array_or_a_reason(raw):
    for content in (raw, zlib.compress(raw)):
        text = base64.urlsafe_b64encode(content).decode().rstrip("=")
        with contextlib.suppress(ValueError):  # anything else than a ValueError fails the test
            decoded = decode_array(text, 64).array
            assert 1 <= decoded.size <= 64
            assert np.isfinite(decoded).all()


def packed(*shape: int, payload: bytes, code: bytes = b"d") -> str:
    header = struct.pack(f"<cB{len(shape)}I", code, len(shape), *shape)
    return base64.urlsafe_b64encode(zlib.compress(header + payload)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (packed(4, payload=bytes(10**7)), "more than the 64"),  # a small link, a large content
        (packed(2**31, 2**31, payload=b""), "more than the 64"),
        (packed(2, payload=struct.pack("<2d", 1.0, float("nan"))), "not finite"),
        (packed(2, payload=struct.pack("<1d", 1.0)), "damaged"),
        (packed(0, payload=b""), "damaged"),
        (packed(1, payload=bytes(8), code=b"O"), "damaged"),
        (packed(*[1] * 7, payload=bytes(8)), "rank 7"),
    ],
)
def test_a_hostile_array_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        decode_array(text, 64)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not saved by"),
        ('{"format": "batch-norm-lab/1", "page": "other", "state": {}}', "'other'"),
    ],
)
def test_a_file_from_elsewhere_is_refused(text, words):
    with pytest.raises(FieldError, match=words):
        address.from_file("sample", Sample, text)


def test_a_file_with_damaged_parts_keeps_the_rest():
    text = (
        '{"format": "batch-norm-lab/1", "page": "sample", "state": {"log": true, "epsilon": "1",'
        ' "axes": 3, "data": [[1, 2], [3]], "layout": ["x"], "shown": 7, "batch_size": NaN}}'
    )
    reading = address.from_file("sample", Sample, text)
    assert reading.record == replace(Sample(), log=True)
    names = {line.split(":")[0] for line in reading.ignored}
    assert names == {"epsilon", "axes", "data", "layout", "shown", "batch_size"}


@dataclass(frozen=True)
class Ordered:
    low: float = fields.number(0)
    high: float = fields.number(1)

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def test_a_rule_between_fields_is_respected():
    reading = address.from_query(Ordered, {"low": "3"})
    assert reading == address.Reading(Ordered(), ("all settings: low is above high",))


def test_a_default_outside_its_own_bounds_fails_at_once():
    with pytest.raises(FieldError, match="not between"):
        fields.number(2, 0, 1)


def test_frozen_arrays_are_values():
    first, second = FrozenArray([[1, 2]]), FrozenArray([[1.0, 2.0]])
    assert first == second
    assert hash(first) == hash(second)
    assert first != FrozenArray([1, 2])
    with pytest.raises(ValueError, match="read-only"):
        first.array[0, 0] = 5
    with pytest.raises(AttributeError):
        first.array = None  # type: ignore[misc]
    source: Any = np.zeros(2)
    kept = FrozenArray(source)
    source[0] = 1
    assert kept.array[0] == 0


@given(samples, samples)
def test_a_pin_is_what_differs_and_brings_the_second_state_back(sample, pinned):
    text = address.to_pin(sample, pinned)
    query = through_a_browser(address.with_pin(address.to_query(sample), text))
    assert query.pop(address.PIN, "") == text
    assert (text == "") == (sample == pinned)
    read = address.from_pin(sample, text)
    assert read.ignored == ()
    assert read.record == (None if sample == pinned else pinned)


def test_a_pin_holds_settings_by_name_and_no_prediction():
    @dataclass(frozen=True)
    class Guessing:
        keep: float = fields.number(0.5, 0, 1)
        guess: str = fields.prediction({"unsure": "", "1": "one"})

    mine, other = Guessing(guess="1"), Guessing(keep=0.9)
    assert address.to_pin(mine, other) == "keep=0.9"
    assert address.from_pin(mine, "keep=0.9&guess=unsure").record == Guessing(0.9, "1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epsilon=7", "pin: epsilon: 7 is not between 0 and 1"),
        ("epsilon=0.5&layout=NCWH", "pin: layout: 'NCWH' is not one of NHWC, NCHW"),
        ("nonsense", "pin: nonsense: there is no such setting"),
        ("&".join(["epsilon=0.5"] * 1000), "pin: it has more than 100 settings"),
        ("title=" + "x" * 60_000, "pin: it has 60006 characters; at most 60000 are read"),
    ],
)
def test_a_pin_with_anything_wrong_is_refused_whole(text, words):
    assert address.from_pin(Sample(), text) == address.Reading(None, (words,))


@given(st.text())
def test_no_text_of_a_pin_breaks_anything(text):
    read = address.from_pin(Sample(), text)
    assert read.record is None or isinstance(read.record, Sample)


def test_only_an_address_that_is_read_again_fits():
    title = "x" * (address.LONGEST_LINK - len("title="))
    assert address.fits(address.with_pin({"title": title}, ""))
    assert not address.fits(address.with_pin({"title": title}, "epsilon=1"))
