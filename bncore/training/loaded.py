"""The process from which workers are forked imports this module, and with it Keras: once.

A fork is sound here because importing TensorFlow starts none of its threads; the first operation
does, and that is made in the workers. (NumPy's and jemalloc's threads look after themselves.)
"""

import gc

from bncore.training.warm import give_way, load

give_way()
load()
gc.collect()
gc.freeze()  # a collection in a worker would write to, and so copy, what all of them share
