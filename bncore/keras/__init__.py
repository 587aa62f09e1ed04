"""Everything that imports Keras or TensorFlow, for the training workers alone.

framework   the one place that imports and configures TensorFlow, Keras and tf_keras
layers      the layers of ``bncore.variants``, built; the layer that changes only what is stored
recorded    the compiled training loop that keeps every update, and seeded mini-batches
moving      experiment: several layers side by side, their statistics at every update
check       experiment: what a real layer makes of a tensor, beside the engine's result
explorer    experiment: the same, and what the engine's TensorFlow backend makes of it
speed       experiment: one tensor five ways (``ways``), with time, memory and error

The web process never imports this package. It names an experiment by a string such as
``"bncore.keras.moving:train"``, and the training service runs it elsewhere.
"""
