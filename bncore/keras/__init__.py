"""Everything that imports Keras or TensorFlow, for the training workers alone.

framework   the one place that imports and configures TensorFlow, Keras and tf_keras
layers      the layers of ``bncore.variants``, built; the layer that changes only what is stored
recorded    the compiled training loop that keeps every update, and seeded mini-batches
trainings   recorders run in pieces: progress counted, a divergence told
forward     layers that are fed batches and learn nothing
moving      experiment: several layers side by side, their statistics at every update
check       experiment: what a real layer makes of a tensor, beside the engine's result
explorer    experiment: the same, and what the engine's TensorFlow backend makes of it
speed       experiment: one tensor five ways (``ways``), with time, memory and error

The web process never imports this package. It asks for an experiment by its record
(`bncore.experiments`), which names the generator here that a worker runs.
"""
