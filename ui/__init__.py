"""What the pages share: state, widgets, figures. Imports bncore; never Keras or TensorFlow."""
