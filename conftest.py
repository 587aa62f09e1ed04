"""A module that drives a framework is collected (for its doctests) where that is installed."""

from bncore.frameworks import FRAMEWORKS, installed

collect_ignore = [
    framework.make.split(":")[0].replace(".", "/") + ".py"
    for name, framework in FRAMEWORKS.items()
    if not installed(name)
]
