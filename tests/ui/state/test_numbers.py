"""What people type is read exactly, or refused with both readings shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.state.numbers import (
    MAX_CELLS,
    NumberError,
    format_number,
    format_share,
    parse_matrix,
    parse_number,
)

finite = st.floats(allow_nan=False, allow_infinity=False)


def value_or_reason(read, text):
    """What `read` makes of `text`: (value, "") or (None, the reason)."""
    try:
        return read(text), ""
    except NumberError as error:
        return None, str(error)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,5", 1.5),
        ("1.5", 1.5),
        (" 0,25 ", 0.25),
        (",5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("−3", -3.0),  # U+2212
        ("–3,5", -3.5),  # en dash
        ("+2", 2.0),
        ("1e-3", 0.001),
        ("1,5E−3", 0.0015),
        ("1.234", 1.234),
        ("0,234", 0.234),
        ("1234,567", 1234.567),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("1\u202f234,5", 1234.5),
        ("1'234.5", 1234.5),
    ],
)
def test_a_number_is_read_as_it_was_meant(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["1,234", "-1,234", "12,345", "1,234e2"])
def test_an_ambiguous_number_is_refused_with_both_readings(text):
    with pytest.raises(NumberError, match=r"can be read as .* or as "):
        parse_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "abc",
        "5,",
        "1.2.3",
        "1,23,4",
        "12,34.5",
        "--3",
        "1 2",
        "½",
        "10²",
        "1e",
        "1_000",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "0x10",
        "1;2",
        "50%",
    ],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NumberError):
        parse_number(text)


@given(finite)
def test_what_the_app_writes_it_reads_back_exactly(value):
    assert parse_number(format_number(value)) == value


@given(finite)
def test_a_decimal_comma_is_the_point_or_is_refused(value):
    text = format_number(value).replace(".", ",")
    read, reason = value_or_reason(parse_number, text)
    assert read == value or "can be read as" in reason


@given(st.text(alphabet="0123456789.,- +e\t'\u00a0", max_size=12))
def test_any_text_gives_a_finite_number_or_a_reason(text):
    read, reason = value_or_reason(parse_number, text)
    assert reason or np.isfinite(read)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,5\t2\n3\t4,25", [[1.5, 2], [3, 4.25]]),
        ("1.5\t2\r\n3\t4.25\r\n", [[1.5, 2], [3, 4.25]]),
        ("1,5;2,5\n3;4,25", [[1.5, 2.5], [3, 4.25]]),
        ("1,5;2,5;\n3;4;", [[1.5, 2.5], [3, 4]]),
        ("1 2\n3 4", [[1, 2], [3, 4]]),
        ("  1   2\n 3  −4", [[1, 2], [3, -4]]),
        ("1,5 2,5", [[1.5, 2.5]]),
        ("1,2,3", [[1, 2, 3]]),
        ("1, 2, 3", [[1, 2, 3]]),
        ("1,10,100,1000\n2,20,200,2000", [[1, 10, 100, 1000], [2, 20, 200, 2000]]),
        ("1.5,2.5\n3,4", [[1.5, 2.5], [3, 4]]),
        ("1,5\n2\n3,5", [[1.5], [2], [3.5]]),
        ("1.234,5\t2.500", [[1234.5, 2500]]),
        ("1,234.5\t2,500", [[1234.5, 2500]]),
        ("7", [[7]]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("[[1,5],[2,5]]", [[1, 5], [2, 5]]),  # code: a comma separates
        ("x = np.array([[1, 2], [3, 4]])", [[1, 2], [3, 4]]),
        ("array([[1. , 0.5],\n       [3. , 4. ]], dtype=float32)", [[1, 0.5], [3, 4]]),
        ("[[1.  0.5]\n [3.  4. ]]", [[1, 0.5], [3, 4]]),
        ("np.array(((1, 2), (3, 4)))", [[1, 2], [3, 4]]),
        ("tf.Tensor(\n[[1. 2.]\n [3. 4.]], shape=(2, 2), dtype=float32)", [[1, 2], [3, 4]]),
        ("[[[1, 2]], [[3, 4]]]", [[[1, 2]], [[3, 4]]]),
    ],
)
def test_a_paste_is_read_as_it_was_meant(text, rows):
    assert parse_matrix(text).tolist() == rows


@pytest.mark.parametrize(
    "text",
    ["1,5\n2,5", "1,5, 2,5", "1,500 2,500", "1,234,567", "1.234\t2,5", "1,234\t5", "1,234"],
)
def test_an_ambiguous_paste_is_refused_with_both_readings(text):
    with pytest.raises(NumberError, match=r"can be read as .* or as "):
        parse_matrix(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing to read"),
        ("1 2\n3", "row 2 has 1"),
        ("a b\n1 2", "Row 1, column 1: 'a'"),
        ("1\t\t3", "Row 1, column 2: ''"),
        ("1\tnan", "Row 1, column 2: 'nan'"),
        ("1\t1e999", "not finite"),
        ("[[1, 2], [3]]", "different lengths"),
        ("[[1, 2], [3, 4]", "not closed"),
        ("[[1,5 2,5]]", "Commas and spaces"),
        ("[1 2; 3 4]", "Semicolons"),
        ("[1, 2, ..., 9]", "shortened"),
        ("[1, x]", "not a number"),
        ("[1-2]", "not a number"),
        ("[1] [2]", "After the array"),
        ("[]", "no number"),
        ("__import__('os')", "not a number"),
        ("[" * 50, "nested|not closed"),
        ("1 " * (MAX_CELLS + 1), "at most"),
    ],
)
def test_what_is_no_table_is_refused_with_the_place(text, reason):
    with pytest.raises(NumberError, match=reason):
        parse_matrix(text)


tables = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(finite, min_size=n, max_size=n), min_size=1, max_size=4)
)


@given(tables, st.sampled_from(["\t", ";"]))
def test_a_table_with_points_comes_back_exactly(table, mark):
    text = "\n".join(mark.join(format_number(v) for v in row) for row in table)
    assert parse_matrix(text).tolist() == table


@given(tables)
def test_a_comma_locale_spreadsheet_is_never_misread(table):
    text = "\n".join("\t".join(format_number(v).replace(".", ",") for v in row) for row in table)
    read, reason = value_or_reason(parse_matrix, text)
    assert "can be read as" in reason or read.tolist() == table


@given(tables)
def test_code_comes_back_exactly(table):
    assert parse_matrix(repr(table)).tolist() == table
    assert parse_matrix(repr(np.array(table)).replace("\n", " ")).shape == np.array(table).shape


@given(st.floats(0, 1))
def test_a_share_is_never_written_as_all_or_nothing_unless_it_is(share):
    text = format_share(share)
    assert "e" not in text.replace("less than", "").replace("more than", "")
    assert (text == "100 %") == (share == 1)
    assert (text == "0 %") == (share == 0)
    if text[0].isdigit():
        assert float(text.removesuffix(" %")) == pytest.approx(100 * share, rel=0.05, abs=1e-12)
