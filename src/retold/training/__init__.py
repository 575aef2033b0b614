"""From labelled texts to a model, and how good it is."""
