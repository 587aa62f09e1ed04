"""Record the runs in ``bncore/golden`` anew: ``python -m tools.record_golden FOLDER [NAME ...]``.

Feeds the stored cases to real layers of the frameworks that are installed (torch, flax with jax,
onnxruntime with onnx, Keras 3, tf_keras) and writes files of the same form. Compare before you
replace a stored record: versions differ, and the stored ones of old Keras cannot be made again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bncore.frameworks import FRAMEWORKS, installed, live_layer
from bncore.records import FOLDER, Case, recorded


def record(case: Case, name: str, updates: tuple[int, ...]) -> dict[str, Any]:
    """One implementation's run of a case, in the form of the files."""
    shape = case.batches[0].shape
    layer = live_layer(name, shape[-1], len(shape), case.keep, case.epsilon)
    steps = []
    for number, batch in enumerate(case.fed(), start=1):
        output = layer.train(batch)
        if number in updates:
            mean, variance = layer.moving()
            steps.append(
                {
                    "update": number,
                    "moving_mean": mean.tolist(),
                    "moving_variance": variance.tolist(),
                }
            )
    return {
        "implementation": name,
        "version": installed(name),
        "steps": steps,
        "last_batch_train_output": output.tolist(),
        "last_batch_inference_output": layer.infer(batch).tolist(),
    }


def main(folder: str, *names: str) -> None:
    """Write a file per case, with a record of each installed framework (or of those named)."""
    chosen = names or tuple(name for name in FRAMEWORKS if installed(name))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    cases = {old.case.name: old for old in recorded()}
    for name, old in cases.items():
        held = json.loads((FOLDER / f"{name}.json").read_text())
        held["records"] = [
            record(old.case, implementation, old.updates) for implementation in chosen
        ]
        path = target / f"{name}.json"
        path.write_text(json.dumps(held, indent=1) + "\n")
        print(f"{path}: {', '.join(chosen)}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
