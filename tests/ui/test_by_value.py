import threading

import numpy as np

from ui.by_value import by_value
from ui.drawing import palette
from ui.drawing.figures import trajectory


def counted(entries):
    calls = []

    @by_value(entries)
    def function(*args, **kwargs):
        calls.append((args, kwargs))
        return object()

    return function, calls


def test_equal_arguments_have_one_result_and_others_another():
    function, calls = counted(8)
    first = function(np.zeros(3), {"a": 1}, at=None)
    assert function(np.zeros(3), {"a": 1}, at=None) is first
    others = [
        function(np.zeros(4), {"a": 1}, at=None),
        function(np.zeros(3, np.float32), {"a": 1}, at=None),
        function(np.zeros((3, 1)), {"a": 1}, at=None),
        function(np.array([0.0, 0.0, -0.0]), {"a": 1}, at=None),
        function(np.zeros(3), {"a": 2}, at=None),
        function(np.zeros(3), {"a": 1}, at=0),
        function(np.zeros(3), {"a": 1}, None),
    ]
    assert len({id(result) for result in (first, *others)}) == 8
    assert len(calls) == 8


def test_the_oldest_unused_result_is_forgotten_first():
    function, calls = counted(2)
    first = function(1)
    function(2)
    assert function(1) is first
    function(3)  # 2 goes
    assert function(1) is first
    function(2)
    assert [args for args, _ in calls] == [(1,), (2,), (3,), (2,)]


def test_many_threads_at_once_get_equal_results():
    @by_value(4)
    def square(number):
        return number * number

    found = []

    def ask():
        found.extend(square(n % 7) == (n % 7) ** 2 for n in range(99))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 * 99
    assert all(found)


def test_a_figure_of_the_same_numbers_is_the_same_figure_and_is_written_once():
    updates = np.arange(1, 11)

    def figure(color=palette.LIGHT, **curves):
        return trajectory(updates, curves, color, title="t", total=10, log=False)

    first = figure(a=updates / 2)
    assert figure(a=updates / 2) is first
    assert first.to_dict() is first.to_dict()
    assert figure(a=updates / 3) is not first
    assert figure(palette.DARK, a=updates / 2) is not first
