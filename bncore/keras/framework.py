"""TensorFlow, Keras 3 and tf_keras, imported and configured in one place."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# The loop compiles with tf.function, so a backend chosen for other programs must not leak in.
os.environ["KERAS_BACKEND"] = "tensorflow"

try:
    import keras
    import tensorflow as tf
    import tf_keras
except ImportError as error:
    raise ImportError(
        f"Training needs TensorFlow, Keras 3 and tf_keras, and one of them cannot be imported "
        f"({error}). Install what is missing with: pip install -r requirements.txt"
    ) from error

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"Keras was imported with the {keras.backend.backend()} backend before this module; "
        "training needs KERAS_BACKEND=tensorflow"
    )

try:
    # The models are small and several workers share the machine.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
except RuntimeError:
    pass  # TensorFlow has already started, with the threads its owner chose

VERSIONS = {"keras": keras.__version__, "tensorflow": tf.__version__}
"""What an experiment is run with."""

__all__ = ["VERSIONS", "keras", "tf", "tf_keras"]
